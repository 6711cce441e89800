import LatentTensorGraph

/// A program as StableHLO text, which any PJRT plug-in compiles.
///
/// The function `@main` takes the program's inputs, then the random state (four int32 words) if the program is random, then
/// its variables; it returns the outputs, then the new values of the assigned variables. The argument of an assigned
/// variable says `tf.aliasing_output`, so that its memory is donated to the new value.
///
/// Where StableHLO leaves a result open (division of int32 by zero, conversion of numbers that int32 does not hold), the text
/// spells out what `GraphOperation` promises. Random numbers are spelled out as well, so that every plug-in draws the
/// same bits. The error function, which StableHLO lacks, is spelled out rather than left to another dialect.
///
/// XLA may keep more precision between operations of bfloat16 than the type has, unless it is compiled with
/// `xla_allow_excess_precision` off.
public struct StableHLOModule: Sendable {
  /// The module as text, such as any StableHLO compiler reads.
  public let text: String
  /// What `@main` takes, in order.
  package let arguments: [Argument]
  /// What `@main` returns, in order.
  package let results: [Result]

  /// Writes a program down.
  ///
  /// - Parameters:
  ///   - precision: how exactly matrix products and convolutions of float32 are computed where the device offers a faster way.
  ///   - constants: the values, row-major and little-endian, of variables that are written into the text and are no arguments.
  public init(
    _ program: Program, precision: MatrixPrecision = .highest, constants: [Variable: [UInt8]] = [:]
  ) {
    results =
      program.outputs.enumerated().map { Result(destination: .output($0), shape: $1.shape, type: $1.type) }
      + program.assignments.map {
        Result(destination: .variable($0.variable), shape: $0.variable.shape, type: $0.variable.type)
      }
    var arguments = program.inputs.enumerated().map {
      Argument(source: .input($0), shape: $1.shape, type: $1.type, aliasedResult: nil)
    }
    if program.isRandom {
      arguments.append(Argument(source: .randomState, shape: [4], type: .int32, aliasedResult: nil))
    }
    for variable in program.variables where constants[variable] == nil {
      let assigned = program.assignments.firstIndex { $0.variable == variable }
      arguments.append(
        Argument(
          source: .variable(variable), shape: variable.shape, type: variable.type,
          aliasedResult: assigned.map { program.outputs.count + $0 }))
    }
    self.arguments = arguments
    var emitter = Emitter(precision: precision, constants: constants)
    text = emitter.module(program, arguments)
  }
}

/// How exactly a device multiplies float32 matrices; bfloat16 and float64 are not concerned.
public enum MatrixPrecision: String, Hashable, Sendable, CaseIterable {
  /// As the device does it fastest: TensorFloat-32 on recent NVIDIA devices, one pass of bfloat16 on TPUs.
  case fastest = "DEFAULT"
  /// Between the two: three passes of bfloat16 on TPUs.
  case high = "HIGH"
  /// As exactly as float32 can: six passes of bfloat16 on TPUs.
  case highest = "HIGHEST"
}
