import LatentDiagnostics
import Foundation
import TestSupport
import Testing

@testable import LatentDatasets

@Suite struct DataDirectoryTests {
  private let tiny = NamedDataset(
    name: "tiny", summary: "", shape: [1], trainCount: 1, testCount: 1, classCount: 1, source: "", licence: "",
    files: ["a.gz", "b.gz"].map { .init(name: $0, url: "", contentSHA256: "", contentByteCount: 0) },
    debianPackage: "dataset-tiny")

  @Test func placesAreLookedAtInTheirOrder() {
    let environment = ["LATENT_DATA": "/env", "XDG_CACHE_HOME": "/cache", "HOME": "/home/me"]
    let all = DataDirectory(explicit: "/given", environment: environment)
    #expect(all.places == ["/given", "/env", "/usr/share/datasets", "/cache/latent"])
    #expect(all.downloads == "/given")
    let few = DataDirectory(environment: ["HOME": "/home/me", "LATENT_DATA": ""])
    #expect(few.places == ["/usr/share/datasets", "/home/me/.cache/latent"])
    #expect(few.downloads == "/home/me/.cache/latent")
  }

  @Test func theFirstPlaceWithAllFilesIsTaken() throws {
    let folder = try TemporaryFolder()
    for place in ["one", "two"] {
      try FileManager.default.createDirectory(
        atPath: folder.file("\(place)/tiny"), withIntermediateDirectories: true)
    }
    let directory = DataDirectory(
      explicit: folder.file("one"), environment: ["LATENT_DATA": folder.file("two"), "HOME": folder.path],
      system: folder.file("three"))
    try folder.write([1], as: "one/tiny/a.gz")
    try folder.write([1], as: "two/tiny/a")
    let error = #expect(throws: LatentError.self) { try directory.folder(of: tiny) }
    for place in directory.places { #expect(error?.problem.contains(place) == true) }
    #expect(error?.problem.contains("one/tiny lacks b.gz") == true)
    #expect(error?.remedy.contains("latent data fetch tiny") == true)
    #expect(error?.remedy.contains("apt install dataset-tiny") == true)
    try folder.write([1], as: "two/tiny/b.gz")
    #expect(try directory.folder(of: tiny) == folder.file("two/tiny"))
  }
}
