"""What the places of two entries allow is kept between dreams as long as neither of their files changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kairos.core.planning.guard import GuardCache, guarded_pairs
from kairos.core.root.reading import Reading
from kairos.core.root.trust import Trust
from kairos.dream.kept import Kept
from kairos.dream.kept_file import open_kept, write_kept
from kairos.model import Action, JudgedPair, Judgement, Relation
from tests.unit.dream.keeping import TOKEN, named

Read = Callable[[Mapping[str, str]], Reading]
PAIR = JudgedPair("a.md:0", "b.md:0", Judgement(Relation.SAME, Action.MERGE, 0.9, ()))
FILES = {
    "a.md": "# Zephyr\n\n- Invoices are due after 14 days.\n",
    "b.md": "# Marlin\n\n- Invoices are due after 14 days.\n",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.kept"


def pair_of(reading: Reading) -> JudgedPair:
    a, b = (reading.notes[path].entries[0].id for path in FILES)
    return replace(PAIR, a=a, b=b)


def lowered(reading: Reading, known: GuardCache) -> JudgedPair:
    (found,) = guarded_pairs([pair_of(reading)], reading, frozenset(), Trust(), known)
    return found


def kept_after(reading: Reading) -> Kept:
    """Return what is kept after a dream that lowered the judgement on the pair."""
    made = GuardCache()
    assert lowered(reading, made).judgement.action is Action.ASK
    return Kept(named(reading)).with_guards(made)


def read_after(read: Read, kept: Kept, files: Mapping[str, str]) -> Reading:
    now = read(files)
    return Reading.of(now.snapshot, kept.facts_of(now.snapshot))


def test_a_kept_judgement_is_reused(file: Path, read: Read) -> None:
    kept = kept_after(read(FILES))
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    assert again.guards == kept.guards
    following = read_after(read, again, {**FILES, "c.md": "- Tea is free.\n"})
    known = again.guards_of(following)
    (cached,) = known.values()
    assert lowered(following, known) is cached.pair
    assert cached.pair == lowered(following, {})
    assert open_kept(file).kept("another judge").guards == {}


def test_a_kept_judgement_counts_only_while_the_same_words_are_names(file: Path, read: Read) -> None:
    write_kept(file, kept_after(read(FILES)), "judge")
    again = open_kept(file).kept("judge")
    topics = {**FILES, "c.md": "- We saw a zephyr and a marlin there.\n"}
    following = read_after(read, again, topics)
    assert again.guards_of(following) == {}
    assert lowered(following, {}) == pair_of(following)


@pytest.mark.parametrize("name", FILES)
def test_the_places_of_a_changed_file_are_looked_at_again(file: Path, read: Read, name: str) -> None:
    write_kept(file, kept_after(read(FILES)), "judge")
    again = open_kept(file).kept("judge")
    assert again.guards_of(read_after(read, again, {**FILES, name: f"{FILES[name]}- New.\n"})) == {}
    assert again.guards_of(read_after(read, again, {"c.md": "- New.\n"})) == {}


def test_nothing_is_kept_of_places_in_a_file_with_a_credential(read: Read) -> None:
    kept = kept_after(read({**FILES, "b.md": f"{FILES['b.md']}- The token is {TOKEN} of the bot.\n"}))
    assert len(kept.guards) == 1
    assert kept.persistable.guards == {}


def test_known_judgements_are_not_written_again(file: Path, read: Read) -> None:
    kept = kept_after(read(FILES))
    write_kept(file, kept, "judge")
    before = file.read_bytes()
    known = open_kept(file).kept("judge")
    following = read_after(read, known, FILES)
    guards = known.guards_of(following)
    assert lowered(following, guards).judgement.action is Action.ASK
    write_kept(file, Kept(named(following)).with_guards(guards), "judge", known)
    assert file.read_bytes() == before
