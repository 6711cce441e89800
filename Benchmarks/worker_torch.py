"""PyTorch's worker: eager, channels-last and torch.compile, with fused Adam."""

from __future__ import annotations

import argparse
import contextlib
import functools
import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# The C++ of a CPU is compiled from threads; a pool of processes would stay behind idle.
os.environ.setdefault("TORCH_WARM_POOL", "0")
# Without what an earlier process has compiled, so that the seconds of compiling are those of a first time.
COMPILED = tempfile.TemporaryDirectory(prefix="latent-bench-")
os.environ["TORCHINDUCTOR_CACHE_DIR"] = COMPILED.name

import torch
from torch import Tensor, nn

import mnist
from harness import Job, serve
from torch_deep_models import DeepVAE, LatentDiffusionAutoencoder
from torch_models import (
    ConvolutionalVAE, DenseVAE, ImportanceWeightedVAE, MeanDecoder, MeanEncoder, PixelCNN, ResidualVQ, VectorQuantizedVAE,
    WideVAE,
)
from torch_sequence_models import RecurrentNetwork, Transformer
from workloads import BF16, named, require_parameters

VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")
NLL_SAMPLES = 5000
NLL_CHUNKS = (500, 1000, 5000)


def binary(*shape: int) -> Tensor:
    return torch.randint(0, 2, shape).float()


TRAINED: dict[str, tuple[type[nn.Module], Callable[[], Tensor]]] = {
    "mlp100": (DenseVAE, lambda: binary(100, 784)),
    "mlp512": (DenseVAE, lambda: binary(512, 784)),
    "iwae50": (ImportanceWeightedVAE, lambda: binary(20, 784)),
    "conv64": (ConvolutionalVAE, lambda: torch.rand(64, 3, 64, 64)),
    "vq32": (VectorQuantizedVAE, lambda: torch.rand(32, 3, 32, 32)),
    "rvq": (ResidualVQ, lambda: torch.rand(32, 3, 32, 32)),
    "pixelcnn28": (PixelCNN, lambda: binary(32, 1, 28, 28)),
    "klae32": (LatentDiffusionAutoencoder, lambda: torch.rand(16, 3, 32, 32)),
    "gru100": (RecurrentNetwork, lambda: torch.rand(64, 101, 64)),
    "gru400": (RecurrentNetwork, lambda: torch.rand(64, 401, 64)),
    "gpt196": (Transformer, lambda: torch.randint(0, 16, (32, 196))),
    "deep20": (DeepVAE, lambda: torch.rand(16, 3, 32, 32)),
    "wide4096": (WideVAE, lambda: binary(100, 784)),
}
BATCHED: dict[str, tuple[type[nn.Module], int]] = {"encode": (MeanEncoder, 784), "decode": (MeanDecoder, 20)}


