extension Families {
  /// All that come with Latent.
  public static let builtIn = Families([
    StandardNormalPrior.self, LearnedNormalPrior.self, MixturePrior.self, VampPrior.self, RealNVPPrior.self,
    MaskedAutoregressiveFlowPrior.self, AutoregressivePrior.self, UniformCodesPrior.self,
    UniformChoicesPrior.self, AutoregressiveCodesPrior.self, NoPrior.self,

    DiagonalNormalPosterior.self, FullNormalPosterior.self, PlanarFlowPosterior.self, RadialFlowPosterior.self,
    SylvesterFlowPosterior.self, InverseAutoregressiveFlowPosterior.self, PointPosterior.self,
    QuantizedPosterior.self, CategoricalPosterior.self, BernoulliPosterior.self,
    NoPosterior.self,

    VectorQuantizer.self, FiniteScalarQuantizer.self, LookupFreeQuantizer.self, ProductQuantizer.self,
    ResidualQuantizer.self,

    MaskedAutoregressiveNetwork.self, NeuralAutoregressiveEstimator.self, GatedPixelNetwork.self,
    CausalTransformer.self,

    BernoulliLikelihood.self, ContinuousBernoulliLikelihood.self, NormalLikelihood.self, LaplaceLikelihood.self,
    CategoricalLikelihood.self, DiscretizedLogisticLikelihood.self, DiscretizedLogisticMixtureLikelihood.self,
    PoissonLikelihood.self, NegativeBinomialLikelihood.self, ZeroInflatedNegativeBinomialLikelihood.self,
    AutoregressiveLikelihood.self, BinaryPatternLikelihood.self, LogitLaplaceLikelihood.self,
    ColumnsLikelihood.self,

    MultilayerPerceptron.self, ConvolutionalNetwork.self, ResidualNetwork.self, NoNetwork.self,

    EvidenceLowerBound.self, ImportanceWeightedBound.self, PartiallyImportanceWeightedBound.self,
    CombinedImportanceWeightedBound.self, RenyiBound.self, Reconstruction.self,

    TotalCorrelation.self, CovariancePenalty.self, Discrepancy.self, Regularization.self,
  ])
}
