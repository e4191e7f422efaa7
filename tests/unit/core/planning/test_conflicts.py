"""Conflicts: which are open, under which id, and how they are resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kairos.core.index.linker import Linker
from kairos.core.planning.conflicts import open_conflicts, settle, standing_conflicts
from kairos.core.planning.select import Selection
from kairos.core.root.reading import Reading, place
from kairos.model import (
    Action,
    Change,
    ChangeKind,
    Conflict,
    Entry,
    Evidence,
    JudgedPair,
    Judgement,
    Relation,
    RemoveFile,
    Splice,
    Witness,
)

Read = Callable[[Mapping[str, str]], Reading]
TODAY = date(2026, 3, 2)
FILES = {
    "MEMORY.md": "- [A](a.md) — port\n- [One](one.md) — port\n",
    "a.md": "# A\n\n- The port is 8080.\n- Tea is free.\n",
    "b.md": "# B\n\n- The port is 9090.\n- The lift is broken.\n",
    "c.md": "# C\n\n- The port is 8080.\n- Icons come from Figma.\n",
    "one.md": "# One\n\n- The port is 7070.\n",
}


def first(reading: Reading, path: str) -> Entry:
    return reading.notes[path].entries[0]


def pair(
    reading: Reading, a: str, b: str, action: Action = Action.FLAG, confidence: float = 0.8
) -> JudgedPair:
    relation = Relation.CONFLICT if action is Action.FLAG else Relation.SAME
    evidence = (Evidence("similarity", "alike"), Evidence("values", "8080 against 9090"))
    judgement = Judgement(relation, action, confidence, evidence, newer="b")
    return JudgedPair(first(reading, a).id, first(reading, b).id, judgement)


def found(
    reading: Reading, *pairs: JudgedPair, selection: Selection | None = None, **known: object
) -> tuple[Conflict, ...]:
    settled = known.get("settled", frozenset())
    since = known.get("since", {})
    assert isinstance(settled, frozenset)
    assert isinstance(since, dict)
    return open_conflicts(pairs, reading, selection or Selection(), settled=settled, since=since, today=TODAY)


def merge(reading: Reading, dropped: str, kept: str) -> Change:
    gone, stays = first(reading, dropped), first(reading, kept)
    witness = Witness(stays.id, place(stays), ((gone.text, stays.text),))
    edit = Splice(dropped, gone.span, b"")
    return Change("m", ChangeKind.MERGE, "same", (edit,), place(gone), witness=witness)


def test_only_flagged_pairs_are_open_conflicts(read: Read) -> None:
    reading = read(FILES)
    assert found(reading, pair(reading, "a.md", "c.md", Action.MERGE)) == ()
    (conflict,) = found(reading, pair(reading, "a.md", "b.md"))
    assert (conflict.a.file, conflict.b.file, conflict.newer) == ("a.md", "b.md", "b")
    assert (conflict.reason, conflict.since) == ("8080 against 9090", TODAY)


def test_an_id_depends_on_the_two_texts_alone(read: Read) -> None:
    reading = read(FILES)
    moved = read({**FILES, "b.md": FILES["b.md"].replace("# B\n", "# B\n\nMore above.\n"), "d.md": "x\n"})
    (one,) = found(reading, pair(reading, "a.md", "b.md"))
    other = next(e for e in moved.entries.values() if "9090" in e.raw)
    judgement = pair(reading, "a.md", "b.md").judgement
    (two,) = found(moved, JudgedPair(other.id, first(moved, "a.md").id, judgement))
    assert one.id == two.id
    since = date(2026, 1, 1)
    assert found(reading, pair(reading, "a.md", "b.md"), since={one.id: since})[0].since == since
    assert found(reading, pair(reading, "a.md", "b.md"), settled=frozenset({one.id})) == ()


def test_a_side_that_is_merged_away_is_replaced_by_its_survivor(read: Read) -> None:
    reading = read(FILES)
    selection = Selection()
    selection.take(merge(reading, "c.md", "a.md"), [first(reading, "c.md")], "a.md")
    pairs = pair(reading, "a.md", "b.md", confidence=0.6), pair(reading, "c.md", "b.md", confidence=0.9)
    (conflict,) = found(reading, *pairs, selection=selection)
    assert {conflict.a.file, conflict.b.file} == {"a.md", "b.md"}
    assert conflict.confidence == 0.9
    assert found(reading, pair(reading, "a.md", "c.md"), selection=selection) == ()


def settled(reading: Reading, loser: str, winner: str) -> Change:
    (conflict,) = found(reading, pair(reading, loser, winner))
    departure = Linker(reading).edits_for_removed
    return settle(conflict, first(reading, loser), first(reading, winner), reading, departure, reason="newer")


def test_only_the_losing_side_is_removed(read: Read) -> None:
    reading = read(FILES)
    change = settled(reading, "a.md", "b.md")
    assert change.edits == (Splice("a.md", first(reading, "a.md").span, b""),)
    assert (change.kind, change.reason) == (ChangeKind.RESOLVE, "newer")
    whole = settled(reading, "one.md", "b.md")
    assert RemoveFile("one.md") in whole.edits
    assert any(edit.path == "MEMORY.md" for edit in whole.edits)


def test_the_other_conflicts_of_a_losing_side_are_closed(read: Read) -> None:
    reading = read(FILES)
    selection = Selection()
    selection.take(settled(reading, "a.md", "b.md"), [first(reading, "a.md")], "b.md")
    assert found(reading, pair(reading, "a.md", "one.md"), selection=selection) == ()


def test_a_side_is_found_again_where_lines_above_went_and_its_own_text_was_edited(read: Read) -> None:
    reading = read(
        {
            **FILES,
            "b.md": "# B\n\n- Tea is cheap.\n- Milk is not.\n- The lift is broken.\n- The port is 9090.\n- End.\n",
        }
    )
    port = next(e for e in reading.entries.values() if "9090" in e.raw)
    judgement = pair(reading, "a.md", "b.md").judgement
    conflicts = found(reading, JudgedPair(first(reading, "a.md").id, port.id, judgement))
    after: dict[str, bytes | None] = {"b.md": b"# B\n\n- The lift is broken.\n- The port is 9191.\n- End.\n"}
    (moved,) = standing_conflicts(conflicts, reading, after, settled=frozenset(), since={})
    assert moved.b.text == "- The port is 9191."


def test_a_conflict_moves_with_its_lines(read: Read) -> None:
    reading = read(FILES)
    conflicts = found(reading, pair(reading, "a.md", "b.md"))
    after: dict[str, bytes | None] = {"b.md": FILES["b.md"].replace("# B\n", "# B\n\n\n\n").encode()}
    (moved,) = standing_conflicts(conflicts, reading, after, settled=frozenset(), since={})
    assert (moved.id, moved.b.line) == (conflicts[0].id, conflicts[0].b.line + 3)
    reworded: dict[str, bytes | None] = {"b.md": FILES["b.md"].replace("9090", "9191").encode()}
    (other,) = standing_conflicts(conflicts, reading, reworded, settled=frozenset(), since={})
    assert other.b.text == "- The port is 9191."
    assert other.id != conflicts[0].id
    assert standing_conflicts(conflicts, reading, reworded, settled=frozenset({other.id}), since={}) == ()
