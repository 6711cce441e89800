extension RunConfiguration {
  /// The settings that format 2 gave to every family of an axis, whatever its kind.
  private static let format2: [String: Set<String>] = [
    "prior": ["components", "steps", "hidden"],
    "posterior": ["steps", "hidden", "reflections", "refinementSteps", "refinementRate"],
    "network": ["channels", "kernelSize"],
    "likelihood": ["variance", "standardDeviation", "meanActivation", "levels", "levelKind", "components"],
    "objective": ["combination"],
  ]

  /// Those that the first files of format 3 gave still.
  private static let format3: [String: Set<String>] = ["objective": ["combination"]]

  /// A tree of these formats without the settings that its kinds do not have; any other tree as it is.
  ///
  /// - Parameter known: a tree of the same kinds with all their settings.
  static func upgraded(_ tree: [String: Any], towards known: [String: Any]) -> [String: Any] {
    switch tree["format"] as? Int {
    case 2: withoutForeign(tree, known, common: format2, at: "")
    case 3: withoutForeign(tree, known, common: format3, at: "")
    default: tree
    }
  }

  private static func withoutForeign(
    _ tree: [String: Any], _ known: [String: Any], common: [String: Set<String>], at place: String
  ) -> [String: Any] {
    var result: [String: Any] = [:]
    for (key, value) in tree where known[key] != nil || common[place]?.contains(key) != true {
      guard let branch = value as? [String: Any], let branchKnown = known[key] as? [String: Any] else {
        result[key] = value
        continue
      }
      result[key] = withoutForeign(branch, branchKnown, common: common, at: key)
    }
    return result
  }
}
