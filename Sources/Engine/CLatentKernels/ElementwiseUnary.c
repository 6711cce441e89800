#include "ElementwiseKernels.h"

/// Towards zero, saturating; NaN becomes 0.
LATENT_INLINE int32_t latent_truncate(float x) {
  return x >= 0x1p31f ? INT32_MAX : x < -0x1p31f ? INT32_MIN : x == x ? (int32_t)x : 0;
}

LATENT_INLINE float latent_sign(float x) {
  float unit = latent_with_sign_of(1.0f, x);
  return ((x < 0.0f) | (x > 0.0f)) ? unit : x;
}

// clang-format off

/// Cheap functions: X(operation, operand, result, expression in x).
#define LATENT_CHEAP_UNARY(X)                                       \
  X(COPY, int32_t, int32_t, x)                                      \
  X(NEGATE, float, float, -x)                                       \
  X(ABS, float, float, latent_abs(x))                               \
  X(SIGN, float, float, latent_sign(x))                             \
  X(FLOOR, float, float, __builtin_elementwise_floor(x))            \
  X(CEIL, float, float, __builtin_elementwise_ceil(x))              \
  X(ROUND, float, float, __builtin_elementwise_rint(x))             \
  X(SQRT, float, float, __builtin_elementwise_sqrt(x))              \
  X(RSQRT, float, float, 1.0f / __builtin_elementwise_sqrt(x))      \
  X(IS_FINITE, float, int32_t, latent_abs(x) < INFINITY)            \
  X(NEGATE_I32, uint32_t, uint32_t, 0u - x)                         \
  X(ABS_I32, int32_t, uint32_t, x < 0 ? 0u - (uint32_t)x : (uint32_t)x) \
  X(SIGN_I32, int32_t, int32_t, (x > 0) - (x < 0))                  \
  X(NOT_I32, int32_t, int32_t, ~x)                                  \
  X(NOT_MASK, int32_t, int32_t, 1 - x)                              \
  X(F32_TO_I32, float, int32_t, latent_truncate(x))                 \
  X(I32_TO_F32, int32_t, float, (float)x)                           \
  X(F32_TO_MASK, float, int32_t, x != 0.0f)                         \
  X(I32_TO_MASK, int32_t, int32_t, x != 0)                          \
  X(ROUND_TO_BF16, float, int32_t, latent_round_to_bf16_bits(x))

/// Costly functions, float to float.
#define LATENT_COSTLY_UNARY(X)     \
  X(EXP, latent_exp)               \
  X(EXPM1, latent_expm1)           \
  X(LOG, latent_log)               \
  X(LOG1P, latent_log1p)           \
  X(TANH, latent_tanh)             \
  X(LOGISTIC, latent_logistic)     \
  X(SOFTPLUS, latent_softplus)     \
  X(ERF, latent_erf)               \
  X(SINE, latent_sine)             \
  X(COSINE, latent_cosine)

// clang-format on

#define LATENT_DEFINE(op, A, R, expression)                                        \
  LATENT_FORM(op, vector, LATENT_LANE_LOOP, A, char, char, R, V, N, N, expression) \
  LATENT_SCALAR_FORM(op, latent_##op##_vector)

LATENT_CHEAP_UNARY(LATENT_DEFINE)

/// Full chunks only: where n is no multiple of one, the last chunk overlaps the one before it, and is computed first
/// because the result may be the operand.
#define LATENT_DEFINE_COSTLY(op, function)                                                                  \
  LATENT_CLONES static void latent_##op##_vector(                                                           \
      size_t n, const void *a_lanes, const void *b, const void *c, void *result_lanes) {                    \
    (void)b, (void)c;                                                                                       \
    const float *a = a_lanes;                                                                               \
    float *result = result_lanes;                                                                           \
    size_t whole = n / LATENT_CHUNK * LATENT_CHUNK;                                                         \
    size_t last = n < LATENT_CHUNK ? n : LATENT_CHUNK;                                                      \
    float chunk[LATENT_CHUNK] = {0};                                                                        \
    if (whole < n) {                                                                                        \
      if (last < LATENT_CHUNK) {                                                                            \
        for (size_t i = 0; i < last; i++) chunk[i] = a[i];                                                  \
      } else {                                                                                              \
        memcpy(chunk, a + n - LATENT_CHUNK, sizeof chunk);                                                  \
      }                                                                                                     \
      LATENT_CHUNK_LOOP                                                                                     \
      for (size_t i = 0; i < LATENT_CHUNK; i++) chunk[i] = function(chunk[i]);                              \
    }                                                                                                       \
    LATENT_CHUNK_LOOP                                                                                       \
    for (size_t i = 0; i < whole; i++) result[i] = function(a[i]);                                          \
    if (whole == n) return;                                                                                 \
    if (last < LATENT_CHUNK) {                                                                              \
      memcpy(result, chunk, last * sizeof(float));                                                          \
    } else {                                                                                                \
      memcpy(result + n - LATENT_CHUNK, chunk, sizeof chunk);                                               \
    }                                                                                                       \
  }                                                                                                         \
  LATENT_SCALAR_FORM(op, latent_##op##_vector)

LATENT_COSTLY_UNARY(LATENT_DEFINE_COSTLY)

#define LATENT_CASE(op, ...) \
  case LATENT_OP_##op:       \
    return (scalar_mask & 1) ? latent_##op##_scalar : latent_##op##_vector;

latent_kernel latent_unary_kernel(latent_opcode op, unsigned scalar_mask) {
  switch (op) {
    LATENT_CHEAP_UNARY(LATENT_CASE)
    LATENT_COSTLY_UNARY(LATENT_CASE)
    default: return NULL;
  }
}
