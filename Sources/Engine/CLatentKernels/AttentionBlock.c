#include "AttentionBlock.h"

#include <string.h>

size_t latent_attention_block_count(size_t count, size_t wanted) {
  const size_t vectors = latent_vectors(count);
  const size_t fewest = (vectors + LATENT_BLOCK_VECTORS - 1) / LATENT_BLOCK_VECTORS;
  const size_t most = wanted < vectors ? wanted : vectors;
  return fewest > most ? fewest : most;
}

void latent_attention_block(size_t count, size_t blocks, size_t index, size_t *first, size_t *limit) {
  const size_t vectors = latent_vectors(count);
  *first = vectors * index / blocks * LATENT_LANES;
  *limit = vectors * (index + 1) / blocks * LATENT_LANES;
  if (*limit > count) *limit = count;
}

int latent_attention_shares(size_t heads, int threads) {
  const size_t count = (size_t)threads;
  return heads % count != 0 && heads < 8 * count ? threads : 1;
}

int latent_attention_owns(size_t block, int share, int shares) {
  const int place = (int)(block % (2 * (size_t)shares));
  return share == (place < shares ? place : 2 * shares - 1 - place);
}

size_t latent_attention_visible(const latent_attention *attention, size_t query) {
  if (!attention->is_causal) return attention->keys;
  const size_t sum = query + 1 + attention->keys;
  const size_t visible = sum > attention->queries ? sum - attention->queries : 0;
  return visible < attention->keys ? visible : attention->keys;
}

const float *latent_attention_near(
    size_t count, size_t features, const float *rows, ptrdiff_t *stride, float *memory) {
  const ptrdiff_t old = *stride;
  if (old % 128 != 0 || old == (ptrdiff_t)features) return rows;
  for (size_t i = 0; i < count; i++) {
    memcpy(memory + i * features, rows + (ptrdiff_t)i * old, features * sizeof(float));
  }
  *stride = (ptrdiff_t)features;
  return memory;
}

void latent_attention_add_mask(
    const latent_attention_mask *mask, size_t n, size_t head, size_t i, size_t queries, size_t j, size_t keys,
    int lanes_are_keys, float *scores) {
  const float *base = mask->base + (ptrdiff_t)n * mask->batch + (ptrdiff_t)head * mask->head +
                      (ptrdiff_t)i * mask->query + (ptrdiff_t)j * mask->key;
  const ptrdiff_t row = lanes_are_keys ? mask->query : mask->key, lane = lanes_are_keys ? mask->key : mask->query;
  const size_t rows = lanes_are_keys ? queries : keys, lanes = lanes_are_keys ? keys : queries;
  for (size_t r = 0; r < rows; r++) {
    for (size_t l = 0; l < lanes; l++) {
      scores[r * LATENT_BLOCK_LANES + l] += LATENT_LOG2_E * base[(ptrdiff_t)r * row + (ptrdiff_t)l * lane];
    }
  }
}
