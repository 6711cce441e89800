#include "latent_reduce.h"

#include "VectorMath.h"

// A run is dealt out to 32 accumulators in turn, which are then combined pairwise: the order of a sum follows from its
// length alone, and two vectors of the widest kind are enough to hide the latency of an addition.

#define LATENT_ACCUMULATORS 32

#define LATENT_SUM(x, y) ((x) + (y))
#define LATENT_LARGER(x, y) ((x) > (y) ? (x) : (y))
#define LATENT_SMALLER(x, y) ((x) < (y) ? (x) : (y))

// A comparison loses NaN. Counting it on the side and putting it back at the end is faster than carrying it along.
#define LATENT_NONE_LOST(x) 0
#define LATENT_NAN_LOST(x) ((x) != (x))

// clang-format off

/// One reduction of lanes of type T.
#define LATENT_REDUCTION(name, T, identity, combine, lost, with_lost)                                          \
  LATENT_CLONES static T latent_reduce_##name(size_t n, const T *x) {                                          \
    T partial[LATENT_ACCUMULATORS];                                                                            \
    int32_t losses[LATENT_ACCUMULATORS] = {0};                                                                 \
    for (int j = 0; j < LATENT_ACCUMULATORS; j++) partial[j] = identity;                                       \
    size_t i = 0;                                                                                              \
    for (; i + LATENT_ACCUMULATORS <= n; i += LATENT_ACCUMULATORS) {                                           \
      _Pragma("clang loop vectorize(assume_safety)")                                                           \
      for (size_t j = 0; j < LATENT_ACCUMULATORS; j++) {                                                       \
        losses[j] |= lost(x[i + j]);                                                                           \
        partial[j] = combine(partial[j], x[i + j]);                                                            \
      }                                                                                                        \
    }                                                                                                          \
    /* The end as one masked step: a processor with masked loads needs no loop over single lanes. */           \
    if (i < n) {                                                                                               \
      size_t rest = n - i;                                                                                     \
      _Pragma("clang loop vectorize(assume_safety)")                                                           \
      for (size_t j = 0; j < LATENT_ACCUMULATORS; j++) {                                                       \
        T lane = identity;                                                                                     \
        if (j < rest) lane = x[i + j];                                                                         \
        losses[j] |= lost(lane);                                                                               \
        partial[j] = combine(partial[j], lane);                                                                \
      }                                                                                                        \
    }                                                                                                          \
    for (int half = LATENT_ACCUMULATORS / 2; half > 0; half /= 2) {                                            \
      for (int j = 0; j < half; j++) {                                                                         \
        losses[j] |= losses[j + half];                                                                         \
        partial[j] = combine(partial[j], partial[j + half]);                                                   \
      }                                                                                                        \
    }                                                                                                          \
    return losses[0] ? with_lost : partial[0];                                                                 \
  }

LATENT_REDUCTION(sum_f32, float, 0.0f, LATENT_SUM, LATENT_NONE_LOST, NAN)
LATENT_REDUCTION(max_f32, float, -INFINITY, LATENT_LARGER, LATENT_NAN_LOST, NAN)
LATENT_REDUCTION(min_f32, float, INFINITY, LATENT_SMALLER, LATENT_NAN_LOST, NAN)
LATENT_REDUCTION(sum_u32, uint32_t, 0, LATENT_SUM, LATENT_NONE_LOST, 0)
LATENT_REDUCTION(max_i32, int32_t, INT32_MIN, LATENT_LARGER, LATENT_NONE_LOST, 0)
LATENT_REDUCTION(min_i32, int32_t, INT32_MAX, LATENT_SMALLER, LATENT_NONE_LOST, 0)

#define LATENT_ACCUMULATION(name, T, combine)                                                \
  LATENT_CLONES static void latent_accumulate_##name(size_t n, const T *x, T *accumulator) { \
    _Pragma("clang loop vectorize(assume_safety)")                                           \
    for (size_t i = 0; i < n; i++) accumulator[i] = combine(accumulator[i], x[i]);           \
  }

LATENT_ACCUMULATION(sum_f32, float, LATENT_SUM)
LATENT_ACCUMULATION(max_f32, float, __builtin_elementwise_maximum)
LATENT_ACCUMULATION(min_f32, float, __builtin_elementwise_minimum)
LATENT_ACCUMULATION(sum_u32, uint32_t, LATENT_SUM)
LATENT_ACCUMULATION(max_i32, int32_t, LATENT_LARGER)
LATENT_ACCUMULATION(min_i32, int32_t, LATENT_SMALLER)

