"""Whatever happens to a directory, as long as its count stays the same, reading it gives the same snapshot."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.layouts import by_name
from kairos.model import Snapshot
from kairos.store.files import read_snapshot
from kairos.store.fingerprint import COARSEST_NS, Fingerprint, take_fingerprint

NAMES = (
    "a.md",
    "b.md",
    "d/a.md",
    "d/e/c.md",
    "image.png",
    "d/.hidden.md",
    "CLAUDE.md",
    ".git/x.md",
    "drafts/x.md",
)
ROLE_OF = by_name("plain").role_of


def ignore(path: str) -> bool:
    return path == "drafts"


def read(root: Path) -> Snapshot:
    return read_snapshot(root, layout="plain", role_of=ROLE_OF, ignore=ignore, max_bytes=50)


def fingerprint_of(root: Path) -> Fingerprint:
    found = take_fingerprint(root, ROLE_OF, ignore=ignore)
    assert found is not None
    return found


def write(root: Path, name: str, data: bytes) -> None:
    path = root / name
    if path.is_symlink() or path.is_fifo():
        path.unlink()
    if any(parent.is_file() for parent in path.parents) or path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def rewrite(root: Path, name: str, data: bytes) -> None:
    """Write in place and restore the mtime, so that only the ctime gives the change away."""
    path = root / name
    if path.is_file() and not path.is_symlink():
        before = path.stat()
        path.write_bytes(data[:1] * before.st_size)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touch(root: Path, name: str, data: bytes) -> None:
    if (root / name).exists():
        os.utime(root / name, ns=(1, 1_600_000_000_000_000_000 + data[0]))


def chmod(root: Path, name: str, data: bytes) -> None:
    if (root / name).is_file():
        (root / name).chmod(0o600 | data[0] & 0o77)


def rename(root: Path, name: str, _data: bytes) -> None:
    if (root / name).exists():
        (root / name).rename(root / "renamed.md")


def remove(root: Path, name: str, _data: bytes) -> None:
    if (root / name).exists() or (root / name).is_symlink():
        (root / name).unlink()


def link(root: Path, name: str, data: bytes) -> None:
    remove(root, name, data)
    if (root / name).parent.is_dir():
        (root / name).symlink_to((root / "d", "nowhere", root / "b.md")[data[0] % 3])


def pipe(root: Path, name: str, data: bytes) -> None:
    remove(root, name, data)
    if (root / name).parent.is_dir():
        os.mkfifo(root / name)


def nothing(_root: Path, _name: str, _data: bytes) -> None:
    """Leave the file alone."""


EDITS = st.tuples(
    st.sampled_from([write, write, rewrite, touch, chmod, rename, remove, link, pipe, nothing]),
    st.sampled_from(NAMES),
    st.sampled_from([b"x", b"- one fact\n", b"\xff", b"a\0b", b"z" * 60]),
)
TREES = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from([b"- a fact\n", b"- b\n", b"\xff\xfe", b"y" * 60])
)


@settings(max_examples=150)
@given(tree=TREES, edits=st.lists(EDITS, max_size=3))
def test_equal_counts_mean_equal_snapshots(
    tree: dict[str, bytes], edits: list[tuple[object, str, bytes]]
) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        for name, data in tree.items():
            write(root, name, data)
        before, first = read(root), fingerprint_of(root)
        assert first.matches(before)
        for edit, name, data in edits:
            edit(root, name, data)  # type: ignore[operator]
        after, second = read(root), fingerprint_of(root)
        assert second.matches(after)
        if first.digest == second.digest:
            fresh = first.fresh(time.time_ns())
            same = (
                [s for s in after.sources if s.path in fresh],
                [s for s in before.sources if s.path in fresh],
            )
            assert same[0] != same[1] or after == before
        else:
            assert edits
    finally:
        shutil.rmtree(root)


@settings(max_examples=30)
@given(tree=TREES, edit=EDITS)
def test_old_files_are_recognised_by_their_times(
    tree: dict[str, bytes], edit: tuple[object, str, bytes]
) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        for name, data in tree.items():
            write(root, name, data)
        before, first = read(root), fingerprint_of(root)
        later = time.time_ns() + 2 * COARSEST_NS
        assert not first.fresh(later)
        time.sleep(0.02)  # longer than a tick of the kernel's clock
        change, name, data = edit
        change(root, name, data)  # type: ignore[operator]
        if fingerprint_of(root).digest == first.digest:
            assert read(root) == before
    finally:
        shutil.rmtree(root)
