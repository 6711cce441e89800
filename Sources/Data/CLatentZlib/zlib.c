// zlib's initialisers are macros, and its counters are 32 bits wide: both are hidden here.
#include "CLatentZlib.h"

#include <stdlib.h>
#include <zlib.h>

/// 15 bits of window, plus 16: a gzip header and trailer rather than zlib's own.
enum { window_bits = 15 + 16, largest_piece = 1 << 30 };

struct latent_inflater {
  z_stream stream;
};

static uInt piece(size_t count) { return count > largest_piece ? (uInt)largest_piece : (uInt)count; }

latent_inflater *latent_inflater_create(void) {
  latent_inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater && inflateInit2(&inflater->stream, window_bits) != Z_OK) {
    free(inflater);
    return NULL;
  }
  return inflater;
}

latent_inflate_status latent_inflater_step(
  latent_inflater *inflater, const uint8_t *input, size_t input_count, size_t *taken, uint8_t *output,
  size_t output_count, size_t *made) {
  z_stream *stream = &inflater->stream;
  uInt available = piece(input_count);
  uInt room = piece(output_count);
  stream->next_in = (Bytef *)input;
  stream->avail_in = available;
  stream->next_out = output;
  stream->avail_out = room;
  int status = inflate(stream, Z_NO_FLUSH);
  *taken = available - stream->avail_in;
  *made = room - stream->avail_out;
  switch (status) {
    case Z_OK: return latent_inflate_progress;
    case Z_STREAM_END: return latent_inflate_end;
    case Z_BUF_ERROR: return input_count == 0 ? latent_inflate_truncated : latent_inflate_progress;
    case Z_MEM_ERROR: return latent_inflate_no_memory;
    default: return latent_inflate_corrupt;
  }
}

int latent_inflater_reset(latent_inflater *inflater) { return inflateReset(&inflater->stream) == Z_OK; }

void latent_inflater_destroy(latent_inflater *inflater) {
  if (!inflater) return;
  inflateEnd(&inflater->stream);
  free(inflater);
}

size_t latent_deflate_bound(size_t count) {
  // compressBound covers zlib's own 6 bytes of framing; gzip's take 18.
  return compressBound(count) + 18;
}

size_t latent_deflate(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count) {
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  size_t taken = 0;
  size_t made = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    uInt available = piece(input_count - taken);
    uInt room = piece(output_count - made);
    stream.next_in = (Bytef *)(input + taken);
    stream.avail_in = available;
    stream.next_out = output + made;
    stream.avail_out = room;
    status = deflate(&stream, taken + available == input_count ? Z_FINISH : Z_NO_FLUSH);
    taken += available - stream.avail_in;
    made += room - stream.avail_out;
  }
  deflateEnd(&stream);
  return status == Z_STREAM_END ? made : 0;
}

uint32_t latent_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(0, bytes, count); }

int latent_inflate_raw(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count) {
  z_stream stream = {0};
  if (inflateInit2(&stream, -15) != Z_OK) return 0;
  size_t taken = 0, made = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    uInt available = piece(input_count - taken), room = piece(output_count - made);
    stream.next_in = (Bytef *)input + taken;
    stream.avail_in = available;
    stream.next_out = output + made;
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    taken += available - stream.avail_in;
    made += room - stream.avail_out;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && made == output_count;
}
