from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from kairos.core.root.reading import Reading
from kairos.dream import kept_file as module
from kairos.dream.kept import Kept, Known
from kairos.dream.kept_file import KeptFile, open_kept, opening, write_kept
from tests.unit.dream.keeping import FILES, TOKEN, VERDICT, WHERE, filled, named, paths_of

Read = Callable[[Mapping[str, str]], Reading]
SOURCE = {"path": "a.md", "data": b"", "sha256": "", "mtime_ns": 0, "mode": 0, "role": "note", "owner": None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.kept"


def test_kept_facts_and_verdicts_are_read_back(file: Path, read: Read) -> None:
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
        assert facts.source.data == b""  # the bytes are in the root and not kept again


def test_equal_verdicts_are_held_in_memory_once(file: Path, read: Read) -> None:
    mirrored = WHERE._replace(a=WHERE.b, b=WHERE.a, file_a=WHERE.file_b, file_b=WHERE.file_a)
    before = filled(read(FILES))
    verdicts = {**before.verdicts, mirrored: replace(VERDICT), WHERE._replace(file_b="z"): VERDICT}
    write_kept(file, replace(before, verdicts=verdicts), "judge")
    again = open_kept(file).kept("judge").verdicts
    assert again == verdicts
    assert len(set(map(id, again.values()))) == 1


def test_only_unchanged_files_are_not_parsed_again(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    now = read({**FILES, "b.md": "- Open again.\n"})
    known = open_kept(file).kept("judge").facts_of(now.snapshot)
    assert list(known) == ["a.md"]
    following = Reading.of(now.snapshot, known)
    assert following.facts["a.md"] is known["a.md"]
    assert following.facts["a.md"].source.data == FILES["a.md"].encode()
    assert [entry.text for entry in following.notes["b.md"].entries] == ["Open again."]


def test_verdicts_of_another_judge_are_ignored(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    again = open_kept(file).kept("another judge")
    assert (dict(again.verdicts), [path for path, _ in again.facts]) == ({}, ["a.md", "b.md"])


@pytest.mark.parametrize("at", [0, 20, 60, 200, -1])
def test_a_damaged_file_is_ignored(file: Path, read: Read, at: int) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    data = bytearray(file.read_bytes())
    data[at] ^= 0x41
    file.write_bytes(data)
    assert open_kept(file).kept("judge") == Known()


def test_every_pattern_of_the_code_that_a_file_depends_on_matches() -> None:
    room = Path(module.__file__).parents[1]
    assert [pattern for pattern in module._DEPENDS_ON if not any(room.glob(pattern))] == []


def test_a_missing_or_empty_file_is_ignored(file: Path) -> None:
    assert open_kept(file).kept("judge") == Known()
    file.parent.mkdir()
    file.write_bytes(b"")
    assert open_kept(file).kept("judge") == Known()


def forged(file: Path, read: Read, payload: bytes) -> None:
    """Write a kept file with another payload but a valid checksum."""
    write_kept(file, filled(read(FILES)), "judge")
    head = file.read_bytes()[: len(module._MAGIC) + 32]
    frame = len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest()
    file.write_bytes(head + frame + payload)


NAMES = [["a.md", ""]]
ROW: list[object] = [{}, {}, [], [], {}, None, None, None]


def rows(*those: object) -> bytes:
    """Encode rows as one part of the file."""
    return msgspec.msgpack.encode(those)


JUDGED = rows([], [], b"", [], [], b"", [])


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        ["judge", [["a.md", 1]], [], rows(), JUDGED],
        ["judge", [], [["a.md", 1]], rows(), JUDGED],
        ["judge", [], [["a.md", "x"]], rows(), JUDGED],
        ["judge", [], [], [], JUDGED],
        ["judge", [], [], rows(), []],
        ["judge", [], NAMES, rows({}), JUDGED],
        ["judge", [], NAMES, rows(ROW), JUDGED],
        ["judge", [], NAMES, rows([{**SOURCE, "role": "no such role"}, *ROW[1:]]), JUDGED],
        ["judge", [], NAMES, rows([{**SOURCE, "path": 1}, *ROW[1:]]), JUDGED],
        ["judge", [], [], rows(), rows()],
        ["judge", [], [], rows(), rows(["x"], ["a"], bytes(3), [], [], b"", [])],
        ["judge", [], [], rows(), rows(["x"], ["a"], bytes(4), [], [], bytes(4), [])],
        ["judge", [], [], rows(), rows(["x"], ["a"], bytes(4), [], [], bytes(16), [])],
        ["judge", [], [], rows(), rows([], [], b"", [], [], b"", ["a", "b"])],
        [["judge"], [], [], rows(), JUDGED],
    ],
)
def test_a_forged_file_is_ignored(file: Path, read: Read, content: object) -> None:
    forged(file, read, msgspec.msgpack.encode(content))
    assert open_kept(file).kept("judge") == Known()


def test_a_value_of_the_wrong_type_is_rejected(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    payload = file.read_bytes()[len(module._MAGIC) + 72 :]
    title, number = b"\xa4note\xa1a", b"\xa4note\xcc\x01"
    assert title in payload
    forged(file, read, payload.replace(title, number))
    assert open_kept(file).names
    assert open_kept(file).kept("judge") == Known()


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\x91" * 100_000, b"\x81\xa1a" * 100_000])
def test_a_payload_that_is_not_messagepack_is_ignored(file: Path, read: Read, payload: bytes) -> None:
    forged(file, read, payload)
    assert open_kept(file) == KeptFile()


def test_the_names_of_kept_files_are_known_before_their_facts_are_decoded(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert open_kept(file).names == before.facts.keys()


def test_a_file_can_be_opened_in_the_background(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert opening(file)().names == before.facts.keys()


@pytest.mark.usefixtures("no_threads")
def test_a_file_is_opened_on_demand_if_no_thread_can_be_started(file: Path, read: Read) -> None:
    opened = opening(file)
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    assert opened().names == before.facts.keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_ignored(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    os.chown(file, 12345, 12345)
    assert open_kept(file).kept("judge") == Known()


def test_nothing_of_a_file_with_a_credential_is_written(file: Path, read: Read) -> None:
    found = read({**FILES, "key.md": f"- The token is {TOKEN} of the bot.\n"})
    key = found.sources["key.md"].sha256
    quoted = replace(VERDICT, clash=(f"The token is {TOKEN}.", "The token is another."))
    beside = WHERE._replace(b="key.md:0", file_b=key)
    before = Kept(named(found), {WHERE: VERDICT, beside: quoted})
    write_kept(file, before, "judge")
    assert TOKEN.encode() not in file.read_bytes()
    again = open_kept(file).kept("judge")
    assert (paths_of(again), dict(again.verdicts)) == (["a.md", "b.md"], {WHERE: VERDICT})
    assert (paths_of(before.persistable), before.persistable.verdicts) == (list(FILES), {WHERE: VERDICT})


FRONTS = {
    "nested": "x: " + "[" * 700 + "]" * 700,
    "nested maps": "x: " + "{a: " * 700 + "}" * 700,
    "a number": "x: " + "9" * 4000,
    "bytes": "x: !!binary aGVsbG8=",
    "a set": "x: !!set {a, b}",
    "numbers as names": "x: {1: 2}",
}


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
def test_front_matter_that_cannot_be_encoded_leaves_out_only_its_file(
    file: Path, read: Read, front: str
) -> None:
    write_kept(file, filled(read({**FILES, "odd.md": f"---\n{front}\n---\n\n- Tea is free.\n"})), "judge")
    kept = open_kept(file).kept("judge")
    assert set(FILES) <= set(paths_of(kept))
    assert kept.verdicts == {WHERE: VERDICT}


def test_facts_that_cannot_be_encoded_cause_no_rewrite_without_changes(file: Path, read: Read) -> None:
    odd = Kept(named(read({**FILES, "odd.md": f"---\nid: {2**70}\n---\n\n- Tea is free.\n"})))
    write_kept(file, odd, "judge")
    before, known = file.stat(), open_kept(file).kept("judge")
    assert set(paths_of(known)) == set(FILES)
    facts = {name: known.facts.get(name, one) for name, one in odd.facts.items()}
    write_kept(file, Kept(facts), "judge", known)
    after = file.stat()  # reading it changes its atime
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def test_all_common_yaml_types_are_kept(file: Path, read: Read) -> None:
    front = "a: 1\nb: 1.5\nc: true\nd: null\ne: [x, {y: 2026-01-02}]\nf: 2026-01-02T03:04:05Z\ng: .inf\nh: {date: x}"
    before = read({"a.md": f"---\n{front}\n---\n\n- Tea is free.\n"})
    write_kept(file, Kept(named(before)), "judge")
    (again,) = open_kept(file).kept("judge").facts.values()
    assert again.note == before.notes["a.md"]


def test_an_unwritable_path_raises_no_error(tmp_path: Path, read: Read) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    write_kept(tmp_path / "file" / "root.kept", filled(read(FILES)), "judge")


def test_expiry_is_checked_each_day(read: Read) -> None:
    facts = read(FILES).facts["b.md"]
    assert facts.stale(date(2026, 1, 30), lambda _: False) == ()
    assert len(facts.stale(date(2026, 2, 2), lambda _: False)) == 1


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("- Closed until 2026-01-31.\n", date(2026, 1, 31)),
        ("---\nexpires: 2026-02-15\n---\n\n- The gate is closed.\n", date(2026, 2, 15)),
        ("- The gate is closed until 31 January.\n", date(2026, 1, 31)),
        ("- Open since 2026-01-31.\n", date.max),
    ],
)
def test_a_file_is_checked_again_once_a_date_in_it_has_passed(read: Read, text: str, last: date) -> None:
    facts = read({"b.md": text}).facts["b.md"]
    assert facts.stale(date(2026, 1, 3), lambda _: False) == ()
    before = facts.asked
    assert facts.stale(last, lambda _: False) == ()
    assert facts.asked == before
    if last < date.max:
        assert len(facts.stale(last + timedelta(1), lambda _: False)) == 1


def test_staleness_that_depends_on_another_file_is_checked_each_time(read: Read) -> None:
    facts = read({"a.md": "- Superseded by b.md\n"}).facts["a.md"]
    assert facts.stale(date(2026, 3, 2), lambda _: False) == ()
    assert len(facts.stale(date(2026, 3, 2), "b.md".__eq__)) == 1
