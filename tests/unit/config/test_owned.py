"""Kairos leaves no files in the cache of another user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kairos.config.owned import make_private_directory
from kairos.config.parsed_cache import write_private
from kairos.ml.atomic_write import replace_file
from kairos.ml.cache_file import CacheFile
from kairos.ml.file_checksums import FileChecksums


def test_our_directories_are_private(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_no_writer_leaves_anything_in_the_cache_of_another_user(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"x")
    os.utime(weights, (1, 1))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    place = theirs / "cache" / "file"
    write_private(place, "{}")
    with pytest.raises(PermissionError, match="belongs to another user"):
        replace_file(place, (b"x",))
    checksums = FileChecksums(place)
    checksums.of(weights)
    checksums.remember()
    file = CacheFile(place, "CREATE TABLE IF NOT EXISTS t (a)", called="cache", contents="answers")
    file.insert("INSERT INTO t VALUES (?)", [(1,)])
    assert "belongs to another user" in file.notices[0]
    assert list(theirs.iterdir()) == []
