"""What a reader must know of the machine, and nothing that tells whose it is."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(threads: int, versions: dict[str, str]) -> list[tuple[str, str]]:
    rows = [
        ("processor", _field("/proc/cpuinfo", "model name") or platform.machine()),
        ("widest instructions", _instructions()),
        ("cores", str(len(os.sched_getaffinity(0)))),
        ("threads of every side", str(threads)),
        ("memory", _memory()),
        ("system", _system()),
        ("Python", platform.python_version()),
    ]
    return rows + sorted(versions.items())


def load() -> float:
    """Runnable processes, averaged over the last minute."""
    return os.getloadavg()[0]


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(values, "")


def _instructions() -> str:
    flags = set(_field("/proc/cpuinfo", "flags").split())
    names = {"avx512_bf16": "AVX-512 with bf16", "avx512f": "AVX-512", "avx2": "AVX2"}
    return next((name for flag, name in names.items() if flag in flags), "unknown")


def _memory() -> str:
    kibibytes = _field("/proc/meminfo", "MemTotal").split()
    return f"{int(kibibytes[0]) / 1024**2:.0f} GiB" if kibibytes else "unknown"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()
