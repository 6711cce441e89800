import Latent

extension ComplianceCase {
  /// Loops: what is carried, sliced, captured, and stacked, both ways round, kept and rematerialized, and within each other.
  static let loops: [ComplianceCase] =
    recurrences + [
      ComplianceCase("scan of nothing carried", [real(5, 3)]) { x in
        x[0].graph.scan([x[0]]) { _, slices in ([], [slices[0].exp() + slices[0].sum()]) }.outputs[0]
      },
      ComplianceCase("scan without steps", [real(0, 3), real(3)]) { x in
        let (last, sums) = x[0].graph.scan([x[0]], carrying: [x[1]]) { carried, slices in
          let sum = carried[0] * slices[0]
          return ([sum], [sum])
        }
        return last[0] + sums[0].sum([0])
      },
      ComplianceCase("scan without sequences", [real(4)]) { x in
        x[0].graph.scan(carrying: [x[0]], length: 6) { carried, _ in ([(carried[0] * 1.3).sine()], []) }.carried[0]
      },
      ComplianceCase("scan whose carried values change places", [real(3), real(3), real(5, 3)]) { x in
        let (last, outputs) = x[0].graph.scan([x[2]], carrying: [x[0], x[1]]) { carried, slices in
          ([carried[1], carried[0] * slices[0].tanh()], [carried[0]])
        }
        return last[0] - last[1] * 2 + outputs[0].sum([0])
      },
      ComplianceCase("scan that passes on what it was given", [real(3), real(4, 3)]) { x in
        let (last, outputs) = x[0].graph.scan([x[1]], carrying: [x[0]]) { carried, slices in
          (carried, [slices[0], x[0]])
        }
        return last[0] + outputs[0].sum([0]) * outputs[1].sum([0])
      },
      ComplianceCase("scan with integers carried", [real(4, 3)]) { x in
        let graph = x[0].graph
        let (last, outputs) = graph.scan([x[0]], carrying: [graph.constant(0, .int32)]) { carried, slices in
          ([carried[0] + graph.constant(2, .int32)], [slices[0] * carried[0].converted(to: slices[0].type)])
        }
        return outputs[0].sum([0]) * last[0].converted(to: x[0].type)
      },
      ComplianceCase("while with a gradient, ended by its condition", [real(3), real(3)]) { x in
        x[0].graph.while([x[0], x[1]], limit: 9) {
          $0[0].sum().compare(.less, $0[0].scalar(12))
        } body: {
          [$0[0] * 1.2 + $0[1].squared() + 0.5, $0[1].sine() + $0[0] * 0.1]
        }.reduce(x[0].scalar(0), +)
      },
      ComplianceCase("while ended by its limit, rematerialized", [real(3)]) { x in
        x[0].graph.while([x[0]], limit: 4, isRematerialized: true) {
          $0[0].sum().compare(.less, $0[0].scalar(1e6))
        } body: {
          [$0[0].squared() + 1]
        }[0]
      },
      ComplianceCase("while that is never begun", [real(3)]) { x in
        x[0].graph.while([x[0]], limit: 4) {
          $0[0].sum().compare(.less, $0[0].scalar(-1e6))
        } body: {
          [$0[0].exp()]
        }[0]
      },
      ComplianceCase("scan within a scan", [real(3), real(2, 3), real(4, 3)]) { x in
        x[0].graph.scan([x[1]], carrying: [x[0]]) { carried, slices in
          let inner = carried[0].graph.scan([x[2]], carrying: [carried[0]]) { carried, inner in
            let value = (carried[0] * inner[0] + slices[0]).sine()
            return ([value], [value])
          }
          return ([inner.carried[0] + inner.outputs[0].sum([0])], [])
        }.carried[0]
      },
      ComplianceCase("gradient within a scan", [real(3), real(4, 3)]) { x in
        x[0].graph.scan([x[1]], carrying: [x[0]]) { carried, slices in
          let energy = (carried[0] * slices[0]).sine().sum()
          return ([carried[0] + gradient(of: energy, withRespectTo: [carried[0]])[0] * 0.3], [])
        }.carried[0]
      },
      ComplianceCase("gather and argument reductions in a scan", [real(3, 5), real(5, 2)]) { x in
        x[0].graph.scan([x[0]], carrying: [x[1].slice(0, 0..<1)]) { carried, slices in
          let row = x[1].gather(slices[0].argumentMaximum(0).reshape([1]))
          return ([carried[0] * row], [])
        }.carried[0]
      },
      ComplianceCase("scan with one value stacked in two shapes", [real(4, 3)]) { x in
        let (_, outputs) = x[0].graph.scan([x[0]]) { _, slices in
          let value = slices[0].exp()
          return ([], [value, value.reshape([3, 1])])
        }
        return outputs[0] * 2 + outputs[1].reshape([4, 3])
      },
      ComplianceCase("scan that keeps a product's operand in two shapes", [real(3, 2, 2, 4), real(4, 4)]) { x in
        let start = x[0].graph.constant([0], shape: [2, 2, 4], type: x[0].type)
        return x[0].graph.scan([x[0]], carrying: [start]) { carried, slices in
          ([(carried[0] + slices[0]).tanh().dot(x[1])], [])
        }.carried[0]
      },
      ComplianceCase("cumulative sums and orders in a scan", [real(4, 3, 5)]) { x in
        let start = x[0].graph.constant([0], shape: [3, 5], type: x[0].type)
        let (last, outputs) = x[0].graph.scan([x[0]], carrying: [start]) { carried, slices in
          ([carried[0].cumulativeSum(1) + slices[0].cumulativeSum(0)], [slices[0].sorted(1)])
        }
        return last[0] + outputs[0].sum([0])
      },
      ComplianceCase("noise in a scan", [real(4, 3)]) { x in
        x[0].graph.scan([x[0]]) { _, slices in
          ([], [slices[0] * slices[0].graph.random(.uniform, shape: [3], type: slices[0].type)])
        }.outputs[0]
      },
      ComplianceCase("convolutions in a scan", [real(3, 1, 4, 4, 2), real(3, 3, 2, 2)]) { x in
        x[0].graph.scan([x[0]], carrying: [x[0].slice(0, 0..<1).reshape([1, 4, 4, 2])]) { carried, slices in
          ([(carried[0].convolution(x[1], padding: .same) + slices[0]).tanh()], [])
        }.carried[0]
      },
      ComplianceCase("second derivative of a scan", [real(4, 3), real(3)]) { x in
        let last = x[0].graph.scan([x[0]], carrying: [x[1]]) { carried, slices in
          ([(carried[0] * slices[0]).sine() + carried[0]], [])
        }.carried[0]
        return gradient(of: last.squared().sum(), withRespectTo: [x[0]])[0]
      },
    ]

  private static let recurrences: [ComplianceCase] = [(3, 4, 5, 6, false), (6, 40, 30, 70, true)].flatMap { sizes in
    [(false, false), (true, false), (false, true), (true, true)].map { isReversed, isRematerialized in
      let (steps, batch, inputs, units, isLarge) = sizes
      return ComplianceCase(
        "recurrence of \(units) units\(isReversed ? ", reversed" : "")\(isRematerialized ? ", rematerialized" : "")",
        [real(steps, batch, inputs), real(inputs, units), real(units, units), real(units), real(batch, units)],
        gradient: !isLarge
      ) { x in
        let (last, outputs) = x[0].graph.scan(
          [x[0]], carrying: [x[4]], isReversed: isReversed, isRematerialized: isRematerialized
        ) { carried, slices in
          let state = (slices[0].dot(x[1]) * 0.1 + carried[0].dot(x[2]) * 0.1 + x[3]).tanh()
          return ([state], [state * 2, (carried[0] * state).sum([1])])
        }
        return outputs[0].sum([2]) + outputs[1] + last[0].sum([1])
      }
    }
  }
}