class Builder:
    """Builds the jobs of one variant, in float32 or, where networks train, with products in bfloat16."""

    def __init__(self, variant: str, precision: str, data_folder: Path) -> None:
        self.compiles = variant.startswith("compile")
        self.bf16 = precision == "bf16"
        self.channels_last = variant.endswith("channels_last")
        self.data_folder = data_folder

    def job(self, name: str) -> Job:
        if name in TRAINED:
            network, batch = TRAINED[name]
            return self._training(name, network(), batch())
        if self.bf16:
            raise ValueError(f"this worker does {name} in float32 only")
        if name == "epoch":
            return self._epoch()
        # Weights are constants here, so the compiler may pack them once.
        torch._inductor.config.freezing = True
        if name == "nll":
            return self._log_likelihood()
        kind = name.removesuffix("1")
        network, width = BATCHED[kind]
        return self._inference(name, network(), width)

    def _compiled(self, function: Callable) -> Callable:
        return torch.compile(function, dynamic=False) if self.compiles else function

    def _train_step(self, name: str, network: nn.Module) -> Callable[[Tensor], Tensor]:
        require_parameters(name, sum(parameter.numel() for parameter in network.parameters()))
        if self.channels_last:
            network = network.to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
        loss_of = self._compiled(network)

        def precision() -> contextlib.AbstractContextManager:
            return torch.autocast("cpu", torch.bfloat16) if self.bf16 else contextlib.nullcontext()

        def step(batch: Tensor) -> Tensor:
            optimizer.zero_grad(set_to_none=True)
            with precision():
                loss = loss_of(batch)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return step

    def _training(self, name: str, network: nn.Module, batch: Tensor) -> Job:
        step = self._train_step(name, network)
        if self.channels_last:
            batch = batch.to(memory_format=torch.channels_last)
        return Job(lambda: step(batch))

    def _epoch(self) -> Job:
        step = self._train_step("epoch", DenseVAE())
        images = torch.from_numpy(mnist.training_images(self.data_folder))

        def epoch() -> None:
            order = torch.randperm(len(images))
            total = torch.zeros(())
            for rows in order.split(100):
                # Pixels are drawn anew at every visit, as Latent's `vae` preset does.
                total += step(torch.bernoulli(images[rows]))
            loss = total.item() * 100 / len(images)
            if not math.isfinite(loss):
                raise ArithmeticError("the loss is not finite")
            print(f"train elbo {-loss:.2f}", flush=True)

        return Job(epoch)

    def _log_likelihood(self) -> Job:
        network = ImportanceWeightedVAE().eval()
        require_parameters("nll", sum(parameter.numel() for parameter in network.parameters()))
        images = binary(100, 784)
        chunk, log_weights = self._fastest_chunk(network, images[0])

        @torch.inference_mode()
        def evaluate() -> float:
            statistics = network.encoder(images)
            bounds = [
                torch.logsumexp(torch.cat([log_weights(*pair) for _ in range(NLL_SAMPLES // chunk)]), 0)
                for pair in zip(images, statistics)]
            return -(torch.stack(bounds) - math.log(NLL_SAMPLES)).mean().item()

        return Job(evaluate)

    @torch.inference_mode()
    def _fastest_chunk(self, network: ImportanceWeightedVAE, image: Tensor) -> tuple[int, Callable]:
        """Large chunks leave the cache, small ones pay more calls: the best size is this machine's, so it is tried."""
        statistics = network.encoder(image[None])[0]
        best: tuple[float, int, Callable] | None = None
        for chunk in NLL_CHUNKS:
            function = self._compiled(functools.partial(network.log_weights, samples=chunk))
            function(image, statistics)
            start = time.perf_counter()
            for _ in range(4 * NLL_SAMPLES // chunk):
                function(image, statistics)
            seconds = time.perf_counter() - start
            if best is None or seconds < best[0]:
                best = (seconds, chunk, function)
        return best[1:]

    def _inference(self, name: str, network: nn.Module, width: int) -> Job:
        network = network.eval()
        require_parameters(name, sum(parameter.numel() for parameter in network.parameters()))
        function = self._compiled(network)
        batches = [torch.rand(1, width)] if name.endswith("1") else list(torch.rand(60_000, width).split(1000))

        @torch.inference_mode()
        def run() -> None:
            for batch in batches:
                function(batch)

        return Job(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--variant", choices=VARIANTS, default="eager")
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--data-dir", type=Path, default=mnist.DEFAULT_FOLDER)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch._inductor.config.compile_threads = arguments.threads
    torch.manual_seed(0)
    builder = Builder(arguments.variant, arguments.precision, arguments.data_dir)

    def build() -> Job:
        workload = named(arguments.workload, lambda workload: workload.name != "start")
        job = builder.job(workload.name)
        job.versions["torch"] = torch.__version__
        return job

    side = "pytorch-" + arguments.variant.replace("_", "-") + (BF16 if arguments.precision == "bf16" else "")
    serve(side, named(arguments.workload), build)


if __name__ == "__main__":
    main()
