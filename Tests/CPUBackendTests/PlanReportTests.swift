import Foundation
import LatentCPUBackend
import LatentExecution
import LatentTensorGraph
import Testing

/// A plan in words, on a program small enough to follow by hand.
@Suite struct PlanReportTests {
  /// softmax(x w + b): the worked example of docs/architecture.md.
  private func softmax() -> Program {
    let graph = Graph()
    let x = graph.input("x", shape: [100, 784])
    let kernel = graph.read(Variable("kernel", shape: [784, 10]))
    let bias = graph.read(Variable("bias", shape: [10]))
    let logits = graph.scope("layer") { x.dot(kernel) + bias.broadcast(to: [100, 10]) }
    return graph.scope("softmax") {
      let e = (logits - logits.max([1], keepingDimensions: true)).exp()
      return Program(graph: graph, outputs: [e / e.sum([1], keepingDimensions: true)])
    }
  }

  @Test func whatIsComputedTogetherAndWhyNotMore() throws {
    let report = try CPUBackend(threads: 1).report(on: softmax())
    #expect(report.steps.map { $0.operations.count } == [2, 1, 3, 1])
    #expect(report.steps[0].label == "product [100, 784] [784, 10] + bias")
    #expect(report.steps[1].operations == ["reduce (maximum) in softmax"])
    let apart = report.steps.map(\.refusals)
    #expect(apart[0].isEmpty)
    #expect(
      apart[1] == ["from step 0, add in layer: a product or a convolution is joined by a bias and an activation alone"])
    // The sum's broadcast lies between.
    #expect(apart[3].count == 1)
    #expect(apart[3].first?.contains("from step 2, exponential in softmax: a step between them") == true, "\(apart)")
    // The quotient takes the place of the exponential.
    #expect(report.steps[3].writes.first?.hasSuffix("until the end, over what step 2 wrote") == true)
    #expect(report.steps[3].reads.first?.hasPrefix("arena at") == true)
    let all = report.text
    #expect(all.hasSuffix("4 steps, an arena of \(report.arenaByteCount) bytes"))
  }

  @Test func theWorkedExampleIsWhatIsPrinted() throws {
    let text = try CPUBackend(threads: 1).report(on: softmax()).text
    let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../docs/architecture.md")
    #expect(try String(contentsOf: docs, encoding: .utf8).contains(text), "\(text)")
  }

  /// Every rule, each by a program that only it keeps apart.
  @Test func rulesHaveTheirNames() throws {
    func refusals(_ build: (Graph) -> [Tensor]) throws -> String {
      let graph = Graph()
      let program = Program(graph: graph, outputs: build(graph))
      return try CPUBackend(threads: 1).report(on: program).steps.flatMap(\.refusals).joined(separator: "\n")
    }
    let unfinished = try refusals { graph in
      [graph.input("x", shape: [8, 9]).exp().sum([1]).log()]
    }
    #expect(unfinished.hasSuffix("its reduction is complete only when its loop is over"))
    let dimensions = try refusals { graph in
      let x = graph.input("x", shape: [8, 9]).exp()
      return [(x + 1).sum([0]), (x * x).log().sum([1])]
    }
    #expect(dimensions.hasSuffix("they reduce over different dimensions"), "\(dimensions)")
    let large = try refusals { graph in
      var x = graph.input("x", shape: [8, 9])
      for _ in 0..<80 { x = x.tanh() }
      return [x]
    }
    #expect(large.hasSuffix("than a tile program has registers for"), "\(large)")
  }
}
