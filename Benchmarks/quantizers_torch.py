"""Quantisers side by side in plain PyTorch: the peer of `latent reproduce vq`, by the same protocol.

    .venv/bin/python Benchmarks/quantizers_torch.py [--steps 1000] [--seed 1] [--only rotation] [--data-dir FOLDER]

FOLDER holds Fashion-MNIST as Debian's package dataset-fashion-mnist installs it. Prints a line for each quantiser: the mean
absolute error of the test split in [-1, 1], the share of codes chosen at all, and the seconds of training.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

CODES = 256
WIDTH = 32


def images(folder: Path, split: str) -> torch.Tensor:
    data = gzip.decompress((folder / f"{split}-images-idx3-ubyte.gz").read_bytes())
    return torch.frombuffer(bytearray(data[16:]), dtype=torch.uint8).reshape(-1, 1, 28, 28)


def straight(z: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    return z + (q - z).detach()


def rotated(z: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    given, fixed = z.detach(), q.detach()
    length, target = given.norm(dim=-1, keepdim=True), fixed.norm(dim=-1, keepdim=True)
    source, goal = given / length, fixed / target
    bisector = F.normalize(source + goal, dim=-1)
    along = (z * bisector).sum(-1, keepdim=True)
    forward = (z * source).sum(-1, keepdim=True)
    return (z - 2 * bisector * along + 2 * goal * forward) * (target / length)


def nearest(rows: torch.Tensor, book: torch.Tensor) -> torch.Tensor:
    return (book.square().sum(1) - 2 * rows @ book.T).argmin(1)


class Averaged(nn.Module):
    """A codebook of moving averages; returns vectors, indices, and the mean of the commitment."""

    def __init__(self, gradient: Callable = straight, dead_below: float = 0, start: int = 0):
        super().__init__()
        self.gradient, self.dead_below, self.start = gradient, dead_below, start
        self.register_buffer("counts", torch.ones(CODES))
        self.register_buffer("sums", (torch.rand(CODES, WIDTH) * 2 - 1) / CODES)

    def book(self) -> torch.Tensor:
        total = self.counts.sum()
        return self.sums / ((self.counts + 1e-5) / (total + 1e-5 * CODES) * total)[:, None]

    def clusters(self, rows: torch.Tensor, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        counts = torch.bincount(indices, minlength=CODES).float()
        return counts, torch.zeros(CODES, WIDTH).index_add_(0, indices, rows)

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        fixed = rows.detach()
        if self.training and self.start > 0:
            book = fixed[torch.randint(len(fixed), (CODES,))]
            for _ in range(self.start):
                counts, sums = self.clusters(fixed, nearest(fixed, book))
                book = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], book)
            self.counts.copy_(self.clusters(fixed, nearest(fixed, book))[0])
            self.sums.copy_(book * self.counts[:, None])
            self.start = 0
        book = self.book()
        indices = nearest(fixed, book)
        chosen = book[indices]
        if self.training:
            counts, sums = self.clusters(fixed, indices)
            self.counts.lerp_(counts, 0.2)
            self.sums.lerp_(sums, 0.2)
            dead = self.counts < self.dead_below
            self.counts[dead] = self.dead_below
            self.sums[dead] = fixed[torch.randint(len(fixed), (int(dead.sum()),))] * self.dead_below
        return self.gradient(rows, chosen), indices[:, None], (rows - chosen).square().mean()

    def vectors(self, indices: torch.Tensor) -> torch.Tensor:
        return self.book()[indices[:, 0]]


class Mapped(nn.Module):
    """SimVQ: a learned linear map of vectors that stay as they are."""

    def __init__(self):
        super().__init__()
        self.register_buffer("frozen", torch.randn(CODES, WIDTH) / WIDTH**0.5)
        self.map = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        book = self.map(self.frozen)
        indices = nearest(rows.detach(), book.detach())
        chosen = book[indices]
        loss = (chosen - rows.detach()).square().mean() + 0.25 * (rows - chosen.detach()).square().mean()
        return rotated(rows, chosen), indices[:, None], loss

    def vectors(self, indices: torch.Tensor) -> torch.Tensor:
        return self.map(self.frozen)[indices[:, 0]]


class Scalars(nn.Module):
    """FSQ of 8, 6 and 5 levels, with projections from and to the 32 numbers."""

    def __init__(self):
        super().__init__()
        self.inwards, self.outwards = nn.Linear(WIDTH, 3), nn.Linear(3, WIDTH)
        levels = torch.tensor([8.0, 6.0, 5.0])
        self.reach, self.offset = (levels - 1) * 1.001 / 2, torch.tensor([0.5, 0.5, 0.0])
        self.half, self.basis = levels // 2, torch.tensor([1.0, 8.0, 48.0])

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        bounded = (self.inwards(rows) + torch.atanh(self.offset / self.reach)).tanh() * self.reach - self.offset
        rounded = straight(bounded, bounded.round())
        indices = ((rounded.detach() + self.half) * self.basis).sum(1).round().long()
        return self.outwards(rounded / self.half), indices[:, None], torch.zeros(())


class Residual(nn.Module):
    """Four codebooks, each for what those before leave over, of which training keeps a random number for each example."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList(Averaged(dead_below=2, start=10) for _ in range(4))

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        rest, total, loss, indices = rows, torch.zeros_like(rows), torch.zeros(()), []
        last = torch.randint(4, (len(rows) // 49,)).repeat_interleave(49)[:, None]
        for number, stage in enumerate(self.stages):
            has = (last >= number).float() if self.training else 1.0
            vector, index, _ = stage(rest)
            vector = vector.detach()
            loss = loss + ((rest - vector).square() * has).mean()
            rest, total = rest - vector * has, total + vector * has
            indices.append(index)
        return straight(rows, total), torch.cat(indices, 1), loss


class Autoencoder(nn.Module):
    def __init__(self, quantizer: nn.Module):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.MaxPool2d(2), nn.GELU(), nn.Conv2d(16, WIDTH, 3, padding=1), nn.MaxPool2d(2))
        self.quantizer = quantizer
        self.decoder = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(WIDTH, 16, 3, padding=1), nn.GELU(), nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 1, 3, padding=1))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        h = self.encoder(x).permute(0, 2, 3, 1)
        vectors, indices, loss = self.quantizer(h.reshape(-1, WIDTH))
        return self.decoder(vectors.reshape(h.shape).permute(0, 3, 1, 2)).clamp(-1, 1), indices, loss


