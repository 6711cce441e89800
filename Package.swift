// swift-tools-version: 6.2
import PackageDescription

/// One room of the house: a library target, the floor that it is on, the rooms below it, and whether it has tests of its own.
///
/// Its module is called Latent and the room's name, so that a client's own targets may have any name that it likes.
struct Room {
  var floor: String
  var name: String
  var dependencies: [String] = []
  var modules: [String] = []
  var hasTests = true
  /// Files in its folder `Resources`, which become part of the program.
  var hasResources = false

  var module: String { "Latent" + name }
}

/// Every room, bottom first. A room imports only rooms that stand above it in this list.
let rooms = [
  Room(floor: "Engine", name: "Diagnostics"),
  Room(floor: "Engine", name: "Randomness"),
  Room(floor: "Engine", name: "TensorGraph", dependencies: ["Diagnostics", "Randomness"]),
  Room(floor: "Engine", name: "Differentiation", dependencies: ["Diagnostics", "TensorGraph"], hasTests: false),
  Room(floor: "Engine", name: "StableHLO", dependencies: ["Diagnostics", "TensorGraph"]),
  Room(floor: "Engine", name: "ONNX", dependencies: ["Diagnostics", "TensorGraph"], hasTests: false),
  Room(floor: "Engine", name: "Execution", dependencies: ["Diagnostics", "Randomness", "TensorGraph"]),
  Room(
    floor: "Engine", name: "ReferenceBackend", dependencies: ["Diagnostics", "Randomness", "TensorGraph", "Execution"],
    hasTests: false),
  Room(
    floor: "Engine", name: "CPUBackend", dependencies: ["Diagnostics", "TensorGraph", "Execution"],
    modules: ["CLatentKernels", "CLatentOneDNN"]),
  Room(
    floor: "Data", name: "FileFormats", dependencies: ["Diagnostics"],
    modules: ["CLatentPNG", "CLatentJPEG", "CLatentZlib"]),
  Room(
    floor: "Data", name: "Datasets", dependencies: ["Diagnostics", "FileFormats", "Randomness"],
    modules: ["CLatentKernels"]),
  Room(floor: "Models", name: "Layers", dependencies: ["Diagnostics", "TensorGraph"]),
  Room(floor: "Models", name: "Optimizers", dependencies: ["TensorGraph", "Differentiation"]),
  Room(floor: "Models", name: "Distributions", dependencies: ["Diagnostics", "TensorGraph", "Layers"]),
  Room(
    floor: "Models", name: "VariationalAutoencoders",
    dependencies: ["Diagnostics", "TensorGraph", "Differentiation", "Layers", "Distributions"]),
  Room(floor: "Models", name: "Evaluation", dependencies: ["Diagnostics", "Randomness"]),
  Room(
    floor: "Models", name: "Training",
    dependencies: [
      "Diagnostics", "Randomness", "TensorGraph", "Differentiation", "StableHLO", "ONNX", "Execution", "CPUBackend",
      "FileFormats",
      "Datasets", "Layers", "Optimizers", "Distributions", "VariationalAutoencoders", "Evaluation",
    ]),
  Room(
    floor: "Program", name: "Reproduction",
    dependencies: [
      "Diagnostics", "Randomness", "TensorGraph", "Differentiation", "Execution", "CPUBackend", "FileFormats",
      "Datasets", "Layers", "Optimizers", "Distributions", "VariationalAutoencoders", "Evaluation", "Training",
    ]),
  Room(
    floor: "Program", name: "Pages",
    dependencies: [
      "Diagnostics", "TensorGraph", "Execution", "FileFormats", "Datasets", "VariationalAutoencoders", "Evaluation",
      "Training",
    ], hasResources: true),
]

/// The rooms of a floor, as a library's targets.
func floor(_ name: String) -> [String] { rooms.filter { $0.floor == name }.map(\.module) }

let swiftSettings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let cSettings: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]

