"""MNIST's training images from their IDX file."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy

DEFAULT_FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "mnist"


def training_images(folder: Path) -> numpy.ndarray:
    """60,000 rows of 784 values in [0, 1]."""
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        magic, count, height, width = struct.unpack(">4i", file.read(16))
        if magic != 2051:
            raise ValueError("train-images-idx3-ubyte.gz is not an IDX file of images")
        pixels = numpy.frombuffer(file.read(), dtype=numpy.uint8)
    return pixels.reshape(count, height * width).astype(numpy.float32) / 255
