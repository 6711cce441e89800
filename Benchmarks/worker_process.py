"""The worker of `start`: times a whole process from outside, from its creation until it has ended."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
from pathlib import Path

from harness import Job, serve
from workloads import named


def whole_process(command: list[str], output: Path) -> Job:
    def step() -> None:
        output.unlink(missing_ok=True)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"the process ended with status {done.returncode}: {lines[-1]}")
        if not output.read_bytes().startswith(b"\x89PNG"):
            raise RuntimeError("the process wrote no PNG")

    def peak_memory() -> float:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    return Job(step, peak_memory=peak_memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side", required=True)
    parser.add_argument("--output", type=Path, required=True, help="the PNG that the command writes")
    parser.add_argument("command", nargs="+", help="after --")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    workload = named(arguments.workload, lambda workload: workload.name == "start")
    serve(arguments.side, workload, lambda: whole_process(arguments.command, arguments.output))


if __name__ == "__main__":
    main()
