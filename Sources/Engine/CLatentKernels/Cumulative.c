#include "latent_cumulative.h"

// How many neighbouring lines run side by side, their sums in registers.
#define LATENT_LINES 32

#define LATENT_CUMULATIVE_SUM(NAME, TYPE, SUM)                                                                 \
  void NAME(                                                                                                   \
      const TYPE *source, TYPE *result, size_t outer, size_t size, size_t inner, int is_exclusive,             \
      int is_reversed) {                                                                                       \
    for (size_t o = 0; o < outer; o++) {                                                                       \
      for (size_t first = 0; first < inner; first += LATENT_LINES) {                                           \
        size_t width = inner - first < LATENT_LINES ? inner - first : LATENT_LINES;                            \
        SUM sums[LATENT_LINES] = {0};                                                                          \
        for (size_t k = 0; k < size; k++) {                                                                    \
          size_t place = (o * size + (is_reversed ? size - 1 - k : k)) * inner + first;                        \
          for (size_t i = 0; i < width; i++) {                                                                 \
            SUM next = sums[i] + (SUM)source[place + i];                                                       \
            result[place + i] = (TYPE)(is_exclusive ? sums[i] : next);                                         \
            sums[i] = next;                                                                                    \
          }                                                                                                    \
        }                                                                                                      \
      }                                                                                                        \
    }                                                                                                          \
  }

LATENT_CUMULATIVE_SUM(latent_cumulative_sum_f32, float, double)
LATENT_CUMULATIVE_SUM(latent_cumulative_sum_i32, int32_t, uint32_t)
