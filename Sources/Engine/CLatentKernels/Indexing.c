#include "latent_indexing.h"

#include <math.h>
#include <string.h>

#include "latent_reduce.h"

void latent_gather(
    const void *source, const int32_t *indices, void *result, size_t outer, size_t size, size_t inner, size_t count,
    size_t element_size) {
  size_t bytes = inner * element_size;
  const char *from = source;
  char *to = result;
  for (size_t o = 0; o < outer; o++) {
    for (size_t k = 0; k < count; k++) {
      int64_t index = indices[k];
      if (index < 0) index = 0;
      if (index >= (int64_t)size) index = (int64_t)size - 1;
      memcpy(to + (o * count + k) * bytes, from + (o * size + (size_t)index) * bytes, bytes);
    }
  }
}

#define LATENT_SCATTER(NAME, TYPE, SUM)                                                                    \
  void NAME(                                                                                               \
      const TYPE *updates, const int32_t *indices, TYPE *result, size_t outer, size_t size, size_t inner,  \
      size_t count) {                                                                                      \
    memset(result, 0, outer *size *inner * sizeof(TYPE));                                                  \
    for (size_t o = 0; o < outer; o++) {                                                                   \
      for (size_t k = 0; k < count; k++) {                                                                 \
        if (indices[k] < 0 || (size_t)indices[k] >= size) continue;                                        \
        const TYPE *from = updates + (o * count + k) * inner;                                              \
        TYPE *to = result + (o * size + (size_t)indices[k]) * inner;                                       \
        for (size_t i = 0; i < inner; i++) to[i] = SUM(to[i], from[i]);                                    \
      }                                                                                                    \
    }                                                                                                      \
  }

#define LATENT_SUM_F32(A, B) ((A) + (B))
#define LATENT_SUM_I32(A, B) ((int32_t)((uint32_t)(A) + (uint32_t)(B)))
LATENT_SCATTER(latent_scatter_add_f32, float, LATENT_SUM_F32)
LATENT_SCATTER(latent_scatter_add_i32, int32_t, LATENT_SUM_I32)

// Along the innermost dimension there is a vector kernel; elsewhere the first among equals wins, and the first
// not-a-number beats every number.
#define LATENT_ARGUMENT(NAME, TYPE, IS_NAN, CONTIGUOUS)                                                     \
  void NAME(const TYPE *source, int32_t *result, size_t outer, size_t size, size_t inner, int is_minimum) { \
    for (size_t o = 0; o < outer; o++) {                                                                    \
      if (inner == 1) {                                                                                     \
        result[o] = (int32_t)CONTIGUOUS(size, source + o * size, is_minimum);                               \
        continue;                                                                                           \
      }                                                                                                     \
      for (size_t i = 0; i < inner; i++) {                                                                  \
        const TYPE *x = source + o * size * inner + i;                                                      \
        size_t best = 0;                                                                                    \
        for (size_t k = 1; k < size && !IS_NAN(x[best * inner]); k++) {                                     \
          TYPE candidate = x[k * inner];                                                                    \
          int better = is_minimum ? candidate < x[best * inner] : candidate > x[best * inner];              \
          if (better || IS_NAN(candidate)) best = k;                                                        \
        }                                                                                                   \
        result[o * inner + i] = (int32_t)best;                                                              \
      }                                                                                                     \
    }                                                                                                       \
  }

#define LATENT_NEVER(X) 0
LATENT_ARGUMENT(latent_argument_f32, float, isnan, latent_argmax_f32)
LATENT_ARGUMENT(latent_argument_i32, int32_t, LATENT_NEVER, latent_argmax_i32)

void latent_iota(void *result, size_t outer, size_t size, size_t inner, int is_float) {
  for (size_t o = 0; o < outer; o++) {
    for (size_t k = 0; k < size; k++) {
      size_t first = (o * size + k) * inner;
      for (size_t i = first; i < first + inner; i++) {
        if (is_float) {
          ((float *)result)[i] = (float)k;
        } else {
          ((int32_t *)result)[i] = (int32_t)k;
        }
      }
    }
  }
}

int latent_all_finite(const float *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i])) return 0;
  }
  return 1;
}
