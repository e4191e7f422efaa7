from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from kairos.core.facts import FileFacts
from kairos.core.merge import CannotMergeError, Departure, Merger, Merges
from kairos.core.pair_context import PairContext
from kairos.core.reading import Reading
from kairos.dream import kept_file as module
from kairos.dream.kept import Kept
from kairos.dream.kept_file import KeptFile, open_kept, opening, write_kept
from kairos.dream.written import Where
from kairos.model import (
    Action,
    Change,
    Edit,
    Evidence,
    JudgedPair,
    Judgement,
    Relation,
    RemoveFile,
    Span,
    Splice,
)

Read = Callable[[Mapping[str, str]], Reading]
FILES = {
    "a.md": "---\nname: a\ncreated: 2026-02-01T10:00:00Z\n---\n\n- The API listens on port 8080, see [b](b.md).\n",
    "b.md": "- Closed until 2026-01-31.\n- Moved yesterday to the new office.\n",
}
SOURCE = {"path": "a.md", "data": b"", "sha256": "", "mtime_ns": 0, "mode": 0, "role": "note", "owner": None}
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
        assert (facts.links, facts.datings, facts.credentials, facts.wording) is not None
    return Kept(named(reading), {WHERE: VERDICT})


def named(reading: Reading) -> dict[tuple[str, str], FileFacts]:
    return {(path, facts.source.sha256): facts for path, facts in reading.facts.items()}


def paths_of(kept: Kept) -> list[str]:
    return [path for path, _ in kept.facts]


