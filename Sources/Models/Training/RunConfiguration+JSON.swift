import LatentDiagnostics
import Foundation
import LatentVariationalAutoencoders

extension RunConfiguration {
  /// The configuration as indented JSON with sorted keys.
  ///
  /// - Parameter families: of which the terms of an objective are written even where they are off.
  public func json(families: Families = .builtIn) throws -> Data {
    let encoder = JSONEncoder()
    if let key = CodingUserInfoKey.families { encoder.userInfo[key] = families }
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a complete configuration.
  ///
  /// - Parameters:
  ///   - source: the file's name, for messages.
  ///   - families: the priors, likelihoods and so on that it may name.
  /// - Throws: `LatentError` when it is not JSON, when a key is missing or unknown, or when a value is of the wrong kind.
  public init(json: Data, source: String, families: Families = .builtIn) throws {
    let tree = try Self.tree(json, source: source)
    try Self.checkFormat(tree, source: source)
    self = try Self.decode(tree, source: source, families)
    var known = try settings(families)
    try Self.merge(Self.upgraded(tree, towards: known), into: &known, path: [], source: source)
    format = Self.currentFormat
  }

  /// This configuration with some of its settings replaced by those of a JSON object of the same structure.
  ///
  /// - Throws: `LatentError` that names a key that does not exist, and the nearest one that does.
  public func merging(json: Data, source: String, families: Families = .builtIn) throws -> RunConfiguration {
    let addition = try Self.tree(json, source: source)
    try Self.checkFormat(addition, source: source)
    var result = try replacing(addition, source: source, families)
    result.version = latentVersion
    result.format = Self.currentFormat
    return result
  }

  /// Refuses a file that another version wrote, whatever else is in it.
  static func checkFormat(json: Data, source: String) throws {
    try checkFormat(tree(json, source: source), source: source)
  }

  private static func checkFormat(_ tree: [String: Any], source: String) throws {
    guard let format = tree["format"] as? Int, !(oldestFormat...currentFormat).contains(format) else { return }
    throw LatentError.failure(
      "\(source) has format \(format), but this is latent \(latentVersion), which reads formats \(oldestFormat) to "
        + "\(currentFormat)",
      remedy: "Use the version of latent that made the run (\(tree["version"] as? String ?? "unknown"))")
  }

  /// This configuration with one setting replaced.
  ///
  /// - Parameters:
  ///   - key: a path such as `model.prior.dimensions`.
  ///   - value: JSON, or text that stands for itself.
  /// - Throws: `LatentError` that names a key that does not exist, and the nearest one that does.
  public func setting(_ key: String, to value: String, families: Families = .builtIn) throws -> RunConfiguration {
    let parsed = try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    let addition = key.split(separator: ".", omittingEmptySubsequences: false).reversed().reduce(parsed ?? value) {
      [String($1): $0]
    }
    guard let addition = addition as? [String: Any] else { return self }
    return try replacing(addition, source: "--set", decodedAs: "--set \(key)=\(value)", families)
  }

  /// This configuration with some of its settings replaced. Where that makes a family another one, the settings that both
  /// have are kept, and the others are those of the new one's `init()`.
  private func replacing(
    _ addition: [String: Any], source: String, decodedAs decodeSource: String? = nil, _ families: Families
  ) throws -> RunConfiguration {
    var (tree, addition) = (try settings(families), addition)
    if Self.changeKinds(of: &tree, &addition) {
      tree = try Self.decode(tree, source: decodeSource ?? source, families).settings(families)
    }
    try Self.merge(Self.upgraded(addition, towards: tree), into: &tree, path: [], source: source)
    return try Self.decode(tree, source: decodeSource ?? source, families)
  }

  /// Writes into a tree the kinds alone of what is to replace a part of it; a word in place of a group is its kind.
  ///
  /// - Returns: whether any kind is another one now.
  private static func changeKinds(of tree: inout [String: Any], _ addition: inout [String: Any]) -> Bool {
    var hasChanged = false
    for (key, value) in addition {
      guard var branch = tree[key] as? [String: Any] else { continue }
      let kindKey = [PriorAxis.kindKey, EncoderAxis.kindKey].first { branch[$0] is String }
      var group = value as? [String: Any] ?? [:]
      if let kindKey, let word = value as? String { group = [kindKey: word] }
      guard !group.isEmpty else { continue }
      if let kindKey, let kind = group[kindKey] as? String, kind != branch[kindKey] as? String {
        branch[kindKey] = kind
        hasChanged = true
      }
      hasChanged = changeKinds(of: &branch, &group) || hasChanged
      (tree[key], addition[key]) = (branch, group)
    }
    return hasChanged
  }

  /// The configuration as a tree in which a setting without a value is null, so that it can be given one.
  private func settings(_ families: Families) throws -> [String: Any] {
    let tree = try Self.tree(self.json(families: families), source: "The configuration")
    return tree.merging(["startedFrom": NSNull(), "autoencoder": NSNull()]) { known, _ in known }
  }

  private static func tree(_ json: Data, source: String) throws -> [String: Any] {
    guard let tree = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else {
      throw LatentError.failure(
        "\(source) is not a JSON object",
        remedy: "Compare it with the config.json of a run that was just made, or make a new run")
    }
    return tree.filter { $0.key != SealedText.key }
  }

  private static func merge(
    _ addition: [String: Any], into tree: inout [String: Any], path: [String], source: String
  ) throws {
    for (key, value) in addition.sorted(by: { $0.key < $1.key }) {
      guard let old = tree[key] else {
        let full = (path + [key]).joined(separator: ".")
        let nearest = nearestName(to: key, among: tree.keys.sorted())
        let known = nearest.map { (path + [$0]).joined(separator: ".") }
        throw LatentError.usage(
          "\(source) sets \(full), which does not exist",
          remedy: known.map { "Did you mean \($0)?" }
            ?? "The settings here are \(tree.keys.sorted().joined(separator: ", "))")
      }
      if var branch = old as? [String: Any], let value = value as? [String: Any] {
        try merge(value, into: &branch, path: path + [key], source: source)
        tree[key] = branch
      } else {
        tree[key] = value
      }
    }
  }

  private static func decode(_ tree: [String: Any], source: String, _ families: Families) throws -> RunConfiguration {
    do {
      let decoder = JSONDecoder()
      if let key = CodingUserInfoKey.families { decoder.userInfo[key] = families }
      return try decoder.decode(Self.self, from: JSONSerialization.data(withJSONObject: tree))
    } catch let error as DecodingError {
      throw error.explained(source: source)
    } catch let error as UnknownFamily {
      let nearest = nearestName(to: error.kind, among: error.known).map { "Did you mean \($0)? " } ?? ""
      throw LatentError.usage(
        "\(source) gives \(error.path.joined(separator: ".")) the value \(error.kind), which is no \(error.axis)",
        remedy: nearest + "It can be " + error.known.joined(separator: ", "))
    }
  }
}

extension DecodingError {
  /// What a user calls a type.
  private static func word(for type: Any.Type) -> String {
    switch "\(type)" {
    case "Bool": "truth value (true or false)"
    case "Int", "UInt64": "whole number"
    case "Double": "number"
    case "String": "word"
    case let name where name.hasPrefix("Array"): "list"
    default: "group of settings"
    }
  }

  /// The error as a sentence about a setting.
  fileprivate func explained(source: String) -> LatentError {
    func name(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
      (context.codingPath + (last.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch self {
    case .keyNotFound(let key, let context):
      return .failure(
        "\(source) lacks \(name(context, key))", remedy: "Add it, or start from the config.json of another run")
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return .usage(
        "\(source) gives \(name(context)) a value that is no \(Self.word(for: type))",
        remedy: "Give it a \(Self.word(for: type)), as `latent presets vae` shows")
    case .dataCorrupted(let context):
      return .usage(
        "\(source) gives \(name(context)) a value that is not allowed",
        remedy: Self.choices(name(context)) ?? "See `latent presets NAME` for what it can look like")
    @unknown default:
      return .failure("\(source) cannot be read", remedy: "Compare it with the config.json of another run")
    }
  }
}
