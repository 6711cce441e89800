#include "MicroProduct.h"

#include <string.h>

#define LATENT_MOST_ROWS 12

// The sums stay in registers while the depth goes by; rows and vectors are constants where this is inlined.
LATENT_INLINE void tile(
    int rows, int vectors, const latent_micro_product *p, const float *a, ptrdiff_t a_row, ptrdiff_t a_step,
    const float *b, float *c) {
  latent_lanes sums[LATENT_MOST_ROWS][LATENT_BLOCK_VECTORS];
  const ptrdiff_t c_row = p->c_row, b_row = p->b_row;
  const int adds = p->adds;
  LATENT_UNROLL for (int r = 0; r < rows; r++) {
    LATENT_UNROLL for (int v = 0; v < vectors; v++) {
      sums[r][v] = adds ? *(const latent_lanes *)(c + r * c_row + v * LATENT_LANES) : (latent_lanes)0.0f;
    }
  }
  for (size_t k = p->depth; k > 0; k--) {
    latent_lanes x[LATENT_BLOCK_VECTORS];
    LATENT_UNROLL for (int v = 0; v < vectors; v++) x[v] = *(const latent_lanes *)(b + v * LATENT_LANES);
    LATENT_UNROLL for (int r = 0; r < rows; r++) {
      const float y = a[r * a_row];
      LATENT_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += y * x[v];
    }
    a += a_step;
    b += b_row;
  }
  LATENT_UNROLL for (int r = 0; r < rows; r++) {
    LATENT_UNROLL for (int v = 0; v < vectors; v++) {
      *(latent_lanes *)(c + r * c_row + v * LATENT_LANES) = sums[r][v];
    }
  }
}

#define LATENT_TILES(ROWS, VECTORS, V)                                             \
  for (; r + ROWS <= p->rows; r += ROWS) {                                         \
    tile(                                                                          \
        ROWS, VECTORS, p, p->a + (ptrdiff_t)r * a_row, a_row, a_step, p->b + (V),  \
        p->c + (ptrdiff_t)r * p->c_row + (V));                                     \
  }

// Sixteen registers, or as many bytes in more of them: 6 rows of one vector, which is two or more registers.
LATENT_INLINE void narrow(const latent_micro_product *p, ptrdiff_t a_row, ptrdiff_t a_step) {
  for (size_t v = 0; v < p->vectors * LATENT_LANES; v += LATENT_LANES) {
    size_t r = 0;
    LATENT_TILES(6, 1, v)
    LATENT_TILES(4, 1, v)
    LATENT_TILES(1, 1, v)
  }
}

// 32 registers of a whole vector, of which 24 hold sums: the more square a tile is, the less it reads.
LATENT_INLINE void wide(const latent_micro_product *p, ptrdiff_t a_row, ptrdiff_t a_step) {
  size_t r = 0;
  switch (p->vectors) {
    case 4:
      LATENT_TILES(6, 4, 0)
      LATENT_TILES(3, 4, 0)
      LATENT_TILES(1, 4, 0)
      break;
    case 3:
      LATENT_TILES(8, 3, 0)
      LATENT_TILES(4, 3, 0)
      LATENT_TILES(1, 3, 0)
      break;
    case 2:
      LATENT_TILES(12, 2, 0)
      LATENT_TILES(4, 2, 0)
      LATENT_TILES(1, 2, 0)
      break;
    default:
      LATENT_TILES(12, 1, 0)
      LATENT_TILES(4, 1, 0)
      LATENT_TILES(1, 1, 0)
  }
}

// Where the rows of a are neighbours, one address serves them all.
#define LATENT_PRODUCT(NAME, FORM, ATTRIBUTES)                  \
  ATTRIBUTES static void NAME(const latent_micro_product *p) {  \
    if (p->a_row == 1) {                                        \
      FORM(p, 1, p->a_step);                                    \
    } else {                                                    \
      FORM(p, p->a_row, p->a_step);                             \
    }                                                           \
  }

#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
LATENT_PRODUCT(product_narrow, narrow, __attribute__((target_clones("arch=x86-64-v3", "default"))))
LATENT_PRODUCT(product_wide, wide, __attribute__((target("arch=x86-64-v4"))))

