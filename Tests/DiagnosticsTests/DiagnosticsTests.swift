import LatentDiagnostics
import Testing

@Suite struct DiagnosticsTests {
  @Test func anErrorIsTwoSentences() {
    let error = LatentError.failure("The disk is full", remedy: "Free some space")
    #expect(error.description == "The disk is full. Free some space.")
    #expect(LatentError.usage("No such preset", remedy: "Did you mean vae?").description.hasSuffix("vae?"))
  }

  @Test(arguments: [
    ("vea", "vae"), ("--epoch", "--epochs"), ("fashion_mnist", "fashion-mnist"), ("VAE", "vae"), ("smaple", "sample"),
  ])
  func aSlipFindsItsName(_ slip: String, _ name: String) {
    let names = ["vae", "--epochs", "fashion-mnist", "mnist", "sample", "ae-very-long"]
    #expect(nearestName(to: slip, among: names) == name)
  }

  @Test func somethingElseFindsNothing() {
    #expect(nearestName(to: "transformer", among: ["vae", "mnist"]) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
  }
}
