"""What every side of the benchmark computes: layers, parameter counts, and model FLOPs per step.

This is the only place where the arithmetic of a workload is counted. A product of an M x K by a K x N matrix counts
2 M N K. A convolution is such a product with M = output pixels, K = input channels x kernel taps, N = output channels; a
transposed convolution has M = input pixels, K = input channels, N = output channels x kernel taps. A training step
costs each layer three products of that size (forward, weight gradient, input gradient), and a first layer two, as
nothing needs the gradient of the data. Taps that a mask holds at zero are not counted. The two products of attention are
counted in full, all tokens by all tokens, whether or not a mask leaves half of them. Element-wise work, reductions, random
numbers and the optimiser count nothing, so the share of the matrix peak can only be understated; but an attention that
skips what its mask hides overstates it, in gpt196 by a seventh at most.
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


def unmultiplied(name: str, parameters: int) -> Product:
    """Parameters of no product: scales and shifts of a normalisation, tables that are looked up."""
    return Product(name, 0, 0, 0, parameters, TRAINED)


def attention(name: str, batch: int, heads: int, tokens: int, width: int) -> tuple[Product, ...]:
    """Queries by keys, and weights by values, of `heads` heads of `width`: every pair of tokens, masked or not."""
    rows = batch * heads * tokens
    return (
        Product(f"{name}, scores", rows, width, tokens, 0, TRAINED),
        Product(f"{name}, values", rows, tokens, width, 0, TRAINED),
    )


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


def vq32(codebooks: int = 1) -> tuple[Product, ...]:
    batch = 32
    small = batch * 8 * 8
    return (
        convolution("encoder 1", batch * 16 * 16, (3, 128), 16, FIRST),
        convolution("encoder 2", small, (128, 128), 16),
        convolution("encoder 3x3", small, (128, 128), 9),
        *residual_blocks("encoder", small),
        convolution("encoder 1x1", small, (128, 64), 1),
        # Distances to the codes; the choice has no gradient. The codebook's own gradient is a scatter.
        *(Product(f"codebook {book}", small, 64, 512, 512 * 64, FORWARD_ONLY) for book in range(1, codebooks + 1)),
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


def normalised_block(name: str, pixels: int, inputs: int, outputs: int) -> tuple[Product, ...]:
    """klae32's residual block: twice group normalisation, SiLU and Conv 3 1 1."""
    skip = () if inputs == outputs else (convolution(f"{name}, skip", pixels, (inputs, outputs), 1),)
    return (
        unmultiplied(f"{name}, normalisation 1", 2 * inputs),
        convolution(f"{name}, 3x3 1", pixels, (inputs, outputs), 9),
        unmultiplied(f"{name}, normalisation 2", 2 * outputs),
        convolution(f"{name}, 3x3 2", pixels, (outputs, outputs), 9),
        *skip,
    )


def attending_middle(name: str, batch: int, channels: int) -> tuple[Product, ...]:
    """klae32's middle at 8x8: block, single-head attention, block."""
    pixels = batch * 8 * 8
    return (
        *normalised_block(f"{name} block 1", pixels, channels, channels),
        unmultiplied(f"{name} attention, normalisation", 2 * channels),
        *(dense(f"{name} attention, {part}", pixels, channels, channels) for part in ("q", "k", "v", "out")),
        *attention(f"{name} attention", batch, 1, 8 * 8, channels),
        *normalised_block(f"{name} block 2", pixels, channels, channels),
    )


def klae32() -> tuple[Product, ...]:
    batch = 16
    channels = (64, 128, 128)
    pixels = (batch * 32 * 32, batch * 16 * 16, batch * 8 * 8)
    products: list[Product] = [convolution("encoder in", pixels[0], (3, 64), 9, FIRST)]
    inputs = 64
    for level, outputs in enumerate(channels):
        for block in (1, 2):
            products += normalised_block(f"encoder level {level} block {block}", pixels[level], inputs, outputs)
            inputs = outputs
        if level < 2:
            products.append(convolution(f"encoder level {level} down", pixels[level + 1], (inputs, inputs), 9))
    products += attending_middle("encoder middle", batch, 128)
    products += [
        unmultiplied("encoder normalisation", 2 * 128),
        convolution("encoder out", pixels[2], (128, 8), 9),
        convolution("mean and log-variance", pixels[2], (8, 8), 1),
        convolution("decoder latents", pixels[2], (4, 4), 1),
        convolution("decoder in", pixels[2], (4, 128), 9),
    ]
    products += attending_middle("decoder middle", batch, 128)
    for level, outputs in reversed(list(enumerate(channels))):
        for block in (1, 2, 3):
            products += normalised_block(f"decoder level {level} block {block}", pixels[level], inputs, outputs)
            inputs = outputs
        if level > 0:
            products.append(convolution(f"decoder level {level} up", pixels[level - 1], (inputs, inputs), 9))
    products += [unmultiplied("decoder normalisation", 2 * 64), convolution("decoder out", pixels[0], (64, 3), 9)]
    return tuple(products)


