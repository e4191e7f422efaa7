"""A plan against the invariants: checked before anything is written, independently of how it was made.

An empty result means: applying the plan loses nothing that it does not name, every merged entry is still said by a
witness that stays, every pointer that was good is still good, and the index is within its budget or no larger
than it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from kairos.core.effects import rendered
from kairos.core.linker import targets
from kairos.core.parse import parse
from kairos.core.reading import Reading
from kairos.core.render import OverlapError, edits_by_path
from kairos.model import (
    Change,
    ChangeKind,
    CreateFile,
    IndexSize,
    Note,
    Plan,
    RemoveFile,
    Role,
    Source,
    Splice,
)

_OWN_ROLES = frozenset({Role.MANAGED, Role.SUBINDEX})


def violations(plan: Plan, reading: Reading, budget: IndexSize) -> tuple[str, ...]:
    """Return every broken invariant as one sentence; empty if the plan may be applied."""
    found = [*_outside(plan, reading)]
    if found:
        return tuple(found)
    try:
        after = rendered(plan.changes, reading)
    except OverlapError as error:
        return (str(error),)
    notes = {path: _parsed(path, data, reading) for path, data in after.items() if data is not None}
    found += _unwitnessed(plan.changes, after)
    found += _vanished(plan.changes, reading, after, notes)
    found += _dangling(reading, after)
    found += _over_budget(plan, budget)
    return tuple(found)


def _parsed(path: str, data: bytes, reading: Reading) -> Note:
    old = reading.sources.get(path)
    role = old.role if old else Role.NOTE
    if old is not None and old.data == data:
        return reading.notes[path]
    return parse(Source(path, data, "", 0, 0, role))


def _outside(plan: Plan, reading: Reading) -> list[str]:
    """Edits that leave the root, touch what is read-only, or overwrite a file that is not Kairos' own."""
    found = []
    for change in plan.changes:
        for edit in change.edits:
            parts = edit.path.split("/")
            source = reading.sources.get(edit.path)
            if edit.path.startswith("/") or ".." in parts or ".git" in parts or not edit.path:
                found.append(f"{edit.path!r} is outside the root")
            elif source is None and (
                not isinstance(edit, CreateFile) or edit.path in reading.snapshot.other_paths
            ):
                found.append(f"{edit.path} was not read")
            elif source is not None and source.role is Role.READ_ONLY:
                found.append(f"{edit.path} is read-only")
            elif source is not None and isinstance(edit, CreateFile) and source.role not in _OWN_ROLES:
                found.append(f"{edit.path} exists and is not Kairos' own")
    return found


def _unwitnessed(changes: tuple[Change, ...], after: Mapping[str, bytes | None]) -> list[str]:
    """Merged entries whose witness, with all it is said to cover, does not stand in the root afterwards."""
    found = []
    for change in changes:
        if change.kind is not ChangeKind.MERGE:
            continue
        where = f"{change.subject.file}:{change.subject.line}"
        if change.witness is None or not change.witness.covers:
            found.append(f"{where} would go without a witness")
            continue
        data = after.get(change.witness.place.file)
        text = data.decode("utf-8", "replace") if data is not None else ""
        if change.witness.place.text not in text and not _has_dates_changed(change, changes):
            found.append(f"the witness of {where} would not stand in {change.witness.place.file} any more")
    return found


def _has_dates_changed(change: Change, changes: tuple[Change, ...]) -> bool:
    """Whether the witness is itself reworded by making its dates absolute."""
    witness = change.witness
    return witness is not None and any(
        other.kind in (ChangeKind.DATE, ChangeKind.REPOINT, ChangeKind.MERGE, ChangeKind.PRUNE)
        and any(
            isinstance(edit, Splice) and edit.text and edit.path == witness.place.file for edit in other.edits
        )
        for other in changes
    )


def _vanished(
    changes: tuple[Change, ...],
    reading: Reading,
    after: Mapping[str, bytes | None],
    notes: Mapping[str, Note],
) -> list[str]:
    """Entries that no change names but that would not be there afterwards."""
    found = []
    edited = edits_by_path(changes)
    for path in edited:
        note = reading.notes.get(path)
        if note is None or note.role in _OWN_ROLES:
            continue
        data = after[path]
        spans = [edit.span for edit in edited[path] if isinstance(edit, Splice)]
        named = {(change.subject.file, change.subject.line) for change in changes}
        for entry in note.entries:
            touched = any(s.start < entry.span.end and entry.span.start < s.end for s in spans)
            if touched or (data is None and (path, 1) in named):
                continue
            if data is None and (path, entry.line) in named:
                continue
            raw = entry.raw.encode("utf-8")
            if data is None or raw not in data:
                found.append(f"{path}:{entry.line} would vanish without a reason")
        if data is not None and any(
            isinstance(edit, RemoveFile) and not edit.if_empty for edit in edited[path]
        ):
            found.append(f"{path} would stay although it is to go")
        if (
            data is not None
            and path in notes
            and len(notes[path].entries) == 0 < len(note.entries)
            and not spans
        ):
            found.append(f"{path} would lose its structure")
    return found


def _dangling(reading: Reading, after: Mapping[str, bytes | None]) -> list[str]:
    """Links of the index that led to a note before and would lead nowhere afterwards."""
    index = reading.index
    if index is None:
        return []
    data = after.get(index.path)
    if data is None:
        return [f"{index.path} would be removed"]
    gone = {path for path, new in after.items() if new is None}
    return [
        f"{index.path} would point to {path}, which goes" for path in sorted(targets(index.path, data) & gone)
    ]


def _over_budget(plan: Plan, budget: IndexSize) -> list[str]:
    before, after = plan.index_before, plan.index_after
    if before is None or after is None:
        return []
    found = []
    if after.lines > max(budget.lines, before.lines):
        found.append(f"the index would have {after.lines} lines, {budget.lines} are loaded")
    if after.bytes > max(budget.bytes, before.bytes):
        found.append(f"the index would have {after.bytes} bytes, {budget.bytes} are loaded")
    return found
