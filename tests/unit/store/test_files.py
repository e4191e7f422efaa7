from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from kairos.errors import NoSuchRootError
from kairos.layouts import by_name
from kairos.model import Role, Skip, Snapshot
from kairos.store.disk import Disk
from kairos.store.files import read_snapshot


def role_of(path: str) -> Role | None:
    if path == "MEMORY.md":
        return Role.INDEX
    return None if path.startswith("archive/") else Role.NOTE


def snap(root: Path, **options: Any) -> Snapshot:
    return read_snapshot(root, layout="plain", role_of=role_of, **options)


def reasons(snapshot: Snapshot) -> dict[str, str]:
    return {skip.what: skip.reason for skip in snapshot.skipped}


def test_reads_notes_in_order_with_their_bytes_and_times(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "archive").mkdir()
    for name in ("b.md", "MEMORY.md", "sub/a.MD", "archive/old.md", "image.png"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + name.encode() + b"\r\n")
    (tmp_path / "b.md").chmod(0o640)
    os.utime(tmp_path / "b.md", ns=(1, 1_600_000_000_000_000_007))
    snapshot = snap(tmp_path)
    assert [source.path for source in snapshot.sources] == ["MEMORY.md", "b.md", "sub/a.MD"]
    assert [source.role for source in snapshot.sources] == [Role.INDEX, Role.NOTE, Role.NOTE]
    note = snapshot.by_path()["b.md"]
    assert (note.data, note.mode, note.mtime_ns) == (
        b"\xef\xbb\xbfb.md\r\n",
        0o640,
        1_600_000_000_000_000_007,
    )
    assert snapshot.skipped == ()
    assert snapshot.other_paths == {"sub", "archive", "archive/old.md", "image.png"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"caf\xe9\n", "UTF-8"),
        (b"a\0b\n", "NUL"),
        (b"x" * 101, "larger than 100"),
    ],
)
def test_an_unreadable_file_is_skipped_with_a_reason(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "odd.md").write_bytes(data)
    (tmp_path / "good.md").write_bytes(b"x" * 100)
    snapshot = snap(tmp_path, max_bytes=100)
    assert [source.path for source in snapshot.sources] == ["good.md"]
    assert words in reasons(snapshot)["odd.md"]
    assert snapshot.skipped[0].advice
    assert snapshot.other_paths == {"odd.md"}


def test_what_the_layout_cannot_read_is_skipped_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "odd.md").write_bytes(b"odd")
    (tmp_path / "good.md").write_bytes(b"good")
    snapshot = snap(tmp_path, problem_of=lambda path, data: ("It is odd.", path) if data == b"odd" else None)
    assert [source.path for source in snapshot.sources] == ["good.md"]
    assert snapshot.skipped == (Skip("odd.md", "It is odd.", "odd.md"),)


def test_a_pipe_and_a_socket_never_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    os.mkfifo("pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.md")
        snapshot = snap(tmp_path)
    assert set(reasons(snapshot)) == {"pipe.md", "socket.md"} == snapshot.other_paths
    assert all("pipe, socket or device" in reason for reason in reasons(snapshot).values())


def test_links_are_never_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.md").write_bytes(b"outside\n")
    (root / "real.md").write_bytes(b"inside\n")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "in.md").symlink_to("real.md")
    (root / "broken.md").symlink_to("nowhere.md")
    (root / "sub/loop").symlink_to("..")
    (root / "image.png").symlink_to("real.md")
    snapshot = snap(root)
    assert [source.path for source in snapshot.sources] == ["real.md"]
    assert set(reasons(snapshot)) == {"out.md", "in.md", "broken.md", "sub/loop"}
    assert snapshot.other_paths >= {"out.md", "in.md", "broken.md", "sub/loop", "image.png"}
    assert snapshot.unseen >= {"sub/loop"}


def test_a_link_is_reported_only_where_a_note_would_be_edited(tmp_path: Path) -> None:
    for name in ("store/dependency", "node_modules", "skills", "memory"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "node_modules/dependency").symlink_to("../store/dependency")
    (tmp_path / "skills/shared").symlink_to("../store")
    (tmp_path / "memory/topics").symlink_to("../store")
    (tmp_path / "memory/people.MD").symlink_to("../store/people.md")
    (tmp_path / "CLAUDE.md").symlink_to("AGENTS.md")
    (tmp_path / "MEMORY.md").symlink_to("store/MEMORY.md")
    skipped = {
        name: set(reasons(read_snapshot(tmp_path, layout=name, role_of=by_name(name).role_of)))
        for name in ("openclaw", "plain")
    }
    assert skipped["openclaw"] == {"MEMORY.md", "memory/topics", "memory/people.MD"}
    assert skipped["plain"] == {*skipped["openclaw"], "skills/shared"}


