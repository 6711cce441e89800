"""Tests of the runner with fake workers. Standard library only: python3 -m unittest discover -s Benchmarks"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import harness
import report
import run
from session import Measurements, Worker, WorkerFailure
from sides import PEAK, Settings, Side, make_side, side_names
from workloads import PEAK_FLOP, WORKLOADS, require_parameters

FAKE = """
import json, sys
times = iter([{times}])
ready = dict(ready=True, side="fake", flop_per_step=1000, compile_seconds=2.5, versions=dict(fake="1"))
print(json.dumps(ready), flush=True)
for line in sys.stdin:
    if line.strip() == "quit": break
    try: print(json.dumps(dict(ms=next(times), steps=3, peak_rss_mb=7.5)), flush=True)
    except StopIteration: print(json.dumps(dict(error="out of times")), flush=True); sys.exit(1)
"""


def fake(name: str, *times: float) -> Side:
    return Side(name, (sys.executable, "-c", FAKE.replace("{times}", ", ".join(map(str, times)))))


def scripted(name: str, program: str) -> Side:
    return Side(name, (sys.executable, "-c", program))


def measured(*milliseconds: float) -> Measurements:
    return Measurements(flop_per_step=1, milliseconds=list(milliseconds), peak_rss_mb=10)


class Workers(unittest.TestCase):
    def measure(self, sides: list[Side], rounds: int) -> tuple[dict[str, Measurements], dict[str, str]]:
        with contextlib.redirect_stderr(io.StringIO()):
            return run.measure(sides, rounds, dict(os.environ))

    def test_every_side_runs_every_round(self) -> None:
        results, failed = self.measure([fake("a", 1, 2, 3), fake("b", 4, 5, 6)], 3)
        self.assertEqual(failed, {})
        self.assertEqual(results["a"].milliseconds, [1, 2, 3])
        self.assertEqual(results["b"].milliseconds, [4, 5, 6])
        self.assertEqual((results["a"].peak_rss_mb, results["a"].versions), (7.5, {"fake": "1"}))
        self.assertEqual(results["a"].compile_seconds, 2.5)

    def test_a_worker_may_keep_its_compile_seconds_to_itself(self) -> None:
        silent = fake("a", 1)
        silent = scripted("a", silent.command[2].replace("compile_seconds=2.5, ", ""))
        self.assertIsNone(self.measure([silent], 1)[0]["a"].compile_seconds)

    def test_a_side_that_is_not_there_is_a_failure_with_a_reason(self) -> None:
        results, failed = self.measure([Side("gone", ("/nowhere/worker",)), fake("a", 1)], 1)
        self.assertEqual(failed, {"gone": "cannot be started: No such file or directory"})
        self.assertEqual(list(results), ["a"])

    def test_an_error_line_is_the_reason(self) -> None:
        program = "print('{\"error\": \"no compiler\"}'); raise SystemExit(1)"
        self.assertEqual(self.measure([scripted("a", program)], 1)[1], {"a": "no compiler"})

    def test_a_crash_shows_the_last_line_of_standard_error(self) -> None:
        _, failed = self.measure([scripted("a", "raise KeyError('x')")], 1)
        self.assertEqual(failed, {"a": "ended without an answer: KeyError: 'x'"})

    def test_a_failure_in_a_round_takes_only_that_side_out(self) -> None:
        results, failed = self.measure([fake("a", 1), fake("b", 1, 2)], 2)
        self.assertEqual(failed, {"a": "out of times"})
        self.assertEqual(results["b"].milliseconds, [1, 2])

    def test_a_setup_that_fails_is_the_reason(self) -> None:
        setup = (sys.executable, "-c", "import sys; sys.exit('no data')")
        with self.assertRaisesRegex(WorkerFailure, "cannot be prepared: no data"):
            Worker(Side("a", fake("a").command, (setup,)), dict(os.environ))

    def test_a_worker_sleeps_between_its_rounds(self) -> None:
        worker = Worker(fake("a", 1, 2), dict(os.environ))
        try:
            worker.wait_until_ready()
            self.assertEqual(self.state(worker), "T")
            worker.run_round()
            self.assertEqual(self.state(worker), "T")
        finally:
            worker.end()

    def state(self, worker: Worker) -> str:
        """The process's state: a stop is delivered a moment after it was sent."""
        status = Path(f"/proc/{worker._process.pid}/stat")
        for _ in range(100):
            state = status.read_text().rpartition(")")[2].split()[0]
            if state == "T":
                break
            os.sched_yield()
        return state


