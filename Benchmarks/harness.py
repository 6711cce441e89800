"""The worker's side of the protocol that `run.py` speaks: one JSON object per line, one timed round per `run`."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from workloads import Workload

ROUND_SECONDS = float(os.environ.get("BENCH_ROUND_SECONDS", "0.7"))
GROUP_SECONDS = 0.01


def nothing() -> None:
    """For sides whose steps are finished when they return."""


def own_peak_memory() -> float:
    """Peak resident memory of this process in MiB. Not `getrusage`, which inherits the parent's peak over `exec`."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    raise OSError("the kernel does not tell the peak of resident memory")


@dataclass
class Job:
    """A built workload: `step` does one step, `finish` waits for steps that run behind the program's back."""

    step: Callable[[], object]
    finish: Callable[[], object] = nothing
    peak_memory: Callable[[], float] = own_peak_memory
    versions: dict[str, str] = field(default_factory=dict)


class Rounds:
    """Timed rounds of a job. Short steps are timed in groups, so that neither the clock nor waiting for each single
    step of an asynchronous framework is part of what is measured."""

    def __init__(self, job: Job, least_steps: int) -> None:
        self.job = job
        # The first steps compile and allocate; what they cost says nothing about later ones.
        self._group(1)
        self.first_step_done = time.perf_counter()
        if least_steps > 1:
            self._group(1)
        seconds = self._warm()
        self.group = max(1, round(GROUP_SECONDS / seconds))
        self.groups = max(1 if self.group >= least_steps else least_steps, round(ROUND_SECONDS / (seconds * self.group)))

    def _warm(self) -> float:
        """The shortest group seen in a fraction of a round, in seconds per step."""
        best = self._group(1)
        group, spent = 1, best
        while spent < ROUND_SECONDS / 2:
            group = max(1, min(1000, round(GROUP_SECONDS / best)))
            seconds = self._group(group)
            best, spent = min(best, seconds), spent + seconds * group
        return best

    def _group(self, steps: int) -> float:
        step = self.job.step
        start = time.perf_counter()
        for _ in range(steps):
            step()
        self.job.finish()
        return (time.perf_counter() - start) / steps

    def run(self) -> dict[str, float]:
        times = [self._group(self.group) * 1000 for _ in range(self.groups)]
        return {
            "ms": statistics.median(times),
            "steps": self.group * self.groups,
            "peak_rss_mb": round(self.job.peak_memory(), 1),
        }


def serve(
    side: str, workload: Workload, build: Callable[[], Job], load: Callable[[], object] = nothing
) -> None:
    """Builds the job, then answers `run` lines until `quit` or the end of input. Exits with status 1 on any error. What
    `load` does, importing a framework, is not part of the seconds of building and compiling."""
    protocol = _take_standard_output()
    try:
        load()
        start = time.perf_counter()
        job = build()
        rounds = Rounds(job, workload.least_steps)
        ready = {"ready": True, "side": side, "flop_per_step": workload.flop_per_step, "versions": job.versions}
        # A workload without products is a process of its own, of which nothing is built here.
        if workload.products:
            ready["compile_seconds"] = round(rounds.first_step_done - start, 3)
        print(json.dumps(ready), file=protocol, flush=True)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            if line.strip() == "run":
                print(json.dumps(rounds.run()), file=protocol, flush=True)
    except Exception as error:  # Whatever a framework throws is this side's result.
        print(json.dumps({"error": reason(error)}), file=protocol, flush=True)
        sys.exit(1)


def reason(error: Exception) -> str:
    """The first line of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"


def _take_standard_output() -> TextIO:
    """Keeps standard output for the protocol: what libraries print goes to standard error instead."""
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return protocol
