#ifndef LATENT_CJPEG_H
#define LATENT_CJPEG_H

#include <stddef.h>
#include <stdint.h>

/// Room for turbojpeg's last message, including its final zero.
#define LATENT_JPEG_MESSAGE_SIZE 200

/// What a file's header says of its picture, or why it cannot be read.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// 1 for grey, 3 for colour.
  int channels;
  char message[LATENT_JPEG_MESSAGE_SIZE];
} latent_jpeg_result;

/// Reads the header of a file. Returns 1 on success and 0 on failure.
int latent_jpeg_header(const uint8_t *bytes, size_t count, latent_jpeg_result *result);

/// Decodes a file to 8-bit samples, rows from the top, channels (1 or 3) innermost, into room for width * height * channels of
/// them, as its header says. Returns 1 on success and 0 on failure, of a file that ends too early also.
int latent_jpeg_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, latent_jpeg_result *result);

#endif
