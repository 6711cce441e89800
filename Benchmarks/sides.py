"""The sides of a workload: which worker runs it, and what must be there before it can start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workloads import BF16, Workload

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
LATENT = ROOT / ".build" / "release" / "latent"
LATENT_BENCH = ROOT / ".build" / "release" / "latent-bench"

OURS = ("latent", "latent" + BF16)
PEAK = "peak"
"""Not a side that is compared: the matrix product that peak shares are taken of."""

WITHOUT_BF16 = ("start", "epoch")


@dataclass(frozen=True)
class Settings:
    """What every worker is told."""

    threads: int
    python: Path
    data_folder: Path
    scratch: Path


@dataclass(frozen=True)
class Side:
    name: str
    command: tuple[str, ...]
    setup: tuple[tuple[str, ...], ...] = ()
    """Commands that make what the worker needs, run once before it starts."""


def side_names(workload: Workload) -> tuple[str, ...]:
    """All sides of a workload, the matrix peak first."""
    ours = OURS[:1] if workload.name in WITHOUT_BF16 else OURS
    peak = (PEAK,) if workload.flop_per_step else ()
    return peak + ours + workload.peers + workload.uncounted


def make_side(name: str, workload: Workload, settings: Settings) -> Side:
    if workload.name == "start":
        return _start(name, settings)
    threads = ("--threads", str(settings.threads))
    # Latent is given the folder of all data sets, a peer the one of MNIST.
    folder = settings.data_folder.parent if name in OURS else settings.data_folder
    data = ("--data-dir", str(folder)) if workload.name == "epoch" else ()
    if name == PEAK:
        return Side(name, (str(LATENT_BENCH), "peak", *threads))
    precision = ("--precision", "bf16") if name.endswith(BF16) else ()
    options = (*threads, *precision, *data)
    if name in OURS:
        return Side(name, (str(LATENT_BENCH), workload.name, *options))
    python, peer = str(settings.python), name.removesuffix(BF16)
    if peer.startswith("pytorch-"):
        variant = peer.removeprefix("pytorch-").replace("-", "_")
        worker = str(FOLDER / "worker_torch.py")
        return Side(name, (python, worker, workload.name, "--variant", variant, *options))
    return Side(name, (python, str(FOLDER / f"worker_{peer}.py"), workload.name, *options))


def _start(name: str, settings: Settings) -> Side:
    """A process that samples one image from what `setup` saved."""
    python, scratch = str(settings.python), settings.scratch
    picture = str(scratch / f"{name}.png")
    if name == "latent":
        run = str(scratch / "run")
        train = (
            str(LATENT), "train", "vae", "--data", "mnist", "--data-dir", str(settings.data_folder.parent), "--limit",
            "1000", "--epochs", "1", "--out", run, "--force")
        sample = (
            str(LATENT), "sample", run, "--count", "1", "--out", picture, "--force", "--threads",
            str(settings.threads))
        return Side(name, _timed(python, name, settings, picture, sample), (train,))
    script, suffix = {
        "pytorch-eager": ("sample_torch.py", "pt"), "jax": ("sample_jax.py", "npz"),
        "onnxruntime": ("sample_onnxruntime.py", "onnx"),
    }[name]
    save = (python, str(FOLDER / script), str(scratch / f"decoder.{suffix}"))
    return Side(name, _timed(python, name, settings, picture, (*save, picture)), ((*save, "--save"),))


def _timed(
    python: str, name: str, settings: Settings, picture: str, command: tuple[str, ...]
) -> tuple[str, ...]:
    worker = str(FOLDER / "worker_process.py")
    return (
        python, worker, "start", "--threads", str(settings.threads), "--side", name, "--output", picture, "--",
        *command)
