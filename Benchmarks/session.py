"""Worker processes: started, put to sleep while others run, woken for a timed round."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

from sides import Side

READY_SECONDS = 900.0
ROUND_SECONDS = 300.0


class WorkerFailure(Exception):
    """A worker could not do its workload; the message is one line."""


@dataclass
class Measurements:
    """What the rounds of one side gave."""

    flop_per_step: int = 0
    milliseconds: list[float] = field(default_factory=list)
    peak_rss_mb: float = 0
    compile_seconds: float | None = None
    """From the start of building to the end of the first step."""
    versions: dict[str, str] = field(default_factory=dict)


class Worker:
    """One side's process, in a process group of its own.

    While other sides run, the whole group is stopped: threads that wait by spinning would otherwise take cores from the
    side that is measured, and telling them not to spin would make their own rounds slower."""

    def __init__(self, side: Side, environment: dict[str, str]) -> None:
        self.side = side
        self.results = Measurements()
        self._pending = b""
        for command in side.setup:
            _set_up(command)
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                side.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
                start_new_session=True, env=environment)
        except OSError as error:
            raise WorkerFailure(f"cannot be started: {error.strerror}") from error

    def wait_until_ready(self) -> None:
        ready = self._answer(READY_SECONDS)
        if not ready.get("ready"):
            raise self._fail("said something else than that it is ready")
        self.results.flop_per_step = int(ready.get("flop_per_step") or 0)
        seconds = ready.get("compile_seconds")
        self.results.compile_seconds = None if seconds is None else float(seconds)
        self.results.versions = dict(ready.get("versions") or {})
        self._signal(signal.SIGSTOP)

    def run_round(self) -> None:
        self._signal(signal.SIGCONT)
        self._say("run")
        answer = self._answer(ROUND_SECONDS)
        self._signal(signal.SIGSTOP)
        self.results.milliseconds.append(float(answer["ms"]))
        self.results.peak_rss_mb = max(self.results.peak_rss_mb, float(answer["peak_rss_mb"]))

    def end(self) -> None:
        """Asks the worker to quit, and kills its group if it does not."""
        try:
            self._signal(signal.SIGCONT)
            self._say("quit")
            self._process.wait(5)
        except (WorkerFailure, subprocess.TimeoutExpired):
            self._signal(signal.SIGKILL)
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            with contextlib.suppress(OSError):
                pipe.close()

    def _say(self, line: str) -> None:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerFailure("has ended early") from error

    def _answer(self, seconds: float) -> dict[str, Any]:
        line = self._line(time.monotonic() + seconds)
        if line is None:
            raise self._fail("ended without an answer")
        try:
            answer = json.loads(line)
        except ValueError:
            raise self._fail(f"answered with no JSON: {line[:80]!r}") from None
        if "error" in answer:
            raise WorkerFailure(one_line(answer["error"]))
        return answer

    def _line(self, deadline: float) -> bytes | None:
        """The next line of the worker, or none when there will be none. Reads the pipe itself, as a buffered reader
        cannot be waited for."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._pending:
            readable, _, _ = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
            if not readable:
                self._signal(signal.SIGKILL)
                raise WorkerFailure("gave no answer in time")
            block = os.read(pipe, 65536)
            if not block:
                return None
            self._pending += block
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _fail(self, what: str) -> WorkerFailure:
        """A failure with the last thing the worker wrote to standard error."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return WorkerFailure(one_line(f"{what}: {lines[-1]}" if lines else what))

    def _signal(self, number: signal.Signals) -> None:
        """To the worker's whole group. Once the worker is reaped its group may belong to somebody else."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)


def one_line(text: str) -> str:
    return " ".join(str(text).split())[:200]


def _set_up(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise WorkerFailure(f"cannot be prepared: {error.strerror}") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise WorkerFailure(one_line(f"cannot be prepared: {lines[-1]}"))
