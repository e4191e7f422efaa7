from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from kairos.core.judge import PairContext
from kairos.core.reading import Reading
from kairos.dream import kept as module
from kairos.dream.kept import Kept, Where, read_kept, write_kept
from kairos.model import Action, Evidence, Judgement, Relation

Read = Callable[[Mapping[str, str]], Reading]
FILES = {
    "a.md": "---\nname: a\ncreated: 2026-02-01T10:00:00Z\n---\n\n- The API listens on port 8080, see [b](b.md).\n",
    "b.md": "- Closed until 2026-01-31.\n- The token is ghp_0123456789abcdefghijABCDEFGHIJ012345.\n",
}
WHERE = Where("a.md:1", "b.md:0", "x", "y", PairContext(nearest=True, mutual=False))
VERDICT = Judgement(
    Relation.SAME, Action.ASK, 0.7, (Evidence("similarity", "similarity 0.70", 0.7),), newer="a"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.kept"


def filled(reading: Reading) -> Kept:
    for facts in reading.facts.values():
        assert (facts.claims, facts.stale(date(2026, 3, 2), lambda _: False)) is not None
        assert (facts.links, facts.datings, facts.credentials) is not None
    return Kept(
        {(path, facts.source.sha256): facts for path, facts in reading.facts.items()}, {WHERE: VERDICT}
    )


def test_what_is_written_is_read_again(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    again = read_kept(file, "judge")
    assert again.verdicts == before.verdicts
    assert list(again.facts) == list(before.facts)
    for path, facts in again.facts.items():
        same = before.facts[path]
        assert (facts.note, facts.claims, facts.links) == (same.note, same.claims, same.links)
        assert (facts.datings, facts.credentials) == (same.datings, same.credentials)
        assert facts.source.data == b""  # the bytes stand in the root, not here as well


def test_only_a_file_that_is_as_it_was_is_not_parsed_again(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    now = read({**FILES, "b.md": "- Open again.\n"})
    known = read_kept(file, "judge").facts_of(now.snapshot)
    assert list(known) == ["a.md"]
    following = Reading.of(now.snapshot, known)
    assert following.facts["a.md"] is known["a.md"]
    assert following.facts["a.md"].source.data == FILES["a.md"].encode()
    assert [entry.text for entry in following.notes["b.md"].entries] == ["Open again."]


def test_verdicts_of_another_judge_do_not_count(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    again = read_kept(file, "another judge")
    assert (again.verdicts, [path for path, _ in again.facts]) == ({}, ["a.md", "b.md"])


@pytest.mark.parametrize("at", [0, 20, 60, 200, -1])
def test_a_damaged_file_counts_for_nothing(file: Path, read: Read, at: int) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    data = bytearray(file.read_bytes())
    data[at] ^= 0x41
    file.write_bytes(data)
    assert read_kept(file, "judge") == Kept()


def test_no_file_and_an_empty_one_count_for_nothing(file: Path) -> None:
    assert read_kept(file, "judge") == Kept()
    file.parent.mkdir()
    file.write_bytes(b"")
    assert read_kept(file, "judge") == Kept()


def test_what_is_no_value_of_ours_is_not_made(file: Path, read: Read) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return exec, ("raise AssertionError('this was run')",)  # type: ignore[return-value]

    write_kept(file, filled(read(FILES)), "judge")
    payload = pickle.dumps((Trap(), "judge", []))
    head = file.read_bytes()[: len(module._MAGIC) + 32]
    file.write_bytes(head + hashlib.sha256(payload).digest() + payload)
    assert read_kept(file, "judge") == Kept()


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path, read: Read) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    write_kept(tmp_path / "file" / "root.kept", filled(read(FILES)), "judge")


def test_what_stales_with_the_day_is_found_out_each_day(read: Read) -> None:
    facts = read(FILES).facts["b.md"]
    assert facts.stale(date(2026, 1, 30), lambda _: False) == ()
    assert len(facts.stale(date(2026, 2, 2), lambda _: False)) == 1


def test_what_stales_with_another_file_is_asked_each_time(read: Read) -> None:
    facts = read({"a.md": "- Superseded by b.md\n"}).facts["a.md"]
    assert facts.stale(date(2026, 3, 2), lambda _: False) == ()
    assert len(facts.stale(date(2026, 3, 2), "b.md".__eq__)) == 1