/// All rooms, for targets that use them through `import Latent`: the build system rebuilds a target when a module it names
/// changes, not when one that is re-exported does.
let everyRoom: [Target.Dependency] = rooms.map { .byName(name: $0.module) } + ["Latent"]

/// Libraries of the system, which `scripts/setup` installs.
let systemLibraries: [Target] = [
  .systemLibrary(
    name: "CLatentSystemOneDNN", path: "Sources/Engine/CLatentSystemOneDNN", providers: [.apt(["libdnnl-dev"])]),
  .systemLibrary(
    name: "CLatentSystemPNG", path: "Sources/Data/CLatentSystemPNG", pkgConfig: "libpng",
    providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
  .systemLibrary(
    name: "CLatentSystemJPEG", path: "Sources/Data/CLatentSystemJPEG", pkgConfig: "libturbojpeg",
    providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
  .systemLibrary(
    name: "CLatentSystemZlib", path: "Sources/Data/CLatentSystemZlib", pkgConfig: "zlib",
    providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
]

/// C modules: their floors, the libraries of the system that they stand on, and what they are linked with.
let modules: [Target] = [
  ("Engine", "CLatentKernels", nil, ["gomp", "m"]), ("Engine", "CLatentOneDNN", "CLatentSystemOneDNN", ["dnnl"]),
  ("Data", "CLatentPNG", "CLatentSystemPNG", ["png"]),
  ("Data", "CLatentJPEG", "CLatentSystemJPEG", ["turbojpeg"]),
  ("Data", "CLatentZlib", "CLatentSystemZlib", ["z"]),
].map { (floor: String, name: String, system: String?, linked: [String]) in
  .target(
    name: name, dependencies: system.map { [.byName(name: $0)] } ?? [], path: "Sources/\(floor)/\(name)",
    cSettings: cSettings, linkerSettings: linked.map { .linkedLibrary($0) })
}

let libraries: [Target] = rooms.map { room in
  .target(
    name: room.module, dependencies: (room.dependencies.map { "Latent" + $0 } + room.modules).map { .byName(name: $0) },
    path: "Sources/\(room.floor)/\(room.name)", resources: room.hasResources ? [.embedInCode("Resources")] : [],
    swiftSettings: swiftSettings)
}

let tests: [Target] = rooms.filter(\.hasTests).map { room in
  .testTarget(name: room.name + "Tests", dependencies: everyRoom + ["TestSupport"], swiftSettings: swiftSettings)
}

let package = Package(
  name: "latent",
  products: [
    .executable(name: "latent", targets: ["LatentCLI"]),
    .library(name: "Latent", targets: ["Latent"]),
    .library(name: "LatentEngine", targets: floor("Engine")),
    .library(name: "LatentModels", targets: floor("Engine") + floor("Data") + floor("Models")),
  ],
  targets: systemLibraries + modules + libraries + tests + [
    .target(
      name: "Latent", dependencies: rooms.filter { $0.floor != "Program" }.map { .byName(name: $0.module) },
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "LatentCLI", dependencies: everyRoom, path: "Sources/Program/LatentCLI", swiftSettings: swiftSettings),
    .executableTarget(
      name: "latent-bench", dependencies: everyRoom + ["CLatentOneDNN"], path: "Benchmarks/Latent",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "TwoMoons", dependencies: everyRoom, path: "Examples/TwoMoons", swiftSettings: swiftSettings),
    .executableTarget(
      name: "Table", dependencies: everyRoom, path: "Examples/Table", swiftSettings: swiftSettings),
    .target(
      name: "TestSupport", dependencies: everyRoom, path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter", cSettings: cSettings),
    .testTarget(
      name: "AllocationTests", dependencies: everyRoom + ["CAllocationCounter", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CLatentKernelsTests", dependencies: ["CLatentKernels", "LatentRandomness"], swiftSettings: swiftSettings),
    .testTarget(
      name: "LatentCLITests", dependencies: everyRoom + ["TestSupport", "LatentCLI"], swiftSettings: swiftSettings),
  ]
)
