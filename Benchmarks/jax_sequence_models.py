"""The networks of gru100, gru400 and gpt196 in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy
from jax import Array, lax

from jax_models import Initializer, Parameters, Trained, dense, unit

UNITS = 256


def recurrent_parameters() -> Parameters:
    layers = Initializer()
    layers.dense("input", 64, 3 * UNITS)
    layers.dense("recurrent", UNITS, 3 * UNITS)
    layers.dense("output", UNITS, 64)
    return layers.parameters


def recurrent_loss(p: Parameters, x: Array, key: Array) -> Array:
    def step(h: Array, given: Array) -> tuple[Array, Array]:
        reset, update, new = jnp.split(given, 3, axis=-1)
        reset_h, update_h, new_h = jnp.split(dense(p, "recurrent", h), 3, axis=-1)
        update = jax.nn.sigmoid(update + update_h)
        new = jnp.tanh(new + jax.nn.sigmoid(reset + reset_h) * new_h)
        h = new + update * (h - new)
        return h, h

    # One product for the inputs of all steps; time comes first. Unrolling the loop makes it slower.
    given = dense(p, "input", x[:, :-1].swapaxes(0, 1))
    _, states = lax.scan(step, jnp.zeros((x.shape[0], UNITS)), given)
    return jnp.square(dense(p, "output", states) - x[:, 1:].swapaxes(0, 1)).sum() / x.shape[0]


VALUES, TOKENS, WIDTH, HEADS, LAYERS = 16, 196, 96, 4, 6


def transformer_parameters() -> Parameters:
    layers = Initializer()
    layers.table("table", VALUES + 1, WIDTH)
    layers.table("positions", TOKENS, WIDTH)
    for index in range(LAYERS):
        name = f"layers.{index}"
        layers.normalisation(name + ".norm1", WIDTH)
        layers.dense(name + ".qkv", WIDTH, 3 * WIDTH)
        layers.dense(name + ".out", WIDTH, WIDTH)
        layers.normalisation(name + ".norm2", WIDTH)
        layers.dense(name + ".hidden", WIDTH, 4 * WIDTH)
        layers.dense(name + ".back", 4 * WIDTH, WIDTH)
    layers.normalisation("norm", WIDTH)
    layers.dense("logits", WIDTH, VALUES)
    return layers.parameters


def normalised(p: Parameters, name: str, x: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    variance = jnp.square(centred).mean(-1, keepdims=True)
    return centred * lax.rsqrt(variance + 1e-5) * p[name + ".weight"] + p[name + ".bias"]


def transformer_loss(p: Parameters, x: Array, key: Array) -> Array:
    shifted = jnp.pad(x[:, :-1], ((0, 0), (1, 0)), constant_values=VALUES)
    h = p["table"][shifted] + p["positions"]
    for index in range(LAYERS):
        name = f"layers.{index}"
        packed = dense(p, name + ".qkv", normalised(p, name + ".norm1", h)).astype(p[name + ".qkv.weight"].dtype)
        q, k, v = (packed.reshape(*x.shape, 3, HEADS, WIDTH // HEADS)[:, :, part] for part in range(3))
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True).astype(jnp.float32)
        h = h + dense(p, name + ".out", mixed.reshape(h.shape))
        hidden = jax.nn.gelu(dense(p, name + ".hidden", normalised(p, name + ".norm2", h)), approximate=False)
        h = h + dense(p, name + ".back", hidden)
    logits = dense(p, "logits", normalised(p, "norm", h))
    chosen = jnp.take_along_axis(logits, x[..., None], axis=-1)[..., 0]
    return (jax.nn.logsumexp(logits, axis=-1) - chosen).sum() / x.shape[0]


def tokens(uniform: numpy.ndarray) -> numpy.ndarray:
    return (uniform * VALUES).astype(numpy.int32)


TRAINED: dict[str, Trained] = {
    "gru100": (recurrent_parameters, recurrent_loss, (64, 101, 64), unit),
    "gru400": (recurrent_parameters, recurrent_loss, (64, 401, 64), unit),
    "gpt196": (transformer_parameters, transformer_loss, (32, TOKENS), tokens),
}
