// swift-tools-version: 6.2
import PackageDescription

/// A package that depends on Latent as an outsider would, from its sources and through its products alone.
let package = Package(
  name: "client",
  dependencies: [.package(name: "latent", path: "../..")],
  targets: [
    .executableTarget(
      name: "Client", dependencies: [.product(name: "Latent", package: "latent")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ]
)
