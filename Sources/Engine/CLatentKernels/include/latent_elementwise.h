#ifndef LATENT_ELEMENTWISE_H
#define LATENT_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

/// What one element-wise kernel computes. A lane has 32 bits: a float, an int32, or a mask (an int32 that is 0 or 1).
typedef enum {
  // One operand, any lane.
  LATENT_OP_COPY = 0,

  // One float.
  LATENT_OP_NEGATE,
  LATENT_OP_ABS,
  LATENT_OP_SIGN,  // keeps zeros and NaN
  LATENT_OP_FLOOR,
  LATENT_OP_CEIL,
  LATENT_OP_ROUND,  // to the nearest, ties to even
  LATENT_OP_SQRT,
  LATENT_OP_RSQRT,
  LATENT_OP_EXP,
  LATENT_OP_EXPM1,
  LATENT_OP_LOG,
  LATENT_OP_LOG1P,
  LATENT_OP_TANH,
  LATENT_OP_LOGISTIC,
  LATENT_OP_SOFTPLUS,  // log(1 + e^x)
  LATENT_OP_ERF,
  LATENT_OP_SINE,
  LATENT_OP_COSINE,
  LATENT_OP_IS_FINITE,  // float to mask

  // One int32 or mask.
  LATENT_OP_NEGATE_I32,
  LATENT_OP_ABS_I32,
  LATENT_OP_SIGN_I32,
  LATENT_OP_NOT_I32,   // every bit
  LATENT_OP_NOT_MASK,  // 1 - x

  // Conversions. A mask is already an int32 (COPY) and becomes a float by I32_TO_F32.
  LATENT_OP_F32_TO_I32,  // towards zero, saturating, NaN to 0
  LATENT_OP_I32_TO_F32,
  LATENT_OP_F32_TO_MASK,     // is not zero (NaN is not zero)
  LATENT_OP_I32_TO_MASK,     // is not zero
  LATENT_OP_ROUND_TO_BF16,  // a float rounded to the nearest bfloat16 value, ties to even

  // Two floats.
  LATENT_OP_ADD,
  LATENT_OP_SUBTRACT,
  LATENT_OP_MULTIPLY,
  LATENT_OP_DIVIDE,
  LATENT_OP_POWER,      // special values as C's pow
  LATENT_OP_ARCTANGENT2,  // special values as C's atan2
  LATENT_OP_MAXIMUM,    // NaN if either is NaN; +0 is above -0
  LATENT_OP_MINIMUM,    // NaN if either is NaN; -0 is below +0
  LATENT_OP_REMAINDER,  // C's fmod

  // Two int32; sums and products wrap around.
  LATENT_OP_ADD_I32,
  LATENT_OP_SUBTRACT_I32,
  LATENT_OP_MULTIPLY_I32,
  LATENT_OP_DIVIDE_I32,     // towards zero; x / 0 is -1, INT32_MIN / -1 is INT32_MIN
  LATENT_OP_REMAINDER_I32,  // x % 0 is x, INT32_MIN % -1 is 0
  LATENT_OP_MAXIMUM_I32,
  LATENT_OP_MINIMUM_I32,
  LATENT_OP_AND,  // bitwise, right for masks too
  LATENT_OP_OR,
  LATENT_OP_XOR,

  // Comparisons: to a mask. With NaN only NE holds.
  LATENT_OP_EQ_F32,
  LATENT_OP_NE_F32,
  LATENT_OP_LT_F32,
  LATENT_OP_LE_F32,
  LATENT_OP_GT_F32,
  LATENT_OP_GE_F32,
  LATENT_OP_EQ_I32,
  LATENT_OP_NE_I32,
  LATENT_OP_LT_I32,
  LATENT_OP_LE_I32,
  LATENT_OP_GT_I32,
  LATENT_OP_GE_I32,

  // Three operands.
  LATENT_OP_SELECT,        // mask a ? b : c, any lane; a lane of a that is not zero holds
  LATENT_OP_MULTIPLY_ADD,      // a * b + c, fused where the processor can
  LATENT_OP_SUBTRACT_PRODUCT,  // c - a * b, fused where the processor can
  LATENT_OP_QUOTIENT_BY_ROOT,  // a / (sqrt(b) + c)

  LATENT_OP_COUNT  // how many there are, not an operation
} latent_opcode;

/// Computes n lanes. Operands the operation does not have are ignored and may be null.
///
/// A vector operand holds n lanes, a scalar operand one. The result may be the very same pointer as an operand; any
/// other overlap is not allowed. Lane i of the result depends only on lane i of the operands: not on n, not on i.
typedef void (*latent_kernel)(size_t n, const void *a, const void *b, const void *c, void *result);

/// The kernel of an operation, for this processor. Bit i of scalar_mask says that operand i is a scalar; all of them
/// may be. Bits past the operand count are ignored. Null if op is not an operation.
latent_kernel latent_kernel_for(latent_opcode op, unsigned scalar_mask);

/// 1, 2 or 3; 0 if op is not an operation.
int latent_opcode_operand_count(latent_opcode op);

/// Memory that does not hold 32-bit lanes. source and destination do not overlap.
void latent_load_u8(size_t n, const uint8_t *source, int32_t *mask);   // not zero to 1
void latent_store_u8(size_t n, const int32_t *mask, uint8_t *destination);  // not zero to 1
void latent_load_bf16(size_t n, const uint16_t *source, float *result);
void latent_store_bf16(size_t n, const float *x, uint16_t *destination);  // nearest, ties to even; NaN stays NaN

/// Gathers or scatters 32-bit lanes at a fixed stride (any sign, 0 too for a load); no overlap.
void latent_load_strided32(size_t n, const void *source, ptrdiff_t stride_in_lanes, void *destination);
void latent_store_strided32(size_t n, const void *source, ptrdiff_t stride_in_lanes, void *destination);

/// Writes one lane n times. lane may be any lane of destination.
void latent_fill32(size_t n, const void *lane, void *destination);

#endif
