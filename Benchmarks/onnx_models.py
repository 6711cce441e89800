"""The encoder and the decoder of `mlp100` as ONNX models with random weights."""

from __future__ import annotations

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def two_layers(inputs: int, outputs: int, squashes: bool) -> onnx.ModelProto:
    """Dense, tanh, dense, and a sigmoid if asked for."""
    generator = numpy.random.default_rng(0)
    weights = {
        "w1": generator.normal(0, 0.05, (inputs, 500)), "b1": generator.normal(0, 0.05, 500),
        "w2": generator.normal(0, 0.05, (500, outputs)), "b2": generator.normal(0, 0.05, outputs),
    }
    last = "logits" if squashes else "y"
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["hidden"]),
        helper.make_node("Tanh", ["hidden"], ["activation"]),
        helper.make_node("Gemm", ["activation", "w2", "b2"], [last]),
    ]
    if squashes:
        nodes.append(helper.make_node("Sigmoid", ["logits"], ["y"]))
    graph = helper.make_graph(
        nodes, "two_layers",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(value.astype(numpy.float32), name) for name, value in weights.items()])
    # Old enough for every runtime at hand: these operations have not changed since.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def encoder() -> onnx.ModelProto:
    return two_layers(784, 20, squashes=False)


def decoder() -> onnx.ModelProto:
    return two_layers(20, 784, squashes=True)


def parameters(model: onnx.ModelProto) -> int:
    return sum(numpy_helper.to_array(value).size for value in model.graph.initializer)
