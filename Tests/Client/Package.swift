// swift-tools-version: 6.2
import PackageDescription

/// A package that depends on Latent as an outsider would, from its sources and through its products alone.
let package = Package(
  name: "client",
  dependencies: [.package(name: "latent", path: "../..")],
  targets: ["Client", "Tasks"].map { name in
    .executableTarget(
      name: name, dependencies: [.product(name: "Latent", package: "latent")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  }
)
