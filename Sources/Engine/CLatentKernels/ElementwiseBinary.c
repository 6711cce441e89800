#include "ElementwiseKernels.h"

/// Quotients of int32 are exact in double precision before they are truncated: a quotient that is no integer is at
/// least 2^-32 from one, relative to its size more than a double's rounding.
LATENT_INLINE int32_t latent_divide_i32(int32_t x, int32_t y) {
  int32_t divisor = y == 0 ? 1 : y;
  double quotient = (double)x / (double)divisor;
  int32_t truncated = quotient >= 0x1p31 ? INT32_MIN : (int32_t)quotient;
  return y == 0 ? -1 : truncated;
}

LATENT_INLINE int32_t latent_remainder_i32(int32_t x, int32_t y) {
  uint32_t quotient = (uint32_t)latent_divide_i32(x, y);
  return y == 0 ? x : (int32_t)((uint32_t)x - quotient * (uint32_t)y);
}

// clang-format off

/// X(operation, operands, result, expression in x and y).
#define LATENT_BINARY(X)                                          \
  X(ADD, float, float, x + y)                                     \
  X(SUBTRACT, float, float, x - y)                                \
  X(MULTIPLY, float, float, x * y)                                \
  X(DIVIDE, float, float, x / y)                                  \
  X(MAXIMUM, float, float, __builtin_elementwise_maximum(x, y))   \
  X(MINIMUM, float, float, __builtin_elementwise_minimum(x, y))   \
  X(ADD_I32, uint32_t, uint32_t, x + y)                           \
  X(SUBTRACT_I32, uint32_t, uint32_t, x - y)                      \
  X(MULTIPLY_I32, uint32_t, uint32_t, x * y)                      \
  X(DIVIDE_I32, int32_t, int32_t, latent_divide_i32(x, y))        \
  X(REMAINDER_I32, int32_t, int32_t, latent_remainder_i32(x, y))  \
  X(MAXIMUM_I32, int32_t, int32_t, x > y ? x : y)                 \
  X(MINIMUM_I32, int32_t, int32_t, x < y ? x : y)                 \
  X(AND, int32_t, int32_t, x & y)                                 \
  X(OR, int32_t, int32_t, x | y)                                  \
  X(XOR, int32_t, int32_t, x ^ y)                                 \
  X(EQ_F32, float, int32_t, x == y)                               \
  X(NE_F32, float, int32_t, x != y)                               \
  X(LT_F32, float, int32_t, x < y)                                \
  X(LE_F32, float, int32_t, x <= y)                               \
  X(GT_F32, float, int32_t, x > y)                                \
  X(GE_F32, float, int32_t, x >= y)                               \
  X(EQ_I32, int32_t, int32_t, x == y)                             \
  X(NE_I32, int32_t, int32_t, x != y)                             \
  X(LT_I32, int32_t, int32_t, x < y)                              \
  X(LE_I32, int32_t, int32_t, x <= y)                             \
  X(GT_I32, int32_t, int32_t, x > y)                              \
  X(GE_I32, int32_t, int32_t, x >= y)

#define LATENT_COSTLY_BINARY(X)                     \
  X(POWER, float, float, latent_power(x, y))        \
  X(ARCTANGENT2, float, float, latent_arctangent2(x, y))

/// The same, for what only the C library has.
#define LATENT_CALLING_BINARY(X) X(REMAINDER, float, float, fmodf(x, y))

// clang-format on

#define LATENT_DEFINE_FORMS(op, LOOP, T, R, expression)             \
  LATENT_FORM(op, vv, LOOP, T, T, char, R, V, V, N, expression)     \
  LATENT_FORM(op, sv, LOOP, T, T, char, R, S, V, N, expression)     \
  LATENT_FORM(op, vs, LOOP, T, T, char, R, V, S, N, expression)     \
  LATENT_SCALAR_FORM(op, latent_##op##_vv)

#define LATENT_DEFINE(op, ...) LATENT_DEFINE_FORMS(op, LATENT_LANE_LOOP, __VA_ARGS__)
#define LATENT_DEFINE_COSTLY(op, ...) LATENT_DEFINE_FORMS(op, LATENT_CHUNK_LOOP, __VA_ARGS__)
#define LATENT_DEFINE_CALLING(op, ...) LATENT_DEFINE_FORMS(op, LATENT_CALLING_LOOP, __VA_ARGS__)

LATENT_BINARY(LATENT_DEFINE)
LATENT_COSTLY_BINARY(LATENT_DEFINE_COSTLY)
LATENT_CALLING_BINARY(LATENT_DEFINE_CALLING)

#define LATENT_CASE(op, ...)                                                                                \
  case LATENT_OP_##op: {                                                                                    \
    static const latent_kernel forms[] = {latent_##op##_vv, latent_##op##_sv, latent_##op##_vs, latent_##op##_scalar}; \
    return forms[scalar_mask & 3];                                                                          \
  }

latent_kernel latent_binary_kernel(latent_opcode op, unsigned scalar_mask) {
  switch (op) {
    LATENT_BINARY(LATENT_CASE)
    LATENT_COSTLY_BINARY(LATENT_CASE)
    LATENT_CALLING_BINARY(LATENT_CASE)
    default: return NULL;
  }
}
