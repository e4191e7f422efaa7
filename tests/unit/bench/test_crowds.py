"""Roots of look-alikes: which notes they hold, and which verdicts count as right."""

import json
import os
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.crowds import Mix, main, members

FAMILY = {
    "id": "f1",
    "topic": "a fact",
    "base": "Invoices are sent on Mondays.",
    "same": ["invoices are sent on **Mondays**", "On Mondays invoices go out."],
    "distinct": ["Reminders are sent on Fridays."],
    "conflict": ["Invoices are sent on Tuesdays."],
}


def test_a_root_holds_the_notes_of_its_mix() -> None:
    found = list(members([FAMILY], Mix(1, 1, 0), random.Random(1)))  # noqa: S311 - no secret
    assert sorted(note.kind for note in found) == ["base", "distinct", "same"]


@pytest.mark.model
def test_merges_and_flags_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    file = tmp_path / "families.jsonl"
    file.write_text(json.dumps(FAMILY) + "\n", "utf-8")
    done = CliRunner().invoke(main, [str(file), "--json"])
    assert done.exit_code == 0, done.output
    tallies = json.loads(done.stdout)
    assert [one["notes"] for one in tallies] == [3, 3, 5, 3, 3]
    assert [one["merged_wrongly"] for one in tallies] == [0] * 5
