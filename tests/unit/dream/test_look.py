"""A look judges again only the pairs whose text or context has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest

from kairos.core.judgement.judge import Thresholds
from kairos.core.root.reading import Reading
from kairos.dream.compared import changed_ids, compares_same_entries
from kairos.dream.kept_verdict_codec import judged_in, packed_judged, verdicts_in
from kairos.dream.look import Look
from kairos.dream.outcome import silent
from kairos.dream.vectors import Vectors
from kairos.ml.encoder import Progress
from kairos.model import Opinion
from tests.light import WordCounts

Read = Callable[[Mapping[str, str]], Reading]
PORT = "The staging server of the shop listens on port 8080 today"
SAME_PORT = "The staging server of the shop listens on port 8080 at night"
COFFEE = "Coffee beans for the kitchen are bought at the market"
SAME_COFFEE = "Coffee beans for the kitchen are ordered at the market"
FILES = {"a.md": f"- {COFFEE}\n- {PORT}\n", "b.md": f"- {SAME_PORT}\n", "c.md": f"- {SAME_COFFEE}\n"}


class Reader:
    """Finds all pairs distinct, and records which it was asked about."""

    name = fingerprint = "reader"

    def __init__(self) -> None:
        self.read: list[frozenset[str]] = []

    def load(self) -> None:
        pass

    def opinions(self, pairs: Sequence[tuple[str, str]], progress: Progress | None = None) -> list[Opinion]:
        del progress
        self.read += map(frozenset, pairs)
        return [Opinion(0.02, 0.02, 0.02, 0.03, 0.91, 0.0, 0.0, whole=True) for _ in pairs]

    def unload(self) -> None:
        """Do nothing: there is no model to unload."""


def look_at(reading: Reading, reader: Reader) -> Look:
    return Look(reading, Vectors(WordCounts()), Thresholds(), date(2026, 3, 2), silent, reader)


def test_a_verdict_survives_changes_elsewhere_in_its_file(read: Read) -> None:
    before = look_at(read(FILES), Reader())
    before.findings(None, [])
    edited = {**FILES, "a.md": f"- {COFFEE} on Mondays\n- {PORT}\n"}  # moves the rest of the file, too
    known, anew = Reader(), Reader()
    following, afresh = look_at(read(edited), known), look_at(read(edited), anew)
    following.known = verdicts_in([judged_in(memoryview(packed_judged(before.verdicts, {}, {})))])
    following.earlier_facts = before.kept.facts
    found = following.findings(None, [])
    assert found == afresh.findings(None, [])
    assert frozenset((f"a: {PORT}", f"b: {SAME_PORT}")) in anew.read
    assert known.read == [pair for pair in anew.read if any("Mondays" in text for text in pair)] != []


def test_pairs_that_stay_whatever_the_model_says_are_not_judged(read: Read) -> None:
    """The new text is about another environment, and its nearest texts are nearer to each other."""
    reader = Reader()
    other = PORT.replace("staging", "production").replace("8080 today", "9191 on Sundays in March")
    found = look_at(read({**FILES, "d.md": f"- {other}\n"}), reader).findings(None, [])
    assert len(found.pairs) > len(reader.read)
    assert frozenset((f"a: {PORT}", f"b: {SAME_PORT}")) in reader.read
    assert not any(other in text for pair in reader.read for text in pair)


INDEXED = {
    **FILES,
    "MEMORY.md": f"# Memory\n\n- [Coffee](a.md) — where it comes from\n- {COFFEE} [d](d.md)\n",
}


@pytest.mark.parametrize(
    ("edit", "same"),
    [
        ({"kairos-conflicts.md": "# Conflicts\n\n- Which port is it, 8080 or 9191?\n"}, True),
        ({"MEMORY.md": INDEXED["MEMORY.md"] + "- [Ports](b.md) — of the staging server\n"}, False),
        ({"d.md": f"- {COFFEE}\n"}, False),  # an index line now leads there
        ({"a.md": f"- {PORT}\n- {COFFEE}\n"}, False),
        ({"a.md": None}, False),
        ({}, True),
    ],
)
def test_a_look_ahead_finds_what_a_fresh_look_finds(
    read: Read, edit: Mapping[str, str | None], *, same: bool
) -> None:
    look = look_at(read(INDEXED), Reader())
    look.findings(None, [])
    fresh = read({name: text for name, text in {**INDEXED, **edit}.items() if text is not None})
    after = Reading.of(fresh.snapshot, look.reading.facts)
    afresh = look_at(fresh, Reader())
    assert look.ahead(after) == afresh.findings(None, [])
    assert afresh.kept.verdicts.items() <= look.kept.verdicts.items()
    assert compares_same_entries(look.reading, after, changed_ids(look.reading, after)) is same
    assert look.ahead(look.reading) == look.findings(None, [])
