#include <string.h>

#include "MicroProduct.h"

// Rows to columns and back by squares of eight numbers, which fit the registers of every processor.

#define SIDE 8

typedef float square_row __attribute__((ext_vector_type(8), aligned(4)));

#define LATENT_FIRST_4 0, 1, 2, 3, 8, 9, 10, 11
#define LATENT_OTHER_4 4, 5, 6, 7, 12, 13, 14, 15
#define LATENT_FIRST_2 0, 1, 8, 9, 4, 5, 12, 13
#define LATENT_OTHER_2 2, 3, 10, 11, 6, 7, 14, 15
#define LATENT_FIRST_1 0, 8, 2, 10, 4, 12, 6, 14
#define LATENT_OTHER_1 1, 9, 3, 11, 5, 13, 7, 15

// A transpose exchanges each bit of a number's row with that of its lane.
#define LATENT_EXCHANGES(S)                                                 \
  LATENT_UNROLL for (int i = 0; i < SIDE; i++) {                            \
    if (i & (S)) continue;                                                  \
    const square_row low = x[i], high = x[i + (S)];                         \
    x[i] = __builtin_shufflevector(low, high, LATENT_FIRST_##S);            \
    x[i + (S)] = __builtin_shufflevector(low, high, LATENT_OTHER_##S);      \
  }

LATENT_INLINE void transpose(square_row *x) {
  LATENT_EXCHANGES(4)
  LATENT_EXCHANGES(2)
  LATENT_EXCHANGES(1)
}

// The last features are taken with some before them once more, so that nothing beyond a row is touched.
static size_t first_feature(size_t f, size_t features) { return f + SIDE <= features ? f : features - SIDE; }

LATENT_CLONES void latent_pack_columns(
    size_t count, size_t features, const float *rows, ptrdiff_t row, float factor, float *columns, ptrdiff_t lanes) {
  for (size_t l = 0; l < latent_vectors(count) * LATENT_LANES; l += SIDE) {
    const float *from[SIDE];
    for (size_t i = 0; i < SIDE; i++) from[i] = rows + (ptrdiff_t)(l + i < count ? l + i : count - 1) * row;
    if (features < SIDE) {
      for (size_t f = 0; f < features; f++) {
        for (size_t i = 0; i < SIDE; i++) columns[(ptrdiff_t)f * lanes + (ptrdiff_t)(l + i)] = factor * from[i][f];
      }
      continue;
    }
    for (size_t f = 0; f < features; f += SIDE) {
      const size_t first = first_feature(f, features);
      square_row x[SIDE];
      LATENT_UNROLL for (size_t i = 0; i < SIDE; i++) x[i] = factor * *(const square_row *)(from[i] + first);
      transpose(x);
      LATENT_UNROLL for (size_t i = 0; i < SIDE; i++) {
        *(square_row *)(columns + (ptrdiff_t)(first + i) * lanes + l) = x[i];
      }
    }
  }
}

LATENT_CLONES void latent_unpack_columns(
    size_t count, size_t features, const float *columns, ptrdiff_t lanes, const float *factors, float *rows,
    ptrdiff_t row) {
  for (size_t l = 0; l < count; l += SIDE) {
    const size_t limit = count - l < SIDE ? count - l : SIDE;
    float *to = rows + (ptrdiff_t)l * row;
    if (features < SIDE) {
      for (size_t i = 0; i < limit; i++) {
        for (size_t f = 0; f < features; f++) {
          to[(ptrdiff_t)i * row + (ptrdiff_t)f] = factors[l + i] * columns[(ptrdiff_t)f * lanes + (ptrdiff_t)(l + i)];
        }
      }
      continue;
    }
    const square_row factor = *(const square_row *)(factors + l);
    for (size_t f = 0; f < features; f += SIDE) {
      const size_t first = first_feature(f, features);
      square_row x[SIDE];
      LATENT_UNROLL for (size_t i = 0; i < SIDE; i++) {
        x[i] = factor * *(const square_row *)(columns + (ptrdiff_t)(first + i) * lanes + l);
      }
      transpose(x);
      LATENT_UNROLL for (size_t i = 0; i < SIDE; i++) {
        if (i < limit) memcpy(to + (ptrdiff_t)i * row + first, &x[i], sizeof x[i]);
      }
    }
  }
}
