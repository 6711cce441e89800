import Foundation

/// Whether tests that go through many alike cases go through all of them: with LATENT_THOROUGH set, which takes minutes.
public let isThorough = ProcessInfo.processInfo.environment["LATENT_THOROUGH"] != nil