void latent_micro_product_run(const latent_micro_product *p) {
  if (__builtin_cpu_supports("x86-64-v4")) {
    product_wide(p);
  } else {
    product_narrow(p);
  }
}
#else
LATENT_PRODUCT(product_narrow, narrow, )

void latent_micro_product_run(const latent_micro_product *p) { product_narrow(p); }
#endif

// A transpose exchanges each bit of a number's row with that of its lane.
#define LATENT_EXCHANGES(S)                                                          \
  LATENT_UNROLL for (int i = 0; i < LATENT_LANES; i++) {                             \
    if (i & (S)) continue;                                                           \
    latent_lanes low = x[i], high = x[i + (S)];                                      \
    x[i] = __builtin_shufflevector(low, high, LATENT_PAIR_##S);                      \
    x[i + (S)] = __builtin_shufflevector(low, high, LATENT_REST_##S);                \
  }

LATENT_INLINE void transpose(latent_lanes *x) {
  LATENT_EXCHANGES(8)
  LATENT_EXCHANGES(4)
  LATENT_EXCHANGES(2)
  LATENT_EXCHANGES(1)
}

LATENT_CLONES void latent_pack_columns(
    size_t count, size_t features, const float *rows, ptrdiff_t row, float factor, float *columns, ptrdiff_t lanes) {
  for (size_t l = 0; l < count; l += LATENT_LANES) {
    const size_t last = count - l < LATENT_LANES ? count - l - 1 : LATENT_LANES - 1;
    const float *from = rows + (ptrdiff_t)l * row;
    if (features < LATENT_LANES) {
      for (size_t f = 0; f < features; f++) {
        for (size_t i = 0; i < LATENT_LANES; i++) {
          columns[(ptrdiff_t)f * lanes + (ptrdiff_t)(l + i)] =
              factor * from[(ptrdiff_t)(i < last ? i : last) * row + (ptrdiff_t)f];
        }
      }
      continue;
    }
    for (size_t f = 0; f < features; f += LATENT_LANES) {
      // The last features are taken with some before them once more, so that nothing beyond a row is touched.
      const size_t first = f + LATENT_LANES <= features ? f : features - LATENT_LANES;
      latent_lanes x[LATENT_LANES];
      LATENT_UNROLL for (size_t i = 0; i < LATENT_LANES; i++) {
        x[i] = factor * *(const latent_lanes *)(from + (ptrdiff_t)(i < last ? i : last) * row + first);
      }
      transpose(x);
      LATENT_UNROLL for (size_t i = 0; i < LATENT_LANES; i++) {
        *(latent_lanes *)(columns + (ptrdiff_t)(first + i) * lanes + l) = x[i];
      }
    }
  }
}

LATENT_CLONES void latent_unpack_columns(
    size_t count, size_t features, const float *columns, ptrdiff_t lanes, const float *factors, float *rows,
    ptrdiff_t row) {
  for (size_t l = 0; l < count; l += LATENT_LANES) {
    const size_t limit = count - l < LATENT_LANES ? count - l : LATENT_LANES;
    float *to = rows + (ptrdiff_t)l * row;
    if (features < LATENT_LANES) {
      for (size_t i = 0; i < limit; i++) {
        for (size_t f = 0; f < features; f++) {
          to[(ptrdiff_t)i * row + (ptrdiff_t)f] = factors[l + i] * columns[(ptrdiff_t)f * lanes + (ptrdiff_t)(l + i)];
        }
      }
      continue;
    }
    const latent_lanes factor = *(const latent_lanes *)(factors + l);
    for (size_t f = 0; f < features; f += LATENT_LANES) {
      const size_t first = f + LATENT_LANES <= features ? f : features - LATENT_LANES;
      latent_lanes x[LATENT_LANES];
      LATENT_UNROLL for (size_t i = 0; i < LATENT_LANES; i++) {
        x[i] = factor * *(const latent_lanes *)(columns + (ptrdiff_t)(first + i) * lanes + l);
      }
      transpose(x);
      LATENT_UNROLL for (size_t i = 0; i < LATENT_LANES; i++) {
        if (i < limit) memcpy(to + (ptrdiff_t)i * row + first, &x[i], sizeof x[i]);
      }
    }
  }
}
