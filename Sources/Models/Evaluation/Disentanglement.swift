/// Scores of how far single latents stand for single factors, as Locatello and others (2019) compare them.
///
/// The conventions and the defaults are those of that study's library: posterior means as codes, 10,000 examples to
/// learn from and 5,000 to measure on. Every score is higher for a better disentangled code and 1 at most, and does not
/// depend on the order of the latents.
///
/// Two kinds of arguments: the scores that compare examples with chosen factors draw them from a `FactorSource`; the
/// others look at `LabelledCodes`, which `FactorSource.labelledCodes(count:seed:stream:)` draws.
///
/// Source: Locatello, Bauer, Lucic, Rätsch, Gelly, Schölkopf, Bachem, "Challenging Common Assumptions in the
/// Unsupervised Learning of Disentangled Representations" (2019), appendix C.
package enum Disentanglement {}
