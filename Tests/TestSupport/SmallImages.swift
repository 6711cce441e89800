import Latent

/// Small pictures with something to learn: bright bars at one of four places on 8 x 8 pixels.
///
/// - Parameter isLabelled: whether they come with their class: 0 for a column, 1 for a row.
public func smallImages(_ count: Int, seed: UInt64 = 0, isLabelled: Bool = false) throws -> Examples {
  var stream = RandomStream(seed: seed, name: "bars")
  var values: [Float] = []
  var labels: [Int32] = []
  for _ in 0..<count {
    let place = 2 * Int(stream.nextUniform() * 4)
    let isRow = stream.nextUniform() < 0.5
    labels.append(isRow ? 1 : 0)
    for y in 0..<8 {
      for x in 0..<8 {
        let isBright = (place..<(place + 2)).contains(isRow ? y : x)
        values.append(Float(isBright ? 0.8 + 0.2 * stream.nextUniform() : 0.1 * stream.nextUniform()))
      }
    }
  }
  return try Examples(floats: values, shape: [8, 8, 1], labels: isLabelled ? labels : nil)
}

/// A model that such pictures can be learned with in a moment.
public func smallModel(latents: Int = 4, hidden: [Int] = [24]) -> VariationalAutoencoder {
  VariationalAutoencoder(
    prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: hidden), decoder: .mlp(hidden: hidden))
}
