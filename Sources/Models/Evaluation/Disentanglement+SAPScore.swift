import LatentDiagnostics

extension Disentanglement {
  /// The separated attribute predictability (SAP): how far the best single latent is ahead of the next in telling a factor.
  ///
  /// The mean over the factors of the gap between the two best accuracies on the test examples among classifiers that
  /// see one latent each. A code that holds a factor of L equally likely levels in one latent only reaches 1 - 1 / L.
  ///
  /// Source: Kumar, Sattigeri, Balakrishnan, "Variational Inference of Disentangled Latent Concepts from Unlabeled
  /// Observations" (2018), section 3.
  ///
  /// - Throws: A `LatentError` when there is only one latent.
  package static func sapScore(
    training: LabelledCodes, test: LabelledCodes, classifier: OneLatentClassifier = .supportVectorMachines
  ) throws -> Double {
    requireSameKind(training, test)
    guard training.codes.width >= 2 else {
      throw LatentError.usage(
        "The SAP score compares latents, but there is one", remedy: "Evaluate a model with at least two latents")
    }
    let columns = (0..<training.codes.width).map { (training.codes.column($0), test.codes.column($0)) }
    let gaps = training.factorSizes.indices.map { factor in
      let labels = (training.levels(of: factor), test.levels(of: factor))
      return topGap(
        columns.map { column in
          classifier.accuracy(
            training: (column.0, labels.0), test: (column.1, labels.1), levels: training.factorSizes[factor])
        })
    }
    return gaps.reduce(0, +) / Double(gaps.count)
  }

  /// Training and test examples must come from one source.
  static func requireSameKind(_ training: LabelledCodes, _ test: LabelledCodes) {
    require(
      training.codes.width == test.codes.width && training.factorSizes == test.factorSizes,
      "Training and test examples differ in their latents or factors")
  }
}
