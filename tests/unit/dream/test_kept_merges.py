"""Merges are kept between dreams as long as neither of their two files changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kairos.core.planning.merge import CannotMergeError, MergeCache, Merger, RedirectEdits
from kairos.core.root.reading import Reading
from kairos.dream.kept import Kept
from kairos.dream.kept_file import open_kept, write_kept
from kairos.model import Action, Change, Edit, JudgedPair, Judgement, Relation, RemoveFile, Span, Splice
from tests.light import SameWords
from tests.unit.dream.keeping import TOKEN, named

Read = Callable[[Mapping[str, str]], Reading]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.kept"


PAIR = JudgedPair("a.md:1", "b.md:0", Judgement(Relation.SAME, Action.MERGE, 0.9, ()))
ALIKE = {"a.md": "- Milk is out.\n- Tea is free.\n", "b.md": "- Tea is free here.\n- Ask Mara.\n"}


def merging(
    reading: Reading, made: MergeCache, pair: JudgedPair = PAIR, departure: RedirectEdits = lambda *_: ()
) -> Change:
    """Return the change that merges the pair, newly made or taken from `made`."""
    a, b = reading.notes["a.md"].entries[1], reading.notes["b.md"].entries[0]
    return Merger(reading, SameWords(), departure, made).merge(replace(pair, a=a.id, b=b.id))


def kept_merging(read: Read, files: Mapping[str, str]) -> tuple[Kept, Change]:
    """Return what is kept after a dream that would merge the pair, and the merge."""
    before, made = read(files), MergeCache()
    change = merging(before, made)
    return Kept(named(before)).with_merges(made), change


def read_after(read: Read, kept: Kept, files: Mapping[str, str]) -> Reading:
    now = read(files)
    return Reading.of(now.snapshot, kept.facts_of(now.snapshot))


def test_a_kept_merge_is_reused(file: Path, read: Read) -> None:
    kept, change = kept_merging(read, ALIKE)
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    assert again.merges == kept.merges
    following = read_after(read, again, {**ALIKE, "c.md": "- New.\n"})
    (known,) = again.merges_of(following).values()
    assert known.change == change == merging(following, {})
    assert merging(following, again.merges_of(following)) is known.change
    assert open_kept(file).kept("another judge").merges == {}


def test_a_kept_merge_that_removes_a_file_leaves_its_links_to_each_plan(file: Path, read: Read) -> None:
    files = {"a.md": "- Milk is out.\n- Tea is free here.\n", "b.md": "- Tea is free.\n"}
    kept, change = kept_merging(read, files)
    assert change.edits == (RemoveFile("b.md"),)
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    following = read_after(read, again, files)
    known = again.merges_of(following)
    assert [one.change for one in known.values()] == [change]
    left = Splice("c.md", Span(0, 5), b"a.md")
    asked: list[tuple[str, str | None]] = []

    def departure(path: str, successor: str | None) -> tuple[Edit, ...]:
        asked.append((path, successor))
        return (left,)

    for _ in range(2):
        found = merging(following, known, departure=departure)
        assert found == replace(change, edits=(RemoveFile("b.md"), left))
    assert asked == [("b.md", "a.md")] * 2


CODE = {**ALIKE, "b.md": "- Tea is free here:\n  ```\n  tea --free\n  ```\n- Ask Mara.\n"}
CONTAINED = replace(PAIR, judgement=replace(PAIR.judgement, relation=Relation.A_CONTAINS_B))


def test_a_failed_merge_is_not_tried_again(file: Path, read: Read) -> None:
    before, made = read(CODE), MergeCache()
    with pytest.raises(CannotMergeError, match="holds a code block") as first:
        merging(before, made, CONTAINED)
    write_kept(file, Kept(named(before)).with_merges(made), "judge")
    again = open_kept(file).kept("judge")
    following = read_after(read, again, {**CODE, "c.md": "- New.\n"})
    known = again.merges_of(following)
    assert [one.change for one in known.values()] == [str(first.value)]
    with pytest.raises(CannotMergeError) as second:
        merging(following, known, CONTAINED)
    assert str(second.value) == str(first.value)


@pytest.mark.parametrize("name", ALIKE)
def test_a_merge_of_a_changed_file_is_made_again(file: Path, read: Read, name: str) -> None:
    kept, _ = kept_merging(read, ALIKE)
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    assert again.merges_of(read_after(read, again, {**ALIKE, name: f"{ALIKE[name]}- New.\n"})) == {}
    assert again.merges_of(read_after(read, again, {"c.md": "- New.\n"})) == {}


def test_a_merge_is_made_again_if_the_time_of_a_file_changed(read: Read) -> None:
    kept, _ = kept_merging(read, ALIKE)
    now = read(ALIKE).snapshot
    later = replace(now.sources[0], mtime_ns=now.sources[0].mtime_ns + 10**15)
    snapshot = replace(now, sources=(later, *now.sources[1:]))
    assert kept.merges_of(Reading.of(snapshot, kept.facts_of(snapshot))) == {}


def test_a_merge_with_a_file_that_holds_a_credential_is_not_kept(read: Read) -> None:
    kept, _ = kept_merging(read, {**ALIKE, "b.md": f"{ALIKE['b.md']}- The token is {TOKEN} of the bot.\n"})
    assert len(kept.merges) == 1
    assert kept.persistable.merges == {}