// clang-format on

float latent_reduce_identity_f32(latent_reduce_kind kind) {
  switch (kind) {
    case LATENT_REDUCE_SUM: return 0.0f;
    case LATENT_REDUCE_MAX: return -INFINITY;
    case LATENT_REDUCE_MIN: return INFINITY;
  }
  return 0.0f;
}

int32_t latent_reduce_identity_i32(latent_reduce_kind kind) {
  switch (kind) {
    case LATENT_REDUCE_SUM: return 0;
    case LATENT_REDUCE_MAX: return INT32_MIN;
    case LATENT_REDUCE_MIN: return INT32_MAX;
  }
  return 0;
}

float latent_reduce_f32(latent_reduce_kind kind, size_t n, const float *x) {
  switch (kind) {
    case LATENT_REDUCE_SUM: return latent_reduce_sum_f32(n, x);
    case LATENT_REDUCE_MAX: return latent_reduce_max_f32(n, x);
    case LATENT_REDUCE_MIN: return latent_reduce_min_f32(n, x);
  }
  return 0.0f;
}

int32_t latent_reduce_i32(latent_reduce_kind kind, size_t n, const int32_t *x) {
  switch (kind) {
    case LATENT_REDUCE_SUM: return (int32_t)latent_reduce_sum_u32(n, (const uint32_t *)x);
    case LATENT_REDUCE_MAX: return latent_reduce_max_i32(n, x);
    case LATENT_REDUCE_MIN: return latent_reduce_min_i32(n, x);
  }
  return 0;
}

void latent_accumulate_f32(latent_reduce_kind kind, size_t n, const float *x, float *accumulator) {
  switch (kind) {
    case LATENT_REDUCE_SUM: latent_accumulate_sum_f32(n, x, accumulator); break;
    case LATENT_REDUCE_MAX: latent_accumulate_max_f32(n, x, accumulator); break;
    case LATENT_REDUCE_MIN: latent_accumulate_min_f32(n, x, accumulator); break;
  }
}

void latent_accumulate_i32(latent_reduce_kind kind, size_t n, const int32_t *x, int32_t *accumulator) {
  switch (kind) {
    case LATENT_REDUCE_SUM: latent_accumulate_sum_u32(n, (const uint32_t *)x, (uint32_t *)accumulator); break;
    case LATENT_REDUCE_MAX: latent_accumulate_max_i32(n, x, accumulator); break;
    case LATENT_REDUCE_MIN: latent_accumulate_min_i32(n, x, accumulator); break;
  }
}

// The extreme value first, then its place: two fast passes instead of one slow one.

/// The first lane that matches: 64 lanes at a time, then one by one where a match is known to be.
#define LATENT_FIND(name, T, matches)                                            \
  LATENT_CLONES static size_t latent_find_##name(size_t n, const T *x, T value) { \
    (void)value;                                                                 \
    size_t i = 0;                                                                \
    for (; i + 64 <= n; i += 64) {                                               \
      uint32_t found = 0;                                                        \
      _Pragma("clang loop vectorize(assume_safety)")                             \
      for (size_t j = i; j < i + 64; j++) found |= (uint32_t)(matches);          \
      if (found) break;                                                          \
    }                                                                            \
    for (size_t j = i; j < n; j++) {                                             \
      if (matches) return j;                                                     \
    }                                                                            \
    return 0;                                                                    \
  }

LATENT_FIND(f32, float, x[j] == value)
LATENT_FIND(nan, float, x[j] != x[j])
LATENT_FIND(i32, int32_t, x[j] == value)

size_t latent_argmax_f32(size_t n, const float *x, int is_min) {
  float value = latent_reduce_f32(is_min ? LATENT_REDUCE_MIN : LATENT_REDUCE_MAX, n, x);
  return value == value ? latent_find_f32(n, x, value) : latent_find_nan(n, x, value);
}

size_t latent_argmax_i32(size_t n, const int32_t *x, int is_min) {
  return latent_find_i32(n, x, latent_reduce_i32(is_min ? LATENT_REDUCE_MIN : LATENT_REDUCE_MAX, n, x));
}
