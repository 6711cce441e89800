#ifndef LATENT_MICRO_PRODUCT_H
#define LATENT_MICRO_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include "VectorMath.h"

// Small products and transposes out of the first cache, which attention is made of. Matrices that are read by vectors
// have rows of whole vectors of LATENT_LANES numbers; the others have any strides.

#define LATENT_LANES 16
/// As many vectors side by side as the widest row of a block has.
#define LATENT_BLOCK_VECTORS 4
#define LATENT_BLOCK_LANES (LATENT_BLOCK_VECTORS * LATENT_LANES)

typedef float latent_lanes __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t latent_lane_bits __attribute__((ext_vector_type(16), aligned(4)));

#define LATENT_UNROLL _Pragma("clang loop unroll(full)")

/// Lanes of two vectors that lie in pairs of blocks of 8, 4, 2, or 1: the first of each pair, and the second.
#define LATENT_PAIR_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LATENT_PAIR_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define LATENT_PAIR_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LATENT_PAIR_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define LATENT_REST_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LATENT_REST_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LATENT_REST_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LATENT_REST_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

/// c = a b, or c += a b if it adds: a [rows, depth] by strides, b [depth, vectors * LATENT_LANES], and c [rows, same]
/// by rows.
typedef struct {
  size_t rows, vectors, depth;
  const float *a;
  ptrdiff_t a_row, a_step;
  const float *b;
  ptrdiff_t b_row;
  float *c;
  ptrdiff_t c_row;
  int adds;
} latent_micro_product;

void latent_micro_product_run(const latent_micro_product *product);

/// Rows [count, features] by a stride to columns [features, lanes] times a factor: lane l is row l, and lanes from
/// `count` to the end of their vector repeat the last row. `lanes` is the stride between columns' rows.
void latent_pack_columns(
    size_t count, size_t features, const float *rows, ptrdiff_t row, float factor, float *columns, ptrdiff_t lanes);

/// The way back: columns times a factor for each lane, to rows of which only `count` are written.
void latent_unpack_columns(
    size_t count, size_t features, const float *columns, ptrdiff_t lanes, const float *factors, float *rows,
    ptrdiff_t row);

/// How many vectors so many numbers need.
LATENT_INLINE size_t latent_vectors(size_t count) { return (count + LATENT_LANES - 1) / LATENT_LANES; }

#endif