def test_what_is_written_is_read_again(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    again = open_kept(file).kept("judge")
    assert again.verdicts == before.verdicts
    assert list(again.facts) == list(before.facts)
    for path, facts in again.facts.items():
        same = before.facts[path]
        assert (facts.note, facts.claims, facts.links) == (same.note, same.claims, same.links)
        assert (facts.datings, facts.credentials) == (same.datings, same.credentials)
        assert facts.asked == same.asked
        assert None not in facts.asked
        assert facts.source.data == b""  # the bytes stand in the root, not here as well


def changed(reading: Reading, known: Kept, read: Read, files: Mapping[str, str]) -> Kept:
    """What is kept after a dream over other files, with a verdict of its own."""
    now = read({path: source.data.decode() for path, source in reading.sources.items()} | dict(files))
    after = Reading.of(now.snapshot, known.facts_of(now.snapshot))
    return Kept(named(after), {**known.verdicts, WHERE._replace(file_b="z"): VERDICT})


def test_only_what_is_new_is_written(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first = file.read_bytes()
    known = open_kept(file).kept("judge")
    later = changed(before, known, read, {"b.md": "- Open.\n"})
    write_kept(file, later, "judge", known)
    second = file.read_bytes()
    assert second.startswith(first)
    added = second[len(first) :]
    assert (b"Open." in added, b"listens" in added, b"yesterday" in added) == (True, False, False)
    again = open_kept(file)
    assert again.names == later.facts.keys()
    assert again.kept("judge").facts.keys() == later.facts.keys()
    assert again.kept("judge").verdicts == later.verdicts
    assert again.kept("another judge").verdicts == {}


def test_what_is_asked_of_a_file_later_is_written(file: Path, read: Read) -> None:
    before = Kept(named(read(FILES)))
    write_kept(file, before, "judge")
    known = open_kept(file).kept("judge")
    facts = next(one for (path, _), one in known.facts.items() if path == "b.md")
    assert facts.stale(date(2026, 3, 2), lambda _: False)
    write_kept(file, known, "judge", known)
    again = {path: one.asked for (path, _), one in open_kept(file).kept("judge").facts.items()}
    assert again == {"a.md": known.facts[next(iter(known.facts))].asked, "b.md": facts.asked}


def test_nothing_new_is_not_written(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    before = file.stat()
    known = open_kept(file).kept("judge")
    write_kept(file, known, "judge", known)
    assert file.stat() == before


def test_what_is_not_there_any_more_is_no_longer_kept(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    assert b"listens" in file.read_bytes()
    known = open_kept(file).kept("judge")
    write_kept(file, known.without({name for name in known.facts if name[0] == "a.md"}), "judge", known)
    assert b"listens" not in file.read_bytes()
    assert [path for path, _ in open_kept(file).names] == ["b.md"]
    assert paths_of(open_kept(file).kept("judge")) == ["b.md"]


def test_when_much_has_changed_all_is_written_anew(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, large = file.read_bytes(), "- Tea is free.\n" * 99
    known = open_kept(file).kept("judge")
    write_kept(file, changed(before, known, read, {"b.md": large}), "judge", known)
    data = file.read_bytes()
    assert not data.startswith(first)
    assert (b"yesterday" in data, b"Tea is free." in data, b"listens" in data) == (False, True, True)
    again = open_kept(file).kept("judge")
    assert again.grounds is not None
    assert again.grounds.since == 0


def test_what_is_written_bit_by_bit_is_written_anew_now_and_then(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    sizes = []
    for number in range(20):
        known = open_kept(file).kept("judge")
        write_kept(file, changed(before, known, read, {"b.md": f"- Open on day {number}.\n"}), "judge", known)
        sizes.append(file.stat().st_size)
        assert {path for path, _ in open_kept(file).names} == set(FILES)
    assert sizes != sorted(sizes)
    assert max(sizes) < 2 * min(sizes)


def after_two_dreams(file: Path, read: Read) -> tuple[bytes, bytes, Kept]:
    """Write a file in two parts; returns both, and what stands in the first."""
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, known = file.read_bytes(), open_kept(file).kept("judge")
    write_kept(file, changed(before, known, read, {"b.md": "- Open.\n"}), "judge", known)
    return first, file.read_bytes()[len(first) :], known


@pytest.mark.parametrize("left", [1, 7, 8, 39, 40, 41, 200, -1])
def test_a_torn_part_is_as_if_it_had_not_been_written(file: Path, read: Read, left: int) -> None:
    first, second, known = after_two_dreams(file, read)
    file.write_bytes(first + second[:left])
    again = open_kept(file).kept("judge")
    assert (again.facts.keys(), again.verdicts) == (known.facts.keys(), known.verdicts)
    write_kept(file, again, "judge", again)  # what stands behind a torn part would never be read
    assert file.read_bytes() == first


@pytest.mark.parametrize("at", [0, 8, 50, -1])
def test_a_damaged_part_is_as_if_it_had_not_been_written(file: Path, read: Read, at: int) -> None:
    first, second, known = after_two_dreams(file, read)
    damaged = bytearray(second)
    damaged[at] ^= 0x41
    file.write_bytes(first + damaged)
    again = open_kept(file).kept("judge")
    assert (again.facts.keys(), again.verdicts, again.grounds) == (known.facts.keys(), known.verdicts, None)


def test_what_was_read_is_written_again_also_where_the_file_is_another_one_by_then(
    file: Path, read: Read
) -> None:
    first, second, known = after_two_dreams(file, read)
    again = open_kept(file).kept("judge")
    file.unlink()
    write_kept(file, Kept(), "judge")
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()
    file.write_bytes(first + second)
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()


def test_what_was_read_is_written_also_where_the_file_was_cut_short_meanwhile(file: Path, read: Read) -> None:
    _, _, known = after_two_dreams(file, read)
    again = open_kept(file).kept("judge")
    os.truncate(file, 0)
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()


def test_while_somebody_else_appends_nothing_is_written(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, known = file.read_bytes(), open_kept(file).kept("judge")
    later = changed(before, known, read, {"b.md": "- Open.\n"})
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        write_kept(file, later, "judge", known)
    assert file.read_bytes() == first
    write_kept(file, later, "judge", known)
    assert file.read_bytes() != first


def test_where_another_judge_wrote_all_is_written_anew(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    known = open_kept(file).kept("another judge")
    write_kept(file, before, "another judge", known)
    again = open_kept(file)
    assert (again.kept("judge").verdicts, again.kept("another judge").verdicts) == ({}, {WHERE: VERDICT})


def test_only_a_file_that_is_as_it_was_is_not_parsed_again(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    now = read({**FILES, "b.md": "- Open again.\n"})
    known = open_kept(file).kept("judge").facts_of(now.snapshot)
    assert list(known) == ["a.md"]
    following = Reading.of(now.snapshot, known)
    assert following.facts["a.md"] is known["a.md"]
    assert following.facts["a.md"].source.data == FILES["a.md"].encode()
    assert [entry.text for entry in following.notes["b.md"].entries] == ["Open again."]


def test_verdicts_of_another_judge_do_not_count(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    again = open_kept(file).kept("another judge")
    assert (again.verdicts, [path for path, _ in again.facts]) == ({}, ["a.md", "b.md"])


@pytest.mark.parametrize("at", [0, 20, 60, 200, -1])
def test_a_damaged_file_counts_for_nothing(file: Path, read: Read, at: int) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    data = bytearray(file.read_bytes())
    data[at] ^= 0x41
    file.write_bytes(data)
    assert open_kept(file).kept("judge") == Kept()


def test_no_file_and_an_empty_one_count_for_nothing(file: Path) -> None:
    assert open_kept(file).kept("judge") == Kept()
    file.parent.mkdir()
    file.write_bytes(b"")
    assert open_kept(file).kept("judge") == Kept()


def forged(file: Path, read: Read, payload: bytes) -> None:
    """Write a file whose checksum is right, with another content."""
    write_kept(file, filled(read(FILES)), "judge")
    head = file.read_bytes()[: len(module._MAGIC) + 32]
    frame = len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest()
    file.write_bytes(head + frame + payload)


NAMES = [["a.md", ""]]
ROW: list[object] = [{}, {}, [], [], {}, None, None, None]


def rows(*those: object) -> bytes:
    """Return a part of the file."""
    return msgspec.msgpack.encode(those)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        ["judge", [["a.md", 1]], [], rows(), rows(), rows()],
        ["judge", [], [["a.md", 1]], rows(), rows(), rows()],
        ["judge", [], [["a.md", "x"]], rows(), rows(), rows()],
        ["judge", [], [], [], [], []],
        ["judge", [], NAMES, rows({}), rows(), rows()],
        ["judge", [], NAMES, rows(ROW), rows(), rows()],
        ["judge", [], NAMES, rows([{**SOURCE, "role": "no such role"}, *ROW[1:]]), rows(), rows()],
        ["judge", [], NAMES, rows([{**SOURCE, "path": 1}, *ROW[1:]]), rows(), rows()],
        ["judge", [], [], rows(), rows(["a", "b"]), rows()],
        ["judge", [], [], rows(), rows([[1, 2, 3, 4, {}], {}]), rows()],
        ["judge", [], [], rows(), rows(), rows(["a", "b"])],
        [["judge"], [], [], rows(), rows(), rows()],
    ],
)
def test_a_forged_file_counts_for_nothing(file: Path, read: Read, content: object) -> None:
    forged(file, read, msgspec.msgpack.encode(content))
    assert open_kept(file).kept("judge") == Kept()


def test_a_value_of_another_type_is_none_of_the_model(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    payload = file.read_bytes()[len(module._MAGIC) + 72 :]
    title, number = b"\xa5title\xa1a", b"\xa5title\xcc\x01"
    assert title in payload
    forged(file, read, payload.replace(title, number))
    assert open_kept(file).names
    assert open_kept(file).kept("judge") == Kept()


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\x91" * 100_000, b"\x81\xa1a" * 100_000])
def test_a_file_that_is_no_message_counts_for_nothing(file: Path, read: Read, payload: bytes) -> None:
    forged(file, read, payload)
    assert open_kept(file) == KeptFile()


def test_which_files_are_kept_is_known_before_what_is_kept_of_them(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert open_kept(file).names == before.facts.keys()


def test_a_file_is_opened_beside_what_is_done_meanwhile(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert opening(file)().names == before.facts.keys()


def test_where_no_thread_is_to_be_had_a_file_is_opened_when_it_is_wanted(
    file: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refused)
    opened = opening(file)
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert opened().names == before.facts.keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_counts_for_nothing(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    os.chown(file, 12345, 12345)
    assert open_kept(file).kept("judge") == Kept()


class FirstSentence:
    """Finds that nothing covers anything, and the first sentence the nearest."""

    def covers(self, text: str, by: Sequence[str]) -> bool:
        return text in by

    def nearest(self, text: str, among: Sequence[str]) -> str:
        del text
        return among[0]


PAIR = JudgedPair("a.md:1", "b.md:0", Judgement(Relation.SAME, Action.MERGE, 0.9, ()))
ALIKE = {"a.md": "- Milk is out.\n- Tea is free.\n", "b.md": "- Tea is free here.\n- Ask Mara.\n"}


def merging(
    reading: Reading, made: Merges, pair: JudgedPair = PAIR, departure: Departure = lambda *_: ()
) -> Change:
    """The change that merges the pair, made or known."""
    a, b = reading.notes["a.md"].entries[1], reading.notes["b.md"].entries[0]
    return Merger(reading, FirstSentence(), departure, made).merge(replace(pair, a=a.id, b=b.id))


def kept_merging(read: Read, files: Mapping[str, str]) -> tuple[Kept, Change]:
    """What is kept after a dream that would merge the pair."""
    before, made = read(files), Merges()
    change = merging(before, made)
    return Kept(named(before)).with_merges(made), change


def read_after(read: Read, kept: Kept, files: Mapping[str, str]) -> Reading:
    now = read(files)
    return Reading.of(now.snapshot, kept.facts_of(now.snapshot))


def test_a_merge_is_not_made_again(file: Path, read: Read) -> None:
    kept, change = kept_merging(read, ALIKE)
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    assert again.merges == kept.merges
    following = read_after(read, again, {**ALIKE, "c.md": "- New.\n"})
    (known,) = again.merges_of(following).values()
    assert known.change == change == merging(following, {})
    assert merging(following, again.merges_of(following)) is known.change
    assert open_kept(file).kept("another judge").merges == {}


def test_a_merge_that_takes_a_file_is_not_made_again_and_leaves_to_each_plan_what_leads_there(
    file: Path, read: Read
) -> None:
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


def test_what_cannot_be_merged_is_not_tried_again(file: Path, read: Read) -> None:
    before, made = read(CODE), Merges()
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
def test_a_merge_with_a_file_that_changed_is_made_anew(file: Path, read: Read, name: str) -> None:
    kept, _ = kept_merging(read, ALIKE)
    write_kept(file, kept, "judge")
    again = open_kept(file).kept("judge")
    assert again.merges_of(read_after(read, again, {**ALIKE, name: f"{ALIKE[name]}- New.\n"})) == {}
    assert again.merges_of(read_after(read, again, {"c.md": "- New.\n"})) == {}


def test_a_merge_with_a_file_of_another_day_is_made_anew(read: Read) -> None:
    kept, _ = kept_merging(read, ALIKE)
    now = read(ALIKE).snapshot
    later = replace(now.sources[0], mtime_ns=now.sources[0].mtime_ns + 10**15)
    snapshot = replace(now, sources=(later, *now.sources[1:]))
    assert kept.merges_of(Reading.of(snapshot, kept.facts_of(snapshot))) == {}


def test_a_merge_with_a_file_that_holds_a_credential_is_not_kept(read: Read) -> None:
    kept, _ = kept_merging(read, {**ALIKE, "b.md": f"{ALIKE['b.md']}- The token is {TOKEN} of the bot.\n"})
    assert len(kept.merges) == 1
    assert kept.lasting.merges == {}


TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - of nobody


def test_nothing_of_a_file_with_a_credential_is_written(file: Path, read: Read) -> None:
    found = read({**FILES, "key.md": f"- The token is {TOKEN} of the bot.\n"})
    key = found.sources["key.md"].sha256
    quoted = replace(VERDICT, clash=(f"The token is {TOKEN}.", "The token is another."))
    beside = WHERE._replace(b="key.md:0", file_b=key)
    before = Kept(named(found), {WHERE: VERDICT, beside: quoted})
    write_kept(file, before, "judge")
    assert TOKEN.encode() not in file.read_bytes()
    again = open_kept(file).kept("judge")
    assert (paths_of(again), again.verdicts) == (["a.md", "b.md"], {WHERE: VERDICT})
    assert (paths_of(before.lasting), before.lasting.verdicts) == (list(FILES), {WHERE: VERDICT})


FRONTS = {
    "nested": "x: " + "[" * 700 + "]" * 700,
    "nested maps": "x: " + "{a: " * 700 + "}" * 700,
    "a number": "x: " + "9" * 4000,
    "bytes": "x: !!binary aGVsbG8=",
    "a set": "x: !!set {a, b}",
    "numbers as names": "x: {1: 2}",
}


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
def test_front_matter_that_cannot_be_written_leaves_out_its_file_alone(
    file: Path, read: Read, front: str
) -> None:
    write_kept(file, filled(read({**FILES, "odd.md": f"---\n{front}\n---\n\n- Tea is free.\n"})), "judge")
    kept = open_kept(file).kept("judge")
    assert set(FILES) <= set(paths_of(kept))
    assert kept.verdicts == {WHERE: VERDICT}


def test_what_cannot_be_written_is_not_tried_again_with_nothing_new(file: Path, read: Read) -> None:
    odd = Kept(named(read({**FILES, "odd.md": f"---\nid: {2**70}\n---\n\n- Tea is free.\n"})))
    write_kept(file, odd, "judge")
    before, known = file.stat(), open_kept(file).kept("judge")
    assert set(paths_of(known)) == set(FILES)
    facts = {name: known.facts.get(name, one) for name, one in odd.facts.items()}
    write_kept(file, Kept(facts), "judge", known)
    assert file.stat() == before


def test_all_that_yaml_usually_gives_is_written(file: Path, read: Read) -> None:
    front = "a: 1\nb: 1.5\nc: true\nd: null\ne: [x, {y: 2026-01-02}]\nf: 2026-01-02T03:04:05Z\ng: .inf\nh: {date: x}"
    before = read({"a.md": f"---\n{front}\n---\n\n- Tea is free.\n"})
    write_kept(file, Kept(named(before)), "judge")
    (again,) = open_kept(file).kept("judge").facts.values()
    assert again.note == before.notes["a.md"]


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
