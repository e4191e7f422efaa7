"""Credentials in notes, through the front door: reported by place, never quoted, and stored only for undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.root.figures import Exposure
from kairos.dream import Status
from kairos.report.values import dream_value
from kairos.store.overview import overview

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

MADE_UP = "tr0ub4dor-and-3"
ACCESS = f"The staging database of the shop is opened with the password {MADE_UP} since March."
OLD, NEW = (f"The API listens on port {port}; log in with password: {MADE_UP}" for port in (8080, 9090))
FILES = {
    "MEMORY.md": "# Memory\n\n- [A](a.md) — staging\n",
    "a.md": f"# A\n\n- {ACCESS}\n- {OLD}\n- Invoices are written in Spanish.\n",
    "b.md": f"# B\n\n- {ACCESS}\n- {NEW}\n- Backups are encrypted with age.\n",
    "c.md": f"---\nname: guest\ndescription: guests\nexpires: 2026-01-31\n---\n\nGuests: password: {MADE_UP}\n",
    "d.md": f"---\nname: door\ndescription: 'password: {MADE_UP}'\n---\n\nThe door opens at nine.\n",
}


def test_a_credential_is_reported_by_place_and_never_quoted(bed: MakeBed) -> None:
    root = bed(FILES)
    before = root.files()
    outcome = root.dream()
    assert outcome.status is Status.APPLIED
    assert {change.kind.value for change in outcome.plan.changes} >= {"merge", "prune", "index"}
    assert outcome.recall.probes == outcome.recall.passed > 0
    assert root.text("a.md").splitlines()[2] == f"- {OLD}"
    assert Exposure("a.md", 3, "password") in outcome.exposures  # where it is now
    assert Exposure("c.md", 7, "password") in outcome.exposures  # and where it was before it was pruned
    value = dream_value(outcome)
    assert MADE_UP not in json.dumps(value)
    assert {"file": "b.md", "line": 4, "kind": "password"} in value["secrets"]
    added = {path: data for path, data in root.files().items() if path not in before}
    assert not any(MADE_UP.encode() in data for data in added.values())
    assert MADE_UP not in root.text("MEMORY.md")

    with root.state() as state:
        tables = [name for (name,) in state.query("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = state.query(f"SELECT * FROM {table}")  # noqa: S608
            assert MADE_UP not in repr(rows), table
        (row,) = overview(state)
        assert row.last
        assert row.last.stats["secrets"] == value["secrets"]
        assert row.last.stats["recall"] == value["recall"]

    again = root.dream()
    assert (again.status, again.plan.changes) == (Status.NOTHING, ())
    root.kairos.undo(root.root)
    assert root.files() == before
