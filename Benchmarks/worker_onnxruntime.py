"""onnxruntime's worker: encode and decode, batched and one at a time, into buffers that are bound once."""

from __future__ import annotations

import argparse

import numpy
import onnxruntime

import onnx_models
from harness import Job, serve
from workloads import named, require_parameters


def inference(name: str, threads: int) -> Job:
    model = onnx_models.encoder() if name.startswith("encode") else onnx_models.decoder()
    require_parameters(name, onnx_models.parameters(model))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    width = session.get_inputs()[0].shape[1]
    outputs = session.get_outputs()[0].shape[1]
    rows = 1 if name.endswith("1") else 1000
    data = numpy.random.default_rng(1).random((1 if rows == 1 else 60_000, width), numpy.float32)
    result = numpy.empty((rows, outputs), numpy.float32)
    bindings = []
    for batch in numpy.split(data, len(data) // rows):
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, numpy.float32, batch.shape, batch.ctypes.data)
        binding.bind_output("y", "cpu", 0, numpy.float32, result.shape, result.ctypes.data)
        bindings.append(binding)

    def run(data: numpy.ndarray = data, result: numpy.ndarray = result) -> None:
        # The arguments keep the bound memory alive.
        for binding in bindings:
            session.run_with_iobinding(binding)

    return Job(run, versions={"onnxruntime": onnxruntime.__version__})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    workload = named(
        arguments.workload, lambda workload: "onnxruntime" in workload.peers and workload.name != "start")
    serve("onnxruntime", workload, lambda: inference(workload.name, arguments.threads))


if __name__ == "__main__":
    main()
