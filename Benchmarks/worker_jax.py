"""JAX's worker: the whole step, random numbers and Adam included, is one program under `jit` with donated buffers."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable

from harness import Job, serve
from workloads import BF16, named, require_parameters

NLL_SAMPLES = 5000
NLL_CHUNK = 1000
"""Of 200, 500, 1000 and 5000 the fastest here."""


def limit_threads(count: int) -> None:
    """XLA sizes its pools once, when JAX is imported: from this variable, and from the cores it may run on."""
    os.environ["PJRT_NPROC"] = os.environ["NPROC"] = str(count)
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def load() -> None:
    """Importing takes seconds that are not the compiler's."""
    import jax

    # XLA's own generator is much cheaper on a CPU than the default one.
    jax.config.update("jax_default_prng_impl", "unsafe_rbg")


def training(name: str, bf16: bool) -> Job:
    import jax
    import jax.numpy as jnp
    import numpy

    import jax_deep_models
    import jax_models
    import jax_sequence_models

    trained = jax_models.TRAINED | jax_deep_models.TRAINED | jax_sequence_models.TRAINED
    make, exact_loss, shape, values = trained[name]
    parameters = make()
    require_parameters(name, sum(value.size for value in parameters.values()))
    data = numpy.random.default_rng(1).random(shape, numpy.float32)
    batch = jnp.asarray(values(data))
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.zeros((), jnp.int32))
    seed = jax.random.key(0)

    def loss(parameters: dict, batch: jax.Array, key: jax.Array) -> jax.Array:
        return exact_loss(jax_models.rounded(parameters) if bf16 else parameters, batch, key)

    def step(state: tuple, batch: jax.Array) -> tuple:
        parameters, first, second, count = state
        value, gradient = jax.value_and_grad(loss)(parameters, batch, jax.random.fold_in(seed, count))
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        time = count.astype(jnp.float32)
        rate, correction = 1e-3 / (1 - 0.9**time), 1 / (1 - 0.999**time)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v * correction) + 1e-8), parameters, first, second)
        return (parameters, first, second, count), value

    compiled = jax.jit(step, donate_argnums=0)
    held = [state, None]

    def run() -> None:
        held[:] = compiled(held[0], batch)

    return Job(run, finish=lambda: jax.block_until_ready(held[1]))


def log_likelihood() -> Job:
    import jax
    import jax.numpy as jnp
    import numpy

    import jax_models

    parameters = jax_models.weighted_parameters()
    require_parameters("nll", sum(value.size for value in parameters.values()))
    images = jnp.asarray(numpy.random.default_rng(1).integers(0, 2, (100, 784)).astype(numpy.float32))

    @jax.jit
    def evaluate(parameters: dict, images: jax.Array, key: jax.Array) -> jax.Array:
        def one(pair: tuple) -> jax.Array:
            image, statistics, key = pair

            def chunk(key: jax.Array) -> jax.Array:
                return jax_models.log_weights(parameters, image, statistics, key, NLL_CHUNK)

            weights = jax.lax.map(chunk, jax.random.split(key, NLL_SAMPLES // NLL_CHUNK))
            return jax.nn.logsumexp(weights) - math.log(NLL_SAMPLES)

        statistics = jax_models.weighted_statistics(parameters, images)
        return -jax.lax.map(one, (images, statistics, jax.random.split(key, len(images)))).mean()

    keys = [jax.random.key(0)]

    def run() -> None:
        keys[0] = jax.random.fold_in(keys[0], 1)
        float(evaluate(parameters, images, keys[0]))

    return Job(run)


def inference(name: str) -> Job:
    import jax
    import jax.numpy as jnp
    import numpy

    from jax_models import Initializer, dense

    encodes = name.startswith("encode")
    width, outputs = (784, 20) if encodes else (20, 784)
    layers = Initializer()
    layers.dense("1", width, 500)
    layers.dense("2", 500, outputs)
    parameters = layers.parameters
    require_parameters(name, sum(value.size for value in parameters.values()))

    @jax.jit
    def function(parameters: dict, x: jax.Array) -> jax.Array:
        y = dense(parameters, "2", jnp.tanh(dense(parameters, "1", x)))
        return y if encodes else jax.nn.sigmoid(y)

    one = name.endswith("1")
    data = numpy.random.default_rng(1).random((1 if one else 60_000, width), numpy.float32)
    batches = [jnp.asarray(batch) for batch in numpy.split(data, max(1, len(data) // 1000))]

    def run() -> None:
        # The results of all batches are waited for together; of a single image, at once.
        jax.block_until_ready([function(parameters, batch) for batch in batches])

    return Job(run)


def build(name: str, bf16: bool) -> Job:
    import jax

    builders: dict[str, Callable[[], Job]] = {"nll": log_likelihood}
    builders |= {name: lambda name=name: inference(name) for name in ("encode", "decode", "encode1", "decode1")}
    if bf16 and name in builders:
        raise ValueError(f"this worker does {name} in float32 only")
    job = builders.get(name, lambda: training(name, bf16))()
    job.versions["jax"] = jax.__version__
    return job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    workload = named(arguments.workload, lambda workload: "jax" in workload.peers and workload.name != "start")
    bf16 = arguments.precision == "bf16"
    serve("jax" + (BF16 if bf16 else ""), workload, lambda: build(workload.name, bf16), load)


if __name__ == "__main__":
    main()