class Reports(unittest.TestCase):
    def rows(self) -> list[report.Row]:
        results = {
            PEAK: measured(PEAK_FLOP / 1e6 / 500), "latent": measured(2, 1, 3), "pytorch-eager": measured(8, 4, 6),
            "jax": measured(3, 3, 3),
        }
        return report.make_rows(WORKLOADS["mlp100"], results, {"pytorch-compile": "no compiler"})

    def row(self, side: str) -> report.Row:
        return next(row for row in self.rows() if row["side"] == side)

    def test_median(self) -> None:
        self.assertEqual(report.median([3, 1, 2]), 2)
        self.assertEqual(report.median([4, 1, 2, 3]), 2.5)
        with self.assertRaises(ValueError):
            report.median([])

    def test_ratio_is_the_best_peers_median_over_this_sides(self) -> None:
        self.assertEqual(self.row("latent")["median_ms"], 2)
        self.assertEqual(self.row("latent")["ratio_to_best_peer"], 1.5)
        self.assertEqual(self.row("jax")["ratio_to_best_peer"], 1)
        self.assertEqual(self.row("pytorch-eager")["ratio_to_best_peer"], 0.5)

    def test_each_precision_has_its_own_best_peer(self) -> None:
        results = {
            "latent": measured(2), "latent-bf16": measured(1), "jax": measured(4), "pytorch-eager-bf16": measured(8),
            "jax-bf16": measured(3)}
        rows = report.make_rows(WORKLOADS["deep20"], results, {})
        self.assertEqual([row["ratio_to_best_peer"] for row in rows], [2, 3, 1, 0.375, 1])
        del results["jax-bf16"], results["pytorch-eager-bf16"]
        self.assertIsNone(report.make_rows(WORKLOADS["deep20"], results, {})[1]["ratio_to_best_peer"])

    def test_without_bf16_peers_those_of_float32_stand_in(self) -> None:
        results = {"latent-bf16": measured(1), "jax": measured(4)}
        self.assertEqual(report.make_rows(WORKLOADS["mlp100"], results, {})[0]["ratio_to_best_peer"], 4)

    def test_memory_and_compile_seconds_stand_beside_the_times(self) -> None:
        results = {"latent": Measurements(1, [2], 10, 0.125), "jax": measured(3)}
        lines = report.table(report.make_rows(WORKLOADS["mlp100"], results, {})).splitlines()
        cells = [[cell.strip() for cell in line.split("|")[4:8]] for line in lines]
        self.assertEqual(cells[0], ["spread", "peak memory, MiB", "compile, s", "best peer / this"])
        self.assertEqual(cells[2], ["2 to 2", "10", "0.12", "1.50"])
        self.assertEqual(cells[3], ["3 to 3", "10", "", "1.00"])

    def test_share_is_of_the_peak_of_the_same_run(self) -> None:
        # 410 MFLOP in 2 ms are 205 GFLOP/s, of 500.
        self.assertEqual(self.row("latent")["peak_share"], 0.41)

    def test_the_peak_is_no_row_and_a_failure_is_one(self) -> None:
        self.assertNotIn(PEAK, [row["side"] for row in self.rows()])
        self.assertIsNone(self.row("pytorch-compile")["median_ms"])
        self.assertIn("failed: no compiler", report.table(self.rows()))

    def test_an_uncounted_side_is_no_best_peer(self) -> None:
        results = {"latent": measured(10), "jax": measured(200), "onnxruntime": measured(50)}
        rows = report.make_rows(WORKLOADS["start"], results, {})
        self.assertEqual([row["ratio_to_best_peer"] for row in rows], [20, 1, 4])

    def test_without_any_peer_there_is_no_ratio(self) -> None:
        (row,) = report.make_rows(WORKLOADS["mlp100"], {"latent": measured(1)}, {})
        self.assertIsNone(row["ratio_to_best_peer"])
        self.assertIsNone(row["peak_share"])

    def test_results_of_other_workloads_and_sides_are_kept(self) -> None:
        old = [
            {"workload": "vq32", "side": "jax", "median_ms": 1}, {"workload": "mlp100", "side": "jax", "median_ms": 2},
            {"workload": "mlp100", "side": "latent", "median_ms": 3}, {"workload": "dropped", "side": "jax"},
        ]
        merged = report.merge(old, [{"workload": "mlp100", "side": "jax", "median_ms": 9}])
        self.assertEqual(
            [(row["workload"], row["side"], row["median_ms"]) for row in merged],
            [("mlp100", "latent", 3), ("mlp100", "jax", 9), ("vq32", "jax", 1)])

    def test_results_survive_the_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.json"
            self.assertEqual(report.read_results(path), [])
            report.write_results(path, self.rows())
            self.assertEqual(report.read_results(path), self.rows())


