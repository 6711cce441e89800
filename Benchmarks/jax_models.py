"""The networks of the workloads in JAX: parameters as a dictionary, losses as pure functions. Images are channels-last,
the layout XLA's CPU convolutions want."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy
from jax import Array, lax

Parameters = dict[str, Array]
LAYOUT = ("NHWC", "HWIO", "NHWC")


class Initializer:
    """Collects parameters, uniform within the reciprocal root of the number of inputs."""

    def __init__(self) -> None:
        self.generator = numpy.random.default_rng(0)
        self.parameters: Parameters = {}

    def _add(self, name: str, shape: tuple[int, ...], inputs: int) -> None:
        bound = 1 / math.sqrt(inputs)
        values = self.generator.uniform(-bound, bound, shape).astype(numpy.float32)
        self.parameters[name] = jnp.asarray(values)

    def dense(self, name: str, inputs: int, outputs: int) -> None:
        self._add(name + ".weight", (inputs, outputs), inputs)
        self._add(name + ".bias", (outputs,), inputs)

    def convolution(self, name: str, inputs: int, outputs: int, size: int) -> None:
        self._add(name + ".weight", (size, size, inputs, outputs), inputs * size * size)
        self._add(name + ".bias", (outputs,), inputs * size * size)

    def table(self, name: str, rows: int, columns: int) -> None:
        self._add(name, (rows, columns), rows * rows)

    def normalisation(self, name: str, channels: int) -> None:
        self.parameters[name + ".weight"] = jnp.ones(channels)
        self.parameters[name + ".bias"] = jnp.zeros(channels)


def rounded(p: Parameters) -> Parameters:
    """Parameters with the weights of products and convolutions in bfloat16, to which those then round their other
    operand. Results are float32 again, as is everything between."""
    return {
        name: value.astype(jnp.bfloat16) if value.ndim > 1 and name.endswith(".weight") else value
        for name, value in p.items()}


def dense(p: Parameters, name: str, x: Array) -> Array:
    weight = p[name + ".weight"]
    return (x.astype(weight.dtype) @ weight).astype(jnp.float32) + p[name + ".bias"]


def convolution(
    p: Parameters, name: str, x: Array, stride: int = 1, mask: numpy.ndarray | None = None,
    pad: tuple[int, int] | None = None,
) -> Array:
    weight = p[name + ".weight"]
    if mask is not None:
        weight = weight * mask[:, :, None, None].astype(weight.dtype)
    size = weight.shape[0]
    pad = pad or ((1, 1) if size == 4 else (size // 2, size // 2))
    y = lax.conv_general_dilated(
        x.astype(weight.dtype), weight, (stride, stride), (pad, pad), dimension_numbers=LAYOUT)
    return y.astype(jnp.float32) + p[name + ".bias"]


def transposed(p: Parameters, name: str, x: Array) -> Array:
    """4x4, stride 2: doubles height and width."""
    weight = p[name + ".weight"]
    y = lax.conv_transpose(x.astype(weight.dtype), weight, (2, 2), "SAME", dimension_numbers=LAYOUT)
    return y.astype(jnp.float32) + p[name + ".bias"]


def sample(statistics: Array, key: Array, samples: int | None = None) -> tuple[Array, Array, Array, Array]:
    mean, log_variance = jnp.split(statistics, 2, axis=-1)
    shape = mean.shape if samples is None else (samples, *mean.shape)
    noise = jax.random.normal(key, shape)
    return mean, log_variance, noise, mean + jnp.exp(0.5 * log_variance) * noise


def rate(mean: Array, log_variance: Array) -> Array:
    return 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance).sum()


def cross_entropy(logits: Array, x: Array) -> Array:
    return jax.nn.softplus(logits) - x * logits


def dense_parameters() -> Parameters:
    layers = Initializer()
    for name, inputs, outputs in [("e1", 784, 500), ("e2", 500, 40), ("d1", 20, 500), ("d2", 500, 784)]:
        layers.dense(name, inputs, outputs)
    return layers.parameters


def dense_loss(p: Parameters, x: Array, key: Array) -> Array:
    mean, log_variance, _, z = sample(dense(p, "e2", jnp.tanh(dense(p, "e1", x))), key)
    logits = dense(p, "d2", jnp.tanh(dense(p, "d1", z)))
    return (cross_entropy(logits, x).sum() + rate(mean, log_variance)) / x.shape[0]


WIDE = [
    ("e1", 784, 4096), ("e2", 4096, 4096), ("e3", 4096, 128), ("d1", 64, 4096), ("d2", 4096, 4096), ("d3", 4096, 784)]


def wide_parameters() -> Parameters:
    layers = Initializer()
    for name, inputs, outputs in WIDE:
        layers.dense(name, inputs, outputs)
    return layers.parameters


def wide_loss(p: Parameters, x: Array, key: Array) -> Array:
    mean, log_variance, _, z = sample(weighted_statistics(p, x), key)
    logits = dense(p, "d3", jnp.tanh(dense(p, "d2", jnp.tanh(dense(p, "d1", z)))))
    return (cross_entropy(logits, x).sum() + rate(mean, log_variance)) / x.shape[0]


def weighted_parameters() -> Parameters:
    layers = Initializer()
    for name, inputs, outputs in [
        ("e1", 784, 200), ("e2", 200, 200), ("e3", 200, 100), ("d1", 50, 200), ("d2", 200, 200), ("d3", 200, 784),
    ]:
        layers.dense(name, inputs, outputs)
    return layers.parameters


def weighted_statistics(p: Parameters, x: Array) -> Array:
    return dense(p, "e3", jnp.tanh(dense(p, "e2", jnp.tanh(dense(p, "e1", x)))))


def log_weights(p: Parameters, x: Array, statistics: Array, key: Array, samples: int) -> Array:
    """log p(x, z) - log q(z|x), samples first."""
    _, log_variance, noise, z = sample(statistics, key, samples)
    logits = dense(p, "d3", jnp.tanh(dense(p, "d2", jnp.tanh(dense(p, "d1", z)))))
    log_ratio = 0.5 * (noise**2 + log_variance - z**2).sum(-1)
    return log_ratio - cross_entropy(logits, x).sum(-1)


def weighted_loss(p: Parameters, x: Array, key: Array) -> Array:
    weights = log_weights(p, x, weighted_statistics(p, x), key, 50)
    return -(jax.nn.logsumexp(weights, axis=0) - math.log(50)).mean()


CHANNELS = [3, 32, 64, 128, 256]


def convolutional_parameters() -> Parameters:
    layers = Initializer()
    for index, (inputs, outputs) in enumerate(zip(CHANNELS, CHANNELS[1:])):
        layers.convolution(f"e{index}", inputs, outputs, 4)
        layers.convolution(f"d{index}", outputs, inputs, 4)
    layers.dense("statistics", 4096, 128)
    layers.dense("decoder", 64, 4096)
    return layers.parameters


def convolutional_loss(p: Parameters, x: Array, key: Array) -> Array:
    h = x
    for index in range(4):
        h = jax.nn.relu(convolution(p, f"e{index}", h, 2))
    mean, log_variance, _, z = sample(dense(p, "statistics", h.reshape(x.shape[0], 4096)), key)
    h = jax.nn.relu(dense(p, "decoder", z)).reshape(-1, 4, 4, 256)
    for index in (3, 2, 1):
        h = jax.nn.relu(transposed(p, f"d{index}", h))
    distortion = ((transposed(p, "d0", h) - x) ** 2).sum()
    return (distortion + rate(mean, log_variance)) / x.shape[0]


def quantized_parameters(codebooks: int = 1) -> Parameters:
    layers = Initializer()
    for name, inputs, outputs, size in [
        ("e1", 3, 128, 4), ("e2", 128, 128, 4), ("e3", 128, 128, 3), ("e4", 128, 64, 1), ("d4", 64, 128, 1),
        ("d3", 128, 128, 3), ("d2", 128, 128, 4), ("d1", 128, 3, 4),
    ]:
        layers.convolution(name, inputs, outputs, size)
    for block in ("er1", "er2", "dr1", "dr2"):
        layers.convolution(block + ".3x3", 128, 32, 3)
        layers.convolution(block + ".1x1", 32, 128, 1)
    for book in range(codebooks):
        layers.table(f"books.{book}", 512, 64)
    return layers.parameters


def residual(p: Parameters, name: str, x: Array) -> Array:
    h = jax.nn.relu(convolution(p, name + ".3x3", jax.nn.relu(x)))
    return x + convolution(p, name + ".1x1", h)


def quantized_loss(p: Parameters, x: Array, key: Array, codebooks: int = 1) -> Array:
    relu = jax.nn.relu
    h = relu(convolution(p, "e2", relu(convolution(p, "e1", x, 2)), 2))
    h = residual(p, "er2", residual(p, "er1", convolution(p, "e3", h)))
    z = convolution(p, "e4", relu(h))
    rows = z.reshape(-1, 64)
    rest, loss = rows, 0.0
    for book in (p[f"books.{index}"] for index in range(codebooks)):
        # |z|^2 is the same for all codes, so the choice does without it.
        distances = (book**2).sum(1) - 2 * lax.stop_gradient(rest) @ book.T
        codes = book[jnp.argmin(lax.stop_gradient(distances), axis=1)]
        loss += ((codes - lax.stop_gradient(rest)) ** 2).sum()
        loss += 0.25 * ((rest - lax.stop_gradient(codes)) ** 2).sum()
        rest = rest - lax.stop_gradient(codes)
    quantized = (rows - lax.stop_gradient(rest)).reshape(z.shape)
    h = residual(p, "dr2", residual(p, "dr1", convolution(p, "d4", quantized)))
    h = relu(convolution(p, "d3", relu(h)))
    y = transposed(p, "d1", relu(transposed(p, "d2", h)))
    return (((y - x) ** 2).sum() + loss) / x.shape[0]


def mask(size: int, kind: str) -> numpy.ndarray:
    kept = numpy.zeros((size, size), numpy.float32)
    kept[: size // 2] = 1
    kept[size // 2, : size // 2 + (kind == "B")] = 1
    return kept


def pixel_parameters() -> Parameters:
    layers = Initializer()
    layers.convolution("first", 1, 64, 7)
    for block in range(7):
        layers.convolution(f"b{block}.in", 64, 32, 1)
        layers.convolution(f"b{block}.3x3", 32, 32, 3)
        layers.convolution(f"b{block}.out", 32, 64, 1)
    layers.convolution("o1", 64, 64, 1)
    layers.convolution("o2", 64, 1, 1)
    return layers.parameters


def pixel_loss(p: Parameters, x: Array, key: Array) -> Array:
    relu = jax.nn.relu
    h = convolution(p, "first", x, mask=mask(7, "A"))
    for block in range(7):
        inner = relu(convolution(p, f"b{block}.in", relu(h)))
        inner = relu(convolution(p, f"b{block}.3x3", inner, mask=mask(3, "B")))
        h = h + convolution(p, f"b{block}.out", inner)
    logits = convolution(p, "o2", relu(convolution(p, "o1", relu(h))))
    return cross_entropy(logits, x).sum() / x.shape[0]


def unit(uniform: numpy.ndarray) -> numpy.ndarray:
    return uniform


def binary(uniform: numpy.ndarray) -> numpy.ndarray:
    return numpy.round(uniform)


Loss = Callable[[Parameters, Array, Array], Array]
Trained = tuple[Callable[[], Parameters], Loss, tuple[int, ...], Callable[[numpy.ndarray], numpy.ndarray]]
"""Parameters, loss, shape of a batch, and its values from uniform ones in [0, 1)."""

TRAINED: dict[str, Trained] = {
    "mlp100": (dense_parameters, dense_loss, (100, 784), binary),
    "mlp512": (dense_parameters, dense_loss, (512, 784), binary),
    "iwae50": (weighted_parameters, weighted_loss, (20, 784), binary),
    "conv64": (convolutional_parameters, convolutional_loss, (64, 64, 64, 3), unit),
    "vq32": (quantized_parameters, quantized_loss, (32, 32, 32, 3), unit),
    "rvq": (partial(quantized_parameters, 4), partial(quantized_loss, codebooks=4), (32, 32, 32, 3), unit),
    "pixelcnn28": (pixel_parameters, pixel_loss, (32, 28, 28, 1), binary),
    "wide4096": (wide_parameters, wide_loss, (100, 784), binary),
}
