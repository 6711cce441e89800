/// Small pictures as Pillow 13 writes them: 8 x 6 pixels, JPEG of quality 90.
public enum PictureSamples {
  /// In colour, in base 64.
  public static let colour =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAGAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwCh4C/Zf0f93zD/AN8n/CiiiviuPeJM3/tup/tEj0vDviDNP7Bpfv5f0j//2Q=="
  /// The first 24 of its samples, as Pillow reads them.
  public static let colourStart: [UInt8] = [
    1, 6, 222, 17, 7, 215, 50, 7, 201, 80, 8, 180, 110, 8, 156, 139, 9, 135, 170, 8, 120, 187, 10, 114,
  ]
  /// The sum of all its samples.
  public static let colourSum = 17599
  /// The first row in grey, by `convert("L")`.
  public static let colourAsGrey: [UInt8] = [29, 34, 42, 49, 55, 62, 69, 75]
  /// All of it at 3 x 4 by `resize(..., BILINEAR)`.
  public static let colourSmall: [UInt8] = [
    30, 19, 214, 99, 20, 170, 167, 21, 127, 36, 71, 210, 105, 72, 166, 173, 73, 122, 36, 128, 196, 106, 129, 153, 174,
    130, 110, 46, 178, 197, 116, 178, 154, 184, 179, 111,
  ]
  /// Its first 30 samples at 11 x 9.
  public static let colourLarge: [UInt8] = [
    1, 6, 222, 10, 7, 218, 27, 7, 211, 51, 7, 200, 73, 8, 185, 95, 8, 168, 117, 8, 151, 138, 9, 136, 160, 8, 125, 177,
    9, 118,
  ]

  /// In grey, in base 64.
  public static let grey =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAGAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOC/4J3f8wz/AIDX/9k="
  /// The first row of that.
  public static let greyStart: [UInt8] = [1, 30, 61, 90, 121, 149, 181, 210]
}
