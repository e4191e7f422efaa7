"""What `kairos status` says about a root whose directory is gone or cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from kairos.cli.access import home
from kairos.cli.moments import ago, shown
from kairos.control.root_problem import GONE, NEVER_THERE
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from kairos.cli.known import Fault
    from kairos.store.overview import RootOverview


def fault_lines(row: RootOverview, fault: Fault, moved_to: str | None, now: datetime) -> Iterator[str]:
    """Yield what is wrong with a root's directory and what to do, not yet escaped for the terminal."""
    since = f" (since {shown(fault.since)}, {ago(fault.since, now)})" if fault.since else ""
    yield f"{fault.problem.removesuffix('.')}{since}."
    path = shell_path(row.root, home())
    if moved_to is not None and row.last is None:
        yield f"Its history was carried over to {shell_path(moved_to, home())}: use that path in the configuration."
    elif fault.problem == NEVER_THERE or (fault.problem == GONE and row.last is None):
        yield "Create it, or correct `roots` in the configuration."
    elif fault.problem == GONE:
        yield f"If it was moved: `kairos moved {path} NEW`. If its disk is not mounted, mount it."
        yield f"If it is gone for good: {_farewell(row, path)}."


def _farewell(row: RootOverview, path: str) -> str:
    if row.is_written:
        return f"its history stays, and `kairos attic {path}` has the notes that were removed"
    return f"`kairos forget {path}`"
