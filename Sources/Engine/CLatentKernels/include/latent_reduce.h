#ifndef LATENT_REDUCE_H
#define LATENT_REDUCE_H

#include <stddef.h>
#include <stdint.h>

/// What a reduction combines lanes with. MAX and MIN of floats are NaN if any lane is NaN, and of zeros of both signs
/// may give either; sums of int32 wrap around.
typedef enum {
  LATENT_REDUCE_SUM = 0,
  LATENT_REDUCE_MAX,
  LATENT_REDUCE_MIN
} latent_reduce_kind;

/// The value that changes nothing: 0, -infinity or INT32_MIN, +infinity or INT32_MAX.
float latent_reduce_identity_f32(latent_reduce_kind kind);
int32_t latent_reduce_identity_i32(latent_reduce_kind kind);

/// Reduces a contiguous run; the identity when n is 0. The order of a sum depends on n alone, not on the processor.
float latent_reduce_f32(latent_reduce_kind kind, size_t n, const float *x);
int32_t latent_reduce_i32(latent_reduce_kind kind, size_t n, const int32_t *x);

/// accumulator[i] = combine(accumulator[i], x[i]); x may be the accumulator itself, otherwise no overlap.
void latent_accumulate_f32(latent_reduce_kind kind, size_t n, const float *x, float *accumulator);
void latent_accumulate_i32(latent_reduce_kind kind, size_t n, const int32_t *x, int32_t *accumulator);

/// The index of the largest (is_min = 0) or smallest lane: the first among equals, the first NaN if there is one;
/// 0 when n is 0.
size_t latent_argmax_f32(size_t n, const float *x, int is_min);
size_t latent_argmax_i32(size_t n, const int32_t *x, int is_min);

#endif
