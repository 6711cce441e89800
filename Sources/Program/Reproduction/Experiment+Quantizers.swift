import Foundation
import LatentVariationalAutoencoders

extension Experiment {
  /// Quantisers side by side at the size of a public example.
  static let quantizers = Experiment(
    "vq", "quantizers side by side in a small autoencoder of Fashion-MNIST",
    paper: "github.com/lucidrains/vector-quantize-pytorch, examples/autoencoder.py",
    protocol: """
      Fashion-MNIST in [-1, 1], 9569 weights besides the codebook: convolutions 3 x 3 of 16 and 32 channels, each with max \
      pooling, 7 x 7 vectors of 32 numbers, the mirror image with nearest upsampling, GELU between; 256 codes (240 of finite \
      scalars, four times 256 of the residual quantiser); batches of 256, 1000 steps of Adam at 3e-4; mean absolute error + 10 \
      times the mean of the quantiser's loss. Error and usage are those of the whole test split, usage the share of codes chosen \
      at all. Moving averages have decay 0.8, and replace codes chosen less than twice a step; the residual quantiser starts from \
      k-means and drops stages. Benchmarks/quantizers_torch.py does the same in plain PyTorch.
      """
  ) { context in
    let data = try context.dataset("fashion-mnist")
    return try models.filter { context.wants($0.name) }.flatMap { model in
      let start = Date()
      var errors: [[Double]] = []
      var usages: [Double] = []
      for seed in context.seeds {
        let store = try model.train(data.train, steps: context.epochs(1000), seed: seed)
        let measured = try model.measure(data.test ?? data.train, store)
        errors.append(measured.errors)
        usages.append(measured.usage.usage * 100)
        context.report(
          "\(model.name), seed \(seed): L1 \(measured.errors.map(Float.init)), usage \(Float(usages.last ?? 0)) %")
      }
      let stages = errors[0].count
      let rows = (0..<stages).map { stage in
        let label = stages > 1 ? "L1 of the first \(stage + 1) stages" : "L1"
        return ReproductionRow("\(label), \(model.name)", values: errors.map { $0[stage] }, seconds: 0)
      }
      let seconds = -start.timeIntervalSinceNow
      return rows + [ReproductionRow("usage in percent, \(model.name)", values: usages, seconds: seconds)]
    }
  }

  private static let models: [SmallQuantizedAutoencoder] = [
    SmallQuantizedAutoencoder("straight through", averaged { _ in }),
    SmallQuantizedAutoencoder("rotation", averaged { $0.gradient = .rotation }),
    SmallQuantizedAutoencoder("SimVQ", .vector(codes: 256, learning: .linear, gradient: .rotation)),
    SmallQuantizedAutoencoder("FSQ", .finiteScalar(levels: [8, 6, 5]), dimensions: 3),
    SmallQuantizedAutoencoder("replacement", averaged { $0.deadBelow = 2 }),
    SmallQuantizedAutoencoder(
      "residual",
      .residual(
        4,
        of: averaged {
          ($0.deadBelow, $0.startIterations) = (2, 10)
        }, dropout: true)),
  ]

  private static func averaged(_ change: (inout VectorQuantizer) -> Void) -> VectorQuantizer {
    var quantizer = VectorQuantizer()
    (quantizer.codes, quantizer.learning, quantizer.decay, quantizer.commitment) = (256, .movingAverage, 0.8, 1)
    change(&quantizer)
    return quantizer
  }
}
