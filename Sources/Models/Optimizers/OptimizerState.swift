import LatentDifferentiation
import Foundation
import LatentTensorGraph

/// An optimiser's state for certain parameters, and its computation.
public struct OptimizerState {
  /// The update rule with its settings.
  public let optimizer: Optimizer
  /// The parameters that have state here: the trainable ones of the variables that it was made for.
  public let parameters: [Variable]
  /// The running average of each parameter, and of each running statistic beside them, if the optimiser keeps averages.
  /// They begin as copies.
  public let averages: [Variable: Variable]

  /// The counters of steps, from which Adam corrects its bias: one for each group of parameters, the usual one first.
  private let counters: [Variable]
  /// The counter of variables that have not the usual one.
  private let ownCounters: [Variable: Variable]
  private let slots: [Variable: [Variable]]
  /// The variables that have averages, in order.
  private let averaged: [Variable]

  /// Declares the state for the trainable ones among the variables.
  ///
  /// - Parameters:
  ///   - optimizer: the settings.
  ///   - variables: parameters, and the running statistics that belong to them.
  ///   - groups: variables that at times take steps without the others, by a name for each group; they have counters of
  ///     their own.
  ///   - name: begins the names of all that is declared, so that checkpoints tell it from the model's; the states of two
  ///     optimisers in one store need two names.
  public init(
    _ optimizer: Optimizer, over variables: [Variable], groups: [String: [Variable]] = [:], name: String = "optimizer"
  ) {
    self.optimizer = optimizer
    parameters = variables.filter(\.isTrainable)
    let ownNames = groups.keys.sorted()
    let usual = Variable(name + "/step", shape: .scalar, type: .int32, isTrainable: false)
    let own = ownNames.map { group in
      Variable(
        "\(name)/\(group)/step", shape: .scalar, type: .int32, initializer: .copy(usual), isTrainable: false)
    }
    counters = [usual] + own
    ownCounters = Dictionary(
      zip(ownNames, own).flatMap { group, counter in (groups[group] ?? []).map { ($0, counter) } },
      uniquingKeysWith: { first, _ in first })
    func declare(_ variable: Variable, _ slot: String, _ initializer: Initializer) -> Variable {
      Variable(
        "\(name)/\(variable.name)/\(slot)", shape: variable.shape, initializer: initializer, isTrainable: false)
    }
    slots = Dictionary(
      uniqueKeysWithValues: parameters.map { parameter in
        let names = optimizer.rule.slots(for: parameter, momentum: optimizer.momentum)
        return (parameter, names.map { declare(parameter, $0, .zeros) })
      })
    averaged = optimizer.averageDecay > 0 ? variables.filter { $0.type == .float32 } : []
    averages = Dictionary(uniqueKeysWithValues: averaged.map { ($0, declare($0, "average", .copy($0))) })
  }

  /// Everything that a checkpoint must hold besides the model.
  public var variables: [Variable] {
    let statistics = averaged.filter { !$0.isTrainable }
    return counters + parameters.flatMap { (slots[$0] ?? []) + (averages[$0].map { [$0] } ?? []) }
      + statistics.compactMap { averages[$0] }
  }

  /// Adds the gradients of a loss and the updates of parameters and state to the loss's graph.
  ///
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - learningRate: a scalar, usually an input, so that a schedule can change it.
  /// - Returns: the norm of the gradients, all parameters together, before clipping.
  @discardableResult
  public func minimize(_ loss: Tensor, learningRate: Tensor) -> Tensor {
    minimize([(loss, parameters)], learningRate: learningRate)
  }

  /// The same for several losses, each over parameters of its own; parameters in none of them stay as they are.
  @discardableResult
  public func minimize(_ losses: [(loss: Tensor, variables: [Variable])], learningRate: Tensor) -> Tensor {
    let graph = learningRate.graph
    var values: [Tensor] = []
    var gradients: [Tensor] = []
    var parameters: [Variable] = []
    for (loss, variables) in losses {
      let own = variables.filter(\.isTrainable)
      let reads = own.map(graph.read)
      parameters += own
      values += reads
      gradients += gradient(of: loss, withRespectTo: reads)
    }
    return graph.scope("optimizer") {
      let norm = gradients.map { $0.squared().sum() }.reduce(graph.constant(0), +).squareRoot()
      let times = count(stepsOf: parameters, in: graph)
      let limit = optimizer.clipNorm
      let scale = limit > 0 ? (limit / norm.maximum(1e-30)).minimum(1) : nil
      for ((parameter, value), gradient) in zip(zip(parameters, values), gradients) {
        let old = (slots[parameter] ?? []).map(graph.read)
        guard let time = times[counter(of: parameter)] else { continue }
        let (new, state) = updated(
          parameter, value, scale.map { gradient * $0 } ?? gradient, old, learningRate, time)
        graph.update(parameter, to: new)
        for (slot, value) in zip(slots[parameter] ?? [], state) { graph.update(slot, to: value) }
        average(parameter, new, time)
      }
      // Running statistics were given their new values by the layers.
      for (variable, new) in graph.updates where !variable.isTrainable {
        if let time = times[counter(of: variable)] { average(variable, new, time) }
      }
      return norm
    }
  }

