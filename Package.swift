// swift-tools-version: 6.2
import PackageDescription

/// One room of the house: a library target, the rooms below it, and whether it has tests of its own.
struct Room {
  var name: String
  var dependencies: [String] = []
  var hasTests = true
}

/// Every room, bottom first. A room imports only rooms that stand above it in this list.
let rooms = [
  Room(name: "Diagnostics"),
  Room(name: "Randomness"),
  Room(name: "TensorGraph", dependencies: ["Diagnostics", "Randomness"]),
  Room(name: "Differentiation", dependencies: ["Diagnostics", "TensorGraph"], hasTests: false),
  Room(name: "StableHLO", dependencies: ["Diagnostics", "TensorGraph"]),
  Room(name: "Execution", dependencies: ["Diagnostics", "Randomness", "TensorGraph"]),
  Room(
    name: "ReferenceBackend", dependencies: ["Diagnostics", "Randomness", "TensorGraph", "Execution"],
    hasTests: false),
  Room(
    name: "CPUBackend",
    dependencies: ["CKernels", "COneDNN", "Diagnostics", "TensorGraph", "Execution"]),
  Room(name: "FileFormats", dependencies: ["CPNG", "CZlib", "Diagnostics"]),
  Room(name: "Datasets", dependencies: ["CKernels", "Diagnostics", "FileFormats", "Randomness"]),
  Room(name: "Layers", dependencies: ["Diagnostics", "TensorGraph"]),
  Room(name: "Optimizers", dependencies: ["TensorGraph", "Differentiation"]),
  Room(name: "Distributions", dependencies: ["Diagnostics", "TensorGraph", "Layers"]),
  Room(
    name: "VariationalAutoencoders",
    dependencies: [
      "Diagnostics", "TensorGraph", "Differentiation", "Layers", "Distributions",
    ]),
  Room(name: "Evaluation", dependencies: ["Diagnostics", "Randomness"]),
  Room(
    name: "Training",
    dependencies: [
      "Diagnostics", "Randomness", "TensorGraph", "Execution", "CPUBackend", "FileFormats", "Datasets",
      "Layers", "Optimizers", "Distributions", "VariationalAutoencoders", "Evaluation",
    ]),
  Room(
    name: "Reproduction",
    dependencies: [
      "Diagnostics", "Randomness", "TensorGraph", "Differentiation", "Execution", "CPUBackend", "FileFormats",
      "Datasets", "Layers", "Optimizers", "Distributions", "VariationalAutoencoders", "Evaluation", "Training",
    ]),
  Room(
    name: "Latent",
    dependencies: [
      "Diagnostics", "Randomness", "TensorGraph", "Differentiation", "StableHLO", "Execution", "ReferenceBackend",
      "CPUBackend",
      "FileFormats", "Datasets", "Layers", "Optimizers", "Distributions", "VariationalAutoencoders",
      "Evaluation", "Training", "Reproduction",
    ],
    hasTests: false),
]

/// Without cross-module inlining, whose stale bodies incremental builds would link; the hot loops are C. Testable in every
/// configuration, so that the program and its tests are one build.
let swiftSettings: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .unsafeFlags(["-disable-cmo", "-enable-testing"]),
]
let cSettings: [CSetting] = [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]
/// gold crashes instead of naming an unresolved symbol; lld names it.
let linkerSettings: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

/// All rooms, for targets that use them through `import Latent`: the build system rebuilds a target when a module it names
/// changes, not when one that is re-exported does.
let everyRoom: [Target.Dependency] = rooms.map { .byName(name: $0.name) }

/// C modules and the system libraries that they stand on.
let modules: [Target] = [
  ("CKernels", ["gomp", "m"]), ("COneDNN", ["dnnl"]), ("CPNG", ["png"]), ("CZlib", ["z"]),
].map { name, systemLibraries in
  .target(name: name, cSettings: cSettings, linkerSettings: systemLibraries.map { .linkedLibrary($0) })
}

let libraries: [Target] = rooms.map { room in
  .target(
    name: room.name, dependencies: room.dependencies.map { .byName(name: $0) },
    swiftSettings: swiftSettings, linkerSettings: linkerSettings)
}

let tests: [Target] = rooms.filter(\.hasTests).map { room in
  .testTarget(
    name: room.name + "Tests", dependencies: everyRoom + ["TestSupport"],
    swiftSettings: swiftSettings, linkerSettings: linkerSettings)
}

let package = Package(
  name: "latent",
  products: [
    .executable(name: "latent", targets: ["LatentCLI"]),
    .library(name: "Latent", targets: ["Latent"]),
  ],
  targets: modules + libraries + tests + [
    .executableTarget(
      name: "LatentCLI", dependencies: everyRoom, swiftSettings: swiftSettings, linkerSettings: linkerSettings),
    .executableTarget(
      name: "latent-bench", dependencies: everyRoom + ["COneDNN"], path: "Benchmarks/Latent",
      swiftSettings: swiftSettings,
      linkerSettings: linkerSettings),
    .executableTarget(
      name: "TwoMoons", dependencies: everyRoom, path: "Examples/TwoMoons", swiftSettings: swiftSettings,
      linkerSettings: linkerSettings),
    .target(
      name: "TestSupport", dependencies: everyRoom, path: "Tests/TestSupport", swiftSettings: swiftSettings,
      linkerSettings: linkerSettings),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter", cSettings: cSettings),
    .testTarget(
      name: "AllocationTests", dependencies: everyRoom + ["CAllocationCounter", "TestSupport"],
      swiftSettings: swiftSettings, linkerSettings: linkerSettings),
    .testTarget(
      name: "CKernelsTests", dependencies: ["CKernels", "Randomness"], swiftSettings: swiftSettings,
      linkerSettings: linkerSettings),
    .testTarget(
      name: "LatentCLITests", dependencies: everyRoom + ["TestSupport", "LatentCLI"], swiftSettings: swiftSettings,
      linkerSettings: linkerSettings),
  ]
)
