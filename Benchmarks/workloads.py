"""What every side of the benchmark computes: layers, parameter counts, and model FLOPs per step.

This is the only place where the arithmetic of a workload is counted. A product of an M x K by a K x N matrix counts
2 M N K. A convolution is such a product with M = output pixels, K = input channels x kernel taps, N = output channels; a
transposed convolution has M = input pixels, K = input channels, N = output channels x kernel taps. A training step
costs each layer three products of that size (forward, weight gradient, input gradient), and a first layer two, as
nothing needs the gradient of the data. Taps that a mask holds at zero are not counted. Element-wise work, reductions,
random numbers and the optimiser count nothing, so the share of the matrix peak can only be understated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

TRAINED = 3
FIRST = 2
FORWARD_ONLY = 1


@dataclass(frozen=True)
class Product:
    """One matrix product of a step, as `passes` products of M x K by K x N."""

    name: str
    m: int
    k: int
    n: int
    parameters: int
    passes: int

    @property
    def flop(self) -> int:
        return 2 * self.m * self.n * self.k * self.passes


def dense(name: str, rows: int, inputs: int, outputs: int, passes: int = TRAINED) -> Product:
    return Product(name, rows, inputs, outputs, inputs * outputs + outputs, passes)


def convolution(
    name: str, pixels: int, channels: tuple[int, int], taps: int, passes: int = TRAINED, live_taps: int | None = None
) -> Product:
    """`pixels` is batch x output height x output width; `live_taps` are those a mask leaves."""
    inputs, outputs = channels
    parameters = inputs * outputs * taps + outputs
    return Product(name, pixels, inputs * (live_taps or taps), outputs, parameters, passes)


def transposed(name: str, pixels: int, channels: tuple[int, int], taps: int) -> Product:
    """`pixels` is batch x input height x input width."""
    inputs, outputs = channels
    return Product(name, pixels, inputs, outputs * taps, inputs * outputs * taps + outputs, TRAINED)


@dataclass(frozen=True)
class Workload:
    name: str
    summary: str
    products: tuple[Product, ...]
    repeats: int = 1
    """How often the products are computed in one step."""
    peers: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()
    """Sides that are measured and shown, but are not among the peers that ratios are taken against."""
    least_steps: int = 3
    """The fewest steps of a timed round."""

    @property
    def flop_per_step(self) -> int:
        return self.repeats * sum(product.flop for product in self.products)

    @property
    def parameters(self) -> int:
        return sum(product.parameters for product in self.products)


def mlp(batch: int) -> tuple[Product, ...]:
    return (
        dense("encoder hidden", batch, 784, 500, FIRST),
        dense("mean and log-variance", batch, 500, 40),
        dense("decoder hidden", batch, 20, 500),
        dense("logits", batch, 500, 784),
    )


def importance_weighted(batch: int, samples: int, training: bool) -> tuple[Product, ...]:
    first, later = (FIRST, TRAINED) if training else (FORWARD_ONLY, FORWARD_ONLY)
    rows = batch * samples
    return (
        dense("encoder hidden 1", batch, 784, 200, first),
        dense("encoder hidden 2", batch, 200, 200, later),
        dense("mean and log-variance", batch, 200, 100, later),
        dense("decoder hidden 1", rows, 50, 200, later),
        dense("decoder hidden 2", rows, 200, 200, later),
        dense("logits", rows, 200, 784, later),
    )


def conv64() -> tuple[Product, ...]:
    batch = 64
    return (
        convolution("encoder 1", batch * 32 * 32, (3, 32), 16, FIRST),
        convolution("encoder 2", batch * 16 * 16, (32, 64), 16),
        convolution("encoder 3", batch * 8 * 8, (64, 128), 16),
        convolution("encoder 4", batch * 4 * 4, (128, 256), 16),
        dense("mean and log-variance", batch, 4096, 128),
        dense("decoder dense", batch, 64, 4096),
        transposed("decoder 1", batch * 4 * 4, (256, 128), 16),
        transposed("decoder 2", batch * 8 * 8, (128, 64), 16),
        transposed("decoder 3", batch * 16 * 16, (64, 32), 16),
        transposed("decoder 4", batch * 32 * 32, (32, 3), 16),
    )


def residual_blocks(side: str, pixels: int) -> tuple[Product, ...]:
    return tuple(
        product
        for block in (1, 2)
        for product in (
            convolution(f"{side} block {block}, 3x3", pixels, (128, 32), 9),
            convolution(f"{side} block {block}, 1x1", pixels, (32, 128), 1),
        )
    )


def vq32() -> tuple[Product, ...]:
    batch = 32
    small = batch * 8 * 8
    return (
        convolution("encoder 1", batch * 16 * 16, (3, 128), 16, FIRST),
        convolution("encoder 2", small, (128, 128), 16),
        convolution("encoder 3x3", small, (128, 128), 9),
        *residual_blocks("encoder", small),
        convolution("encoder 1x1", small, (128, 64), 1),
        # Distances to the codes; the choice has no gradient. The codebook's own gradient is a scatter.
        Product("codebook", small, 64, 512, 512 * 64, FORWARD_ONLY),
        convolution("decoder 1x1", small, (64, 128), 1),
        *residual_blocks("decoder", small),
        convolution("decoder 3x3", small, (128, 128), 9),
        transposed("decoder 1", small, (128, 128), 16),
        transposed("decoder 2", batch * 16 * 16, (128, 3), 16),
    )


def pixelcnn28() -> tuple[Product, ...]:
    pixels = 32 * 28 * 28
    blocks = tuple(
        product
        for block in range(1, 8)
        for product in (
            convolution(f"block {block}, 1x1 in", pixels, (64, 32), 1),
            convolution(f"block {block}, 3x3 B", pixels, (32, 32), 9, live_taps=5),
            convolution(f"block {block}, 1x1 out", pixels, (32, 64), 1),
        )
    )
    return (
        convolution("7x7 A", pixels, (1, 64), 49, FIRST, live_taps=24),
        *blocks,
        convolution("1x1", pixels, (64, 64), 1),
        convolution("logits", pixels, (64, 1), 1),
    )


def encoder(rows: int) -> tuple[Product, ...]:
    return (
        dense("encoder hidden", rows, 784, 500, FORWARD_ONLY),
        dense("mean", rows, 500, 20, FORWARD_ONLY),
    )


def decoder(rows: int) -> tuple[Product, ...]:
    return (
        dense("decoder hidden", rows, 20, 500, FORWARD_ONLY),
        dense("probabilities", rows, 500, 784, FORWARD_ONLY),
    )


MATRICES = ("pytorch-eager", "pytorch-compile", "jax")
CONVOLUTIONS = (
    "pytorch-eager", "pytorch-channels-last", "pytorch-compile", "pytorch-compile-channels-last", "jax",
)
INFERENCE = ("pytorch-eager", "pytorch-compile", "jax", "onnxruntime")


def _all() -> list[Workload]:
    step = "forward, backward and Adam"
    return [
        Workload("mlp100", f"784-500-20-500-784 tanh VAE, Bernoulli, batch 100: {step}", mlp(100), peers=MATRICES),
        Workload("mlp512", f"the same at batch 512: {step}", mlp(512), peers=MATRICES),
        Workload(
            "iwae50", f"784-200-200-50-200-200-784 tanh, 50 importance samples, batch 20: {step}",
            importance_weighted(20, 50, training=True), peers=MATRICES),
        Workload(
            "conv64", f"3x64x64 convolutional VAE, 32-64-128-256 channels, batch 64: {step}", conv64(),
            peers=CONVOLUTIONS),
        Workload("vq32", f"3x32x32 VQ-VAE, 128 channels, 512 codes, batch 32: {step}", vq32(), peers=CONVOLUTIONS),
        Workload(
            "pixelcnn28", f"28x28 PixelCNN, seven residual blocks of 64 channels, batch 32: {step}", pixelcnn28(),
            peers=CONVOLUTIONS),
        Workload(
            "nll", "log-likelihood of 100 images by 5000 importance samples each, iwae50's network",
            importance_weighted(100, 5000, training=False), peers=MATRICES),
        Workload("encode", "60,000 images to posterior means, batch 1000", encoder(1000), 60, INFERENCE),
        Workload("decode", "60,000 latents to probabilities, batch 1000", decoder(1000), 60, INFERENCE),
        Workload("encode1", "one image to its posterior mean", encoder(1), peers=INFERENCE),
        Workload("decode1", "one latent to its probabilities", decoder(1), peers=INFERENCE),
        Workload(
            "start", "whole process: load a saved model, sample one image, write a PNG", (),
            # onnxruntime only runs an exported decoder: it cannot load, or have trained, the run itself.
            peers=("pytorch-eager", "jax"), uncounted=("onnxruntime",)),
        Workload(
            "epoch", "one MNIST epoch of mlp100's network: noise, shuffling and logging included", mlp(100), 600,
            peers=("pythae", "pytorch-eager", "pytorch-compile"), least_steps=1),
    ]


WORKLOADS: dict[str, Workload] = {workload.name: workload for workload in _all()}

PEAK_FLOP = 2 * 2048**3
"""The matrix peak's own step: one single-precision product of two 2048 x 2048 matrices."""


def require_parameters(name: str, count: int) -> None:
    """Stops a worker whose network is not the one that is defined here."""
    expected = WORKLOADS[name].parameters
    if count != expected:
        raise ValueError(f"{name} has {count} parameters and should have {expected}")


def named(name: str, among: Callable[[Workload], bool] = lambda _: True) -> Workload:
    workload = WORKLOADS.get(name)
    if workload is None or not among(workload):
        raise ValueError(f"this worker has no workload {name}")
    return workload
