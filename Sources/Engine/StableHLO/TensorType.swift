import LatentTensorGraph

/// The element types that the text names; the unsigned ones serve the random generator alone.
enum StoredType: String {
  case f32, bf16, f64, i32, i1, ui32, ui64

  init(_ type: ElementType) {
    switch type {
    case .float32: self = .f32
    case .bfloat16: self = .bf16
    case .float64: self = .f64
    case .int32: self = .i32
    case .bool: self = .i1
    }
  }

  var isFloatingPoint: Bool {
    switch self {
    case .f32, .bf16, .f64: true
    case .i32, .i1, .ui32, .ui64: false
    }
  }

  /// How `stablehlo.compare` is told to read the elements.
  var comparisonType: String {
    switch self {
    case .f32, .bf16, .f64: "FLOAT"
    case .i32: "SIGNED"
    case .i1, .ui32, .ui64: "UNSIGNED"
    }
  }
}

/// A shape and an element type, written `tensor<2x3xf32>`.
struct TensorType: Hashable, CustomStringConvertible {
  var shape: Shape
  var element: StoredType

  init(_ shape: Shape, _ element: StoredType) {
    self.shape = shape
    self.element = element
  }

  init(_ shape: Shape, _ type: ElementType) { self.init(shape, StoredType(type)) }

  var description: String { "tensor<\(name)>" }

  /// The part between the angle brackets, which is also fit for a function's name.
  var name: String { (shape.dimensions.map(String.init) + [element.rawValue]).joined(separator: "x") }

  /// The scalar type of the elements.
  var scalar: TensorType { TensorType(.scalar, element) }

  /// The same shape with other elements.
  func of(_ element: StoredType) -> TensorType { TensorType(shape, element) }
}

/// A value of static single assignment form: its name, such as `%3`, and its type.
struct Value {
  var name: String
  var type: TensorType
}
