from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kairos.ml.file_checksums import FileChecksums

_LONG_AGO = 1_700_000_000_000_000_000


def aged(file: Path, data: bytes, moment: int = _LONG_AGO) -> Path:
    file.write_bytes(data)
    os.utime(file, ns=(moment, moment))
    return file


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    known, file = tmp_path / "c" / "known.json", aged(tmp_path / "weights", b"one")
    first = FileChecksums(known)
    assert first.of(file) == hashlib.sha256(b"one").hexdigest()
    first.remember()
    with file.open("r+b") as stream:  # same size, mtime and inode: trusted to be unchanged
        stream.write(b"two")
    os.utime(file, ns=(_LONG_AGO, _LONG_AGO))
    assert FileChecksums(known).of(file) == hashlib.sha256(b"one").hexdigest()


@pytest.mark.parametrize("data", [b"two", b"longer"])
def test_a_changed_file_is_read_again(tmp_path: Path, data: bytes) -> None:
    known, file = tmp_path / "known.json", aged(tmp_path / "weights", b"one")
    first = FileChecksums(known)
    first.of(file)
    first.remember()
    aged(file, data, _LONG_AGO + 1)
    assert FileChecksums(known).of(file) == hashlib.sha256(data).hexdigest()


def test_the_checksum_of_a_file_written_just_now_is_not_remembered(tmp_path: Path) -> None:
    known, file = tmp_path / "known.json", tmp_path / "weights"
    file.write_bytes(b"one")
    first = FileChecksums(known)
    first.of(file)
    first.remember()
    assert not known.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "{" * 100_000])
def test_invalid_remembered_checksums_are_ignored(tmp_path: Path, text: str) -> None:
    known, file = tmp_path / "known.json", aged(tmp_path / "weights", b"one")
    known.write_text(text, encoding="utf-8")
    assert FileChecksums(known).of(file) == hashlib.sha256(b"one").hexdigest()


def test_nothing_is_remembered_at_an_unwritable_path(tmp_path: Path) -> None:
    file = aged(tmp_path / "weights", b"one")
    checksums = FileChecksums(file / "known.json")
    assert checksums.of(file)
    checksums.remember()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["weights"]
