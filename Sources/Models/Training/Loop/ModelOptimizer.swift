import LatentOptimizers
import LatentTensorGraph

/// The optimisers of a model: one for most variables, and one for each group that has its own.
struct ModelOptimizer {
  /// An optimiser's state, and what its learning rate is called as an input of programs.
  private struct Member {
    let state: OptimizerState
    let rate: String
  }

  private let members: [Member]

  init(_ optimizer: Optimizer, _ model: some TrainableModel) {
    let own = model.parameterGroups.filter { $0.optimizer != nil }
    let counted = model.parameterGroups.filter { $0.optimizer == nil }
    let apart = Set(own.flatMap(\.variables))
    let usual = OptimizerState(
      optimizer, over: model.variables.filter { !apart.contains($0) },
      groups: Dictionary(counted.map { ($0.name, $0.variables) }) { first, _ in first })
    let others = own.map { group in
      Member(
        state: OptimizerState(group.optimizer ?? optimizer, over: group.variables, name: "optimizer/\(group.name)"),
        rate: "learning rate of \(group.name)")
    }
    members = [Member(state: usual, rate: "learning rate")] + others
  }

  /// Everything that a checkpoint must hold besides the model.
  var variables: [Variable] { members.flatMap(\.state.variables) }

  /// The running average of each variable that has one.
  var averages: [Variable: Variable] {
    members.dropFirst().reduce(members[0].state.averages) { $0.merging($1.state.averages) { first, _ in first } }
  }

  /// Adds the updates of all variables to the graph, and an input for each learning rate.
  func minimize(_ losses: [(loss: Tensor, variables: [Variable])], in graph: Graph) {
    for member in members {
      let rate = graph.input(member.rate, shape: .scalar)
      let mine = Set(member.state.parameters)
      let parts = members.count == 1 ? losses : losses.map { ($0.loss, $0.variables.filter(mine.contains)) }
      let some = members.count == 1 ? parts : parts.filter { !$0.variables.isEmpty }
      if !some.isEmpty { member.state.minimize(some, learningRate: rate) }
    }
  }

  /// The learning rates at a factor of a schedule, by their inputs' names.
  func rates(_ factor: Double) -> [(name: String, value: Double)] {
    members.map { ($0.rate, $0.state.optimizer.learningRate * factor) }
  }
}
