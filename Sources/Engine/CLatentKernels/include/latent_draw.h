#ifndef LATENT_DRAW_H
#define LATENT_DRAW_H

#include <stddef.h>
#include <stdint.h>

typedef enum { LATENT_RANDOM_BITS = 0, LATENT_RANDOM_UNIFORM, LATENT_RANDOM_NORMAL } latent_random_distribution;

/// A tensor of random numbers to draw. `state` holds seed and step, low word first.
typedef struct {
  latent_random_distribution distribution;
  uint32_t stream;
  const uint32_t *state;
  void *result;
  size_t count;
} latent_random_work;

/// Draws one share of the tensor (a `latent_task` whose context is a `latent_random_work`).
void latent_random_share(void *work, int index, int count);

#endif
