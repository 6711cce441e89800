"""Pythae's worker: one MNIST epoch of the network of `mlp100` through the library's own trainer."""

from __future__ import annotations

import argparse
import importlib
import logging
import tempfile
from importlib.metadata import version
from pathlib import Path

import mnist
from harness import Job, serve
from workloads import named, require_parameters


def epoch(data_folder: Path, threads: int) -> Job:
    import torch
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from torch import Tensor, nn

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            BaseEncoder.__init__(self)
            self.hidden = nn.Sequential(nn.Linear(784, 500), nn.Tanh())
            self.mean = nn.Linear(500, 20)
            self.log_variance = nn.Linear(500, 20)

        def forward(self, x: Tensor) -> ModelOutput:
            hidden = self.hidden(x)
            return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_variance(hidden))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            BaseDecoder.__init__(self)
            # The library's Bernoulli loss takes probabilities.
            self.layers = nn.Sequential(nn.Linear(20, 500), nn.Tanh(), nn.Linear(500, 784), nn.Sigmoid())

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.layers(z))

    class Images(torch.utils.data.Dataset):
        """The library's own data set converts types item by item; this one leaves that out."""

        def __init__(self, images: Tensor) -> None:
            self.items = [{"data": image} for image in images]

        def __len__(self) -> int:
            return len(self.items)

        def __getitem__(self, index: int) -> dict[str, Tensor]:
            return self.items[index]

    torch.set_num_threads(threads)
    logging.disable(logging.CRITICAL)
    images = Images(torch.from_numpy(mnist.training_images(data_folder)))
    configuration = VAEConfig(input_dim=(784,), latent_dim=20, reconstruction_loss="bce")
    model = VAE(configuration, encoder=Encoder(), decoder=Decoder())
    require_parameters("epoch", sum(parameter.numel() for parameter in model.parameters()))

    folder = tempfile.TemporaryDirectory(prefix="latent-bench-")
    settings = BaseTrainerConfig(
        output_dir=folder.name, num_epochs=1, per_device_train_batch_size=100, learning_rate=1e-3,
        optimizer_cls="Adam", no_cuda=True)
    trainer = BaseTrainer(model, images, training_config=settings)

    def step(folder: tempfile.TemporaryDirectory = folder) -> None:
        # The argument keeps the folder until the last epoch is done.
        trainer.train()

    return Job(step, versions={"torch": torch.__version__, "pythae": version("pythae")})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data-dir", type=Path, default=mnist.DEFAULT_FOLDER)
    arguments = parser.parse_args()
    workload = named(arguments.workload, lambda workload: "pythae" in workload.peers)
    serve(
        "pythae", workload, lambda: epoch(arguments.data_dir, arguments.threads),
        load=lambda: importlib.import_module("pythae.trainers"))


if __name__ == "__main__":
    main()
