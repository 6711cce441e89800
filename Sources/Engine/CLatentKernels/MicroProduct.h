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
