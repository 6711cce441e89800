/// Small files of kinds that `PNG` reads but does not write, in base 64.
enum PNGSamples {
  /// Two pixels of a palette of two colours: the second, the first.
  static let palette =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUKFB4oMjzVG7TpAAAAC0lEQVR4nGNgZAAAAAUAAtFm"
    + "M3gAAAAASUVORK5CYII="

  /// Two grey pixels of 16 bits: 0xFFFF, 0x8080.
  static let grey16 =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGP4/7+hAQAIfgL/6Y4xXwAAAABJRU5ErkJggg=="

  /// One pixel (1, 2, 3) that is wholly transparent.
  static let colourAlpha =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgZGJmAAAAFQAHLKogTgAAAABJRU5ErkJggg=="

  /// Three pixels of one bit: 1, 0, 1.
  static let oneBit =
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAQAAAAAzmykZAAAACklEQVR4nGNYAAAAogCh3I2xzAAAAABJRU5ErkJggg=="

  /// One grey pixel 7 that is wholly transparent.
  static let greyAlpha =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR4nGNgZwAAABEACBt0y1cAAAAASUVORK5CYII="

  /// A header that claims 100,000 by 100,000 pixels.
  static let huge =
    "iVBORw0KGgoAAAANSUhEUgABhqAAAYagCAAAAACNOVQUAAAAC0lEQVR4nGNgZwAAABEACBt0y1cAAAAASUVORK5CYII="
}
