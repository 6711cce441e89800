import Foundation
import Latent
import TestSupport
import Testing

/// Samplers on codes whose distribution is known: two crescents, off centre and of unequal spread.
@Suite(.serialized) struct SamplerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let kinds = ["gmm", "maf", "iaf", "two-stage"]

  private func sampler(_ kind: String, components: Int? = nil) throws -> any SamplerFamily {
    let type = try #require(Families.builtIn.samplers.first { $0.kind == kind })
    guard kind == "gmm", let components else { return type.init() }
    return GaussianMixtureSampler(components: components)
  }

  private func fit(
    _ kind: String, _ codes: CodeMatrix, components: Int? = nil, seed: UInt64 = 1
  ) throws -> any FittedSampler {
    try sampler(kind, components: components).fit(codes, seed: seed, backend: CPUBackend())
  }

  private func load(_ kind: String, from path: String) throws -> any FittedSampler {
    try type(of: sampler(kind)).read(SamplerFile(path: path, kind: kind), backend: CPUBackend())
  }

  @Test func everySamplerIsHere() { #expect(Families.builtIn.samplers.map { $0.kind } == Self.kinds) }

  private func moons(_ count: Int, _ name: String) -> CodeMatrix {
    var stream = RandomStream(seed: 5, name: name)
    return CodeMatrix(
      rows: (0..<count).map { index in
        let angle = Double.pi * stream.nextUniform()
        let jitter = (0..<2).map { _ in 0.2 * (stream.nextUniform() - 0.5) }
        let isUpper = index % 2 == 0
        let x = isUpper ? cos(angle) : 1 - cos(angle)
        let y = isUpper ? sin(angle) : 0.5 - sin(angle)
        return [Float(3 * (x + jitter[0]) + 10), Float(0.5 * (y + jitter[1]) - 2)]
      })
  }

  /// The squared maximum mean discrepancy under a Gaussian kernel on a scale of the crescents' thickness, without bias.
  private func discrepancy(_ first: CodeMatrix, _ second: CodeMatrix) -> Double {
    func points(_ codes: CodeMatrix) -> [SIMD2<Double>] {
      (0..<codes.count).map { row in
        SIMD2(Double(codes.values[2 * row]) / 3, Double(codes.values[2 * row + 1]) / 0.5)
      }
    }
    let (a, b) = (points(first), points(second))
    func kernel(_ p: SIMD2<Double>, _ q: SIMD2<Double>) -> Double { exp(-((p - q) * (p - q)).sum() / (2 * 0.2 * 0.2)) }
    func within(_ p: [SIMD2<Double>]) -> Double {
      var sum = 0.0
      for i in p.indices { for j in 0..<i { sum += kernel(p[i], p[j]) } }
      return 2 * sum / Double(p.count * (p.count - 1))
    }
    var across = 0.0
    for p in a { for q in b { across += kernel(p, q) } }
    return within(a) + within(b) - 2 * across / Double(a.count * b.count)
  }

  private func moments(_ codes: CodeMatrix) -> LinearGaussian {
    LinearGaussian(rows: (0..<codes.count).map { codes.row($0).map(Double.init) })
  }

  @Test(arguments: kinds)
  func drawsAreDistributedAsTheCodes(_ kind: String) throws {
    let codes = moons(3000, "training")
    let heldOut = moons(1500, "test")
    let sampler = try fit(kind, codes)
    #expect(sampler.family.kind == kind)
    #expect(sampler.latents == 2)
    let draws = CodeMatrix(try sampler.sample(count: 1500, seed: 2), width: 2)
    let normal = try fit("gmm", codes, components: 1)
    let reached = discrepancy(draws, heldOut)
    let single = discrepancy(CodeMatrix(try normal.sample(count: 1500, seed: 2), width: 2), heldOut)
    #expect(single > 0.02, "the measure tells a Normal from crescents: \(single)")
    let margin: Double = kind == "gmm" || kind == "maf" ? 20 : 6
    #expect(reached < single / margin, "\(reached) against \(single) of a Normal")
    let (expected, found) = (moments(heldOut), moments(draws))
    for latent in 0..<2 {
      let deviation = expected.covariance[latent][latent].squareRoot()
      #expect(abs(found.mean[latent] - expected.mean[latent]) < 0.15 * deviation)
      #expect(abs(found.covariance[latent][latent].squareRoot() / deviation - 1) < 0.1)
    }
    let scale = (expected.covariance[0][0] * expected.covariance[1][1]).squareRoot()
    #expect(abs(found.covariance[0][1] - expected.covariance[0][1]) < 0.12 * scale)
  }

  @Test(arguments: ["maf", "iaf"])
  func aFlowGivesNewCodesAHigherDensityThanAnyNormal(_ kind: String) throws {
    let flow = try #require(fit(kind, moons(3000, "training")) as? FittedFlow)
    let heldOut = moons(1000, "test")
    let reached = try flow.logDensities(of: heldOut).reduce(0, +) / 1000
    // No Normal does better on points than the one with their own moments.
    let covariance = moments(heldOut).covariance
    let determinant = covariance[0][0] * covariance[1][1] - covariance[0][1] * covariance[1][0]
    let normal = -log(2 * .pi) - 0.5 * log(determinant) - 1
    #expect(reached > normal + 1, "\(reached) and \(normal) nats")
    // A density has the volume 1: here over a grid that holds all of it.
    let (step, columns, rows) = (0.05, 400, 100)
    let grid = (0..<(columns * rows)).map { cell in
      [Float(2 + step * Double(cell % columns)), Float(-4.5 + step * Double(cell / columns))]
    }
    let volume = try flow.logDensities(of: CodeMatrix(rows: grid)).reduce(0) { $0 + exp($1) } * step * step
    #expect(abs(volume - 1) < 0.03, "\(volume)")
  }

  @Test(arguments: kinds)
  func theSameSeedGivesTheSameDrawsAndSoDoesTheFile(_ kind: String) throws {
    let codes = moons(120, "training")
    let sampler = try fit(kind, codes, components: 3)
    let draws = try sampler.sample(count: 1100, seed: 7)
    #expect(draws.count == 2200)
    #expect(draws.allSatisfy { $0.isFinite })
    #expect(Set(draws).count > 2000, "draws beyond the first batch are others")
    #expect(try sampler.sample(count: 1100, seed: 7) == draws)
    #expect(try sampler.sample(count: 1100, seed: 8) != draws)
    #expect(try fit(kind, codes, components: 3).sample(count: 1100, seed: 7) == draws)
    #expect(try fit(kind, codes, components: 3, seed: 2).sample(count: 1100, seed: 7) != draws)
    let path = folder.file("sampler.safetensors")
    try SamplerFile.write(sampler, weights: "w", to: path)
    let loaded = try load(kind, from: path)
    #expect(try loaded.sample(count: 1100, seed: 7) == draws)
    let again = folder.file("again.safetensors")
    try SamplerFile.write(loaded, weights: "w", to: again)
    #expect(try FileReading.data(at: again) == FileReading.data(at: path))
  }

  @Test(arguments: kinds)
  func aDamagedFileIsRefusedByName(_ kind: String) throws {
    let path = folder.file("sampler.safetensors")
    try SamplerFile.write(fit(kind, moons(60, "training"), components: 2), weights: "w", to: path)
    let good = try FileReading.data(at: path)
    var flipped = good
    flipped[good.count - 9] ^= 1
    let other = kind == "gmm" ? "two-stage" : "gmm"
    let wrong = Data(String(decoding: good.prefix(200), as: UTF8.self).utf8)
    for bytes in [Data(), good.prefix(good.count / 2), good + [0], flipped, wrong, Data(repeating: 0xFF, count: 64)] {
      try bytes.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: LatentError.self) { try load(kind, from: path) }
      #expect(error?.problem.contains(path) == true, "\(error?.description ?? "")")
      #expect(error?.remedy == "Give --refit to fit the sampler again")
    }
    try good.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: LatentError.self) { try load(other, from: path) }
    #expect(error?.problem.contains("does not hold a sampler \(other)") == true)
    let missing = #expect(throws: LatentError.self) { try load(kind, from: folder.file("none.safetensors")) }
    #expect(missing?.problem.contains("none.safetensors") == true)
  }

  /// A file whose digest is right but whose contents make no sampler.
  @Test func contentsThatMakeNoSamplerAreRefused() throws {
    let path = folder.file("sampler.safetensors")
    var mixture = try fit("gmm", moons(60, "training"), components: 1)
    try SamplerFile.write(mixture, weights: "w", to: path)
    let broken = try GaussianMixture(
      covariance: .diagonal, components: [.init(weight: 1, mean: [0, 0], covariance: [1, 1])])
    mixture = FittedGaussianMixture(broken)
    let error = #expect(throws: LatentError.self) { try SamplerFile.write(mixture, weights: "w", to: path) }
    #expect(error?.problem.contains("takes 32 bytes but 16 were given") == true)
    #expect(try load("gmm", from: path).latents == 2)
  }

  @Test(arguments: kinds)
  func codesThatNothingCanBeFittedToAreRefused(_ kind: String) throws {
    let few = #expect(throws: LatentError.self) { try fit(kind, moons(6, "training")) }
    #expect(
      few?.problem
        == (kind == "gmm"
          ? "The sampler gmm has 10 components, but there are only 6 codes to fit it to"
          : "The sampler \(kind) needs 20 codes or more, and there are 6"))
    for bad in [Float.nan, .infinity] {
      var values = moons(60, "training").values
      values[13] = bad
      let error = #expect(throws: LatentError.self) { try fit(kind, CodeMatrix(values, width: 2)) }
      #expect(
        error?.problem
          == "The sampler \(kind) cannot be fitted because latent 1 of example 6 is \(bad), not a finite number"
      )
    }
  }

  /// As a collapsed or a dead latent gives them.
  @Test(arguments: kinds)
  func aLatentThatNeverVariesIsDrawnAsItIs(_ kind: String) throws {
    let codes = CodeMatrix(rows: (0..<200).map { [Float($0 % 10), 0.3] })
    let draws = try fit(kind, codes, components: 2).sample(count: 500, seed: 3)
    let constant = stride(from: 1, to: draws.count, by: 2).map { draws[$0] }
    // A mixture has no scale of its own, and keeps a covariance that can be inverted.
    let tolerance: Float = kind == "gmm" ? 0.02 : 0
    #expect(constant.allSatisfy { abs($0 - 0.3) <= tolerance }, "\(constant.min() ?? 0) to \(constant.max() ?? 0)")
  }
}
