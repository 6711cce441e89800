// turbojpeg's handles and out-parameters stay in this file; a call makes a handle of its own, so that threads share nothing.
#include "CLatentJPEG.h"

#include <string.h>
#include <turbojpeg.h>

static int fail(tjhandle handle, latent_jpeg_result *result) {
  const char *message = handle ? tjGetErrorStr2(handle) : "out of memory";
  strncpy(result->message, message, LATENT_JPEG_MESSAGE_SIZE - 1);
  result->message[LATENT_JPEG_MESSAGE_SIZE - 1] = 0;
  if (handle) tjDestroy(handle);
  return 0;
}

static int read_header(tjhandle handle, const uint8_t *bytes, size_t count, latent_jpeg_result *result) {
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(handle, bytes, count, &width, &height, &subsampling, &colours) != 0) return 0;
  result->width = (uint32_t)width;
  result->height = (uint32_t)height;
  result->channels = colours == TJCS_GRAY ? 1 : 3;
  return 1;
}

int latent_jpeg_header(const uint8_t *bytes, size_t count, latent_jpeg_result *result) {
  memset(result, 0, sizeof *result);
  tjhandle handle = tjInitDecompress();
  if (!handle || !read_header(handle, bytes, count, result)) return fail(handle, result);
  tjDestroy(handle);
  return 1;
}

int latent_jpeg_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, latent_jpeg_result *result) {
  memset(result, 0, sizeof *result);
  tjhandle handle = tjInitDecompress();
  if (!handle || !read_header(handle, bytes, count, result)) return fail(handle, result);
  int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  int status =
    tjDecompress2(handle, bytes, count, pixels, (int)result->width, 0, (int)result->height, format, TJFLAG_STOPONWARNING);
  if (status != 0) return fail(handle, result);
  tjDestroy(handle);
  return 1;
}
