import LatentDifferentiation
import LatentTensorGraph

/// Hamiltonian Monte Carlo with unit masses, for any number of chains at once (Duane et al. 1987; Neal 2011, section 5.3.2).
///
/// Positions are [..., D], one chain for each index of the leading dimensions; log-densities are [...]. A transition is
/// unrolled into the graph, with one gradient for each leapfrog step.
struct HamiltonianDynamics {
  /// How many leapfrog steps make a transition.
  var leapfrogSteps = 10
  /// Each chain's step size is drawn from the given one times 1 - jitter to 1 + jitter, so that no chain can go round its
  /// orbit in step with the transitions.
  var jitter = 0.2
  /// log of the density up to a constant, from [..., D] to [...]; chains must not depend on each other.
  let logDensity: (Tensor) -> Tensor

  /// Where chains are.
  struct State {
    /// [..., D].
    var position: Tensor
    /// The log-density there, [...].
    var logDensity: Tensor
    /// Its gradient, [..., D].
    var gradient: Tensor
  }

  /// What a transition did.
  struct Transition {
    /// Where the chains are afterwards.
    var state: State
    /// The probabilities with which the proposals were accepted, [...].
    var acceptance: Tensor
    /// By how much the energy of the proposals differed from that at the start, in nats, [...].
    var energyError: Tensor
  }

  /// The state of chains at positions.
  func state(at position: Tensor) -> State {
    let value = logDensity(position)
    return State(
      position: position, logDensity: value,
      gradient: LatentDifferentiation.gradient(of: value.sum(), withRespectTo: [position])[0])
  }

  /// Draws momenta, follows the dynamics, and accepts or rejects where they lead.
  ///
  /// - Parameter stepSize: a scalar.
  func transition(from start: State, stepSize: Tensor) -> Transition {
    let graph = start.position.graph
    return graph.scope("hamiltonian") {
      let chains = start.logDensity.shape
      let columns = Shape(chains.dimensions + [1])
      let spread = (graph.random(.uniform, shape: chains) * 2 - 1) * jitter + 1
      let step = (stepSize * spread).reshape(columns)
      let momentum = graph.random(.normal, shape: start.position.shape)
      var state = start
      var moving = momentum + step * 0.5 * start.gradient
      for index in 0..<leapfrogSteps {
        state = self.state(at: state.position + step * moving)
        moving = moving + step * (index == leapfrogSteps - 1 ? 0.5 : 1) * state.gradient
      }
      let kinetic = (moving.squared().sum([-1]) - momentum.squared().sum([-1])) * 0.5
      let energyError = kinetic - (state.logDensity - start.logDensity)
      // A chain that has flown off to infinity has no energy, which compares as false.
      let isAccepted = graph.random(.uniform, shape: chains).compare(.less, (-energyError).exp())
      let mask = isAccepted.reshape(columns)
      let probability = (-energyError).minimum(0).exp()
      return Transition(
        state: State(
          position: mask.select(state.position, start.position),
          logDensity: isAccepted.select(state.logDensity, start.logDensity),
          gradient: mask.select(state.gradient, start.gradient)),
        acceptance: energyError.isFinite().select(probability, probability.scalar(0)), energyError: energyError)
    }
  }
}