def test_git_and_our_own_temporary_files_are_invisible(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x.md").write_bytes(b"x")
    (tmp_path / ".kairos-0123456789abcdef.tmp").write_bytes(b"half")
    snapshot = snap(tmp_path)
    assert snapshot.sources == ()
    assert snapshot.skipped == ()
    assert snapshot.other_paths == frozenset()


def test_ignored_directories_exist_but_are_not_walked(tmp_path: Path) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/state.md").write_bytes(b"x")
    snapshot = snap(tmp_path, ignore=lambda path: path == "machine")
    assert snapshot.sources == ()
    assert snapshot.other_paths == snapshot.unseen == {"machine"}


def test_a_file_that_only_its_suffix_excludes_is_skipped_with_a_reason(tmp_path: Path) -> None:
    for name in ("K.MD", "l.markdown", "old.bak.1.MD", "x.mdx", ".hidden.MD", "node_modules/r.markdown"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"text\n")
    snapshot = read_snapshot(tmp_path, layout="plain", role_of=by_name("plain").role_of)
    assert snapshot.sources == ()
    assert reasons(snapshot) == {
        "K.MD": "Only what ends in .md is read, not .MD.",
        "l.markdown": "Only what ends in .md is read, not .markdown.",
    }


def test_a_file_that_may_not_be_read_is_skipped_with_a_reason(tmp_path: Path) -> None:
    class Denying(Disk):
        def open(self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None) -> int:
            if path in {"private.md", "closed"}:
                raise PermissionError(errno.EACCES, "Permission denied")
            return super().open(path, flags, mode, dir_fd=dir_fd)

    (tmp_path / "closed").mkdir()
    (tmp_path / "private.md").write_bytes(b"x")
    snapshot = snap(tmp_path, disk=Denying())
    assert set(reasons(snapshot)) == {"closed", "private.md"} == snapshot.other_paths
    assert snapshot.unseen == {"closed"}
    assert all("Permission denied" in reason for reason in reasons(snapshot).values())


def test_names_that_are_not_text_are_read(tmp_path: Path) -> None:
    names = [b"caf\xe9.md", "日本語 ノート.md".encode(), b"new\nline.md", b"-rf.md", b"'quote\".md"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(repr(name).encode())
    snapshot = snap(tmp_path)
    assert {os.fsencode(source.path) for source in snapshot.sources} == set(names)
    assert all(source.data == repr(os.fsencode(source.path)).encode() for source in snapshot.sources)


@pytest.mark.parametrize(("make", "words"), [(None, "does not exist"), (b"x", "is not a directory")])
def test_a_missing_root_or_a_file_is_refused(tmp_path: Path, make: bytes | None, words: str) -> None:
    root = tmp_path / "root"
    if make is not None:
        root.write_bytes(make)
    with pytest.raises(NoSuchRootError, match=words):
        snap(root)


def test_a_root_that_may_not_be_read_needs_permissions_and_no_other_path(tmp_path: Path) -> None:
    class Denying(Disk):
        def open(self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None) -> int:
            if path == os.path.realpath(tmp_path):
                raise PermissionError(errno.EACCES, "Permission denied")
            return super().open(path, flags, mode, dir_fd=dir_fd)

    with pytest.raises(NoSuchRootError, match="is not readable for your user") as raised:
        snap(tmp_path, disk=Denying())
    assert raised.value.advice == "Check its permissions, and those of the directories above it."


def test_a_deep_tree_is_walked(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 150)
    deep.mkdir(parents=True)
    (deep / "a.md").write_bytes(b"deep\n")
    assert [source.data for source in snap(tmp_path).sources] == [b"deep\n"]


def test_a_directory_that_opens_but_cannot_be_listed_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed/a.md").write_text("- Tea\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("- Tea\n", encoding="utf-8")
    closed, scandir = (tmp_path / "closed").stat().st_ino, os.scandir

    def refusing(fd: int) -> Any:
        if os.fstat(fd).st_ino == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), fd)
        return scandir(fd)

    monkeypatch.setattr(os, "scandir", refusing)
    found = snap(tmp_path)
    assert [source.path for source in found.sources] == ["b.md"]
    assert "closed" in found.unseen
    assert "Permission denied" in reasons(found)["closed"]
    closed = tmp_path.stat().st_ino
    with pytest.raises(PermissionError):
        snap(tmp_path)
