"""The networks of klae32 and deep20 in PyTorch, with the names that the parameters have in `jax_deep_models.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torch_models import rate, split_sample

LEVELS = (64, 128, 128)


class NormalisedBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, inputs, eps=1e-6)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.norm2 = nn.GroupNorm(32, outputs, eps=1e-6)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    """One head over all pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.q, self.k, self.v, self.out = (nn.Linear(channels, channels) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        q, k, v = (layer(tokens)[:, None] for layer in (self.q, self.k, self.v))
        mixed = self.out(F.scaled_dot_product_attention(q, k, v)[:, 0])
        return x + mixed.transpose(1, 2).view(batch, channels, height, width)


class Down(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class Up(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Output(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, inputs, eps=1e-6)
        self.conv = nn.Conv2d(inputs, outputs, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.silu(self.norm(x)))


def middle(channels: int) -> list[nn.Module]:
    return [NormalisedBlock(channels, channels), Attention(channels), NormalisedBlock(channels, channels)]


class LatentDiffusionAutoencoder(nn.Module):
    """klae32."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 1, 1)]
        inputs = 64
        for level, outputs in enumerate(LEVELS):
            layers += [NormalisedBlock(inputs, outputs), NormalisedBlock(outputs, outputs)]
            if level < 2:
                layers.append(Down(outputs, outputs, 3, 2))
            inputs = outputs
        self.encoder = nn.Sequential(*layers, *middle(128), Output(128, 8), nn.Conv2d(8, 8, 1))
        layers = [nn.Conv2d(4, 4, 1), nn.Conv2d(4, 128, 3, 1, 1), *middle(128)]
        inputs = 128
        for level, outputs in reversed(list(enumerate(LEVELS))):
            layers += [NormalisedBlock(inputs, outputs)] + [NormalisedBlock(outputs, outputs) for _ in range(2)]
            if level > 0:
                layers.append(Up(outputs, outputs, 3, 1, 1))
            inputs = outputs
        self.decoder = nn.Sequential(*layers, Output(64, 3))

    def forward(self, x: Tensor) -> Tensor:
        mean, log_variance, _, z = split_sample(self.encoder(x))
        distortion = F.mse_loss(self.decoder(z).float(), x, reduction="sum")
        return (distortion + 1e-6 * rate(mean, log_variance)) / x.shape[0]


class BottleneckBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Conv2d(64, 32, 1), nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 64, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class StochasticLayer(nn.Module):
    """One latent image of 8 channels, and the block after it."""

    def __init__(self) -> None:
        super().__init__()
        self.prior = nn.Conv2d(64, 16, 1)
        self.posterior = nn.Conv2d(64, 16, 1)
        self.latents = nn.Conv2d(8, 64, 1)
        self.block = BottleneckBlock()

    def forward(self, h: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
        prior_mean, prior_log_variance = self.prior(F.relu(h)).float().chunk(2, dim=1)
        mean, log_variance, _, z = split_sample(self.posterior(F.relu(h + a)))
        difference = log_variance - prior_log_variance
        square = (mean - prior_mean).square() * torch.exp(-prior_log_variance)
        kl = 0.5 * (difference.exp() + square - 1 - difference).sum()
        return self.block(h + self.latents(z)), kl


class DeepVAE(nn.Module):
    """deep20."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 4, 2, 1)
        self.up = nn.ModuleList(BottleneckBlock() for _ in range(20))
        self.start = nn.Parameter(torch.zeros(64))
        self.down = nn.ModuleList(StochasticLayer() for _ in range(20))
        self.output = nn.ConvTranspose2d(64, 3, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.stem(x)
        found = []
        for block in self.up:
            a = block(a)
            found.append(a)
        h = self.start[:, None, None].expand_as(a)
        total = torch.zeros((), device=x.device)
        for layer, a in zip(self.down, reversed(found)):
            h, kl = layer(h, a)
            total = total + kl
        distortion = F.mse_loss(self.output(F.relu(h)).float(), x, reduction="sum")
        return (distortion + total) / x.shape[0]
