#include "MicroProduct.h"

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
