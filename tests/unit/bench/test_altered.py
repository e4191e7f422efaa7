"""Which pairs of altered notes are compared, and how the verdicts are counted."""

import json
import os
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.altered import CONTRADICTION, LOOK_ALIKE, SAME, main, pairs, table

FAMILY = {
    "id": "f1",
    "base": "Invoices are sent before noon.",
    "same": ["invoices are sent **before noon**"],
    "distinct": ["Reminders are sent on Fridays."],
    "conflict": ["Invoices are sent on Tuesdays."],
}


def test_each_paraphrase_is_paired_as_it_is_and_altered() -> None:
    found = list(pairs(FAMILY, random.Random(1)))  # noqa: S311 - no secret
    kinds = sorted(pair.kind for pair in found)
    assert kinds == [CONTRADICTION, LOOK_ALIKE, SAME, *["a paraphrase, altered: conflict"] * 2]
    same = {FAMILY["base"], *FAMILY["same"]}
    assert all(pair.b not in same for pair in found if "altered" in pair.kind)


@pytest.mark.model
def test_the_verdicts_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    file = tmp_path / "families.jsonl"
    file.write_text(json.dumps(FAMILY) + "\n", "utf-8")
    done = CliRunner().invoke(main, [str(file), "--json"])
    assert done.exit_code == 0, done.output
    counts = json.loads(done.stdout)
    assert counts[SAME] == {"merge": 1}
    assert "merge" not in counts["a paraphrase, altered: conflict"]
    assert sum(counts["a paraphrase, altered: conflict"].values()) == 2


def test_the_shares_are_shown() -> None:
    shown = table({SAME: {"merge": 3, "ask": 1}})
    assert shown.rows == ((SAME, "4", "75.0%", "25.0%", "0.0%", "0.0%"),)
