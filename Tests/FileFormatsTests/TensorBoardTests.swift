import Foundation
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct TensorBoardTests {
  @Test func theChecksumIsCastagnolis() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    let crc = CRC32C.checksum("123456789".utf8)
    #expect(CRC32C.masked("123456789".utf8) == ((crc >> 15) | (crc << 17)) &+ 0xA282_EAD8)
  }

  @Test func anEventIsEncodedAsProtocolBuffersAre() {
    let event = TensorBoardEvent.scalar("elbo", -2.5, step: 300, wallTime: 1)
    #expect(
      Array(event) == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0xAC, 0x02, 0x2A, 0x0D, 0x0A, 0x0B, 0x0A, 0x04]
        + Array("elbo".utf8) + [0x15, 0, 0, 0x20, 0xC0])
  }

  @Test func everyRecordIsFramedAndTheFirstNamesTheVersion() throws {
    let folder = try TemporaryFolder()
    let writer = try TensorBoardWriter(folder: folder.file("run/logs"))
    try writer.scalar("train/elbo", -100, step: 1)
    try writer.scalar("train/rate", 25, step: Int.max)
    writer.flush()
    let name = (writer.path as NSString).lastPathComponent
    #expect(name.hasPrefix("events.out.tfevents.") && name.hasSuffix(".latent"))
    var rest = try FileReading.data(at: writer.path)
    var events: [Data] = []
    while !rest.isEmpty {
      let length = Data(rest.prefix(8))
      let count = Int(length[0])
      #expect(Array(length.dropFirst()) == Array(repeating: 0, count: 7))
      let event = Data(rest.dropFirst(12).prefix(count))
      #expect(Array(rest.dropFirst(8).prefix(4)) == bytes(CRC32C.masked(length)))
      #expect(Array(rest.dropFirst(12 + count).prefix(4)) == bytes(CRC32C.masked(event)))
      events.append(event)
      rest = rest.dropFirst(16 + count)
    }
    #expect(events.count == 3)
    #expect(events[0].range(of: Data("brain.Event:2".utf8)) != nil)
    #expect(events[1].range(of: Data("train/elbo".utf8)) != nil)
  }

  @Test func twoWritersOfOneFolderDoNotShareAFile() throws {
    let folder = try TemporaryFolder()
    let first = try TensorBoardWriter(folder: folder.path)
    let second = try TensorBoardWriter(folder: folder.path)
    #expect(first.path != second.path)
  }

  private func bytes(_ word: UInt32) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
