"""Runs the benchmark: every side of a workload in turn, round after round, then medians, ratios and the document."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import machine
import report
from session import Measurements, Worker, WorkerFailure
from sides import ROOT, Settings, Side, make_side, side_names
from workloads import WORKLOADS, Workload

QUICK_ROUNDS = 2
QUICK_SECONDS = "0.1"


def measure(
    sides: list[Side], rounds: int, environment: dict[str, str]
) -> tuple[dict[str, Measurements], dict[str, str]]:
    """Starts all sides, then runs rounds A, B, C, A, B, C ... of those that started. A side that fails in a round is
    out, with all it has measured."""
    workers: list[Worker] = []
    failed: dict[str, str] = {}
    try:
        for side in sides:
            try:
                worker = Worker(side, environment)
                workers.append(worker)
                worker.wait_until_ready()
            except WorkerFailure as failure:
                failed[side.name] = str(failure)
            _say(f"  {side.name}: {failed.get(side.name, 'ready')}")
        for number in range(rounds):
            for worker in workers:
                if worker.side.name in failed:
                    continue
                try:
                    worker.run_round()
                except WorkerFailure as failure:
                    failed[worker.side.name] = str(failure)
                    _say(f"  {worker.side.name}: {failure}")
            _say(f"  round {number + 1} of {rounds}")
    finally:
        for worker in workers:
            worker.end()
    return {worker.side.name: worker.results for worker in workers if worker.side.name not in failed}, failed


def chosen_sides(workload: Workload, wanted: list[str] | None) -> list[str]:
    """The peak is always measured: shares are worth nothing against another run's."""
    names = side_names(workload)
    return [name for name in names if wanted is None or name in wanted or name == "peak"]


def main() -> int:
    arguments = _parse()
    environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads), "PYTHONDONTWRITEBYTECODE": "1"}
    rounds = arguments.rounds
    if arguments.quick:
        rounds, environment["BENCH_ROUND_SECONDS"] = QUICK_ROUNDS, QUICK_SECONDS
    rows: list[report.Row] = []
    versions: dict[str, str] = {}
    busy = machine.load()
    with tempfile.TemporaryDirectory(prefix="latent-bench-") as scratch:
        settings = Settings(arguments.threads, arguments.python, arguments.data_dir.resolve(), Path(scratch))
        for name in arguments.workloads or list(WORKLOADS):
            workload = WORKLOADS[name]
            _say(f"{name}: {workload.summary}")
            sides = [make_side(side, workload, settings) for side in chosen_sides(workload, arguments.sides)]
            measured, failed = measure(sides, rounds, environment)
            for results in measured.values():
                versions |= results.versions
            fresh = report.make_rows(workload, measured, failed)
            print(report.table(fresh), flush=True)
            rows += fresh
    if not arguments.quick:
        merged = report.merge(report.read_results(arguments.results), rows)
        report.write_results(arguments.results, merged)
        _write_document(arguments.document, merged, machine.describe(arguments.threads, versions), rounds, busy)
    return 0


def _write_document(
    path: Path, rows: list[report.Row], described: list[tuple[str, str]], rounds: int, busy: float
) -> None:
    protocol = (
        f"Medians of {rounds} interleaved rounds: all sides are started and warmed up, then run in turn, the others "
        f"stopped. The matrix peak is a 2048 x 2048 product of oneDNN in the same rotation. Load before the run: "
        f"{busy:.1f}. Rows of workloads that were not run are kept from an earlier run. Definitions and FLOPs: "
        f"[Benchmarks/README.md](../Benchmarks/README.md).")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report.replace_block(text, report.document_block(rows, described, protocol)), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="all of them when none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", nargs="+", metavar="SIDE", help="only these, such as latent pytorch-compile")
    parser.add_argument("--quick", action="store_true", help="two short rounds; prints, and writes nothing")
    parser.add_argument("--data-dir", type=Path, default=ROOT.parent / "shared" / "data" / "mnist")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv" / "bin" / "python", help="the peers' Python")
    parser.add_argument("--results", type=Path, default=ROOT / "Benchmarks" / "results.json")
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "benchmarks.md")
    arguments = parser.parse_args()
    known = {side for workload in WORKLOADS.values() for side in side_names(workload)}
    for name in arguments.workloads:
        if name not in WORKLOADS:
            parser.error(f"there is no workload {name}; there are {', '.join(WORKLOADS)}")
    for name in arguments.sides or []:
        if name not in known:
            parser.error(f"there is no side {name}; there are {', '.join(sorted(known))}")
    if arguments.rounds < 1 or arguments.threads < 1:
        parser.error("--rounds and --threads are at least 1")
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
