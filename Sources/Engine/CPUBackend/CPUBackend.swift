import CLatentKernels
import CLatentOneDNN
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

/// Runs programs on this machine's processor, with oneDNN for products and convolutions and fused loops for the rest.
public struct CPUBackend: Backend {
  /// `cpu`, the name by which messages and `--device` call it.
  public let name = "cpu"
  /// How many threads a run uses, whichever thread it is called from.
  public let threads: Int

  /// Creates the back end; without a number it uses as many threads as OpenMP finds fit (`OMP_NUM_THREADS`), or as the
  /// program was told.
  public init(threads: Int? = nil) { self.threads = max(1, threads ?? Int(latent_thread_count())) }

  /// Says how many threads back ends have that are made in this thread from now on without a number.
  package static func setDefaultThreads(_ count: Int) { _ = latent_exchange_thread_count(Int32(clamping: count)) }

  /// Whether this processor multiplies bfloat16 matrices at speed.
  public static var hasBFloat16: Bool { latent_dnn_has_bf16() != 0 }

  /// Turns a program into a plan with memory.
  ///
  /// - Throws: `LatentError` when the program computes in float64, when oneDNN refuses a shape, or when there is no memory.
  public func compile(_ program: Program, state: VariableStore) throws -> any Executable {
    try state.checkAssignments(of: program)
    let plans = state.companion { PlanCache() }
    let plan = try plans.plan(program, threads: threads)
    return try withThreads(threads) { try CPUExecutable(program, plan: plan, threads: threads, state: state) }
  }
}

/// Lets oneDNN, which asks the calling thread how many threads to use, use so many.
func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
  let outer = latent_exchange_thread_count(Int32(clamping: count))
  defer { _ = latent_exchange_thread_count(outer) }
  return try body()
}
