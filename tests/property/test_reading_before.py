"""What is derived from an earlier reading and from what has changed since equals what is derived from scratch."""

from __future__ import annotations

import hashlib
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.planning.guard import guarded_pairs
from kairos.core.planning.scopes import usage
from kairos.core.root.leads import leads_in, linking
from kairos.core.root.reading import Reading
from kairos.core.root.templates import templates
from kairos.core.root.trust import Trust
from kairos.model import Action, JudgedPair, Judgement, Relation, Role, Snapshot, Source

LINES = (
    "- The falcon lives in Kiel, where Mara feeds it every day.",
    "- In Kiel the Falcon and mara are well.",
    "- Datensicherung und Wartungsfenster täglich.",
    "- The backup is a datensicherung, says Mara.",
    "- [Mara](a.md) — her Vespa",
    "- ~~The falcon lives in Kiel, where Mara feeds it every day.~~",
    "- See [[b]] for the falcon.",
)
HEADS = st.sampled_from(("", "", "---\ndescription: what Kiel and the Falcon pay\n---\n"))
NOTES = st.tuples(HEADS, st.lists(st.sampled_from(LINES), min_size=1, max_size=4).map("\n".join)).map("".join)
PATHS = ("MEMORY.md", "a.md", "b.md", "c.md", "d/e.md")
ROOTS = st.dictionaries(st.sampled_from(PATHS), NOTES)


def reading_of(texts: dict[str, str], before: Reading | None = None) -> Reading:
    sources = (
        Source(
            path,
            text.encode(),
            hashlib.sha256(text.encode()).hexdigest(),
            10**18,
            0o644,
            Role.INDEX if path == "MEMORY.md" else Role.NOTE,
        )
        for path, text in sorted(texts.items())
    )
    known = before.facts if before else {}
    return Reading.of(Snapshot("/root", "plain", tuple(sources)), known, before)


@settings(max_examples=150, deadline=None)
@given(roots=st.lists(ROOTS, min_size=2, max_size=4))
def test_what_an_earlier_reading_yields_equals_a_reading_from_scratch(
    roots: list[dict[str, str]],
) -> None:
    reading = None
    for texts in roots:
        reading, scratch = reading_of(texts, reading), reading_of(texts)
        assert usage(reading) == usage(scratch)
        assert templates(reading) == templates(scratch)
        assert leads_in(reading) == leads_in(scratch)
        assert linking(reading) == linking(scratch)
        assert guarded_in(reading) == guarded_in(scratch)


def guarded_in(reading: Reading) -> list[JudgedPair]:
    """All pairs of a reading, judged to be distinct, after the guard."""
    apart = Judgement(Relation.DISTINCT, Action.NONE, 0.9, ())
    pairs = [JudgedPair(a, b, apart) for a, b in combinations(sorted(reading.entries), 2)]
    return list(guarded_pairs(pairs, reading, reading.derived(templates), Trust(), {}))
