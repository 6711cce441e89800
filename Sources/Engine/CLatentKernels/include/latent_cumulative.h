#ifndef LATENT_CUMULATIVE_H
#define LATENT_CUMULATIVE_H

#include <stddef.h>
#include <stdint.h>

/// result[o, k, i] = the sum of source[o, 0 ... k, i]; exclusively without k, in reverse of k and all after it.
///
/// Floats are added in double precision and rounded once each; int32 wraps around. source and result do not overlap.
void latent_cumulative_sum_f32(
    const float *source, float *result, size_t outer, size_t size, size_t inner, int is_exclusive, int is_reversed);
void latent_cumulative_sum_i32(
    const int32_t *source, int32_t *result, size_t outer, size_t size, size_t inner, int is_exclusive,
    int is_reversed);

#endif
