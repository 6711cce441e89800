"""The networks of gru100, gru400 and gpt196 in PyTorch, with the names that the parameters have in
`jax_sequence_models.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RecurrentNetwork(nn.Module):
    """gru100 and gru400. `nn.GRU`, which takes one product for the inputs of all steps, was faster than a loop of cells
    that does the same and no slower than one of compiled cells; compiling an unrolled loop of 100 steps took more than
    five minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(64, 256, batch_first=True)
        self.output = nn.Linear(256, 64)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.gru(x[:, :-1])
        return F.mse_loss(self.output(states).float(), x[:, 1:], reduction="sum") / x.shape[0]


class TransformerLayer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-5)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-5)
        self.hidden = nn.Linear(width, 4 * width)
        self.back = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        packed = self.qkv(self.norm1(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = packed.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.back(F.gelu(self.hidden(self.norm2(x))))


class Transformer(nn.Module):
    """gpt196."""

    values, tokens, width = 16, 196, 96

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(self.values + 1, self.width))
        self.positions = nn.Parameter(0.02 * torch.randn(self.tokens, self.width))
        self.layers = nn.Sequential(*(TransformerLayer(self.width, 4) for _ in range(6)))
        self.norm = nn.LayerNorm(self.width, eps=1e-5)
        self.logits = nn.Linear(self.width, self.values)

    def forward(self, x: Tensor) -> Tensor:
        shifted = F.pad(x[:, :-1], (1, 0), value=self.values)
        h = self.layers(F.embedding(shifted, self.table) + self.positions)
        logits = self.logits(self.norm(h)).float()
        return F.cross_entropy(logits.view(-1, self.values), x.reshape(-1), reduction="sum") / x.shape[0]