QUANTIZERS: dict[str, Callable[[], nn.Module]] = {
    "straight through": Averaged,
    "rotation": lambda: Averaged(rotated),
    "SimVQ": Mapped,
    "FSQ": Scalars,
    "replacement": lambda: Averaged(dead_below=2),
    "residual": Residual,
}


def run(name: str, train: torch.Tensor, test: torch.Tensor, steps: int, seed: int) -> str:
    torch.manual_seed(seed)
    model = Autoencoder(QUANTIZERS[name]())
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    start = time.perf_counter()
    order = torch.randperm(len(train))
    for _ in range(steps):
        if len(order) < 256:
            order = torch.randperm(len(train))
        batch, order = order[:256], order[256:]
        x = train[batch].float() / 127.5 - 1
        out, _, loss = model(x)
        total = (out - x).abs().mean() + 10 * loss
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    model.eval()
    error, used = 0.0, None
    with torch.no_grad():
        for batch in test.split(500):
            x = batch.float() / 127.5 - 1
            out, indices, _ = model(x)
            error += (out - x).abs().mean().item() * len(batch) / len(test)
            hot = torch.stack([torch.bincount(column, minlength=CODES) for column in indices.T])
            used = hot if used is None else used + hot
    codes = 240 if name == "FSQ" else CODES
    return f"{name}: L1 {error:.4f}, usage {100 * (used[:, :codes] > 0).float().mean():.1f} %, {seconds:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--data-dir", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train, test = images(arguments.data_dir, "train"), images(arguments.data_dir, "t10k")
    for name in QUANTIZERS:
        if arguments.only in name:
            print(run(name, train, test, arguments.steps, arguments.seed), flush=True)


if __name__ == "__main__":
    main()
