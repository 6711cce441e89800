import CLatentKernels
import LatentDiagnostics
import LatentTensorGraph

/// The kernel operation of an element-wise node, from the element types of its operand and result.
func opcode(of node: Node, operandType: ElementType) -> latent_opcode {
  let isFloat = operandType.isFloatingPoint
  switch node.operation {
  case .unary(let operation): return opcode(of: operation, operandType)
  case .binary(let operation): return opcode(of: operation, isFloat)
  case .compare(let comparison): return opcode(of: comparison, isFloat)
  case .select: return LATENT_OP_SELECT
  case .convert: return conversion(from: operandType, to: node.type)
  case .input, .variable, .constant, .iota, .random, .reduce, .argumentReduce, .cumulativeSum, .argumentSort, .dot,
    .convolution, .gather, .scatterAdd, .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .reverse,
    .stopGradient, .gradientRule, .barrier, .scan, .attention, .attentionGradient, .result, .parameter:
    stop("\(node.operation) is not element-wise")
  }
}

private func opcode(of operation: UnaryOperation, _ type: ElementType) -> latent_opcode {
  switch operation {
  case .negate: type == .int32 ? LATENT_OP_NEGATE_I32 : LATENT_OP_NEGATE
  case .abs: type == .int32 ? LATENT_OP_ABS_I32 : LATENT_OP_ABS
  case .sign: type == .int32 ? LATENT_OP_SIGN_I32 : LATENT_OP_SIGN
  case .floor: LATENT_OP_FLOOR
  case .ceil: LATENT_OP_CEIL
  case .roundNearestEven: LATENT_OP_ROUND
  case .squareRoot: LATENT_OP_SQRT
  case .reciprocalSquareRoot: LATENT_OP_RSQRT
  case .exponential: LATENT_OP_EXP
  case .exponentialMinusOne: LATENT_OP_EXPM1
  case .logarithm: LATENT_OP_LOG
  case .logarithmPlusOne: LATENT_OP_LOG1P
  case .tanh: LATENT_OP_TANH
  case .logistic: LATENT_OP_LOGISTIC
  case .softplus: LATENT_OP_SOFTPLUS
  case .erf: LATENT_OP_ERF
  case .sine: LATENT_OP_SINE
  case .cosine: LATENT_OP_COSINE
  case .isFinite: LATENT_OP_IS_FINITE
  case .not: type == .bool ? LATENT_OP_NOT_MASK : LATENT_OP_NOT_I32
  }
}

private func opcode(of operation: BinaryOperation, _ isFloat: Bool) -> latent_opcode {
  switch operation {
  case .add: isFloat ? LATENT_OP_ADD : LATENT_OP_ADD_I32
  case .subtract: isFloat ? LATENT_OP_SUBTRACT : LATENT_OP_SUBTRACT_I32
  case .multiply: isFloat ? LATENT_OP_MULTIPLY : LATENT_OP_MULTIPLY_I32
  case .divide: isFloat ? LATENT_OP_DIVIDE : LATENT_OP_DIVIDE_I32
  case .remainder: isFloat ? LATENT_OP_REMAINDER : LATENT_OP_REMAINDER_I32
  case .power: LATENT_OP_POWER
  case .arctangent2: LATENT_OP_ARCTANGENT2
  case .maximum: isFloat ? LATENT_OP_MAXIMUM : LATENT_OP_MAXIMUM_I32
  case .minimum: isFloat ? LATENT_OP_MINIMUM : LATENT_OP_MINIMUM_I32
  case .and: LATENT_OP_AND
  case .or: LATENT_OP_OR
  case .xor: LATENT_OP_XOR
  }
}

private func opcode(of comparison: Comparison, _ isFloat: Bool) -> latent_opcode {
  switch comparison {
  case .equal: isFloat ? LATENT_OP_EQ_F32 : LATENT_OP_EQ_I32
  case .notEqual: isFloat ? LATENT_OP_NE_F32 : LATENT_OP_NE_I32
  case .less: isFloat ? LATENT_OP_LT_F32 : LATENT_OP_LT_I32
  case .lessOrEqual: isFloat ? LATENT_OP_LE_F32 : LATENT_OP_LE_I32
  case .greater: isFloat ? LATENT_OP_GT_F32 : LATENT_OP_GT_I32
  case .greaterOrEqual: isFloat ? LATENT_OP_GE_F32 : LATENT_OP_GE_I32
  }
}

/// A bfloat16 value is a rounded float in its register, so only narrowing to it computes anything.
func conversion(from source: ElementType, to target: ElementType) -> latent_opcode {
  switch (source.isFloatingPoint, target) {
  case (true, .float32), (true, .float64): LATENT_OP_COPY
  case (true, .bfloat16): LATENT_OP_ROUND_TO_BF16
  case (true, .int32): LATENT_OP_F32_TO_I32
  case (true, .bool): LATENT_OP_F32_TO_MASK
  case (false, .float32), (false, .float64), (false, .bfloat16): LATENT_OP_I32_TO_F32
  case (false, .int32): LATENT_OP_COPY
  case (false, .bool): LATENT_OP_I32_TO_MASK
  }
}

extension ElementType {
  /// The type of sums on their way: bfloat16 is summed in float32.
  var lane: ElementType { self == .bfloat16 ? .float32 : self }

  /// How elements of the type lie in the CPU's memory.
  var storage: latent_storage {
    switch self {
    case .float32, .int32, .float64: LATENT_STORAGE_LANE32
    case .bfloat16: LATENT_STORAGE_BF16
    case .bool: LATENT_STORAGE_U8
    }
  }
}

extension Reduction {
  var library: latent_reduce_kind {
    switch self {
    case .sum: LATENT_REDUCE_SUM
    case .maximum: LATENT_REDUCE_MAX
    case .minimum: LATENT_REDUCE_MIN
    }
  }
}
