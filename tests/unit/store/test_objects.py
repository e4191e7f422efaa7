from __future__ import annotations

import errno
import gzip
import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from kairos.errors import StateError, StorageError
from kairos.store.disk import Disk
from kairos.store.objects import Objects


@pytest.mark.parametrize("data", [b"", b"text\n", bytes(range(256)) * 300])
def test_bytes_are_read_back_as_stored(tmp_path: Path, data: bytes) -> None:
    objects = Objects(tmp_path / "objects")
    digest = objects.put(data)
    assert objects.put(data) == digest
    assert objects.get(digest) == data
    assert [path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()] == [f"{digest[2:]}.gz"]


def test_objects_are_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        digest = Objects(tmp_path / "objects").put(b"text")
    finally:
        os.umask(old)
    file = tmp_path / "objects" / digest[:2] / f"{digest[2:]}.gz"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.stat().st_mode & 0o777 for path in file.parents[:2]] == [0o700, 0o700]


def test_damaged_and_lost_objects_are_reported_and_restored_by_the_next_put(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "objects")
    digest = objects.put(b"text")
    file = tmp_path / "objects" / digest[:2] / f"{digest[2:]}.gz"
    file.write_bytes(b"tixt")
    with pytest.raises(StateError, match="damaged"):
        objects.get(digest)
    file.unlink()
    with pytest.raises(StateError, match="lost"):
        objects.get(digest)
    objects.put(b"text")
    assert objects.get(digest) == b"text"


def test_objects_can_be_read_with_gunzip(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "objects")
    digest = objects.put(b"text\n" * 1000)
    file = tmp_path / "objects" / digest[:2] / f"{digest[2:]}.gz"
    assert gzip.decompress(file.read_bytes()) == b"text\n" * 1000
    assert file.stat().st_size < 100


def test_uncompressed_objects_of_earlier_versions_are_read(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "objects")
    digest = sha256(b"text").hexdigest()
    shelf = tmp_path / "objects" / digest[:2]
    shelf.mkdir(parents=True)
    (shelf / digest[2:]).write_bytes(b"text")
    assert objects.put(b"text") == digest
    assert objects.get(digest) == b"text"
    assert [kept.digest for kept in objects.all()] == [digest]
    assert Path(objects.where(digest)).read_bytes() == b"text"


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    class Full(Disk):
        def fsync(self, fd: int) -> None:
            if stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.ENOSPC, "No space left on device")
            super().fsync(fd)

    with pytest.raises(StorageError, match="full"):
        Objects(tmp_path / "objects", Full()).put(b"text")
    assert not [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


@pytest.mark.parametrize("keep", range(30))
def test_a_truncated_object_is_damaged(tmp_path: Path, keep: int) -> None:
    objects = Objects(tmp_path / "objects")
    digest = objects.put(b"text, and more text")
    file = tmp_path / "objects" / digest[:2] / f"{digest[2:]}.gz"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(StateError, match="damaged"):
        objects.get(digest)
