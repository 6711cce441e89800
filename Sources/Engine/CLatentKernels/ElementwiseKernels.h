#ifndef LATENT_ELEMENTWISE_KERNELS_H
#define LATENT_ELEMENTWISE_KERNELS_H

// How the element-wise kernels are made: from one expression in x (and y, z) per operation, one function per form of
// operands. Private to Elementwise*.c.

#include "VectorMath.h"
#include "latent_elementwise.h"

/// The kernels of one family of operations; null for operations of another family.
latent_kernel latent_unary_kernel(latent_opcode op, unsigned scalar_mask);
latent_kernel latent_binary_kernel(latent_opcode op, unsigned scalar_mask);
latent_kernel latent_ternary_kernel(latent_opcode op, unsigned scalar_mask);

/// The result may be an operand, lane for lane, which is the only overlap the vectoriser need not fear.
#define LATENT_LANE_LOOP _Pragma("clang loop vectorize(assume_safety)")

/// For expressions that call a function of the C library. (A loop above that clang cannot vectorise is an error.)
#define LATENT_CALLING_LOOP

/// For costly functions: the widest vector, once. More at a time would only spill registers.
#define LATENT_CHUNK 16
#define LATENT_CHUNK_LOOP _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")

/// The form with only scalars: one lane is computed and copied.
#define LATENT_SCALAR_FORM(op, vector_form)                                                              \
  static void latent_##op##_scalar(size_t n, const void *a, const void *b, const void *c, void *result) { \
    if (n == 0) return;                                                                                  \
    vector_form(1, a, b, c, result);                                                                     \
    latent_fill32(n, result, result);                                                                    \
  }

/// One form of an operation: X, Y and Z say how the operand at hand is read in lane i.
#define LATENT_FORM(op, form, LOOP, A, B, C, R, X, Y, Z, expression)                                             \
  LATENT_CLONES static void latent_##op##_##form(                                                          \
      size_t n, const void *a_lanes, const void *b_lanes, const void *c_lanes, void *result_lanes) {        \
    const A *a = a_lanes;                                                                                  \
    const B *b = b_lanes;                                                                                  \
    const C *c = c_lanes;                                                                                  \
    R *result = result_lanes;                                                                              \
    (void)a, (void)b, (void)c;                                                                             \
    if (n == 0) return;                                                                                    \
    LATENT_HOIST_##X(A, a) LATENT_HOIST_##Y(B, b) LATENT_HOIST_##Z(C, c)                                   \
    LOOP                                                                                                   \
    for (size_t i = 0; i < n; i++) {                                                                       \
      LATENT_READ_##X(A, x, a) LATENT_READ_##Y(B, y, b) LATENT_READ_##Z(C, z, c)                           \
      result[i] = (expression);                                                                            \
    }                                                                                                      \
  }

#define LATENT_HOIST_V(T, operand)
#define LATENT_HOIST_S(T, operand) const T operand##_lane = *operand;
#define LATENT_HOIST_N(T, operand)
#define LATENT_READ_V(T, name, operand) const T name = operand[i];
#define LATENT_READ_S(T, name, operand) const T name = operand##_lane;
#define LATENT_READ_N(T, name, operand)

#endif
