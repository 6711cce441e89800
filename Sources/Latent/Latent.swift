// `import Latent` is all that a library user needs.
@_exported import CPUBackend
@_exported import Datasets
@_exported import Diagnostics
@_exported import Differentiation
@_exported import Distributions
@_exported import Evaluation
@_exported import Execution
@_exported import FileFormats
@_exported import Layers
@_exported import Optimizers
@_exported import Randomness
@_exported import ReferenceBackend
@_exported import Reproduction
@_exported import StableHLO
@_exported import TensorGraph
@_exported import Training
@_exported import VariationalAutoencoders
