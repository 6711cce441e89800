#include "latent_rows.h"

#include <string.h>

#include "VectorMath.h"
#include "latent_parallel.h"

typedef struct {
  const void *source;
  size_t width;
  const int64_t *indices;
  size_t count;
  float divisor;
  float *result;
} rows_work;

static size_t source_row(const rows_work *work, size_t row) {
  return work->indices ? (size_t)work->indices[row] : row;
}

LATENT_CLONES static void divide_bytes(size_t n, const uint8_t *source, float divisor, float *result) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < n; i++) result[i] = (float)source[i] / divisor;
}

static void copy_bytes(void *context, int index, int count) {
  const rows_work *work = context;
  size_t first, limit;
  latent_share(work->count, 1, index, count, &first, &limit);
  for (size_t row = first; row < limit; row++) {
    const uint8_t *source = (const uint8_t *)work->source + source_row(work, row) * work->width;
    divide_bytes(work->width, source, work->divisor, work->result + row * work->width);
  }
}

static void copy_floats(void *context, int index, int count) {
  const rows_work *work = context;
  size_t first, limit;
  latent_share(work->count, 1, index, count, &first, &limit);
  for (size_t row = first; row < limit; row++) {
    const float *source = (const float *)work->source + source_row(work, row) * work->width;
    memcpy(work->result + row * work->width, source, work->width * sizeof(float));
  }
}

// Below this many elements waking the other threads costs more than it saves.
static int threads_for(size_t elements) { return elements < 16384 ? 1 : latent_thread_count(); }

void latent_copy_rows_f32(const float *source, size_t width, const int64_t *indices, size_t count, float *result) {
  rows_work work = {source, width, indices, count, 1, result};
  latent_parallel(threads_for(width * count), copy_floats, &work);
}

void latent_copy_rows_u8(
    const uint8_t *source, size_t width, const int64_t *indices, size_t count, float divisor, float *result) {
  rows_work work = {source, width, indices, count, divisor, result};
  latent_parallel(threads_for(width * count), copy_bytes, &work);
}
