import LatentLayers
import LatentOptimizers
import LatentVariationalAutoencoders

extension Preset {
  /// The models that others are variations of.
  static let basic: [Preset] = [
    // On held-out digits twelve epochs of a cosine from 0.003 are where the paper's constant 0.001 is after thirty
    // (docs/benchmarks.md).
    Preset(
      "vae", "784-500-20 with tanh layers and Bernoulli pixels", paper: "Kingma & Welling 2013",
      change(binary(dense(latents: 20, hidden: [500]), epochs: 12)) {
        $0.optimizer.learningRate = 3e-3
        $0.schedule = .init(.cosine)
      }),
    Preset(
      "vae-2013", "the same with a constant step size, for longer: what published figures are held against",
      paper: "Kingma & Welling 2013", binary(dense(latents: 20, hidden: [500]), epochs: 30)),
    Preset(
      "vae-2d", "two latents, for pictures of the whole latent plane", paper: "Kingma & Welling 2013, figure 4",
      binary(dense(latents: 2, hidden: [500]), epochs: 30)),
    Preset(
      "vae-gaussian", "grey pixels as Normals with a learned variance", paper: "Kingma & Welling 2013, appendix C.2",
      RunConfiguration(
        model: dense(
          latents: 20, hidden: [500],
          likelihood: .normal(variance: .scalar, standardDeviation: 0.3, meanActivation: .logistic)),
        epochs: 30)),
    Preset(
      "vae-table", "rows of a table: numbers, truth values, and categories, with gaps",
      paper: "Nazabal et al. 2020, section 2.1", table),
    Preset(
      "sigma-vae", "grey pixels as Normals of the best variance", paper: "Rybkin et al. 2021",
      RunConfiguration(
        model: dense(
          latents: 20, hidden: [500],
          likelihood: .normal(variance: .optimal, standardDeviation: 0.3, meanActivation: .logistic)),
        epochs: 30)),
    Preset(
      "vae-logistic", "256 grey levels as a mixture of discretised logistics", paper: "Salimans et al. 2017",
      RunConfiguration(
        model: dense(latents: 20, hidden: [500], likelihood: .discretizedLogisticMixture), epochs: 30)),
    Preset(
      "vae-counts", "counts as zero-inflated negative binomials", paper: "Lopez et al. 2018",
      RunConfiguration(
        model: dense(
          latents: 10, hidden: [128], activation: .relu, likelihood: .zeroInflatedNegativeBinomial),
        dataset: "counts.npy", epochs: 100)),
    Preset(
      "vae-conv", "convolutions for 28 x 28 images, Bernoulli pixels",
      paper: "Kingma & Welling 2013, with convolutions",
      binary(
        VariationalAutoencoder(
          prior: .standardNormal(dimensions: 20), encoder: .convolutional(channels: [32, 64], hidden: [256]),
          decoder: .convolutional(channels: [32, 64], hidden: [256])),
        epochs: 20)),
    Preset(
      "vae-conv64", "convolutions for 64 x 64 images, grey or colour", paper: "Higgins et al. 2017, table 1",
      sprites(.elbo())),
    Preset(
      "ae", "the deterministic autoencoder that the others are compared with", paper: "Hinton & Salakhutdinov 2006",
      RunConfiguration(
        model: dense(latents: 20, hidden: [500], posterior: .point), objective: .reconstruction, epochs: 30)),
  ]

