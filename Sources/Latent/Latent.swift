// `import Latent` is all that a library user needs.
@_exported import LatentCPUBackend
@_exported import LatentDatasets
@_exported import LatentDiagnostics
@_exported import LatentDifferentiation
@_exported import LatentDistributions
@_exported import LatentEvaluation
@_exported import LatentExecution
@_exported import LatentFileFormats
@_exported import LatentLayers
@_exported import LatentONNX
@_exported import LatentOptimizers
@_exported import LatentRandomness
@_exported import LatentReferenceBackend
@_exported import LatentStableHLO
@_exported import LatentTensorGraph
@_exported import LatentTraining
@_exported import LatentVariationalAutoencoders
