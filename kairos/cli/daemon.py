"""The daemon as the commands meet it: how it stands, and where it is not there, what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kairos.cli.access import local_now
from kairos.control.client import ask
from kairos.control.ledger import Ledger, RootRecord, change_ledger, read_ledger
from kairos.control.lock import DaemonLock, holder
from kairos.control.protocol import Request, Verb
from kairos.control.standing import DaemonStatus, RootStanding
from kairos.errors import DaemonError

_PATIENCE_SECONDS = 2.0
_FOREIGN = DaemonError("kairosd answers with what this version does not understand.", "Restart it.")


@dataclass(frozen=True, slots=True)
class DaemonView:
    """The daemon as far as it shows itself: `status` where it runs, `problem` where it runs and does not answer,
    and what it wrote down about `roots`, by real path."""

    status: DaemonStatus | None
    problem: str | None
    roots: Mapping[str, RootStanding]
    ledger: Ledger


def look(state_dir: Path) -> DaemonView:
    """Return how the daemon of a state directory stands."""
    ledger = read_ledger(state_dir)
    problem = None
    try:
        answer = ask(state_dir, Request(Verb.STATUS), timeout=_PATIENCE_SECONDS)
        if answer is not None:
            status = understood(answer)
            return DaemonView(status, None, {root.path: root for root in status.roots}, ledger)
        found = holder(state_dir)
        if found is not None:
            problem = f"It runs ({found}), but does not listen: it starts or ends just now, or hangs."
    except DaemonError as error:
        problem = str(error)
    return DaemonView(
        None, problem, {path: _noted(path, record) for path, record in ledger.roots.items()}, ledger
    )


def understood(answer: Mapping[str, object]) -> DaemonStatus:
    """Return the status in an answer; raises DaemonError where it is none."""
    try:
        return DaemonStatus.from_value(answer.get("status"))
    except ValueError:
        raise _FOREIGN from None


def hand_over(state_dir: Path, request: Request, change: Callable[[Ledger], Ledger]) -> None:
    """Have a running daemon carry out a request; where none runs, make the same change in its ledger."""
    if ask(state_dir, request) is None:
        # The lock is the daemon's own: none starts while we write what it will read.
        with DaemonLock(state_dir, local_now()):
            change_ledger(state_dir, change)


def _noted(path: str, record: RootRecord) -> RootStanding:
    return RootStanding(
        path,
        kept_by=record.kept_by,
        kept_since=record.kept_since,
        paused_until=record.paused_until,
        last_success=record.last_success,
        last_failure=record.last_failure,
        failures=record.failures,
        last_error=record.last_error,
        tail=record.tail,
    )