  /// Tighter bounds, other gradients, and schedules of the rate.
  static let bounds: [Preset] = [
    Preset(
      "iwae", "the bound of five importance samples", paper: "Burda et al. 2015", weighted(.importanceWeighted(5))),
    Preset(
      "iwae-dreg", "the same with the doubly reparameterised gradient", paper: "Tucker et al. 2019",
      weighted(.importanceWeighted(5, gradient: .doublyReparameterized))),
    Preset(
      "miwae", "the mean of eight such bounds of eight samples", paper: "Rainforth et al. 2018",
      weighted(.importanceWeighted(8).with { $0.samples = 8 })),
    Preset(
      "piwae", "the encoder by MIWAE, the decoder by IWAE", paper: "Rainforth et al. 2018",
      weighted(
        Objective(.partiallyImportanceWeighted, estimator: .monteCarlo, samples: 8, importanceSamples: 8))),
    Preset(
      "ciwae", "half evidence lower bound, half IWAE", paper: "Rainforth et al. 2018",
      weighted(Objective(.combinedImportanceWeighted(), estimator: .monteCarlo, importanceSamples: 64))),
    Preset(
      "score-function", "the gradient that reparameterisation replaces, with a baseline", paper: "Mnih & Gregor 2014",
      binary(
        dense(latents: 20, hidden: [500]),
        objective: Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: .scoreFunctionWithBaseline),
        epochs: 30)),
    Preset(
      "free-bits", "half a nat of each latent's rate costs nothing", paper: "Kingma et al. 2016, appendix C.8",
      binary(dense(latents: 20, hidden: [500]), objective: Objective.elbo().with { $0.freeBits.nats = 0.5 }, epochs: 30)
    ),
    Preset(
      "cyclical", "the rate's weight goes up four times over", paper: "Fu et al. 2019",
      binary(dense(latents: 20, hidden: [500]), objective: .elbo(beta: .cyclical(epochs: 24)), epochs: 30)),
    Preset(
      "lagging", "the encoder is trained ahead of the decoder at first", paper: "He et al. 2019",
      change(binary(dense(latents: 20, hidden: [500]), epochs: 30)) { $0.lagging = .aggressive }),
  ]

  /// Models whose latents are to be separate factors.
  static let disentangling: [Preset] = [
    Preset(
      "beta-vae", "the rate weighs four times as much", paper: "Higgins et al. 2017", sprites(.elbo(beta: .constant(4)))
    ),
    Preset(
      "beta-vae-capacity", "the rate is led up to 25 nats", paper: "Burgess et al. 2018",
      sprites(
        Objective.elbo().with {
          $0.capacity.weight = 100
          $0.capacity.nats = .linear(from: 0, to: 25, epochs: 15)
        })),
    Preset(
      "beta-tcvae", "total correlation weighs six times as much", paper: "Chen et al. 2018",
      sprites(Objective.elbo().with { $0.totalCorrelation.weight = .constant(5) })),
    Preset(
      "factor-vae", "total correlation by a network that tells shuffled latents", paper: "Kim & Mnih 2018",
      sprites(
        Objective.elbo().with {
          $0.totalCorrelation.weight = .constant(6)
          $0.totalCorrelation.estimator = .densityRatio
        })),
    Preset(
      "dip-vae-1", "the posterior means are uncorrelated", paper: "Kumar et al. 2018",
      sprites(
        Objective.elbo().with {
          $0.covariance.offDiagonal = 10
          $0.covariance.diagonal = 100
        })),
    Preset(
      "dip-vae-2", "the latents are uncorrelated", paper: "Kumar et al. 2018",
      sprites(
        Objective.elbo().with {
          $0.covariance.kind = .draws
          $0.covariance.offDiagonal = 10
          $0.covariance.diagonal = 10
        })),
  ]

  /// Autoencoders whose latents are kept in shape by other means than the bound alone.
  static let regularized: [Preset] = [
    Preset(
      "info-vae", "the encoded data as a whole follow the prior", paper: "Zhao et al. 2019",
      binary(
        dense(latents: 20, hidden: [500]),
        objective: Objective.elbo(beta: .constant(0.01)).with { $0.discrepancy.weight = .constant(100) }, epochs: 30)),
    Preset(
      "wae", "a deterministic encoder whose codes follow the prior", paper: "Tolstikhin et al. 2018",
      regularized(Objective.reconstruction.with { $0.discrepancy.weight = .constant(100) })),
    Preset(
      "rae-l2", "a deterministic autoencoder with small weights", paper: "Ghosh et al. 2020",
      regularized(
        Objective.reconstruction.with {
          $0.regularization.latentNorm = 0.1
          $0.regularization.decoderNorm = 1e-5
        })),
    Preset(
      "rae-gp", "a deterministic autoencoder with a smooth decoder", paper: "Ghosh et al. 2020",
      regularized(
        Objective.reconstruction.with {
          $0.regularization.latentNorm = 0.1
          $0.regularization.gradientPenalty = 1e-2
        })),
    Preset(
      "denoising-vae", "examples are encoded with a quarter of their pixels missing", paper: "Im et al. 2017",
      binary(
        dense(latents: 20, hidden: [500]), objective: Objective.elbo().with { $0.corruption.kind = .mask }, epochs: 30)),
  ]

  /// Priors that are learned.
  static let priors: [Preset] = [
    Preset(
      "vamp-prior", "a mixture of the posteriors of 500 learned inputs", paper: "Tomczak & Welling 2018",
      gated(.vampPrior(dimensions: 40))),
    Preset(
      "mixture-prior", "a mixture of 10 diagonal Normals", paper: "Dilokthanakul et al. 2016",
      weighted(.elbo(), prior: .mixture(dimensions: 50, components: 10))),
    Preset(
      "normal-prior", "a Normal with learned mean and covariance", paper: "Kingma & Welling 2013, learned prior",
      weighted(.elbo(), prior: .normal(dimensions: 50))),
    Preset(
      "realnvp-prior", "coupling layers over N(0, I)", paper: "Dinh et al. 2017",
      weighted(.elbo(), prior: .realNVP(dimensions: 50))),
    Preset(
      "maf-prior", "masked autoregressive flow over N(0, I)", paper: "Papamakarios et al. 2017",
      weighted(.elbo(), prior: .maskedAutoregressiveFlow(dimensions: 50))),
    Preset(
      "autoregressive-prior", "each latent given those before it", paper: "Chen et al. 2017",
      weighted(.elbo(), prior: .autoregressive(dimensions: 50))),
  ]

  /// Posteriors beyond the diagonal Normal.
  static let posteriors: [Preset] = [
    Preset(
      "full-covariance", "a Normal posterior with full covariance", paper: "Kingma & Welling 2019, section 2.6",
      weighted(.elbo(), posterior: .fullNormal)),
    Preset(
      "planar-flow", "ten planar flows", paper: "Rezende & Mohamed 2015",
      weighted(.elbo(), posterior: .planarFlow(steps: 10))),
    Preset(
      "radial-flow", "ten radial flows", paper: "Rezende & Mohamed 2015",
      weighted(.elbo(), posterior: .radialFlow(steps: 10))),
    Preset(
      "sylvester-flow", "four Sylvester flows by Householder reflections", paper: "van den Berg et al. 2018",
      weighted(.elbo(), posterior: .sylvesterFlow(steps: 4))),
    Preset(
      "iaf", "two steps of inverse autoregressive flow", paper: "Kingma et al. 2016",
      weighted(.elbo(), posterior: .inverseAutoregressiveFlow(steps: 2, hidden: [320]))),
    Preset(
      "semi-amortized", "gradient steps improve the encoder's posterior", paper: "Kim et al. 2018",
      weighted(.elbo(), posterior: .semiAmortized(steps: 5))),
    Preset(
      "hierarchical", "two layers of latents, inferred from below", paper: "Burda et al. 2015, two layers",
      change(weighted(.elbo(), prior: .standardNormal(dimensions: 100))) {
        $0.model.hierarchy = .bottomUp([.init(latents: 50, hidden: [100, 100])])
      }),
    Preset(
      "ladder", "five layers of latents, merged by precision", paper: "Sonderby et al. 2016", ladder()),
  ]

  /// Models that are given the class.
  static let conditional: [Preset] = [
    Preset(
      "cvae", "encoder and decoder see the label", paper: "Sohn et al. 2015",
      change(binary(dense(latents: 20, hidden: [500]), epochs: 30)) { $0.model.condition = .label }),
    Preset(
      "cvae-prior", "the prior depends on the label too", paper: "Sohn et al. 2015",
      change(binary(dense(latents: 20, hidden: [500]), epochs: 30)) {
        $0.model.condition = .label
        $0.model.condition.prior = true
      }),
  ]

  // MARK: What they are made of

  private static func dense(
    latents: Int, hidden: [Int], activation: Activation = .tanh, posterior: any PosteriorFamily = .diagonalNormal,
    likelihood: any LikelihoodFamily = .bernoulli
  ) -> VariationalAutoencoder {
    VariationalAutoencoder(
      prior: .standardNormal(dimensions: latents),
      encoder: .mlp(hidden: hidden, activation: activation, posterior: posterior),
      decoder: .mlp(hidden: hidden, activation: activation, likelihood: likelihood))
  }

  /// A likelihood for each column, as the table says; cells may be missing.
  private static var table: RunConfiguration {
    var model = dense(latents: 8, hidden: [128], activation: .relu, likelihood: .columns())
    model.missingValues = true
    return RunConfiguration(
      model: model, optimizer: .adam(learningRate: 2e-3), schedule: .init(.cosine), dataset: "table.csv", epochs: 60)
  }

  private static func binary(
    _ model: VariationalAutoencoder, objective: Objective = .elbo(), epochs: Int
  ) -> RunConfiguration {
    RunConfiguration(model: model, objective: objective, binarization: .stochastic, epochs: epochs)
  }

  /// The network of the importance-weighted autoencoder's paper, with one layer of 50 latents.
  private static func weighted(
    _ objective: Objective, prior: any PriorFamily = .standardNormal(dimensions: 50),
    posterior: any PosteriorFamily = .diagonalNormal
  ) -> RunConfiguration {
    RunConfiguration(
      model: VariationalAutoencoder(
        prior: prior, encoder: .mlp(hidden: [200, 200], posterior: posterior), decoder: .mlp(hidden: [200, 200])),
      objective: objective, schedule: .init(.cosine), binarization: .stochastic, epochs: 100)
  }

  /// The network of Tomczak & Welling 2018, with one layer of 40 latents.
  private static func gated(_ prior: any PriorFamily) -> RunConfiguration {
    RunConfiguration(
      model: VariationalAutoencoder(
        prior: prior, encoder: .mlp(hidden: [300, 300], activation: .identity, unit: .gated),
        decoder: .mlp(hidden: [300, 300], activation: .identity, unit: .gated)),
      objective: .elbo(beta: .linear(epochs: 20)), optimizer: .adam(learningRate: 5e-4), binarization: .stochastic,
      epochs: 100)
  }

  /// Convolutions for the sprites, ten latents.
  private static func sprites(_ objective: Objective) -> RunConfiguration {
    RunConfiguration(
      model: VariationalAutoencoder(
        prior: .standardNormal(dimensions: 10), encoder: .convolutional(channels: [32, 32, 64, 64], hidden: [256]),
        decoder: .convolutional(channels: [32, 32, 64, 64], hidden: [256])),
      objective: objective, optimizer: .adam(learningRate: 5e-4), dataset: "sprites", batchSize: 64, epochs: 20)
  }

  private static func regularized(_ objective: Objective) -> RunConfiguration {
    RunConfiguration(
      model: dense(latents: 20, hidden: [500], posterior: .point), objective: objective, epochs: 30)
  }

  private static func ladder() -> RunConfiguration {
    let widths = [(32, 256), (16, 128), (8, 64), (4, 32)]
    return RunConfiguration(
      model: VariationalAutoencoder(
        prior: .standardNormal(dimensions: 64),
        encoder: .mlp(hidden: [512, 512], activation: .leakyRelu, unit: .batchNormalized),
        decoder: .mlp(hidden: [512, 512], activation: .leakyRelu, unit: .batchNormalized),
        hierarchy: .ladder(widths.map { .init(latents: $0, hidden: [$1, $1]) })),
      objective: .elbo(beta: .linear(epochs: 40)), binarization: .stochastic, epochs: 200)
  }

  private static func change(
    _ configuration: RunConfiguration, _ change: (inout RunConfiguration) -> Void
  ) -> RunConfiguration {
    var result = configuration
    change(&result)
    return result
  }
}
