"""`start` in onnxruntime: loads a saved decoder, samples one image, writes a PNG. With --save, writes the decoder
instead."""

import sys

import numpy

from picture import write_png


def main(model: str, picture: str) -> None:
    if picture == "--save":
        import onnx_models

        with open(model, "wb") as file:
            file.write(onnx_models.decoder().SerializeToString())
        return
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    z = numpy.random.default_rng().standard_normal((1, 20), numpy.float32)
    (probabilities,) = session.run(None, {"x": z})
    pixels = numpy.round(probabilities * 255).astype(numpy.uint8)
    write_png(picture, pixels.tobytes(), 28, 28)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
