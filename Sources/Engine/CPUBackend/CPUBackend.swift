import CLatentKernels
import CLatentOneDNN
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

/// Runs programs on this machine's processor, with oneDNN for products and convolutions and fused loops for the rest.
public struct CPUBackend: Backend {
  /// `cpu`, the name by which messages and `--device` call it.
  public let name = "cpu"
  /// How many threads a run uses.
  public let threads: Int

  /// Creates the back end; without a number it uses as many threads as OpenMP finds fit (`OMP_NUM_THREADS`).
  public init(threads: Int? = nil) {
    if let threads { latent_set_thread_count(Int32(clamping: max(1, threads))) }
    self.threads = Int(latent_thread_count())
  }

  /// Whether this processor multiplies bfloat16 matrices at speed.
  public static var hasBFloat16: Bool { latent_dnn_has_bf16() != 0 }

  /// Turns a program into a plan with memory.
  ///
  /// - Throws: `LatentError` when the program computes in float64, when oneDNN refuses a shape, or when there is no memory.
  public func compile(_ program: Program, state: VariableStore) throws -> any Executable {
    let plans = state.companion(PlanCache.self) { PlanCache() }
    return try CPUExecutable(program, plan: plans.plan(program, threads: threads), state: state)
  }
}
