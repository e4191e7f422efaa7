"""The daemon's requests for dreams, and their results."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kairos.errors import ExitCode
from kairos_service.wording import complaint, sentence

if TYPE_CHECKING:
    from kairos_service.census import Census

_HARMLESS = "No note is lost; the next dream cleans up what this one left."


@dataclass(frozen=True, slots=True)
class DreamRequest:
    """A root to dream over. The `first` dream of a root only reports. A dream `asked_for` by a person goes first.

    `owed_since` orders the rest: the root that has been owed a dream, or has not been tried, for longest comes first.
    `before` is the census at the time of the request; afterwards it tells the dream's own writes from others'.
    """

    root: Path
    first: bool = False
    asked_for: bool = False
    owed_since: datetime | None = field(default=None, compare=False)
    before: Census | None = field(default=None, compare=False, repr=False)


class DreamStatus(StrEnum):
    """How a dream in a child process ended."""

    DONE = "done"
    NOTHING = "nothing"  # nothing to do
    REPORTED = "reported"  # a first dream
    PARTIAL = "partial"  # some files were left alone
    LOCKED = "locked"  # by the agent, or by another Kairos
    CHANGED = "changed"  # an agent kept writing during the dream
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    STOPPED = "stopped"

    @property
    def is_success(self) -> bool:
        """Whether the root was dreamt over."""
        return self in {DreamStatus.DONE, DreamStatus.NOTHING, DreamStatus.REPORTED, DreamStatus.PARTIAL}

    @property
    def is_in_use(self) -> bool:
        """Whether there was no dream because somebody else was working on the root."""
        return self in {DreamStatus.LOCKED, DreamStatus.CHANGED}

    @property
    def is_failure(self) -> bool:
        """Whether something is wrong. A root in use, or a dream that we stopped, is not a failure."""
        return self in {
            DreamStatus.FAILED,
            DreamStatus.CRASHED,
            DreamStatus.TIMED_OUT,
            DreamStatus.OUT_OF_MEMORY,
        }


@dataclass(frozen=True, slots=True)
class DreamResult:
    """The result of one dream.

    `value` is what `kairos dream --json` printed for the root, with note text verbatim. `error` is one sentence, `tail`
    the last lines on stderr; both are safe to show. `exit_code` is None if a `signal` (its name) ended the child.
    """

    status: DreamStatus
    seconds: float
    exit_code: int | None = None
    signal: str | None = None
    value: dict[str, Any] | None = None
    error: str | None = None
    tail: tuple[str, ...] = ()

    @property
    def done(self) -> frozenset[str]:
        """The paths that the dream wrote or removed."""
        return self._paths("written", "removed")

    @property
    def left(self) -> frozenset[str]:
        """The paths that the dream left alone, for the next one to look at."""
        return self._paths("left")

    def _paths(self, *keys: str) -> frozenset[str]:
        value = self.value or {}
        return frozenset(path for key in keys for path in value.get(key, ()))


@dataclass(frozen=True, slots=True)
class ChildExit:
    """A child that has exited. `forced`: why we ended it, as a status and a sentence."""

    returncode: int
    seconds: float
    stdout: bytes | None
    tail: tuple[str, ...]
    forced: tuple[DreamStatus, str] | None = None


_BY_OUTCOME = {
    "applied": DreamStatus.DONE,
    "nothing": DreamStatus.NOTHING,
    "reported": DreamStatus.REPORTED,
    "partial": DreamStatus.PARTIAL,
}
_BY_CODE = {
    ExitCode.OK: DreamStatus.DONE,
    ExitCode.PARTIAL: DreamStatus.DONE,
    ExitCode.LOCKED: DreamStatus.LOCKED,
    ExitCode.CHANGED: DreamStatus.CHANGED,
    ExitCode.INTERRUPTED: DreamStatus.STOPPED,
    ExitCode.TERMINATED: DreamStatus.STOPPED,
}


def result_of(ended: ChildExit) -> DreamResult:
    """Return the result of a dream whose child has exited.

    Its report decides, whatever happened to the child afterwards; without one, the reason for which we ended it; then
    the signal or the exit code.
    """
    value = _value(ended.stdout)
    status = _BY_OUTCOME.get(str((value or {}).get("status")))
    error = None
    if status is None and ended.forced is not None:
        status, error = ended.forced
    elif status is None and ended.returncode < 0:
        status, error = DreamStatus.CRASHED, _crash(-ended.returncode)
    elif status is None:
        status = _BY_CODE.get(ended.returncode, DreamStatus.FAILED)  # type: ignore[call-overload]
        error = _reason(value, ended)
    return DreamResult(
        status=status,
        seconds=ended.seconds,
        exit_code=ended.returncode if ended.returncode >= 0 else None,
        signal=signal_name(-ended.returncode) if ended.returncode < 0 else None,
        value=value,
        error=error and sentence(error),
        tail=ended.tail,
    )


def signal_name(number: int) -> str:
    """Return "SIGSEGV" for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _value(stdout: bytes | None) -> dict[str, Any] | None:
    """Return what was printed for the root; None if it is not what `kairos dream ROOT --json` prints."""
    try:
        (value,) = json.loads(stdout or b"")
    except (ValueError, TypeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _crash(number: int) -> str:
    if number == signal.SIGKILL:
        return f"The dream was killed, most likely because the machine ran out of memory. {_HARMLESS}"
    return f"The dream crashed ({signal_name(number)}). {_HARMLESS}"


def _reason(value: dict[str, Any] | None, ended: ChildExit) -> str:
    if value is not None and value.get("error"):
        return str(value["error"])
    said = complaint(ended.tail)
    if said is not None:
        return said
    if ended.returncode in {ExitCode.OK, ExitCode.PARTIAL}:
        return "The dream ended well, but its report could not be read."
    return f"The dream ended with exit code {ended.returncode} and without a message."
