#include "latent_draw.h"

#include "latent_parallel.h"
#include "latent_random.h"

void latent_random_share(void *context, int index, int count) {
  const latent_random_work *work = context;
  uint64_t seed = work->state[0] | (uint64_t)work->state[1] << 32;
  uint64_t step = work->state[2] | (uint64_t)work->state[3] << 32;
  size_t first, limit;
  latent_share(work->count, 64, index, count, &first, &limit);
  char *result = (char *)work->result + first * 4;
  switch (work->distribution) {
    case LATENT_RANDOM_BITS:
      latent_philox_bits(seed, work->stream, step, first, limit - first, (int32_t *)result);
      break;
    case LATENT_RANDOM_UNIFORM:
      latent_philox_uniform(seed, work->stream, step, first, limit - first, (float *)result);
      break;
    case LATENT_RANDOM_NORMAL:
      latent_philox_normal(seed, work->stream, step, first, limit - first, (float *)result);
      break;
  }
}
