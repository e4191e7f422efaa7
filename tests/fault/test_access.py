"""Who gets access: modes under any umask, symbolic links swapped in mid-operation, and other users' directories."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.control.places import touched_directory
from kairos.errors import KairosError, LockedError, NoSuchRootError, StateError
from kairos.model import FileChange, Role
from kairos.store.digests import sha256
from kairos.store.files import read_snapshot
from kairos.store.lock import RootLock
from kairos.store.records import TransactionKind
from kairos.store.state import State
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = b"the secret of somebody else\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
STRANGER = 12345
RACE_SECONDS = 0.8
"""In memory this allows more attempts than two seconds on a disk."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    for name in ("MEMORY.md", "a.md", "sub/b.md"):
        (root / name).write_bytes(name.encode() + b"\n")
    return root


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the root that must stay as it is."""
    (tmp_path / "outside").mkdir()
    path = tmp_path / "outside" / "b.md"
    path.write_bytes(SECRET)
    return path


def apply(
    store: Store,
    root: Path,
    *files: FileChange,
    lock: Path | None = None,
    base: Mapping[str, str] | None = None,
) -> None:
    store.apply(root, files, kind=TransactionKind.DREAM, at=NOW, foreign_lock=lock, base=base)


# --- modes ---


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277, 0o777])
def test_the_state_is_private_whatever_the_umask(root: Path, tmp_path: Path, umask: int) -> None:
    state = tmp_path / "deep" / "state"
    (tmp_path / "deep").mkdir()
    old = os.umask(umask)
    try:
        with Store(state) as store:
            apply(store, root, FileChange("a.md", b"a.md\n", b"new\n"))
    finally:
        os.umask(old)
    modes = {path: path.stat().st_mode & 0o777 for path in (state, *state.rglob("*"))}
    assert len(modes) > 6
    assert {oct(mode) for path, mode in modes.items() if path.is_dir()} == {oct(0o700)}
    assert {oct(mode) for path, mode in modes.items() if path.is_file()} <= {oct(0o600), oct(0o600 & ~umask)}
    assert (root / "a.md").stat().st_mode & 0o777 == 0o644


def test_no_temporary_file_is_ever_open_to_others(root: Path, tmp_path: Path) -> None:
    (root / "a.md").chmod(0o600)
    seen: set[int] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            for place in (root, *(tmp_path / "state").glob("objects/*")):
                for entry in os.scandir(place) if place.is_dir() else ():
                    if entry.name.startswith((".kairos-", "tmp-")):
                        with suppress(FileNotFoundError):
                            seen.add(entry.stat(follow_symlinks=False).st_mode & 0o077)

    thread = threading.Thread(target=watch)
    old = os.umask(0)
    thread.start()
    try:
        with Store(tmp_path / "state") as store:
            before, number = b"a.md\n", 0
            while number < 20 or (not seen and number < 500):
                after = b"x" * 200_000 + str(number).encode()
                apply(store, root, FileChange("a.md", before, after))
                before, number = after, number + 1
    finally:
        os.umask(old)
        stop.set()
        thread.join()
    assert seen == {0}


# --- links that are swapped in mid-operation ---


@contextmanager
def swapping(path: Path, link_to: Path) -> Iterator[None]:
    """Swap a file or directory for a symbolic link and back, over and over, as fast as possible."""
    stop = threading.Event()
    aside = path.with_name(f"{path.name}.aside")
    link = path.with_name(f"{path.name}.link")
    link.symlink_to(link_to)

    def swap() -> None:
        while not stop.is_set():
            with suppress(OSError):
                path.rename(aside)
                link.rename(path)
            time.sleep(0)
            with suppress(OSError):
                path.rename(link)
                aside.rename(path)
            time.sleep(0)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def work(store: Store, root: Path, name: str) -> int:
    """Edit and restore a file, create and remove another, under the agent's lock. Returns how many steps succeeded."""
    before, done = f"{name}\n".encode(), 0
    base = {"a.md": sha256(b"a.md\n")}
    for change in (
        FileChange(name, before, b"new\n"),
        FileChange(name, b"new\n", before),
        FileChange("sub/c.md", None, b"made\n"),
        FileChange("sub/c.md", b"made\n", None),
    ):
        with suppress(KairosError):
            apply(store, root, change, lock=root / ".consolidate-lock", base=base)
            done += 1
    return done


