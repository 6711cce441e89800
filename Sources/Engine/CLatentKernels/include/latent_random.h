#ifndef LATENT_RANDOM_H
#define LATENT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/// Elements first_element to first_element + n - 1 of the random stream (seed, stream, step), addressed as in
/// Randomness/Philox4x32.swift. A range gives the same values, to the bit, whatever ranges it is drawn in.
/// Element numbers wrap around after 2^34 (the block number is a 32-bit word of the counter).

/// The raw 32-bit words.
void latent_philox_bits(
    uint64_t seed, uint32_t stream, uint64_t step, size_t first_element, size_t n, int32_t *result);

/// Uniform in [0, 1): the word's upper 24 bits over 2^24.
void latent_philox_uniform(
    uint64_t seed, uint32_t stream, uint64_t step, size_t first_element, size_t n, float *result);

/// Standard normal, by Box-Muller on the words of one block: (0, 1) and (2, 3), each pair giving a cosine and a sine.
void latent_philox_normal(
    uint64_t seed, uint32_t stream, uint64_t step, size_t first_element, size_t n, float *result);

#endif
