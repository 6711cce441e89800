import Foundation
import Latent
import LatentPages
import LatentTraining
import TestSupport
import Testing

/// The explorer as a reader uses it, in a browser without a window.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "Chromium is not on this machine")) struct ExplorerPageTests {
  /// A model whose weights are as training begins with them: all that matters is that both decode alike.
  private func trained(
    _ model: VariationalAutoencoder, _ examples: Examples
  ) throws -> TrainedModel {
    let configuration = RunConfiguration(model: model, batchSize: 50, epochs: 1, seed: 5)
    return try Trainer(configuration, dataset: Dataset(name: "bars", train: examples)).trained
  }

  private func page(_ trained: TrainedModel, _ examples: Examples) throws -> String {
    try ExplorerPage(trained, examples: examples, split: "test", name: "a run", seed: 1).html
  }

  private func labelled() throws -> Examples {
    try smallImages(60, isLabelled: true)
  }

  /// Decoders of every kind of layer, and what their pages have to run.
  static let models: [(name: String, model: VariationalAutoencoder)] = {
    func model(
      _ decoder: any DecoderFamily, likelihood: any LikelihoodFamily = .bernoulli, latents: Int = 4
    ) -> VariationalAutoencoder {
      VariationalAutoencoder(
        prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: [12]),
        decoder: .init(network: decoder, likelihood: likelihood))
    }
    var labelled = model(.mlp(hidden: [12]))
    labelled.condition = .label
    return [
      ("dense", model(.mlp(hidden: [16, 12], activation: .tanh))),
      ("gated gelu", model(.mlp(hidden: [16], activation: .gelu, unit: .gated))),
      ("batch normalisation", model(.mlp(hidden: [16], activation: .relu, unit: .batchNormalized))),
      ("convolutions", model(.convolutional(channels: [4, 8], hidden: [16], activation: .relu))),
      ("residual", model(.residual(channels: [4, 8], groups: 2))),
      ("normal", model(.mlp(hidden: [12]), likelihood: .normal(variance: .scalar, standardDeviation: 0.5))),
      ("logistic mixture", model(.mlp(hidden: [12]), likelihood: DiscretizedLogisticLikelihood())),
      ("labels", labelled),
    ]
  }()

  @Test(arguments: models.map(\.name)) func pixelsAreThoseOfTheProgram(_ name: String) throws {
    let model = try #require(Self.models.first { $0.name == name }?.model)
    let examples = try labelled()
    let trained = try trained(model, examples)
    let z: [Float] = [0.5, -1.25, 2, 0.1]
    let generator = Generator(trained)
    let conditions = model.condition.isOn ? try generator.conditions(labels: [0]) : []
    let expected = try generator.decode(z, conditions: conditions)
    let played = try Browser.open(
      page(trained, examples), script: "return Array.from(latentExplorer.decoded(Float32Array.from(\(z))));")
    #expect(played.faults.isEmpty, "\(played.faults)")
    let pixels = try #require(played.result as? [Double])
    #expect(pixels.count == expected.count)
    let distance = zip(pixels, expected).map { abs($0 - Double($1)) }.max() ?? 1
    #expect(distance < 1.0 / 255, "off by \(distance)")
    // Nothing is right by being empty.
    #expect(Set(expected).count > 10)
  }

  @Test func sliderMapDrawsAndWaysMoveTheLatents() throws {
    let examples = try labelled()
    let trained = try trained(Self.models[0].model, examples)
    let played = try Browser.open(
      page(trained, examples),
      script: """
        const settled = () => new Promise((done) => setTimeout(done, 20));
        const { state, data } = latentExplorer;
        const pixels = () => document.getElementById("picture").toDataURL();
        const seen = {};
        await settled();
        let before = pixels();
        const changed = async () => { await settled(); const now = pixels(); const is = now !== before; before = now; return is; };
        const slider = document.querySelector("#sliders input");
        slider.value = 2; slider.dispatchEvent(new Event("input"));
        seen.slider = (await changed()) && Math.abs(state.z[data.order[0]] - 2) < 1e-6;
        document.getElementById("draw").click();
        seen.draw = (await changed()) && slider.nextElementSibling.textContent === state.z[data.order[0]].toFixed(2);
        document.getElementById("zero").click();
        seen.zero = (await changed()) && state.z.every((value) => value === 0);
        const map = document.getElementById("map");
        const box = map.getBoundingClientRect();
        map.dispatchEvent(new PointerEvent("pointerdown", { clientX: box.left + box.width, clientY: box.top, bubbles: true }));
        seen.map = (await changed()) && Math.abs(state.z[data.order[0]] - data.ranges[0][1]) < 1e-5
          && Math.abs(state.z[data.order[1]] - data.ranges[1][1]) < 1e-5;
        const buttons = document.querySelectorAll("#examples button");
        buttons[4].click(); buttons[7].click();
        await changed();
        const way = document.getElementById("way");
        way.value = 0; way.dispatchEvent(new Event("input"));
        await settled();
        const start = Array.from(state.z);
        way.value = 1; way.dispatchEvent(new Event("input"));
        await settled();
        const end = Array.from(state.z);
        seen.ends = JSON.stringify(state.ends) === "[4,7]" && start.some((value, place) => value !== end[place]);
        way.value = 0.5; way.dispatchEvent(new Event("input"));
        await settled();
        seen.middle = start.every((value, place) => Math.abs((value + end[place]) / 2 - state.z[place]) < 1e-5);
        seen.strip = document.querySelectorAll("#strip canvas").length === 9;
        seen.examples = buttons.length === data.pictureCount && data.pictureCount === 48;
        seen.legend = document.querySelectorAll("#legend > span").length === 2;
        seen.size = document.getElementById("picture").width === 8;
        return seen;
        """)
    #expect(played.faults.isEmpty, "\(played.faults)")
    let seen = try #require(played.result as? [String: Bool])
    #expect(seen.count == 10 && seen.values.allSatisfy { $0 }, "\(seen)")
  }

  @Test func aPhoneShowsAllOfItWithoutScrollingSideways() throws {
    let examples = try labelled()
    let trained = try trained(Self.models[0].model, examples)
    let played = try Browser.open(
      page(trained, examples), width: 500,
      script: "return [document.documentElement.scrollWidth, document.documentElement.clientWidth];")
    let widths = try #require(played.result as? [Int])
    #expect(widths[0] <= widths[1], "\(widths)")
  }

  @Test func pagesFetchNothing() throws {
    let examples = try labelled()
    let html = try page(trained(Self.models[0].model, examples), examples)
    for word in ["http://", "https://", "src=\"/", "@import", "fetch("] { #expect(!html.contains(word), "\(word)") }
  }

  @Test func whatCannotBeExploredIsRefused() throws {
    let examples = try smallImages(60)
    let drawn = Preset.all.first { $0.name == "pixel-vae" }
    var model = try #require(drawn?.configuration.model)
    model.encoder.network = .mlp(hidden: [12])
    model.decoder.network = .mlp(hidden: [12])
    let trained = try trained(model, examples)
    #expect(throws: LatentError.self) { try page(trained, examples) }
  }
}
