"""Whatever is done and undone, and in whatever order, the bytes come back exactly and both stores agree."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kairos.core.markdown.render import file_changes
from kairos.errors import UndoConflictError, UsageError
from kairos.model import Change, ChangeKind, CreateFile, Edit, Place, RemoveFile, Span, Splice
from kairos.store.disk import Disk
from kairos.store.memory import MemoryStore
from kairos.store.records import TransactionKind
from kairos.store.three_way import merge
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROOT = Path("/nowhere/memory")
LINES = st.sampled_from([b"- a\n", b"- b\r\n", b"\n", b"- c", b"\xef\xbb\xbf- d\n", "- é — 日本\n".encode()])
FILES = st.dictionaries(
    st.sampled_from(["MEMORY.md", "a.md", "sub/b.md", "sub/deep/c d.md"]),
    st.lists(LINES, max_size=6).map(b"".join),
    max_size=4,
)
NEW_NAMES = ("new.md", "made/new.md", "made/too/new.md")


class QuickDisk(Disk):
    def fsync(self, fd: int) -> None:
        pass


@st.composite
def line_edits(draw: DrawFn, path: str, data: bytes) -> list[Edit]:
    """Deletions, replacements and insertions of lines, none of which overlap."""
    edits: list[Edit] = []
    position = 0
    for line in data.splitlines(keepends=True):
        span = Span(position, position + len(line))
        position += len(line)
        what = draw(st.sampled_from(["keep", "keep", "keep", "delete", "replace", "insert"]))
        if what == "delete":
            edits.append(Splice(path, span, b""))
        elif what == "replace":
            edits.append(Splice(path, span, draw(LINES)))
        elif what == "insert":
            edits.append(Splice(path, Span(span.start, span.start), draw(LINES)))
    return edits


@st.composite
def dreams(draw: DrawFn, files: Mapping[str, bytes], prefix: str) -> list[Change]:
    """The changes of one dream: each file is kept, edited or removed, and one may be created."""
    edits: list[Edit] = []
    for path, data in sorted(files.items()):
        fate = draw(st.sampled_from(["keep", "edit", "edit", "remove"]))
        if fate == "edit":
            edits += draw(line_edits(path, data))
        elif fate == "remove":
            edits.append(RemoveFile(path))
    fresh = draw(st.sampled_from(NEW_NAMES))
    if fresh not in files and draw(st.booleans()):
        edits.append(CreateFile(fresh, draw(LINES)))
    return [
        Change(f"{prefix}.{number}", ChangeKind.MERGE, "r", (edit,), Place(edit.path, 1, "t"))
        for number, edit in enumerate(edits)
    ]


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else b"a directory"
        for path in root.rglob("*")
    }


def do_dream(
    store: Store | MemoryStore, root: Path, files: Mapping[str, bytes], changes: list[Change]
) -> int:
    edits = file_changes(files, changes, modes={}, index="MEMORY.md")
    return store.apply(root, edits, kind=TransactionKind.DREAM, at=NOW, changes=changes).transaction


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), FILES)
def test_any_history_can_be_undone_at_once_and_step_by_step(
    data: st.DataObject, original: dict[str, bytes]
) -> None:
    store = MemoryStore()
    files = store.roots[str(ROOT)] = dict(original)
    keys: list[str] = []
    numbers: list[int] = []
    for step in range(data.draw(st.integers(1, 6))):
        before = dict(files)
        action = data.draw(st.sampled_from(["dream", "dream", "undo", "undo change", "undo all"]))
        number = None
        if action == "dream":
            changes = data.draw(dreams(files, str(step)))
            keys += [change.key for change in changes]
            number = do_dream(store, ROOT, before, changes)
        elif action == "undo all" or (action == "undo" and numbers) or (action == "undo change" and keys):
            with suppress(UsageError, UndoConflictError):
                number = store.undo(
                    ROOT,
                    at=NOW,
                    transactions=[data.draw(st.sampled_from(numbers))] if action == "undo" else None,
                    change_key=data.draw(st.sampled_from(keys)) if action == "undo change" else None,
                    all_=action == "undo all",
                ).transaction
        if number is None:
            assert files == before
            continue
        numbers.append(number)
        after = dict(files)
        undone = store.undo(ROOT, at=NOW, transactions=[number]).transaction
        assert files == before
        store.undo(ROOT, at=NOW, transactions=[undone])
        assert files == after
    with suppress(UsageError):
        store.undo(ROOT, at=NOW, all_=True)
    assert files == original
    store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), FILES)
def test_the_disk_agrees_with_memory(data: st.DataObject, original: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve() / "root"
        root.mkdir()
        for path, content in original.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        start = snapshot(root)
        memory = MemoryStore()
        files = memory.roots[str(root)] = dict(original)
        with Store(root.parent / "state", QuickDisk()) as disk:
            for step in range(data.draw(st.integers(1, 3))):
                changes = data.draw(dreams(files, str(step)))
                before = dict(files)
                assert do_dream(disk, root, before, changes) == do_dream(memory, root, before, changes)
                if data.draw(st.booleans()) and changes:
                    key = data.draw(st.sampled_from([change.key for change in changes]))
                    disk.undo(root, at=NOW, change_key=key)
                    memory.undo(root, at=NOW, change_key=key)
                assert {
                    path: content for path, content in snapshot(root).items() if path.endswith(".md")
                } == files
            disk.undo(root, at=NOW, all_=True)
            assert snapshot(root) == start
        memory.close()


@settings(max_examples=80, deadline=None)
@given(st.data(), FILES)
def test_an_edit_by_hand_survives_every_undo(data: st.DataObject, original: dict[str, bytes]) -> None:
    store = MemoryStore()
    files = store.roots[str(ROOT)] = dict(original)
    changes = data.draw(dreams(files, "0"))
    number = do_dream(store, ROOT, original, changes)
    if not files:
        store.close()
        return
    victim = data.draw(st.sampled_from(sorted(files)))
    lines = files[victim].splitlines(keepends=True)
    lines.insert(data.draw(st.integers(0, len(lines))), b"- written by hand\n")
    files[victim] = b"".join(lines)
    edited = dict(files)
    try:
        store.undo(ROOT, at=NOW, transactions=[number])
    except UndoConflictError as error:
        assert error.paths == (victim,)  # noqa: PT017 - only where both touched the same lines
        assert files == edited
    else:
        assert b"- written by hand\n" in files[victim]
    store.close()


@st.composite
def insertions(draw: DrawFn, lines: list[str], prefix: str) -> list[str]:
    """The lines with others inserted anywhere, most often at the end."""
    lines = list(lines)
    for number in range(draw(st.integers(1, 3))):
        lines.insert(draw(st.sampled_from([len(lines), *range(len(lines) + 1)])), f"- {prefix}{number}")
    return lines


def as_note(lines: list[str], end: str, *, terminated: bool) -> bytes:
    text = end.join(lines)
    return (text + end if terminated and lines else text).encode()


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["\n", "\r\n"]), st.tuples(*[st.booleans()] * 3))
def test_an_undo_keeps_every_line_inserted_since(
    data: st.DataObject, end: str, terminated: tuple[bool, bool, bool]
) -> None:
    before = [f"- old {number}" for number in range(data.draw(st.integers(0, 5)))]
    left = [line for line in before if data.draw(st.booleans())]
    dreamt = data.draw(insertions(left, "dreamt "))
    now = data.draw(insertions(dreamt, "since "))
    base, other, this = (
        as_note(lines, end, terminated=ended)
        for lines, ended in zip((dreamt, before, now), terminated, strict=True)
    )
    merged = (merge("a.md", base=base, other=other, this=this) or b"").decode()  # it never clashes
    lines = merged.splitlines()
    assert sorted(lines) == sorted([*before, *(line for line in now if "since" in line)])
    assert [line for line in lines if line in before] == before
    assert [line for line in lines if "since" in line] == [line for line in now if "since" in line]
    assert merged.count(end) >= len(lines) - 1
