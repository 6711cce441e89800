"""The networks of the workloads in PyTorch. Each trained module's `forward` gives the loss of one batch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def split_sample(statistics: Tensor, samples: int | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mean, log-variance, fresh noise and the latent it gives, for `samples` latents of each example if given. All are
    float32, also where products are not."""
    mean, log_variance = statistics.float().chunk(2, dim=1)
    shape = mean.shape if samples is None else (samples, *mean.shape)
    noise = torch.randn(shape, device=mean.device)
    return mean, log_variance, noise, mean + torch.exp(0.5 * log_variance) * noise


def rate(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL to the standard normal, summed over the batch."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()


class DenseVAE(nn.Module):
    """mlp100, mlp512, epoch, encode and decode."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 500), nn.Tanh(), nn.Linear(500, 40))
        self.decoder = nn.Sequential(nn.Linear(20, 500), nn.Tanh(), nn.Linear(500, 784))

    def forward(self, x: Tensor) -> Tensor:
        mean, log_variance, _, z = split_sample(self.encoder(x))
        distortion = F.binary_cross_entropy_with_logits(self.decoder(z).float(), x, reduction="sum")
        return (distortion + rate(mean, log_variance)) / x.shape[0]


class WideVAE(DenseVAE):
    """wide4096."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.encoder = nn.Sequential(
            nn.Linear(784, 4096), nn.Tanh(), nn.Linear(4096, 4096), nn.Tanh(), nn.Linear(4096, 128))
        self.decoder = nn.Sequential(
            nn.Linear(64, 4096), nn.Tanh(), nn.Linear(4096, 4096), nn.Tanh(), nn.Linear(4096, 784))


class MeanEncoder(nn.Module):
    """Images to posterior means: the encoder without its log-variances."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 500), nn.Tanh(), nn.Linear(500, 20))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class MeanDecoder(nn.Module):
    """Latents to pixel probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 500), nn.Tanh(), nn.Linear(500, 784), nn.Sigmoid())

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class ImportanceWeightedVAE(nn.Module):
    """iwae50 and nll."""

    samples = 50

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 200), nn.Tanh(), nn.Linear(200, 200), nn.Tanh(), nn.Linear(200, 100))
        self.decoder = nn.Sequential(
            nn.Linear(50, 200), nn.Tanh(), nn.Linear(200, 200), nn.Tanh(), nn.Linear(200, 784))

    def forward(self, x: Tensor) -> Tensor:
        _, log_variance, noise, z = split_sample(self.encoder(x), self.samples)
        logits = self.decoder(z).float()
        distortion = F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)
        # log p(z) - log q(z|x): the constants of the two normal densities cancel.
        log_ratio = 0.5 * (noise.square() + log_variance - z.square()).sum(-1)
        bound = torch.logsumexp(log_ratio - distortion, dim=0) - math.log(self.samples)
        return -bound.mean()

    def log_weights(self, x: Tensor, statistics: Tensor, samples: int) -> Tensor:
        """log p(x, z) - log q(z|x) of fresh latents of one image."""
        _, log_variance, noise, z = split_sample(statistics[None], samples)
        logits = self.decoder(z[:, 0])
        log_likelihood = logits @ x - F.softplus(logits).sum(1)
        return log_likelihood + 0.5 * (noise.square() + log_variance - z.square()).sum(-1)[:, 0]


class ConvolutionalVAE(nn.Module):
    """conv64."""

    def __init__(self) -> None:
        super().__init__()
        channels = [3, 32, 64, 128, 256]
        down: list[nn.Module] = []
        for inputs, outputs in zip(channels, channels[1:]):
            down += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.ReLU()]
        self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(4096, 128))
        up: list[nn.Module] = [nn.Linear(64, 4096), nn.ReLU(), nn.Unflatten(1, (256, 4, 4))]
        for inputs, outputs in zip(channels[:0:-1], channels[-2::-1]):
            up += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.ReLU()]
        self.decoder = nn.Sequential(*up[:-1])

    def forward(self, x: Tensor) -> Tensor:
        mean, log_variance, _, z = split_sample(self.encoder(x))
        distortion = F.mse_loss(self.decoder(z).float(), x, reduction="sum")
        return (distortion + rate(mean, log_variance)) / x.shape[0]


class ResidualBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), nn.Conv2d(128, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 128, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class VectorQuantizedVAE(nn.Module):
    """vq32."""

    codebooks = 1

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 128, 4, 2, 1), nn.ReLU(), nn.Conv2d(128, 128, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(128, 128, 3, 1, 1), ResidualBlock(), ResidualBlock(), nn.ReLU(), nn.Conv2d(128, 64, 1))
        self.books = nn.ParameterList(
            torch.empty(512, 64).uniform_(-1 / 512, 1 / 512) for _ in range(self.codebooks))
        self.decoder = nn.Sequential(
            nn.Conv2d(64, 128, 1), ResidualBlock(), ResidualBlock(), nn.ReLU(), nn.Conv2d(128, 128, 3, 1, 1),
            nn.ReLU(), nn.ConvTranspose2d(128, 128, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(128, 3, 4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        z = self.encoder(x).float()
        rows = z.permute(0, 2, 3, 1).reshape(-1, 64)
        rest, loss = rows, rows.new_zeros(())
        for book in self.books:
            with torch.no_grad():
                # |z|^2 is the same for all codes, so the choice does without it.
                nearest = torch.addmm(book.square().sum(1), rest, book.t(), alpha=-2).argmin(1)
            codes = F.embedding(nearest, book)
            loss = loss + F.mse_loss(codes, rest.detach(), reduction="sum")
            loss = loss + 0.25 * F.mse_loss(rest, codes.detach(), reduction="sum")
            rest = rest - codes.detach()
        straight_through = rows - rest.detach()
        batch, _, height, width = z.shape
        quantized = straight_through.view(batch, height, width, 64).permute(0, 3, 1, 2)
        return (F.mse_loss(self.decoder(quantized).float(), x, reduction="sum") + loss) / batch


class ResidualVQ(VectorQuantizedVAE):
    """rvq: codebooks one after another, each for what the ones before leave over."""

    codebooks = 4


class MaskedConvolution(nn.Conv2d):
    """Sees the pixels above and to the left; a mask of kind B also sees the pixel itself."""

    def __init__(self, inputs: int, outputs: int, size: int, kind: str) -> None:
        super().__init__(inputs, outputs, size, padding=size // 2)
        mask = torch.zeros(size, size)
        mask[: size // 2] = 1
        mask[size // 2, : size // 2 + (kind == "B")] = 1
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.weight * self.mask, self.bias)


class MaskedBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Conv2d(64, 32, 1), nn.ReLU(), MaskedConvolution(32, 32, 3, "B"), nn.ReLU(),
            nn.Conv2d(32, 64, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class PixelCNN(nn.Module):
    """pixelcnn28."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            MaskedConvolution(1, 64, 7, "A"), *(MaskedBlock() for _ in range(7)), nn.ReLU(), nn.Conv2d(64, 64, 1),
            nn.ReLU(), nn.Conv2d(64, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(self.layers(x).float(), x, reduction="sum") / x.shape[0]
