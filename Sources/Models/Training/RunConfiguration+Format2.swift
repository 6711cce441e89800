extension RunConfiguration {
  /// The settings that format 2 gave to every prior, posterior, network, and likelihood, whatever its kind.
  private static let commonSettings: [String: Set<String>] = [
    "prior": ["components", "steps", "hidden"],
    "posterior": ["steps", "hidden", "reflections", "refinementSteps", "refinementRate"],
    "network": ["channels", "kernelSize"],
    "likelihood": ["variance", "standardDeviation", "meanActivation", "levels", "levelKind", "components"],
  ]

  /// A tree of format 2 without the settings that its kinds do not have; any other tree as it is.
  ///
  /// - Parameter known: a tree of the same kinds with all their settings.
  static func upgraded(_ tree: [String: Any], towards known: [String: Any]) -> [String: Any] {
    tree["format"] as? Int == 2 ? withoutForeign(tree, known, of: []) : tree
  }

  private static func withoutForeign(
    _ tree: [String: Any], _ known: [String: Any], of common: Set<String>
  ) -> [String: Any] {
    var result: [String: Any] = [:]
    for (key, value) in tree where known[key] != nil || !common.contains(key) {
      guard let branch = value as? [String: Any], let branchKnown = known[key] as? [String: Any] else {
        result[key] = value
        continue
      }
      result[key] = withoutForeign(branch, branchKnown, of: commonSettings[key] ?? [])
    }
    return result
  }
}
