#include "latent_random.h"

#include "VectorMath.h"

// Philox 4x32-10, sixteen blocks side by side: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2,
// 3" (2011). The words live in 64-bit lanes, where one instruction multiplies the low halves and leaves both halves of
// the product in place; whatever is in the upper half of a word is ignored.

#define LATENT_BLOCKS 16
#define LATENT_CHUNK (4 * LATENT_BLOCKS)

typedef struct {
  uint64_t seed;
  uint32_t stream;
  uint64_t step;
} latent_philox_address;

typedef struct {
  uint32_t word[4];
} latent_philox_block;

LATENT_INLINE latent_philox_block latent_philox_block_at(latent_philox_address address, uint32_t index) {
  uint64_t c0 = index, c1 = address.stream, c2 = (uint32_t)address.step, c3 = address.step >> 32;
  uint32_t k0 = (uint32_t)address.seed, k1 = (uint32_t)(address.seed >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)(uint32_t)c0 * 0xD2511F53u;
    uint64_t p1 = (uint64_t)(uint32_t)c2 * 0xCD9E8D57u;
    c0 = (p1 >> 32) ^ c1 ^ k0;
    c1 = p1;
    c2 = (p0 >> 32) ^ c3 ^ k1;
    c3 = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (latent_philox_block){{(uint32_t)c0, (uint32_t)c1, (uint32_t)c2, (uint32_t)c3}};
}

/// The upper 24 bits as an integer, which a float holds exactly.
LATENT_INLINE float latent_upper_bits(uint32_t word) { return (float)(int32_t)(word >> 8); }

LATENT_INLINE void latent_store_bits(latent_philox_block block, int32_t *result) {
#pragma clang loop unroll(full)
  for (int w = 0; w < 4; w++) result[w] = (int32_t)block.word[w];
}

LATENT_INLINE void latent_store_uniform(latent_philox_block block, float *result) {
#pragma clang loop unroll(full)
  for (int w = 0; w < 4; w++) result[w] = latent_upper_bits(block.word[w]) * 0x1p-24f;
}

/// Box-Muller. The radius comes from (24 bits + 1) / 2^24, in (0, 1], so that its logarithm is finite.
LATENT_INLINE void latent_store_normal(latent_philox_block block, float *result) {
#pragma clang loop unroll(full)
  for (int w = 0; w < 4; w += 2) {
    float in_unit = (latent_upper_bits(block.word[w]) + 1.0f) * 0x1p-24f;
    // Never below zero: log(1) must not leave a rounding error under the root.
    float square = latent_clamp(-2.0f * latent_log_normal(in_unit), 0.0f, 40.0f);
    float radius = __builtin_elementwise_sqrt(square);
    float cosine, sine;
    latent_cosine_sine_of_turns(latent_upper_bits(block.word[w + 1]) * 0x1p-24f, &cosine, &sine);
    result[w] = radius * cosine;
    result[w + 1] = radius * sine;
  }
}

/// A range is drawn in chunks of whole blocks; where a chunk is wanted in part, it goes through a buffer. So every
/// element comes from the same instructions, whatever the range.
#define LATENT_DRAW(name, T, store)                                                                               \
  LATENT_CLONES void name(                                                                                        \
      uint64_t seed, uint32_t stream, uint64_t step, size_t first_element, size_t n, T *result) {                 \
    const latent_philox_address address = {seed, stream, step};                                                   \
    uint32_t first_block = (uint32_t)(first_element / 4);                                                         \
    size_t skipped = first_element % 4;                                                                           \
    T buffer[LATENT_CHUNK];                                                                                       \
    while (n > 0) {                                                                                               \
      size_t wanted = LATENT_CHUNK - skipped < n ? LATENT_CHUNK - skipped : n;                                    \
      T *chunk = wanted == LATENT_CHUNK ? result : buffer;                                                        \
      _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")                      \
      for (uint32_t b = 0; b < LATENT_BLOCKS; b++) {                                                              \
        store(latent_philox_block_at(address, first_block + b), chunk + 4 * (size_t)b);                           \
      }                                                                                                           \
      if (chunk == buffer) memcpy(result, buffer + skipped, wanted * sizeof(T));                                  \
      result += wanted;                                                                                           \
      n -= wanted;                                                                                                \
      first_block += LATENT_BLOCKS;                                                                               \
      skipped = 0;                                                                                                \
    }                                                                                                             \
  }

LATENT_DRAW(latent_philox_bits, int32_t, latent_store_bits)
LATENT_DRAW(latent_philox_uniform, float, latent_store_uniform)
LATENT_DRAW(latent_philox_normal, float, latent_store_normal)
