import Foundation
import Latent
import TestSupport
import Testing

@Suite struct RunConfigurationTests {
  private let configuration: RunConfiguration

  init() throws { configuration = try Preset.named("vae").configuration }

  @Test func settingsAreFoundByTheirPath() throws {
    let changed =
      try configuration.setting("model.prior.dimensions", to: "7").setting("optimizer.rule", to: "adagrad")
      .setting("model.encoder.network.hidden", to: "[300, 200]").setting("objective.estimator", to: "monteCarlo")
    #expect(changed.model.prior.dimensions == 7)
    #expect(changed.optimizer.rule == .adagrad)
    #expect((changed.model.encoder.network as? MultilayerPerceptron)?.hidden == [300, 200])
    #expect(changed.objective.estimator == .monteCarlo)
    #expect(changed.model.decoder == configuration.model.decoder)
  }

  @Test(arguments: [
    (
      "model.prior.dimension", "3",
      "--set sets model.prior.dimension, which does not exist. Did you mean model.prior.dimensions?"
    ),
    ("optimiser.rule", "adam", "--set sets optimiser, which does not exist. Did you mean optimizer?"),
    (
      "optimizer.rule", "adem",
      "--set optimizer.rule=adem gives optimizer.rule a value that is not allowed. It can be sgd, adagrad, rmsProp, adam, adamW, adamax, muon."
    ),
    (
      "epochs", "many",
      "--set epochs=many gives epochs a value that is no whole number. Give it a whole number, as `latent presets vae` shows."
    ),
    (
      "model.prior.zzzzzzzzz", "1",
      "--set sets model.prior.zzzzzzzzz, which does not exist. The settings here are dimensions, kind."
    ),
  ])
  func wrongSettingsAreNamed(_ key: String, _ value: String, _ message: String) {
    let error = #expect(throws: LatentError.self) { try configuration.setting(key, to: value) }
    #expect(error?.description == message)
  }

  @Test func aPartialFileChangesWhatItNames() throws {
    let json = Data(#"{"batchSize": 20, "model": {"prior": {"dimensions": 50}}}"#.utf8)
    let merged = try configuration.merging(json: json, source: "my.json")
    #expect(merged.batchSize == 20)
    #expect(merged.model.prior.dimensions == 50)
    let wrong = Data(#"{"batchsize": 20}"#.utf8)
    let error = #expect(throws: LatentError.self) { try configuration.merging(json: wrong, source: "my.json") }
    #expect(error?.description == "my.json sets batchsize, which does not exist. Did you mean batchSize?")
  }

  @Test func anotherFormatIsRefused() throws {
    let json = String(decoding: try configuration.json(), as: UTF8.self)
      .replacingOccurrences(of: "\"format\" : \(RunConfiguration.currentFormat)", with: "\"format\" : 99")
    let error = #expect(throws: LatentError.self) {
      try RunConfiguration(json: Data(json.utf8), source: "config.json")
    }
    #expect(error?.problem.contains("has format 99") == true)
    #expect(error?.category == .failure)
  }

  @Test(arguments: ["", "{", "[1]", "{\"format\": 2}"])
  func damagedFilesAreRefused(_ text: String) {
    let error = #expect(throws: LatentError.self) {
      try RunConfiguration(json: Data(text.utf8), source: "config.json")
    }
    #expect(error?.problem.hasPrefix("config.json") == true)
  }

  @Test func aMisspeltPresetFindsItsName() {
    let error = #expect(throws: LatentError.self) { try Preset.named("vae-con") }
    #expect(error?.description == "There is no preset vae-con. Did you mean vae-conv?")
  }
}
