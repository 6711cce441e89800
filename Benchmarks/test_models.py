"""Tests that the peers' networks are the ones of `workloads.py`, and the same in PyTorch and in JAX. They need the
benchmark's packages and are skipped without them: .venv/bin/python -m unittest discover -s Benchmarks"""

from __future__ import annotations

import importlib.util
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

from workloads import WORKLOADS

PRESENT = all(importlib.util.find_spec(package) for package in ("torch", "jax"))

if PRESENT:
    import jax
    import jax.numpy as jnp
    import numpy
    import torch

    import jax_deep_models
    import jax_models
    import jax_sequence_models
    import worker_torch

    IN_JAX = jax_models.TRAINED | jax_deep_models.TRAINED | jax_sequence_models.TRAINED
    SAME = ("vq32", "rvq", "klae32", "gru100", "gpt196", "deep20", "wide4096")
    """Workloads whose losses are compared."""

QUANTIZED = {
    f"{side}.{torchs}": name
    for side, layers in {
        "encoder": {
            "0.": "e1.", "2.": "e2.", "4.": "e3.", "5.layers.1": "er1.3x3", "5.layers.3": "er1.1x1",
            "6.layers.1": "er2.3x3", "6.layers.3": "er2.1x1", "8.": "e4."},
        "decoder": {
            "0.": "d4.", "1.layers.1": "dr1.3x3", "1.layers.3": "dr1.1x1", "2.layers.1": "dr2.3x3",
            "2.layers.3": "dr2.1x1", "4.": "d3.", "6.": "d2.", "8.": "d1."},
    }.items()
    for torchs, name in layers.items()
}
NAMES = {
    "vq32": QUANTIZED,
    "rvq": QUANTIZED,
    "wide4096": {
        f"{side}.{2 * index}": f"{side[0]}{index + 1}" for side in ("encoder", "decoder") for index in range(3)},
    "gru100": {
        f"gru.{kind}_{short}_l0": f"{name}.{kind}"
        for kind in ("weight", "bias") for short, name in (("ih", "input"), ("hh", "recurrent"))},
}


def renamed(workload: str, name: str) -> str:
    for ours, theirs in NAMES.get(workload, {}).items():
        name = name.replace(ours, theirs)
    return name


def in_jax(name: str, value: torch.Tensor) -> jax.Array:
    """A parameter of PyTorch in JAX's layout."""
    array = value.detach().numpy()
    if array.ndim == 4:
        # PyTorch's transposed convolutions are correlated the other way round.
        is_transposed = name in ("output.weight", "d1.weight", "d2.weight")
        array = array[:, :, ::-1, ::-1].transpose(2, 3, 0, 1) if is_transposed else array.transpose(2, 3, 1, 0)
    elif array.ndim == 2 and name.endswith(".weight"):
        array = array.T
    return jnp.asarray(array.copy())


@unittest.skipUnless(PRESENT, "the benchmark's packages are not installed")
class Networks(unittest.TestCase):
    def test_pytorch_has_the_parameters_that_are_counted(self) -> None:
        for name, (network, _) in worker_torch.TRAINED.items():
            with self.subTest(name):
                count = sum(parameter.numel() for parameter in network().parameters())
                self.assertEqual(count, WORKLOADS[name].parameters)

    def test_jax_has_the_parameters_that_are_counted(self) -> None:
        for name, (make, *_) in IN_JAX.items():
            with self.subTest(name):
                self.assertEqual(sum(value.size for value in make().values()), WORKLOADS[name].parameters)

    def losses(self, name: str, bf16: bool = False) -> tuple[float, float]:
        """PyTorch's and JAX's loss of two examples, with the same weights and noise."""
        torch.manual_seed(1)
        network = worker_torch.TRAINED[name][0]()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter += 0.02 * torch.randn_like(parameter)
        parameters = {renamed(name, key): value for key, value in network.state_dict().items()}
        parameters = {key: in_jax(key, value) for key, value in parameters.items()}
        make, loss, shape, values = IN_JAX[name]
        self.assertEqual(
            {key: value.shape for key, value in parameters.items()},
            {key: value.shape for key, value in make().items()})
        batch = values(numpy.random.default_rng(1).random((2, *shape[1:]), numpy.float32))
        ours = torch.from_numpy(batch.transpose(0, 3, 1, 2) if batch.ndim == 4 else batch)
        if ours.dtype == torch.int32:
            ours = ours.long()
        precision = torch.autocast("cpu", torch.bfloat16, enabled=bf16)
        with precision, torch.no_grad(), mock.patch("torch.randn", lambda shape, device: torch.full(shape, 0.5)):
            in_torch = network(ours).item()
        if bf16:
            parameters = jax_models.rounded(parameters)
        with mock.patch("jax.random.normal", lambda key, shape: jnp.full(shape, 0.5)):
            return in_torch, float(loss(parameters, jnp.asarray(batch), jax.random.key(0)))

    def test_losses_are_the_same_in_both(self) -> None:
        for name in SAME:
            with self.subTest(name):
                in_torch, other = self.losses(name)
                self.assertLess(abs(in_torch - other), 1e-4 * abs(in_torch), (in_torch, other))

    def test_rounded_operands_change_the_loss_a_little(self) -> None:
        for name in SAME:
            with self.subTest(name):
                exact, _ = self.losses(name)
                for rounded in self.losses(name, bf16=True):
                    self.assertNotEqual(rounded, exact)
                    self.assertLess(abs(rounded - exact), 0.02 * abs(exact), (rounded, exact))


if __name__ == "__main__":
    unittest.main()
