/// A small font of strokes: every printable ASCII character as lines on a grid, drawn as thick as one likes.
///
/// Capitals are 8 units wide and 12 high, small letters 8 high; strokes have round ends, so a point is a stroke too.
enum StrokeFont {
  /// A straight line from one point to another.
  struct Segment: Equatable {
    var x0: Double, y0: Double, x1: Double, y1: Double
  }

  /// The height of capitals in units.
  static let capitalHeight = 12.0
  /// The thickness of a stroke in units.
  static let thickness = 1.6
  /// The distance between neighbouring characters, from the middle of the strokes, in units.
  private static let gap = 3.6
  private static let spaceWidth = 4.0
  /// The size of raised and lowered text, and how far it is moved, in units.
  private static let (smallSize, rise, fall) = (0.72, 5.5, -3.5)

  /// The strokes of a text whose first character begins at 0 on a base line at 0, y downwards, and its width; in units.
  ///
  /// What is between `^{` and `}` is raised, what is between `_{` and `}` lowered; both are smaller.
  static func text(_ text: String) -> (segments: [Segment], width: Double) {
    var segments: [Segment] = []
    var pen = 0.0
    var (size, shift) = (1.0, 0.0)
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if character == "^" || character == "_", rest.first == "{", rest.contains("}") {
        rest.removeFirst()
        (size, shift) = (smallSize, character == "^" ? rise : fall)
        continue
      }
      if character == "}", size < 1 {
        (size, shift) = (1, 0)
        continue
      }
      let glyph = glyph(character)
      for line in glyph.lines {
        segments.append(
          Segment(
            x0: pen + size * line.x0, y0: size * (line.y0 - capitalHeight) - shift, x1: pen + size * line.x1,
            y1: size * (line.y1 - capitalHeight) - shift))
      }
      pen += size * (glyph.width + gap)
    }
    return (segments, max(0, pen - gap))
  }

  /// The strokes and the width of a character, or of a question mark if there is none such.
  private static func glyph(_ character: Character) -> (lines: [Segment], width: Double) {
    if character == " " { return ([], spaceWidth) }
    let code = character.asciiValue.map { Int($0) - 33 } ?? -1
    let strokes = strokes[strokes.indices.contains(code) ? code : 30]
    var lines: [Segment] = []
    for stroke in strokes.split(separator: "|") {
      let points = stroke.split(separator: " ").map { point in
        point.map { Double($0.hexDigitValue ?? 16) }
      }
      for index in points.indices where index > 0 || points.count == 1 {
        let (from, to) = (points[max(index - 1, 0)], points[index])
        lines.append(Segment(x0: from[0], y0: from[1], x1: to[0], y1: to[1]))
      }
    }
    return (lines, lines.reduce(0) { max($0, $1.x0, $1.x1) })
  }

  /// For the characters from ! to ~ their strokes, separated by |: points x y, a digit each, in base 17 (g is 16), from
  /// the upper left; y is 0 at the top of capitals, 4 at that of small letters, 12 at the base line.
  private static let strokes = [
    /* ! */ "00 08|0c",
    /* " */ "00 03|30 33",
    /* # */ "30 1c|70 5c|14 84|08 78",
    /* $ */ "72 61 40 30 11 02 04 15 36 46 67 78 7a 6b 4c 3c 1b 0a|40 4c",
    /* % */ "80 0c|10 30 41 43 34 14 03 01 10|58 78 89 8b 7c 5c 4b 49 58",
    /* & */ "8c 25 13 11 20 40 51 53 44 17 08 0b 1c 4c 6b 88",
    /* ' */ "00 03",
    /* ( */ "30 11 03 09 1b 3c",
    /* ) */ "00 21 33 39 2b 0c",
    /* * */ "31 39|03 67|63 07",
    /* + */ "33 3b|07 67",
    /* , */ "1b 1c 0e",
    /* - */ "07 57",
    /* . */ "0c",
    /* / */ "60 0c",
    /* 0 */ "30 40 61 73 79 6b 4c 3c 1b 09 03 11 30",
    /* 1 */ "02 30 3c|0c 6c",
    /* 2 */ "03 11 30 40 61 72 74 65 0c 7c",
    /* 3 */ "02 11 30 40 61 72 74 65 46 36|46 67 78 7a 6b 4c 3c 1b 0a",
    /* 4 */ "5c 50 08 78",
    /* 5 */ "70 10 05 24 44 65 77 79 6b 4c 2c 1b 0a",
    /* 6 */ "62 51 40 30 11 03 09 1b 3c 4c 6b 79 78 66 45 35 16 08",
    /* 7 */ "00 70 2c",
    /* 8 */ "36 15 04 02 11 30 40 61 72 74 65 46 36 17 08 0a 1b 3c 4c 6b 7a 78 67 46",
    /* 9 */ "1a 2b 3c 4c 6b 79 73 61 40 30 11 03 04 16 37 47 66 74",
    /* : */ "05|0c",
    /* ; */ "15|1b 1c 0e",
    /* < */ "63 07 6b",
    /* = */ "05 65|09 69",
    /* > */ "03 67 0b",
    /* ? */ "02 11 20 40 51 62 64 55 37 38|3c",
    /* @ */ "64 44 35 37 48 58 67 64 68 78 86 83 61 30 11 03 09 1b 3c 6c",
    /* A */ "0c 40 8c|18 78",
    /* B */ "00 0c 4c 6b 7a 78 67 46 06|00 40 51 62 64 55 46",
    /* C */ "82 71 50 30 11 03 09 1b 3c 5c 7b 8a",
    /* D */ "00 0c 4c 6b 89 83 61 40 00",
    /* E */ "70 00 0c 7c|06 56",
    /* F */ "70 00 0c|06 56",
    /* G */ "82 71 50 30 11 03 09 1b 3c 5c 7b 89 87 57",
    /* H */ "00 0c|80 8c|06 86",
    /* I */ "00 0c",
    /* J */ "50 59 4b 3c 2c 0b",
    /* K */ "00 0c|70 07|34 7c",
    /* L */ "00 0c 6c",
    /* M */ "0c 00 48 80 8c",
    /* N */ "0c 00 8c 80",
    /* O */ "30 50 71 83 89 7b 5c 3c 1b 09 03 11 30",
    /* P */ "0c 00 40 61 72 74 65 46 06",
    /* Q */ "30 50 71 83 89 7b 5c 3c 1b 09 03 11 30|59 8d",
    /* R */ "0c 00 40 61 72 74 65 46 06|36 7c",
    /* S */ "72 61 40 30 11 02 04 15 36 46 67 78 7a 6b 4c 3c 1b 0a",
    /* T */ "00 80|40 4c",
    /* U */ "00 09 1b 3c 5c 7b 89 80",
    /* V */ "00 4c 80",
    /* W */ "00 2c 52 8c a0",
    /* X */ "00 8c|80 0c",
    /* Y */ "00 46 80|46 4c",
    /* Z */ "00 80 0c 8c",
    /* [ */ "20 00 0c 2c",
    /* \ */ "00 6c",
    /* ] */ "00 20 2c 0c",
    /* ^ */ "04 30 64",
    /* _ */ "0e 7e",
    /* ` */ "00 22",
    /* a */ "15 24 44 55 66 6c|67 27 09 0a 1c 3c 5b 69",
    /* b */ "00 0c|06 15 24 44 55 67 69 5b 4c 2c 1b 0a",
    /* c */ "66 55 44 24 15 07 09 1b 2c 4c 5b 6a",
    /* d */ "60 6c|66 55 44 24 15 07 09 1b 2c 4c 5b 6a",
    /* e */ "08 68 67 55 44 24 15 07 09 1b 2c 4c 6b",
    /* f */ "40 30 21 13 1c|04 44",
    /* g */ "64 6d 5f 4g 2g 1f|66 55 44 24 15 07 09 1b 2c 4c 5b 6a",
    /* h */ "00 0c|06 15 24 44 55 66 6c",
    /* i */ "04 0c|01",
    /* j */ "24 2e 1g 0g|21",
    /* k */ "00 0c|54 09|27 6c",
    /* l */ "00 0a 1c 2c",
    /* m */ "04 0c|06 15 24 34 45 56 5c|56 65 74 84 95 a6 ac",
    /* n */ "04 0c|06 15 24 44 55 66 6c",
    /* o */ "24 44 55 67 69 5b 4c 2c 1b 09 07 15 24",
    /* p */ "04 0g|06 15 24 44 55 67 69 5b 4c 2c 1b 0a",
    /* q */ "64 6g|66 55 44 24 15 07 09 1b 2c 4c 5b 6a",
    /* r */ "04 0c|07 15 24 44",
    /* s */ "55 44 14 05 06 17 48 59 5b 4c 1c 0b",
    /* t */ "11 1a 2c 4c|04 44",
    /* u */ "04 0a 1b 2c 4c 5b 6a|64 6c",
    /* v */ "04 3c 64",
    /* w */ "04 2c 45 6c 84",
    /* x */ "04 6c|64 0c",
    /* y */ "04 3c|64 3c 2e 1g 0g",
    /* z */ "04 64 0c 6c",
    /* { */ "30 21 25 06 27 2b 3c",
    /* | */ "00 0e",
    /* } */ "00 11 15 36 17 1b 0c",
    /* ~ */ "08 16 26 48 58 66",
  ]
}
