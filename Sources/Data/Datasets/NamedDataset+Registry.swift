extension NamedDataset {
  /// Every data set known by name.
  package static let all: [NamedDataset] = [mnist, fashionMNIST, sprites, emoji]

  /// The data set with a name, if there is one.
  package static func named(_ name: String) -> NamedDataset? { all.first { $0.name == name } }

  /// MNIST: 60,000 training and 10,000 test pictures of handwritten digits, 28 x 28 grey levels, with their digits as
  /// labels.
  package static let mnist = NamedDataset(
    name: "mnist", summary: "Handwritten digits, 10 classes, 28 by 28 grey", shape: [28, 28, 1], trainCount: 60_000,
    testCount: 10_000, classCount: 10,
    source: "LeCun, Cortes, Burges: The MNIST Database of Handwritten Digits (1998)",
    licence: "CC BY-SA 3.0",
    files: idxFiles(
      at: "https://ossci-datasets.s3.amazonaws.com/mnist",
      digests: [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      ]))

  /// Fashion-MNIST: 60,000 training and 10,000 test pictures of clothes, 28 x 28 grey levels, with ten classes as
  /// labels.
  package static let fashionMNIST = NamedDataset(
    name: "fashion-mnist", summary: "Articles of clothing, 10 classes, 28 by 28 grey", shape: [28, 28, 1],
    trainCount: 60_000, testCount: 10_000, classCount: 10,
    source: "Xiao, Rasul, Vollgraf: Fashion-MNIST (2017), Zalando Research",
    licence: "MIT",
    files: idxFiles(
      at: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      digests: [
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      ]),
    debianPackage: "dataset-fashion-mnist")

  /// Shapes drawn from known factors.
  package static let sprites = NamedDataset(
    name: "sprites", summary: "Squares, ellipses, and hearts drawn from known factors, 64 by 64 grey",
    shape: [Sprites.side, Sprites.side, 1], trainCount: Sprites.defaultTrainCount,
    testCount: Sprites.defaultTestCount, classCount: Sprites.Shape.allCases.count,
    source: "Drawn by Latent with the factors of dSprites (Matthey and others, 2017)", licence: "None needed",
    files: [])

  /// The pictures of a font.
  package static let emoji = NamedDataset(
    name: "emoji", summary: "Emoji in colour, 32 by 32 on white; emoji:64:black and the like for others",
    shape: [32, 32, 3], trainCount: 3534, testCount: 392, classCount: 0,
    source: "The font Noto Color Emoji, Google, by way of Debian's package fonts-noto-color-emoji",
    licence: "SIL Open Font License 1.1",
    files: [File(name: "NotoColorEmoji.ttf", url: "", contentSHA256: "", contentByteCount: 0)],
    debianPackage: "fonts-noto-color-emoji", systemFolder: "/usr/share/fonts/truetype/noto")

  /// Whether it can be downloaded file by file, and not with a package of the system alone.
  package var canBeFetched: Bool { systemFolder == nil }

  /// The four files that MNIST and the sets in its likeness have: both splits' images and labels.
  private static func idxFiles(at url: String, digests: [String]) -> [File] {
    let names = [
      ("train-images-idx3-ubyte.gz", 16 + 60_000 * 784), ("train-labels-idx1-ubyte.gz", 8 + 60_000),
      ("t10k-images-idx3-ubyte.gz", 16 + 10_000 * 784), ("t10k-labels-idx1-ubyte.gz", 8 + 10_000),
    ]
    return zip(names, digests).map { file, digest in
      File(name: file.0, url: "\(url)/\(file.0)", contentSHA256: digest, contentByteCount: file.1)
    }
  }
}