class Documents(unittest.TestCase):
    def test_a_new_document_has_a_title_and_both_markers(self) -> None:
        text = report.replace_block("", "new")
        self.assertTrue(text.startswith("# Benchmarks\n"))
        self.assertIn(f"{report.BEGIN}\n\nnew\n\n{report.END}", text)

    def test_what_is_around_the_block_stays(self) -> None:
        before = f"# Mine\n\nabove\n\n{report.BEGIN}\nold\n{report.END}\n\nbelow\n"
        after = report.replace_block(before, "new")
        self.assertEqual(after, before.replace("\nold\n", "\n\nnew\n\n"))
        self.assertEqual(report.replace_block(after, "new"), after)

    def test_a_document_without_markers_gets_the_block_at_its_end(self) -> None:
        text = report.replace_block("# Mine\n\nabove\n", "new")
        self.assertTrue(text.startswith(f"# Mine\n\nabove\n\n{report.BEGIN}"))

    def test_half_a_block_is_refused(self) -> None:
        for text in (report.BEGIN, report.END, f"{report.END} {report.BEGIN}"):
            with self.assertRaises(ValueError):
                report.replace_block(text, "new")


class Definitions(unittest.TestCase):
    def test_parameters(self) -> None:
        counts = {
            "mlp100": 815_824, "iwae50": 425_284, "conv64": 2_170_691, "vq32": 1_045_955, "rvq": 1_144_259, "pixelcnn28": 101_505,
            "klae32": 5_120_039, "gru100": 263_744, "gru400": 263_744, "gpt196": 693_232, "deep20": 596_995,
            "wide4096": 40_780_688,
        }
        for name, count in counts.items():
            self.assertEqual(WORKLOADS[name].parameters, count, name)
            require_parameters(name, count)
        with self.assertRaises(ValueError):
            require_parameters("mlp100", 1)

    def test_flop(self) -> None:
        # The first layer twice, the three others three times.
        self.assertEqual(
            WORKLOADS["mlp100"].flop_per_step,
            2 * 100 * (2 * 784 * 500 + 3 * (500 * 40 + 20 * 500 + 500 * 784)))
        # Every token with every other in all four heads, in both products, although a mask hides half.
        attention = sum(p.flop for p in WORKLOADS["gpt196"].products if p.parameters == 0)
        self.assertEqual(attention, 6 * 3 * 2 * 2 * 32 * 196 * 196 * 96)
        self.assertEqual(WORKLOADS["gru400"].flop_per_step, 4 * WORKLOADS["gru100"].flop_per_step)
        self.assertEqual(WORKLOADS["decode"].flop_per_step, 2 * 60_000 * (20 * 500 + 500 * 784))

    def test_every_side_has_a_command(self) -> None:
        settings = Settings(2, Path("python"), Path("data"), Path("scratch"))
        for workload in WORKLOADS.values():
            for name in side_names(workload):
                side = make_side(name, workload, settings)
                self.assertIn("--threads", side.command)
                self.assertEqual(side.name, name)
                rounded = " --precision bf16" in " ".join(side.command)
                self.assertEqual(rounded, name.endswith("-bf16"), name)


class Timing(unittest.TestCase):
    def test_a_round_has_at_least_the_least_steps(self) -> None:
        steps: list[None] = []
        rounds = harness.Rounds(harness.Job(lambda: steps.append(None)), least_steps=3)
        before = len(steps)
        self.assertLess(rounds.first_step_done, time.perf_counter())
        result = rounds.run()
        self.assertGreaterEqual(result["steps"], 3)
        self.assertEqual(len(steps) - before, result["steps"])
        self.assertGreater(result["peak_rss_mb"], 1)


if __name__ == "__main__":
    unittest.main()
