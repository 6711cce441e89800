"""`start` in PyTorch: loads a saved decoder, samples one image, writes a PNG. With --save, writes the decoder instead."""

import sys

import torch
from torch import nn

from picture import write_png


def main(model: str, picture: str) -> None:
    decoder = nn.Sequential(nn.Linear(20, 500), nn.Tanh(), nn.Linear(500, 784), nn.Sigmoid())
    if picture == "--save":
        torch.save(decoder.state_dict(), model)
        return
    decoder.load_state_dict(torch.load(model, weights_only=True))
    with torch.inference_mode():
        pixels = (decoder(torch.randn(1, 20)) * 255).round().to(torch.uint8)
    write_png(picture, pixels.numpy().tobytes(), 28, 28)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
