"""Telling the daemon how far a dream is."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping

from kairos.control.progress import PROGRESS_FD, Step, step_line

_SECONDS_BETWEEN = 0.1


class ProgressPipe:
    """Writes a line for each step to the pipe that the environment names; quiet where it names none.

    Never waits: a line that finds the pipe full is left out, and nobody's end of the pipe keeps a dream from its work.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._pipe = _pipe(environment.get(PROGRESS_FD, ""))
        self._stage = ""
        self._written = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell that `done` of `total` steps of a stage are done: the first, the last, and now and then."""
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
    """Return the descriptor of that number, if it is a pipe, kept from the programs that we start ourselves."""
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