@pytest.mark.parametrize("victim", ["sub", "sub/b.md", "MEMORY.md", ".consolidate-lock"])
def test_a_link_swapped_in_is_never_followed(root: Path, tmp_path: Path, secret: Path, victim: str) -> None:
    (root / ".consolidate-lock").write_bytes(b"")
    target = secret.parent if victim == "sub" else secret
    with Store(tmp_path / "state") as store, swapping(root / victim, target):
        end, done = time.monotonic() + RACE_SECONDS, 0
        while time.monotonic() < end or not done:
            snapshot = read_snapshot(root, layout="plain", role_of=lambda _path: Role.NOTE)
            assert all(source.data != SECRET for source in snapshot.sources)
            done += work(store, root, "MEMORY.md" if victim == "MEMORY.md" else "sub/b.md")
    assert secret.read_bytes() == SECRET
    assert [path.name for path in secret.parent.iterdir()] == ["b.md"]


def test_a_root_swapped_for_a_link_gets_no_changes(root: Path, tmp_path: Path, secret: Path) -> None:
    """A root may be a link, so what it now leads to is a root as well, but not the one that was read."""
    with Store(tmp_path / "state") as store, swapping(root, secret.parent):
        end, done = time.monotonic() + RACE_SECONDS, 0
        while time.monotonic() < end or not done:
            done += work(store, root, "sub/b.md")
    assert secret.read_bytes() == SECRET
    assert [path.name for path in secret.parent.iterdir()] == ["b.md"]


@pytest.mark.parametrize("victim", ["objects", "locks", "objects/.lock", "state.db.lock"])
def test_a_part_of_the_state_swapped_for_a_link_is_never_followed(
    root: Path, tmp_path: Path, secret: Path, victim: str
) -> None:
    state = tmp_path / "state"
    with Store(state) as store:
        assert work(store, root, "a.md")
    target = secret if "lock" in victim and victim != "locks" else secret.parent
    with swapping(state / victim, target):
        end, done = time.monotonic() + RACE_SECONDS, 0
        while time.monotonic() < end or not done:
            with suppress(KairosError), Store(state) as store:
                done += work(store, root, "sub/b.md")
    assert secret.read_bytes() == SECRET
    assert [path.name for path in secret.parent.iterdir()] == ["b.md"]


@pytest.mark.parametrize("part", ["", "objects", "locks"])
def test_a_directory_of_the_state_that_is_a_link_is_refused(
    root: Path, tmp_path: Path, secret: Path, part: str
) -> None:
    state = tmp_path / "state"
    if part:
        Store(state).close()
    (state / part).symlink_to(secret.parent)
    with (
        pytest.raises(StateError, match="is a symbolic link, and Kairos does not follow links"),
        Store(state) as store,
    ):
        apply(store, root, FileChange("a.md", b"a.md\n", b"new\n"))
    with pytest.raises(StateError):
        State.open_existing(secret.parent.parent / "state" if not part else state / part)
    assert (root / "a.md").read_bytes() == b"a.md\n"
    assert [path.name for path in secret.parent.iterdir()] == ["b.md"]


