"""Reports the progress of a dream to the daemon that started it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping

from kairos.control.progress import PROGRESS_FD, Step, step_line

_SECONDS_BETWEEN = 0.1


class ProgressPipe:
    """Writes a line for each step to the pipe named by the environment; silent if it names none.

    Never blocks: if the pipe is full the line is dropped, and if the reader is gone the dream goes on regardless.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._pipe = _pipe(environment.get(PROGRESS_FD, ""))
        self._stage = ""
        self._written = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report that `done` out of `total` steps are complete: the first and last of a stage, others ten a second."""
        if self._pipe is None:
            return
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._written < _SECONDS_BETWEEN:
            return
        self._stage, self._written = stage, now
        try:
            os.write(self._pipe, step_line(Step(stage, done, total)))
        except BlockingIOError:
            return
        except OSError:
            self._pipe = None


def _pipe(number: str) -> int | None:
    """Return the descriptor with that number if it is a pipe, made non-blocking and not inheritable."""
    if not number.isdecimal():
        return None
    try:
        pipe = int(number)
        if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
            return None
        os.set_inheritable(pipe, False)
        os.set_blocking(pipe, False)
    except (OSError, OverflowError):
        return None
    return pipe
