"""The networks of klae32 and deep20 in JAX, with the names that the parameters have in `torch_deep_models.py`."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array

from jax_models import Initializer, Parameters, Trained, convolution, dense, rate, sample, transposed, unit

Layer = tuple[str, int, int]
"""A kind, and numbers of channels."""


def _encoder() -> list[Layer]:
    return [
        ("conv3", 3, 64), ("block", 64, 64), ("block", 64, 64), ("down", 64, 64), ("block", 64, 128),
        ("block", 128, 128), ("down", 128, 128), ("block", 128, 128), ("block", 128, 128), *_middle(),
        ("output", 128, 8), ("conv1", 8, 8)]


def _middle() -> list[Layer]:
    return [("block", 128, 128), ("attention", 128, 128), ("block", 128, 128)]


def _decoder() -> list[Layer]:
    level = [("block", 128, 128)] * 3 + [("up", 128, 128)]
    last = [("block", 128, 64), ("block", 64, 64), ("block", 64, 64), ("output", 64, 3)]
    return [("conv1", 4, 4), ("conv3", 4, 128), *_middle(), *level, *level, *last]


def autoencoder_parameters() -> Parameters:
    layers = Initializer()
    for side, path in (("encoder", _encoder()), ("decoder", _decoder())):
        for index, (kind, inputs, outputs) in enumerate(path):
            name = f"{side}.{index}"
            if kind == "block":
                layers.normalisation(name + ".norm1", inputs)
                layers.convolution(name + ".conv1", inputs, outputs, 3)
                layers.normalisation(name + ".norm2", outputs)
                layers.convolution(name + ".conv2", outputs, outputs, 3)
                if inputs != outputs:
                    layers.convolution(name + ".skip", inputs, outputs, 1)
            elif kind == "attention":
                layers.normalisation(name + ".norm", inputs)
                for part in ("q", "k", "v", "out"):
                    layers.dense(f"{name}.{part}", inputs, inputs)
            elif kind == "output":
                layers.normalisation(name + ".norm", inputs)
                layers.convolution(name + ".conv", inputs, outputs, 3)
            else:
                layers.convolution(name, inputs, outputs, 1 if kind == "conv1" else 3)
    return layers.parameters


def normalised(p: Parameters, name: str, x: Array) -> Array:
    """Group normalisation with 32 groups."""
    grouped = x.reshape(x.shape[0], -1, 32, x.shape[-1] // 32)
    mean = grouped.mean((1, 3), keepdims=True)
    variance = jnp.square(grouped - mean).mean((1, 3), keepdims=True)
    y = ((grouped - mean) * jax.lax.rsqrt(variance + 1e-6)).reshape(x.shape)
    return y * p[name + ".weight"] + p[name + ".bias"]


def activated(p: Parameters, name: str, x: Array) -> Array:
    return jax.nn.silu(normalised(p, name, x))


def attention(p: Parameters, name: str, x: Array) -> Array:
    """One head over all pixels."""
    precision = p[name + ".q.weight"].dtype
    tokens = normalised(p, name + ".norm", x).reshape(x.shape[0], -1, x.shape[-1])
    q, k, v = (dense(p, f"{name}.{part}", tokens).astype(precision) for part in ("q", "k", "v"))
    scores = jnp.einsum("bqc,bkc->bqk", q, k).astype(jnp.float32) / math.sqrt(x.shape[-1])
    mixed = jnp.einsum("bqk,bkc->bqc", jax.nn.softmax(scores).astype(precision), v).astype(jnp.float32)
    return x + dense(p, name + ".out", mixed).reshape(x.shape)


def along(p: Parameters, side: str, path: list[Layer], x: Array) -> Array:
    for index, (kind, inputs, outputs) in enumerate(path):
        name = f"{side}.{index}"
        if kind == "block":
            h = convolution(p, name + ".conv1", activated(p, name + ".norm1", x))
            skip = x if inputs == outputs else convolution(p, name + ".skip", x)
            x = skip + convolution(p, name + ".conv2", activated(p, name + ".norm2", h))
        elif kind == "attention":
            x = attention(p, name, x)
        elif kind == "output":
            x = convolution(p, name + ".conv", activated(p, name + ".norm", x))
        elif kind == "down":
            x = convolution(p, name, x, 2, pad=(0, 1))
        elif kind == "up":
            x = convolution(p, name, x.repeat(2, axis=1).repeat(2, axis=2))
        else:
            x = convolution(p, name, x)
    return x


def autoencoder_loss(p: Parameters, x: Array, key: Array) -> Array:
    mean, log_variance, _, z = sample(along(p, "encoder", _encoder(), x), key)
    distortion = ((along(p, "decoder", _decoder(), z) - x) ** 2).sum()
    return (distortion + 1e-6 * rate(mean, log_variance)) / x.shape[0]


def deep_parameters() -> Parameters:
    layers = Initializer()
    layers.convolution("stem", 3, 64, 4)
    layers.convolution("output", 64, 3, 4)
    layers.parameters["start"] = jnp.zeros(64)
    for index in range(20):
        for name, outputs in (("prior", 16), ("posterior", 16)):
            layers.convolution(f"down.{index}.{name}", 64, outputs, 1)
        layers.convolution(f"down.{index}.latents", 8, 64, 1)
        for block in (f"up.{index}", f"down.{index}.block"):
            for place, (inputs, outputs, size) in {1: (64, 32, 1), 3: (32, 32, 3), 5: (32, 64, 1)}.items():
                layers.convolution(f"{block}.layers.{place}", inputs, outputs, size)
    return layers.parameters


def bottleneck(p: Parameters, name: str, x: Array) -> Array:
    h = x
    for place in (1, 3, 5):
        h = convolution(p, f"{name}.layers.{place}", jax.nn.relu(h))
    return x + h


def deep_loss(p: Parameters, x: Array, key: Array) -> Array:
    relu = jax.nn.relu
    a = convolution(p, "stem", x, 2)
    found = []
    for index in range(20):
        a = bottleneck(p, f"up.{index}", a)
        found.append(a)
    h = jnp.broadcast_to(p["start"], a.shape)
    total = 0.0
    for index, (a, key) in enumerate(zip(reversed(found), jax.random.split(key, 20))):
        name = f"down.{index}"
        prior_mean, prior_log_variance = jnp.split(convolution(p, name + ".prior", relu(h)), 2, axis=-1)
        mean, log_variance, _, z = sample(convolution(p, name + ".posterior", relu(h + a)), key)
        difference = log_variance - prior_log_variance
        square = (mean - prior_mean) ** 2 * jnp.exp(-prior_log_variance)
        total = total + 0.5 * (jnp.exp(difference) + square - 1 - difference).sum()
        h = bottleneck(p, name + ".block", h + convolution(p, name + ".latents", z))
    distortion = ((transposed(p, "output", relu(h)) - x) ** 2).sum()
    return (distortion + total) / x.shape[0]


TRAINED: dict[str, Trained] = {
    "klae32": (autoencoder_parameters, autoencoder_loss, (16, 32, 32, 3), unit),
    "deep20": (deep_parameters, deep_loss, (16, 32, 32, 3), unit),
}
