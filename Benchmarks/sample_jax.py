"""`start` in JAX: loads a saved decoder, samples one image, writes a PNG. With --save, writes the decoder instead."""

import sys

import jax
import jax.numpy as jnp
import numpy

from picture import write_png


@jax.jit
def decode(p: dict, z: jax.Array) -> jax.Array:
    hidden = jnp.tanh(z @ p["w1"] + p["b1"])
    return jnp.round(jax.nn.sigmoid(hidden @ p["w2"] + p["b2"]) * 255).astype(jnp.uint8)


def main(model: str, picture: str) -> None:
    if picture == "--save":
        normal = numpy.random.default_rng(0).standard_normal
        shapes = {"w1": (20, 500), "b1": (500,), "w2": (500, 784), "b2": (784,)}
        numpy.savez(model, **{name: 0.05 * normal(shape, numpy.float32) for name, shape in shapes.items()})
        return
    with numpy.load(model) as file:
        parameters = dict(file)
    z = numpy.random.default_rng().standard_normal((1, 20), numpy.float32)
    write_png(picture, numpy.asarray(decode(parameters, z)).tobytes(), 28, 28)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
