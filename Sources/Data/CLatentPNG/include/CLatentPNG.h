#ifndef LATENT_CPNG_H
#define LATENT_CPNG_H

#include <stddef.h>
#include <stdint.h>

/// Room for libpng's last message, including its final zero.
#define LATENT_PNG_MESSAGE_SIZE 160

/// What libpng hands back: bytes to release with `latent_png_release`, and why it failed if it did.
///
/// On success `bytes` is the encoded file (`count` bytes) or the decoded pixels (width * height * channels bytes, rows
/// from the top, channels innermost). On failure `bytes` is NULL and `message` is a phrase in libpng's words.
typedef struct {
  uint8_t *bytes;
  size_t count;
  uint32_t width;
  uint32_t height;
  int channels;
  char message[LATENT_PNG_MESSAGE_SIZE];
} latent_png_result;

/// Encodes 8-bit pixels with 1 (grey) or 3 (red, green, blue) channels. Returns 1 on success and 0 on failure.
int latent_png_encode(
  const uint8_t *pixels, uint32_t width, uint32_t height, int channels, latent_png_result *result);

/// Decodes a file to 8-bit grey or colour: palettes are expanded, 16-bit samples scaled, transparency dropped.
/// Refuses images of more than `maximum_pixels`. Returns 1 on success and 0 on failure.
///
/// With `keeps_alpha` there are always four channels, the last of which is the opacity; without it transparency is dropped.
int latent_png_decode(
  const uint8_t *bytes, size_t count, uint64_t maximum_pixels, int keeps_alpha, latent_png_result *result);

/// Releases the bytes of a result.
void latent_png_release(latent_png_result *result);

#endif
