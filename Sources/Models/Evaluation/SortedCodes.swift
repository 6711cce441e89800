/// Codes latent by latent, with the examples of each latent in ascending order: what trees are grown from.
struct SortedCodes {
  /// The value of each example, for each latent.
  let columns: [[Float]]
  /// The examples by ascending value, for each latent.
  let orders: [[Int32]]
  /// The number of examples.
  var count: Int { columns[0].count }

  /// Sorts codes.
  init(_ codes: CodeMatrix) {
    columns = (0..<codes.width).map { codes.column($0) }
    orders = columns.map { column in
      column.indices.sorted { (column[$0], $0) < (column[$1], $1) }.map { Int32($0) }
    }
  }
}
