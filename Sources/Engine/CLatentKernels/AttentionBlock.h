#ifndef LATENT_ATTENTION_BLOCK_H
#define LATENT_ATTENTION_BLOCK_H

#include "MicroProduct.h"
#include "latent_attention.h"

// What the passes of attention share. Scores are kept in units of log 2: powers of 2 are half as much work as
// `latent_exp`.

#define LATENT_LOG2_E 0x1.715476p0f
#define LATENT_LOG_2 0x1.62e430p-1f

/// How many rows pass by a block of lanes at a time, a whole number of tiles of every height; and fewer of them where a
/// causal block is a triangle, of which less is then computed in vain.
#define LATENT_PASSING_ROWS 48
#define LATENT_PASSING_ROWS_OF_TRIANGLE 24

/// 2^x for x <= 0, and 0 below 2^-126, minus infinity included; NaN stays NaN. Rounding x leaves it in the sum's low
/// bits, which are added to the exponent of 2^remainder.
LATENT_INLINE void latent_exp2_weights(const latent_lanes *x, latent_lanes *weights) {
  const latent_lanes shifted = *x + LATENT_ROUNDER;
  const latent_lanes r = *x - (shifted - LATENT_ROUNDER);
  const latent_lanes power = LATENT_EXP2_REDUCED(r);
  const latent_lane_bits bits = (latent_lane_bits)power + ((latent_lane_bits)shifted << 23);
  *weights = *x < -126.0f ? (latent_lanes)0.0f : (latent_lanes)bits;
}

/// The first row of a head of an example.
LATENT_INLINE const float *latent_operand_rows(const latent_attention_operand *x, size_t n, size_t head) {
  return x->base + (ptrdiff_t)n * x->batch + (ptrdiff_t)head * x->head;
}

LATENT_INLINE float *latent_result_rows(const latent_attention_result *x, size_t n, size_t head) {
  return x->base + (ptrdiff_t)n * x->batch + (ptrdiff_t)head * x->head;
}

/// 0, 1, and so on, from a first one.
LATENT_INLINE void latent_count_lanes(int32_t first, latent_lane_bits *lanes) {
  const latent_lane_bits steps = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *lanes = steps + first;
}

/// How many blocks of whole vectors `count` rows make: as few as possible, unless shares want more.
size_t latent_attention_block_count(size_t count, size_t wanted);

/// The rows [first, limit) of a block of so many: all have the same number of vectors, give or take one.
void latent_attention_block(size_t count, size_t blocks, size_t index, size_t *first, size_t *limit);

/// Into how many shares the blocks of each head are dealt out: one if the heads alone keep all threads busy.
int latent_attention_shares(size_t heads, int threads);

/// Whether a block is one of a share's, dealt out there and back again, so that a triangle is shared evenly.
int latent_attention_owns(size_t block, int share, int shares);

/// The keys that queries up to and with `query` see.
size_t latent_attention_visible(const latent_attention *attention, size_t query);

/// Adds a mask to scores [keys from j, queries from i], or [queries, keys] if the lanes are keys, of rows of
/// LATENT_BLOCK_LANES. In units of log 2.
void latent_attention_add_mask(
    const latent_attention_mask *mask, size_t n, size_t head, size_t i, size_t queries, size_t j, size_t keys,
    int lanes_are_keys, float *scores);

/// Fewer queries than fill a good part of a vector.
#define LATENT_FEW_QUERIES 4

/// Rows of features from where they do not displace each other from the first cache: where they lie or, if their
/// distance is a multiple of eight lines, copied to `memory` without gaps. The stride becomes that of the result.
const float *latent_attention_near(
    size_t count, size_t features, const float *rows, ptrdiff_t *stride, float *memory);

/// Attention of few queries: keys and values are read once, as they lie.
void latent_attention_rows_run(const latent_attention *attention, int threads);

/// `memory` from the next address that vectors do not straddle two lines of the cache at.
LATENT_INLINE float *latent_aligned(float *memory) { return (float *)(((uintptr_t)memory + 63) / 64 * 64); }

#endif