  private func counter(of parameter: Variable) -> Variable { ownCounters[parameter] ?? counters[0] }

  /// Counts the step of those groups that have parameters in it, and gives the counts as numbers.
  private func count(stepsOf parameters: [Variable], in graph: Graph) -> [Variable: Tensor] {
    let stepping = Set(parameters.map(counter))
    return Dictionary(
      uniqueKeysWithValues: counters.filter(stepping.contains).map { counter in
        let count = graph.read(counter) + 1
        graph.update(counter, to: count)
        return (counter, count.converted(to: .float32))
      })
  }

  /// Moves the average of a variable towards its new value, by a form in which equal values stay equal.
  private func average(_ variable: Variable, _ new: Tensor, _ time: Tensor) {
    guard let average = averages[variable] else { return }
    let decay = ((time + 1) / (time + 10)).minimum(optimizer.averageDecay)
    let old = new.graph.read(average)
    new.graph.update(average, to: old + (new - old) * (1 - decay))
  }

  /// A parameter's new value and state, by the published update.
  private func updated(
    _ parameter: Variable, _ value: Tensor, _ gradient: Tensor, _ state: [Tensor], _ rate: Tensor, _ time: Tensor
  ) -> (Tensor, [Tensor]) {
    let o = optimizer
    func blend(_ old: Tensor, _ new: Tensor, _ decay: Double) -> Tensor { old * decay + new * (1 - decay) }
    /// 1 - beta^t, in a form that does not cancel for small t.
    func correction(_ beta: Double) -> Tensor { -(time * Foundation.log(beta)).expm1() }
    func decayed(_ value: Tensor) -> Tensor { o.weightDecay > 0 ? value - rate * o.weightDecay * value : value }
    switch o.rule.rule(for: parameter) {
    case .sgd:
      guard let momentum = state.first else { return (value - rate * gradient, []) }
      let direction = momentum * o.momentum + gradient
      return (value - rate * direction, [direction])
    case .adagrad:
      let squares = state[0] + gradient.squared()
      return (value - rate * gradient / (squares.squareRoot() + o.epsilon), [squares])
    case .rmsProp:
      let squares = blend(state[0], gradient.squared(), o.beta2)
      return (value - rate * gradient / (squares.squareRoot() + o.epsilon), [squares])
    case .adam, .adamW:
      let mean = blend(state[0], gradient, o.beta1)
      let squares = blend(state[1], gradient.squared(), o.beta2)
      // m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + e), with the scalars gathered outside the loop over elements.
      let root = correction(o.beta2).squareRoot()
      let step = rate * root / correction(o.beta1)
      let change = step * (mean / (squares.squareRoot() + root * o.epsilon))
      return ((o.rule == .adamW ? decayed(value) : value) - change, [mean, squares])
    case .muon:
      let mean = blend(state[0], gradient, o.beta1)
      let matrix = Shape([value.shape.dimensions.dropLast().reduce(1, *), value.shape[-1]])
      let momentum = blend(mean, gradient, o.beta1).reshape(matrix)
      let direction = value.graph.withExactProducts { momentum.orthogonalized() }.reshape(value.shape)
      let scale = 0.2 * Double(max(matrix[0], matrix[1])).squareRoot()
      return (decayed(value) - rate * scale * direction, [mean])
    case .adamax:
      let mean = blend(state[0], gradient, o.beta1)
      let largest = (state[1] * o.beta2).maximum(gradient.absoluteValue())
      return (value - rate / correction(o.beta1) * mean / (largest + o.epsilon), [mean, largest])
    }
  }
}
