// libpng reports errors by longjmp, which must never cross Swift frames: every call that can fail stays in this file.
#include "CLatentPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t position;
} input_cursor;

/// Everything that has to survive a longjmp lives here, behind a pointer, rather than in locals.
typedef struct {
  jmp_buf escape;
  png_structp png;
  png_infop info;
  png_bytep *rows;
  uint8_t *output;
  size_t output_count;
  size_t output_capacity;
  input_cursor input;
  latent_png_result *result;
} session;

static void fail(png_structp png, png_const_charp message) {
  session *s = png_get_error_ptr(png);
  strncpy(s->result->message, message, LATENT_PNG_MESSAGE_SIZE - 1);
  s->result->message[LATENT_PNG_MESSAGE_SIZE - 1] = 0;
  longjmp(s->escape, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void append(png_structp png, png_bytep bytes, size_t count) {
  session *s = png_get_io_ptr(png);
  if (s->output_capacity - s->output_count < count) {
    size_t capacity = (s->output_count + count) * 2;
    uint8_t *grown = realloc(s->output, capacity);
    if (!grown) png_error(png, "out of memory");
    s->output = grown;
    s->output_capacity = capacity;
  }
  memcpy(s->output + s->output_count, bytes, count);
  s->output_count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void take(png_structp png, png_bytep bytes, size_t count) {
  session *s = png_get_io_ptr(png);
  if (s->input.count - s->input.position < count) png_error(png, "the file ends too early");
  memcpy(bytes, s->input.bytes + s->input.position, count);
  s->input.position += count;
}

static session *begin(latent_png_result *result) {
  memset(result, 0, sizeof *result);
  session *s = calloc(1, sizeof *s);
  if (s) s->result = result;
  else strcpy(result->message, "out of memory");
  return s;
}

int latent_png_encode(
  const uint8_t *pixels, uint32_t width, uint32_t height, int channels, latent_png_result *result) {
  session *s = begin(result);
  if (!s) return 0;
  if (setjmp(s->escape)) {
    if (s->png) png_destroy_write_struct(&s->png, &s->info);
    free(s->output);
    free(s);
    return 0;
  }
  s->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, s, fail, ignore_warning);
  if (s->png) s->info = png_create_info_struct(s->png);
  if (!s->png || !s->info) {
    strcpy(result->message, "out of memory");
    longjmp(s->escape, 1);
  }
  png_set_write_fn(s->png, s, append, flush_nothing);
  png_set_user_limits(s->png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(
    s->png, s->info, width, height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(s->png, s->info);
  for (uint32_t row = 0; row < height; ++row)
    png_write_row(s->png, pixels + (size_t)row * width * (size_t)channels);
  png_write_end(s->png, s->info);
  png_destroy_write_struct(&s->png, &s->info);
  result->bytes = s->output;
  result->count = s->output_count;
  result->width = width;
  result->height = height;
  result->channels = channels;
  free(s);
  return 1;
}

static void read_pixels(session *s, uint64_t maximum_pixels, int keeps_alpha) {
  png_structp png = s->png;
  png_read_info(png, s->info);
  uint32_t width = png_get_image_width(png, s->info);
  uint32_t height = png_get_image_height(png, s->info);
  if ((uint64_t)width * height > maximum_pixels) png_error(png, "the image is too large");
  png_set_expand(png);
  png_set_scale_16(png);
  if (keeps_alpha) {
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
  } else {
    png_set_strip_alpha(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, s->info);
  int channels = png_get_channels(png, s->info);
  size_t stride = png_get_rowbytes(png, s->info);
  if (keeps_alpha ? channels != 4 : channels != 1 && channels != 3) png_error(png, "neither grey nor red, green, blue");
  if (stride != (size_t)width * (size_t)channels) png_error(png, "samples that are not 8 bits wide");
  s->output_count = stride * height;
  s->output = calloc(s->output_count, 1);
  s->rows = calloc(height, sizeof *s->rows);
  if (!s->output || !s->rows) png_error(png, "out of memory");
  for (uint32_t row = 0; row < height; ++row) s->rows[row] = s->output + row * stride;
  png_read_image(png, s->rows);
  png_read_end(png, NULL);
  s->result->width = width;
  s->result->height = height;
  s->result->channels = channels;
}

int latent_png_decode(
  const uint8_t *bytes, size_t count, uint64_t maximum_pixels, int keeps_alpha, latent_png_result *result) {
  session *s = begin(result);
  if (!s) return 0;
  s->input = (input_cursor){bytes, count, 0};
  if (setjmp(s->escape)) {
    if (s->png) png_destroy_read_struct(&s->png, &s->info, NULL);
    free(s->rows);
    free(s->output);
    free(s);
    return 0;
  }
  s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, fail, ignore_warning);
  if (s->png) s->info = png_create_info_struct(s->png);
  if (!s->png || !s->info) {
    strcpy(result->message, "out of memory");
    longjmp(s->escape, 1);
  }
  png_set_read_fn(s->png, s, take);
  read_pixels(s, maximum_pixels, keeps_alpha);
  png_destroy_read_struct(&s->png, &s->info, NULL);
  result->bytes = s->output;
  result->count = s->output_count;
  free(s->rows);
  free(s);
  return 1;
}

void latent_png_release(latent_png_result *result) {
  free(result->bytes);
  result->bytes = NULL;
  result->count = 0;
}
