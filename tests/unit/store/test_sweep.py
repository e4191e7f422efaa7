"""What a crash left in a root is cleared up, however deep the root is, and whatever the system refuses."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kairos.errors import StorageError
from kairos.store.disk import Disk
from kairos.store.objects import Objects
from kairos.store.sweep import sweep
from kairos.store.tree import Tree

LEFTOVER = f".kairos-{'0' * 16}.tmp"
DEPTH = 1200
"""Deeper than Python's recursion goes."""


@contextmanager
def no_free_descriptor() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_fd = os.dup(0)
    os.close(next_fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_fd, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "state" / "objects")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[list[str]]:
    """Directories inside one another, outermost first. Removed here, because `shutil.rmtree` would recurse."""
    paths = [f"{tmp_path}/root{'/d' * depth}" for depth in range(DEPTH)]
    for path in paths:
        os.mkdir(path)  # noqa: PTH102 - pathlib recurses, too
    yield paths
    for path in reversed(paths):
        os.rmdir(path)  # noqa: PTH106


def test_a_leftover_at_any_depth_is_removed(chain: list[str], objects: Objects) -> None:
    (Path(chain[-1]) / LEFTOVER).write_bytes(b"half")
    with closing(Tree(Path(chain[0]))) as tree:
        assert sweep(tree, objects) == ()
    assert os.listdir(chain[-1]) == []  # noqa: PTH208


def test_too_many_open_files_are_reported_in_one_sentence(tmp_path: Path, objects: Objects) -> None:
    with closing(Tree(tmp_path)) as tree, no_free_descriptor(), pytest.raises(StorageError) as caught:
        sweep(tree, objects)
    assert caught.value.what == f"Could not look through {tmp_path}: too many files are open."
    assert caught.value.advice


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOTCONN, errno.EIO, errno.EPERM])
def test_a_directory_that_cannot_be_entered_keeps_nothing_else_from_being_cleared_up(
    tmp_path: Path, objects: Objects, number: int
) -> None:
    class Refusing(Disk):
        def open(self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None) -> int:
            if path == "mount":
                raise OSError(number, os.strerror(number))
            return super().open(path, flags, mode, dir_fd=dir_fd)

    for name in ("mount", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / LEFTOVER).write_bytes(b"half")
    with closing(Tree(tmp_path, Refusing())) as tree:
        assert sweep(tree, objects) == ()
    assert not (tmp_path / "notes" / LEFTOVER).exists()


def test_links_and_repositories_are_not_entered(tmp_path: Path, objects: Objects) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    kept = [outside / LEFTOVER, root / ".git" / LEFTOVER]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"theirs")
    (root / "link").symlink_to(outside)
    with closing(Tree(root)) as tree:
        sweep(tree, objects)
    assert all(path.exists() for path in kept)
