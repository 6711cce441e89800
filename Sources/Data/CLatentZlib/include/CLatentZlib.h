#ifndef LATENT_CZLIB_H
#define LATENT_CZLIB_H

#include <stddef.h>
#include <stdint.h>

/// One gzip member being decompressed.
typedef struct latent_inflater latent_inflater;

/// What a step of decompression came to.
typedef enum {
  /// Some input was taken or some output made; more may follow.
  latent_inflate_progress = 0,
  /// The member is complete and its checksum is right.
  latent_inflate_end = 1,
  /// Nothing can be done without more input: the data stops in the middle.
  latent_inflate_truncated = 2,
  /// The bytes are not what a compressor writes, or the checksum is wrong.
  latent_inflate_corrupt = 3,
  /// There is no memory for the window.
  latent_inflate_no_memory = 4,
} latent_inflate_status;

/// A new decompressor, or NULL when there is no memory.
latent_inflater *latent_inflater_create(void);

/// Decompresses from `input` to `output` and says how many bytes it took and made.
latent_inflate_status latent_inflater_step(
  latent_inflater *inflater, const uint8_t *input, size_t input_count, size_t *taken, uint8_t *output,
  size_t output_count, size_t *made);

/// Prepares for the next member of the same file. Returns 1 on success.
int latent_inflater_reset(latent_inflater *inflater);

/// Releases a decompressor.
void latent_inflater_destroy(latent_inflater *inflater);

/// Decompresses deflated bytes without a frame around them, as zip archives hold them. Returns 1 if they are exactly
/// `output_count` bytes when decompressed, and else 0.
int latent_inflate_raw(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count);

/// The most bytes that compressing `count` bytes can take.
size_t latent_deflate_bound(size_t count);

/// Compresses to one gzip member without a time stamp. Returns the number of bytes, or 0 on failure.
size_t latent_deflate(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count);

/// The CRC-32 of `count` bytes.
uint32_t latent_crc32(const uint8_t *bytes, size_t count);

#endif
