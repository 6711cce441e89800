"""From measurements to rows, and from rows to the table on screen, `results.json` and the document."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from session import Measurements
from sides import OURS, PEAK
from workloads import BF16, PEAK_FLOP, WORKLOADS, Workload

Row = dict[str, Any]

BEGIN = "<!-- begin: written by Benchmarks/run.py -->"
END = "<!-- end: written by Benchmarks/run.py -->"
HEADER = (
    "workload", "side", "ms per step", "spread", "peak memory, MiB", "compile, s", "best peer / this", "GFLOP/s",
    "share of matrix peak")


def median(values: list[float]) -> float:
    if not values:
        raise ValueError("there is no median of no rounds")
    return statistics.median(values)


def make_rows(workload: Workload, measured: dict[str, Measurements], failed: dict[str, str]) -> list[Row]:
    """One row per side, in the order in which the sides were started; failed ones carry their reason."""
    medians = {side: median(results.milliseconds) for side, results in measured.items() if results.milliseconds}
    peak = PEAK_FLOP / medians[PEAK] / 1e6 if PEAK in medians else None
    rows = []
    for side, milliseconds in medians.items():
        if side == PEAK:
            continue
        results = measured[side]
        best = min((medians[peer] for peer in peers_of(side, workload) if peer in medians), default=None)
        gigaflops = workload.flop_per_step / milliseconds / 1e6
        rows.append({
            "workload": workload.name,
            "side": side,
            "median_ms": significant(milliseconds),
            "ratio_to_best_peer": significant(best / milliseconds) if best else None,
            "peak_share": significant(gigaflops / peak) if peak and gigaflops else None,
            "peak_rss_mb": results.peak_rss_mb,
            "compile_seconds": results.compile_seconds,
            "gflops": significant(gigaflops) if gigaflops else None,
            "matrix_peak_gflops": significant(peak) if peak else None,
            "round_ms": [significant(value) for value in results.milliseconds],
        })
    for side, why in failed.items():
        if side != PEAK:
            rows.append({
                "workload": workload.name, "side": side, "median_ms": None, "ratio_to_best_peer": None,
                "peak_share": None, "peak_rss_mb": None, "error": why})
    return rows


def peers_of(side: str, workload: Workload) -> list[str]:
    """The peers that a side is compared with: those of its own precision. Where no peer is asked for in bfloat16, a side
    that is has those of float32."""
    precise = [peer for peer in workload.peers if not peer.endswith(BF16)]
    rounded = [peer for peer in workload.peers if peer.endswith(BF16)]
    return rounded if side.endswith(BF16) and rounded else precise


def significant(value: float) -> float:
    """Four significant digits: more would be noise, and fewer would hide a bar that is just missed."""
    return float(f"{value:.4g}")


def merge(old: list[Row], new: list[Row]) -> list[Row]:
    """New rows replace the old ones of the same workload and side; the rest is kept, in the workloads' order."""
    fresh = {(row["workload"], row["side"]) for row in new}
    kept = [row for row in old if (row["workload"], row["side"]) not in fresh]
    order = list(WORKLOADS)
    sides = {side: index for index, side in enumerate(OURS)}
    known = [row for row in kept + new if row["workload"] in order]
    return sorted(known, key=lambda row: (order.index(row["workload"]), sides.get(row["side"], len(sides))))


def read_results(path: Path) -> list[Row]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write_results(path: Path, rows: list[Row]) -> None:
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    path.write_text(f"[\n{lines}\n]\n" if rows else "[]\n", encoding="utf-8")


def table(rows: list[Row]) -> str:
    """A Markdown table that is aligned enough to be read on a screen."""
    cells = [HEADER] + [_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    if row["median_ms"] is None:
        return (row["workload"], row["side"], "failed: " + row["error"].replace("|", "/"), "", "", "", "", "", "")
    rounds = row.get("round_ms") or [row["median_ms"]]
    ratio, share, gigaflops = row["ratio_to_best_peer"], row["peak_share"], row.get("gflops")
    seconds = row.get("compile_seconds")
    return (
        row["workload"], row["side"], f"{row['median_ms']:.4g}", f"{min(rounds):.4g} to {max(rounds):.4g}",
        f"{row['peak_rss_mb']:.0f}", "" if seconds is None else f"{seconds:.2f}", f"{ratio:.2f}" if ratio else "",
        f"{gigaflops:.0f}" if gigaflops and gigaflops >= 10 else "", f"{100 * share:.0f} %" if share else "")


def document_block(rows: list[Row], machine: list[tuple[str, str]], protocol: str) -> str:
    """Everything between the two markers."""
    present = [name for name in WORKLOADS if any(row["workload"] == name for row in rows)]
    definitions = "\n".join(f"- `{name}`: {WORKLOADS[name].summary}." for name in present)
    described = "\n".join(f"| {name} | {value} |" for name, value in machine)
    return (
        f"{protocol}\n\n| the machine of the latest run | |\n|---|---|\n{described}\n\n{definitions}\n\n{table(rows)}\n")


def replace_block(text: str, block: str) -> str:
    """Puts the block between its markers, or at the end of a text that has none; what is around it stays."""
    marked = f"{BEGIN}\n\n{block.strip()}\n\n{END}"
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 and end < 0:
        return (text.rstrip() + "\n\n" if text.strip() else "# Benchmarks\n\n") + marked + "\n"
    if begin < 0 or end < begin:
        raise ValueError("the document has one marker of the generated block without the other")
    return text[:begin] + marked + text[end + len(END) :]