def recurrent(steps: int) -> tuple[Product, ...]:
    """gru100 and gru400. The three gates' products of all steps; each of the two has a bias."""
    rows = 64 * steps
    return (
        dense("inputs to gates", rows, 64, 3 * 256, FIRST),
        dense("states to gates", rows, 256, 3 * 256),
        dense("outputs", rows, 256, 64),
    )


def gpt196() -> tuple[Product, ...]:
    batch, tokens, width = 32, 196, 96
    rows = batch * tokens
    layers = tuple(
        product
        for layer in range(1, 7)
        for product in (
            unmultiplied(f"layer {layer}, normalisation 1", 2 * width),
            dense(f"layer {layer}, q, k and v", rows, width, 3 * width),
            *attention(f"layer {layer}, attention", batch, 4, tokens, width // 4),
            dense(f"layer {layer}, out", rows, width, width),
            unmultiplied(f"layer {layer}, normalisation 2", 2 * width),
            dense(f"layer {layer}, hidden", rows, width, 4 * width),
            dense(f"layer {layer}, back", rows, 4 * width, width),
        )
    )
    return (
        unmultiplied("values and start", 17 * width),
        unmultiplied("positions", tokens * width),
        *layers,
        unmultiplied("normalisation", 2 * width),
        dense("logits", rows, width, 16),
    )


def bottleneck_block(name: str, pixels: int) -> tuple[Product, ...]:
    """deep20's residual block."""
    return (
        convolution(f"{name}, 1x1 in", pixels, (64, 32), 1),
        convolution(f"{name}, 3x3", pixels, (32, 32), 9),
        convolution(f"{name}, 1x1 out", pixels, (32, 64), 1),
    )


def deep20() -> tuple[Product, ...]:
    pixels = 16 * 16 * 16
    layers = range(1, 21)
    up = tuple(product for layer in layers for product in bottleneck_block(f"bottom-up block {layer}", pixels))
    down = tuple(
        product
        for layer in reversed(layers)
        for product in (
            convolution(f"layer {layer}, prior", pixels, (64, 16), 1),
            convolution(f"layer {layer}, posterior", pixels, (64, 16), 1),
            convolution(f"layer {layer}, latents", pixels, (8, 64), 1),
            *bottleneck_block(f"top-down block {layer}", pixels),
        )
    )
    return (
        convolution("stem", pixels, (3, 64), 16, FIRST),
        *up,
        unmultiplied("start of the top-down path", 64),
        *down,
        transposed("output", pixels, (64, 3), 16),
    )


def wide4096() -> tuple[Product, ...]:
    batch = 100
    return (
        dense("encoder hidden 1", batch, 784, 4096, FIRST),
        dense("encoder hidden 2", batch, 4096, 4096),
        dense("mean and log-variance", batch, 4096, 128),
        dense("decoder hidden 1", batch, 64, 4096),
        dense("decoder hidden 2", batch, 4096, 4096),
        dense("logits", batch, 4096, 784),
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

BF16 = "-bf16"
"""What the name of a side ends in that rounds the operands of its products to bfloat16."""


def both_precisions(peers: tuple[str, ...]) -> tuple[str, ...]:
    return peers + tuple(peer + BF16 for peer in peers)



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
            "rvq", f"the same with four codebooks of 512, each for what is left over: {step}", vq32(4),
            peers=CONVOLUTIONS),
        Workload(
            "pixelcnn28", f"28x28 PixelCNN, seven residual blocks of 64 channels, batch 32: {step}", pixelcnn28(),
            peers=CONVOLUTIONS),
        Workload(
            "klae32", "3x32x32 autoencoder of latent diffusion, 64-128-128 channels, group normalisation, attention at "
            f"8x8, batch 16: {step}", klae32(), peers=both_precisions(CONVOLUTIONS)),
        Workload(
            "gru100", f"GRU of 256 units, 100 steps of 64 values, batch 64: {step}", recurrent(100),
            peers=both_precisions(MATRICES)),
        Workload("gru400", f"the same over 400 steps: {step}", recurrent(400), peers=both_precisions(MATRICES)),
        Workload(
            "gpt196", f"causal transformer, 6 layers of width 96, 196 tokens, batch 32: {step}", gpt196(),
            peers=both_precisions(MATRICES)),
        Workload(
            "deep20", f"3x32x32 VAE of 20 stochastic layers and 40 residual blocks, batch 16: {step}", deep20(),
            peers=both_precisions(CONVOLUTIONS)),
        Workload(
            "wide4096", f"784-4096-4096-64-4096-4096-784 tanh VAE, Bernoulli, batch 100: {step}", wide4096(),
            peers=both_precisions(MATRICES)),
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
