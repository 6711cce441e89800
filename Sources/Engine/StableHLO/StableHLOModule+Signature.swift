import LatentTensorGraph

extension StableHLOModule {
  /// One argument of `@main`: what a caller has to hand over, in this order.
  package struct Argument: Hashable, Sendable {
    /// Where its value comes from.
    package let source: Source
    /// The sizes of its dimensions.
    package let shape: Shape
    /// The type of its elements.
    package let type: ElementType
    /// The result that takes over its memory; after a run the argument must not be read again.
    package let aliasedResult: Int?
  }

  /// Where an argument's value comes from.
  package enum Source: Hashable, Sendable {
    /// The input of this index in the program's list.
    case input(Int)
    /// The run's random state: seed and step, low word first.
    case randomState
    /// The variable's value before the run.
    case variable(Variable)
  }

  /// One result of `@main`: what a caller gets back, in this order.
  package struct Result: Hashable, Sendable {
    /// Whether its value is an output of the program or the new value of a variable.
    package let destination: Destination
    /// The sizes of its dimensions.
    package let shape: Shape
    /// The type of its elements.
    package let type: ElementType
  }

  /// Where a result's value goes.
  package enum Destination: Hashable, Sendable {
    /// The output of this index in the program's list.
    case output(Int)
    /// The variable's value after the run.
    case variable(Variable)
  }
}
