#include "ElementwiseKernels.h"

/// X(operation, first operand, other operands, result, expression in x, y and z).
#define LATENT_TERNARY(X)                           \
  X(SELECT, int32_t, int32_t, int32_t, x ? y : z)   \
  X(MULTIPLY_ADD, float, float, float, x * y + z)   \
  X(SUBTRACT_PRODUCT, float, float, float, z - x * y) \
  X(QUOTIENT_BY_ROOT, float, float, float, x / (__builtin_elementwise_sqrt(y) + z))

#define LATENT_DEFINE(op, A, T, R, expression)                 \
  LATENT_FORM(op, vvv, LATENT_LANE_LOOP, A, T, T, R, V, V, V, expression)        \
  LATENT_FORM(op, svv, LATENT_LANE_LOOP, A, T, T, R, S, V, V, expression)        \
  LATENT_FORM(op, vsv, LATENT_LANE_LOOP, A, T, T, R, V, S, V, expression)        \
  LATENT_FORM(op, ssv, LATENT_LANE_LOOP, A, T, T, R, S, S, V, expression)        \
  LATENT_FORM(op, vvs, LATENT_LANE_LOOP, A, T, T, R, V, V, S, expression)        \
  LATENT_FORM(op, svs, LATENT_LANE_LOOP, A, T, T, R, S, V, S, expression)        \
  LATENT_FORM(op, vss, LATENT_LANE_LOOP, A, T, T, R, V, S, S, expression)        \
  LATENT_SCALAR_FORM(op, latent_##op##_vvv)

LATENT_TERNARY(LATENT_DEFINE)

#define LATENT_CASE(op, ...)                                                       \
  case LATENT_OP_##op: {                                                           \
    static const latent_kernel forms[] = {                                         \
        latent_##op##_vvv, latent_##op##_svv, latent_##op##_vsv, latent_##op##_ssv, \
        latent_##op##_vvs, latent_##op##_svs, latent_##op##_vss, latent_##op##_scalar}; \
    return forms[scalar_mask & 7];                                                 \
  }

latent_kernel latent_ternary_kernel(latent_opcode op, unsigned scalar_mask) {
  switch (op) {
    LATENT_TERNARY(LATENT_CASE)
    default: return NULL;
  }
}
