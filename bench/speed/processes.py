"""Runs and measures whole processes: wall and CPU time, peak memory, and the seconds of each stage of a dream."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.speed.stages import Stamped, seconds_by_stage
from kairos.control.progress import PROGRESS_FD, read_step

_TO_MB = 1 / 1024 if sys.platform != "darwin" else 1 / 1024**2  # ru_maxrss: kilobytes, on macOS bytes
_MOST_QUOTED = 2000  # characters of a failed process's stderr that are quoted


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: wall seconds, CPU seconds including its children's, and peak resident memory in MB.

    `stages` has the seconds of a dream's stages, from the progress that it reported; `output` is its stdout.
    """

    wall: float
    cpu: float
    peak_mb: float
    stages: Mapping[str, float] = field(default_factory=dict)
    output: bytes = field(default=b"", repr=False)


class FailedError(Exception):
    """A measured process failed; the message quotes its stderr."""


def run(arguments: Sequence[str], env: Mapping[str, str], *, fine: Collection[int] = (0,)) -> Cost:
    """Run a process to its end and return what it cost; raises FailedError if its exit status is not in `fine`.

    The peak memory reported for a child is at least that of the process that started it, so the measuring process must
    stay small.
    """
    reader, writer = os.pipe()
    stamped: list[Stamped] = []
    listener = threading.Thread(target=_listen, args=(reader, stamped))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(
            arguments,
            env={**env, PROGRESS_FD: str(writer)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            pass_fds=[writer],
        )
        os.close(writer)
        listener.start()
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
        listener.join()
        out.seek(0)
        err.seek(0)
        output, said = out.read(), err.read().decode(errors="replace")
    if process.returncode not in fine:
        command = " ".join(map(str, arguments))
        raise FailedError(f"`{command}` ended with {process.returncode}:\n{said[-_MOST_QUOTED:]}")
    return Cost(
        ended - began,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * _TO_MB,
        seconds_by_stage(stamped, began, ended),
        output,
    )


def python(arguments: Sequence[str], env: Mapping[str, str], *, fine: Collection[int] = (0,)) -> Cost:
    """Run this Python interpreter with arguments; see `run`."""
    return run([sys.executable, *arguments], env, fine=fine)


def environment(home: Path) -> dict[str, str]:
    """Return the environment of measured processes: a separate home, and the code of this checkout."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "PYTHON", "KAIROS_"))
    }
    checkout = Path(__file__).resolve().parents[2]
    own = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    return kept | own | {"HOME": str(home), "PYTHONPATH": str(checkout), "HF_HUB_OFFLINE": "1"}


def _listen(pipe: int, stamped: list[Stamped]) -> None:
    """Record when each step is reported, until the last writer closes the pipe."""
    with os.fdopen(pipe, "rb") as lines:
        for line in lines:
            step = read_step(line)
            if step is not None:
                stamped.append(Stamped(time.monotonic(), step))
