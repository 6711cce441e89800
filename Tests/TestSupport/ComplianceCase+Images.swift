import Latent

extension ComplianceCase {
  /// Convolutions of sequences and volumes, and images at other sizes.
  static let images: [ComplianceCase] = sequences + volumes + sizes

  private static let sequences: [ComplianceCase] = [
    ComplianceCase("convolution1D", [real(2, 7, 3), real(3, 3, 4)]) { $0[0].convolution1D($0[1]) },
    ComplianceCase("convolution1D by 2", [real(2, 8, 2), real(3, 2, 4)]) {
      $0[0].convolution1D($0[1], stride: 2, padding: .same)
    },
    ComplianceCase("causal convolution1D", [real(1, 9, 2), real(3, 2, 3)]) {
      $0[0].convolution1D($0[1], padding: .causal, dilation: 2)
    },
    ComplianceCase("convolution1D in groups", [real(2, 5, 4), real(2, 2, 6)]) {
      $0[0].convolution1D($0[1], padding: .explicit(1), groups: 2)
    },
    ComplianceCase("transposedConvolution1D", [real(2, 4, 3), real(4, 2, 3)]) {
      $0[0].transposedConvolution1D($0[1], outputLength: 8, stride: 2, padding: .same)
    },
    ComplianceCase("causal transposedConvolution1D", [real(1, 5, 3), real(3, 2, 3)]) {
      $0[0].transposedConvolution1D($0[1], outputLength: 5, padding: .causal)
    },
    ComplianceCase("convolution1D of nothing", [real(0, 5, 2), real(3, 2, 3)]) { $0[0].convolution1D($0[1]) },
  ]

  private static let volumes: [ComplianceCase] = [
    ComplianceCase("convolution3D", [real(2, 3, 4, 3, 2), real(2, 3, 2, 2, 3)]) { $0[0].convolution3D($0[1]) },
    ComplianceCase("convolution3D by 2", [real(1, 4, 5, 4, 1), real(3, 3, 3, 1, 2)]) {
      $0[0].convolution3D($0[1], strides: [2, 2, 2], padding: .same)
    },
    ComplianceCase("convolution3D by 2, dilated, in groups", [real(1, 5, 3, 3, 4), real(2, 2, 1, 2, 2)]) {
      $0[0].convolution3D($0[1], strides: [2, 1, 1], padding: .explicit(1), dilations: [2, 1, 1], groups: 2)
    },
    ComplianceCase("transposedConvolution3D", [real(1, 2, 3, 2, 2), real(3, 2, 3, 1, 2)]) {
      $0[0].transposedConvolution3D($0[1], outputSize: [4, 5, 4], strides: [2, 2, 2], padding: .same)
    },
    ComplianceCase("transposedConvolution3D in groups", [real(1, 3, 3, 3, 4), real(2, 2, 1, 2, 4)]) {
      $0[0].transposedConvolution3D(
        $0[1], outputSize: [5, 2, 1], strides: [2, 1, 1], padding: .explicit(1), dilations: [2, 1, 1], groups: 2)
    },
  ]

  private static let sizes: [ComplianceCase] = [
    ComplianceCase("resizedNearest", [real(2, 3, 4, 2)]) { $0[0].resizedNearest([5, 3]) },
    ComplianceCase("resizedBilinear", [real(2, 3, 4, 2)]) { $0[0].resizedBilinear([5, 7]) },
    ComplianceCase("resizedBilinear to smaller", [real(1, 5, 6, 1)]) { $0[0].resizedBilinear([2, 4]) },
    ComplianceCase("pixelShuffled", [real(2, 2, 3, 12)]) { $0[0].pixelShuffled(2) },
    ComplianceCase("pixelUnshuffled", [real(1, 4, 6, 2)]) { $0[0].pixelUnshuffled(2) },
  ]
}
