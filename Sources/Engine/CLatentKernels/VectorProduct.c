#include "latent_vector_product.h"

#include <string.h>

#include "ElementwiseKernels.h"
#include "latent_parallel.h"

typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef unsigned wide_lanes __attribute__((vector_size(64), aligned(4)));
typedef unsigned short half_lanes __attribute__((vector_size(32), aligned(2)));

#define LANES 16

// Macros, since a function that returns so wide a vector has no calling convention on older processors.
#define LOAD_F32(W, INDEX) (*(const lanes *)((const float *)(W) + (INDEX)))
#define LOAD_BF16(W, INDEX) \
  ((lanes)(__builtin_convertvector(*(const half_lanes *)((const unsigned short *)(W) + (INDEX)), wide_lanes) << 16))

// As many blocks of COUNT vectors as fit; their sums stay in registers while the rows of W go by.
#define LATENT_BLOCKS(COUNT, LOAD)                                                      \
  for (; column + COUNT * LANES <= limit; column += COUNT * LANES) {                    \
    lanes sums[COUNT] = {0};                                                            \
    for (size_t i = 0; i < k; i++) {                                                    \
      _Pragma("clang loop unroll(full)") for (int b = 0; b < COUNT; b++) {              \
        sums[b] += x[i] * LOAD(w, i * n + column + (size_t)b * LANES);                  \
      }                                                                                 \
    }                                                                                   \
    memcpy(y + column, sums, sizeof sums);                                              \
  }

// Columns [first, limit) of y. Where the last ones fill no vector, they are computed with some before them once more.
#define LATENT_COLUMNS(NAME, LOAD, NUMBER)                                                       \
  LATENT_CLONES static void NAME(                                                                \
      const float *x, const void *w, size_t k, size_t n, size_t first, size_t limit, float *y) { \
    size_t column = first;                                                                       \
    LATENT_BLOCKS(16, LOAD)                                                                      \
    LATENT_BLOCKS(8, LOAD)                                                                       \
    LATENT_BLOCKS(4, LOAD)                                                                       \
    if (limit - first >= 2 * LANES && column < limit) {                                          \
      size_t back = (limit - column + LANES - 1) / LANES * LANES;                                \
      column = back > limit - first ? first : limit - back;                                      \
    }                                                                                            \
    LATENT_BLOCKS(2, LOAD)                                                                       \
    LATENT_BLOCKS(1, LOAD)                                                                       \
    for (; column < limit; column++) {                                                           \
      float sum = 0;                                                                             \
      for (size_t i = 0; i < k; i++) sum += x[i] * NUMBER(w, i * n + column);                    \
      y[column] = sum;                                                                           \
    }                                                                                            \
  }

LATENT_INLINE float number_f32(const void *w, size_t index) { return ((const float *)w)[index]; }

LATENT_INLINE float number_bf16(const void *w, size_t index) {
  unsigned bits = (unsigned)((const unsigned short *)w)[index] << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

LATENT_COLUMNS(columns_f32, LOAD_F32, number_f32)
LATENT_COLUMNS(columns_bf16, LOAD_BF16, number_bf16)

static void run_share(void *context, int index, int count) {
  const latent_vector_product *p = context;
  size_t first, limit;
  latent_share(p->n, LANES, index, count, &first, &limit);
  if (first >= limit) return;
  if (p->is_bf16) {
    columns_bf16(p->scratch, p->w, p->k, p->n, first, limit, p->y);
  } else {
    columns_f32(p->x, p->w, p->k, p->n, first, limit, p->y);
  }
  float *y = p->y + first;
  if (p->bias) latent_kernel_for(LATENT_OP_ADD, 0)(limit - first, y, p->bias + first, NULL, y);
  if (p->activation) p->activation(limit - first, y, p->activation_operand, NULL, y);
}

void latent_vector_product_run(const latent_vector_product *p, int threads) {
  if (p->is_bf16) latent_load_bf16(p->k, p->x, p->scratch);
  latent_parallel(threads, run_share, (void *)p);
}
