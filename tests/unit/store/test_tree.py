from __future__ import annotations

import errno
import os
import struct
from hashlib import sha256
from pathlib import Path

import pytest

from kairos.errors import ChangedError, StorageError
from kairos.store.digests import ABSENT, IRREGULAR
from kairos.store.disk import Disk
from kairos.store.tree import NOTHING, Tree

OLD = sha256(b"old").hexdigest()


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.md").write_bytes(b"old")
    return root


def test_a_replaced_file_keeps_its_mode(root: Path) -> None:
    (root / "a.md").chmod(0o604)
    Tree(root).write("a.md", b"new", expected=OLD, mode=0o777)
    assert (root / "a.md").read_bytes() == b"new"
    assert (root / "a.md").stat().st_mode & 0o777 == 0o604
    assert names(root) == ["a.md"]


ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, bits, number)
    for tag, bits, number in (
        (0x01, 6, 0xFFFFFFFF),
        (0x02, 4, 1234),
        (0x04, 4, 0xFFFFFFFF),
        (0x10, 4, 0xFFFFFFFF),
        (0x20, 0, 0xFFFFFFFF),
    )
)
"""A POSIX access list that also lets user 1234 read."""


def set_attribute(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            pytest.skip("the file system has no such attributes")
        raise


def test_a_replaced_file_keeps_its_extended_attributes(root: Path) -> None:
    set_attribute(root / "a.md", "user.tag", b"red")
    set_attribute(root / "a.md", "system.posix_acl_access", ACL)
    mode = (root / "a.md").stat().st_mode
    Tree(root).write("a.md", b"new", expected=OLD)
    assert (root / "a.md").read_bytes() == b"new"
    assert os.getxattr(root / "a.md", "user.tag") == b"red"
    assert os.getxattr(root / "a.md", "system.posix_acl_access") == ACL
    assert (root / "a.md").stat().st_mode == mode


def test_a_replaced_file_does_not_inherit_the_default_acl(root: Path) -> None:
    set_attribute(root, "system.posix_acl_default", ACL)
    Tree(root).write("a.md", b"new", expected=OLD)
    assert "system.posix_acl_access" not in os.listxattr(root / "a.md")


def test_a_file_is_not_replaced_if_its_attributes_cannot_be_kept(root: Path) -> None:
    class Poor(Disk):
        def setxattr(self, fd: int, name: str, value: bytes) -> None:
            if name == "user.tag":
                raise OSError(errno.ENOSPC, "No space left on device")
            super().setxattr(fd, name, value)

    set_attribute(root / "a.md", "user.tag", b"red")
    with pytest.raises(StorageError, match=r"keep the attribute user\.tag of a\.md"):
        Tree(root, Poor()).write("a.md", b"new", expected=OLD)
    assert (root / "a.md").read_bytes() == b"old"
    assert names(root) == ["a.md"]


@pytest.mark.parametrize(("directory", "expected"), [(0o755, 0o644), (0o700, 0o600)])
def test_a_new_file_is_as_accessible_as_its_directory(root: Path, directory: int, expected: int) -> None:
    root.chmod(directory)
    Tree(root).write("made/too/b.md", b"new", expected=ABSENT)
    assert (root / "made/too/b.md").stat().st_mode & 0o777 == expected
    assert (root / "made").stat().st_mode & 0o777 == directory


def test_mode_and_time_of_a_new_file_can_be_given(root: Path) -> None:
    Tree(root).write("b.md", b"new", expected=ABSENT, mode=0o640, mtime_ns=1_500_000_000_000_000_001)
    status = (root / "b.md").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o640, 1_500_000_000_000_000_001)


@pytest.mark.parametrize("expected", [ABSENT, sha256(b"other").hexdigest()])
def test_other_bytes_are_never_replaced_or_removed(root: Path, expected: str) -> None:
    tree = Tree(root)
    with pytest.raises(ChangedError):
        tree.write("a.md", b"new", expected=expected)
    with pytest.raises(ChangedError):
        tree.remove("a.md", expected=expected)
    assert (root / "a.md").read_bytes() == b"old"


@pytest.mark.parametrize("path", ["../x.md", "/etc/x.md", "a/../../x.md", "", ".", "a//b.md", "a\0.md"])
def test_paths_outside_the_root_are_refused(root: Path, path: str) -> None:
    with pytest.raises(StorageError, match="inside the root"):
        Tree(root).write(path, b"new", expected=ABSENT)


def test_no_link_is_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "dir").symlink_to(outside)
    (root / "link.md").symlink_to("a.md")
    tree = Tree(root)
    assert tree.read("dir/x.md").sha256 == tree.read("link.md").sha256 == IRREGULAR
    with pytest.raises((StorageError, ChangedError)):
        tree.write("dir/x.md", b"new", expected=ABSENT)
    with pytest.raises(ChangedError):
        tree.write("link.md", b"new", expected=ABSENT)
    assert names(outside) == []
    assert (root / "a.md").read_bytes() == b"old"


def test_a_missing_file_reads_as_nothing(root: Path) -> None:
    assert Tree(root).read("b.md") == Tree(root).read("no/b.md") == NOTHING


def test_a_file_created_at_the_last_moment_wins(root: Path) -> None:
    class Late(Disk):
        def link(self, source: str, target: str, *, dir_fd: int) -> None:
            (root / target).write_bytes(b"theirs")
            super().link(source, target, dir_fd=dir_fd)

    with pytest.raises(ChangedError):
        Tree(root, Late()).write("b.md", b"ours", expected=ABSENT)
    assert (root / "b.md").read_bytes() == b"theirs"
    assert names(root) == ["a.md", "b.md"]


def test_without_hard_links_a_new_file_is_renamed_into_place(root: Path) -> None:
    class NoLinks(Disk):
        def link(self, source: str, target: str, *, dir_fd: int) -> None:  # noqa: ARG002
            raise OSError(errno.EPERM, "Operation not permitted")

    Tree(root, NoLinks()).write("b.md", b"new", expected=ABSENT)
    assert (root / "b.md").read_bytes() == b"new"


def test_short_writes_are_continued(root: Path) -> None:
    class Slow(Disk):
        def write(self, fd: int, data: bytes) -> int:
            return super().write(fd, data[:1])

    Tree(root, Slow()).write("a.md", b"longer than one", expected=OLD)
    assert (root / "a.md").read_bytes() == b"longer than one"


def test_a_full_disk_is_reported_in_one_sentence(root: Path) -> None:
    class Full(Disk):
        def write(self, fd: int, data: bytes) -> int:  # noqa: ARG002
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError) as caught:
        Tree(root, Full()).write("a.md", b"new", expected=OLD)
    assert caught.value.what == "Could not write a.md: the disk is full."
    assert caught.value.advice
    assert names(root) == ["a.md"]


def test_only_empty_directories_are_removed(root: Path) -> None:
    (root / "x/y").mkdir(parents=True)
    (root / "z").mkdir()
    (root / "z/kept.md").write_bytes(b"k")
    Tree(root).drop_empty(["x", "x/y", "z", "never/there"])
    assert names(root) == ["a.md", "z"]