def test_a_state_open_to_others_is_made_private(root: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Store(state) as store:
        apply(store, root, FileChange("a.md", b"a.md\n", b"new\n"))
    directories = [state, *(path for path in state.rglob("*") if path.is_dir())]
    for path in directories:
        path.chmod(0o777)
    with Store(state) as store:
        store.undo(root, at=NOW, all_=True)
    used = [state, state / "objects", state / "locks"]
    assert {oct(path.stat().st_mode & 0o777) for path in used} == {oct(0o700)}


def test_a_foreign_directory_keeps_its_mode(tmp_path: Path) -> None:
    state = tmp_path / "shared"
    state.mkdir(mode=0o755)
    state.chmod(0o755)
    touched_directory(state).mkdir()
    Store(state).close()  # accepted if it is empty, or if the daemon was there first
    assert state.stat().st_mode & 0o777 == 0o700
    (state / "touched").rmdir()
    (state / "state.db").rename(state / "letter.txt")
    state.chmod(0o755)
    with pytest.raises(StateError, match="open to other users and holds"):
        Store(state)
    assert state.stat().st_mode & 0o777 == 0o755


def test_a_hard_link_is_replaced_and_never_written_through(root: Path, tmp_path: Path, secret: Path) -> None:
    (root / "a.md").unlink()
    os.link(secret, root / "a.md")
    with Store(tmp_path / "state") as store:
        apply(store, root, FileChange("a.md", SECRET, b"new\n"))
    assert (root / "a.md").read_bytes() == b"new\n"
    assert secret.read_bytes() == SECRET


@pytest.mark.parametrize("kind", ["hard link", "symbolic link", "large file", "directory", "pipe"])
def test_a_file_that_is_not_a_lock_is_never_written_to(
    root: Path, tmp_path: Path, secret: Path, kind: str
) -> None:
    lock = root / ".consolidate-lock"
    if kind == "hard link":
        os.link(secret, lock)
    elif kind == "symbolic link":
        lock.symlink_to(secret)
    elif kind == "large file":
        lock.write_bytes(b"1" * 5000)
    elif kind == "directory":
        lock.mkdir()
    else:
        os.mkfifo(lock)
    with pytest.raises(LockedError, match="is not a lock file"):
        RootLock(tmp_path / "locks", root, foreign=lock.name).__enter__()
    assert secret.read_bytes() == SECRET
    if kind == "large file":
        assert lock.read_bytes() == b"1" * 5000


def test_a_held_lock_that_becomes_a_link_stays(root: Path, tmp_path: Path, secret: Path) -> None:
    lock = root / ".consolidate-lock"
    lock.write_text("123")
    with RootLock(tmp_path / "locks", root, foreign=lock.name):
        lock.unlink()
        lock.symlink_to(secret)
    assert lock.is_symlink()
    assert secret.read_bytes() == SECRET


def test_a_state_that_is_a_link_is_refused(tmp_path: Path, secret: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "state.db").symlink_to(secret)
    with pytest.raises(KairosError):
        Store(state)
    assert secret.read_bytes() == SECRET
    assert secret.stat().st_mode & 0o777 == 0o644


# --- owners ---


@as_root
def test_root_keeps_the_owner_of_what_it_edits_and_makes(root: Path, tmp_path: Path) -> None:
    for path in (root, *root.rglob("*")):
        os.chown(path, STRANGER, STRANGER + 1)
    lock = root / ".consolidate-lock"
    with Store(tmp_path / "state") as store:
        apply(
            store,
            root,
            FileChange("a.md", b"a.md\n", b"new\n"),
            FileChange("kairos-conflicts.md", None, b"made\n"),
            FileChange("deep/er/c.md", None, b"made\n"),
            lock=lock,
        )
        with RootLock(tmp_path / "locks", root, foreign=lock.name):
            assert (lock.stat().st_uid, lock.stat().st_gid) == (STRANGER, STRANGER + 1)
        store.undo(root, at=NOW, all_=True)
        apply(store, root, FileChange("deep/er/c.md", None, b"made\n"))
    owners = {(path.lstat().st_uid, path.lstat().st_gid) for path in (root, *root.rglob("*"))}
    assert owners == {(STRANGER, STRANGER + 1)}


@as_root
def test_an_edited_file_keeps_its_group_where_the_directory_gives_another(root: Path, tmp_path: Path) -> None:
    os.chown(root, os.geteuid(), STRANGER)
    root.chmod(0o2755)
    with Store(tmp_path / "state") as store:
        apply(store, root, FileChange("a.md", b"a.md\n", b"new\n"), FileChange("new.md", None, b"made\n"))
    assert (root / "a.md").stat().st_gid == os.getegid()
    assert (root / "new.md").stat().st_gid == STRANGER


@as_root
@pytest.mark.parametrize("part", ["", "objects", "locks"])
def test_even_root_refuses_a_state_of_another_user(root: Path, tmp_path: Path, part: str) -> None:
    state = tmp_path / "state"
    Store(state).close()
    (state / part).mkdir(exist_ok=True)
    os.chown(state / part, STRANGER, STRANGER)
    with pytest.raises(StateError, match=f"number {STRANGER}"), Store(state) as store:
        apply(store, root, FileChange("a.md", b"a.md\n", b"new\n"))
    assert (root / "a.md").read_bytes() == b"a.md\n"


@as_root
def test_a_directory_of_another_user_is_refused(root: Path, tmp_path: Path) -> None:
    script = f"""
import os
os.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER})
from pathlib import Path
from kairos.errors import NoSuchRootError
from kairos.store.files import read_snapshot
try:
    read_snapshot(Path({str(tmp_path / "root")!r}), layout="plain", role_of=lambda _: None)
except NoSuchRootError as error:
    print(error)
"""
    for path in (tmp_path, *tmp_path.parents[:-2]):
        path.chmod(0o755)
    root.chmod(0o777)
    ready = "import sys; sys.dont_write_bytecode = True; import kairos.store.files"
    done = subprocess.run(
        [sys.executable, "-c", f"{ready}\n{script}"], capture_output=True, text=True, check=True
    )
    assert "belongs to another user (number 0)" in done.stdout


def test_ones_own_directory_is_not_refused(root: Path) -> None:
    assert read_snapshot(root, layout="plain", role_of=lambda _: None).sources == ()
    with pytest.raises(NoSuchRootError):
        read_snapshot(root / "nowhere", layout="plain", role_of=lambda _: None)
