"""Checks a plan against the invariants before anything is written, independently of how it was made.

Without a violation, applying the plan loses nothing that it does not name. Every merged entry is still said by a
witness that stays and does not take it back; every good pointer is still good; what index lines name is still said; and
the index is within its budget, or no larger than it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kairos.core.change.effects import rendered
from kairos.core.change.standing import Standing
from kairos.core.index.linker import targets
from kairos.core.markdown.render import OverlapError, edits_by_path
from kairos.core.markdown.sections import round_trips
from kairos.core.markdown.spans import enclosing
from kairos.core.root.conflicts_note import is_remains
from kairos.core.root.owned import is_own
from kairos.core.root.pointers import Pointer, directory, pointers
from kairos.core.root.reading import Reading
from kairos.core.verification.hooks_kept import lost_hooks
from kairos.core.verification.violation import Violation
from kairos.core.verification.witnessed import Witnesses
from kairos.model import Change, CreateFile, Edit, IndexSize, Plan, Role, Span, Splice


def violations(
    plan: Plan, reading: Reading, budget: IndexSize, *, approved: bool = False
) -> tuple[Violation, ...]:
    """Return every broken invariant; none if the plan may be applied.

    In a plan that a person `approved`, a merged entry may have other values than its witness, the witness may take it
    back, and what the index says about it may go, too: that was for the person to judge.
    """
    found = [*_forbidden_edits(plan, reading)]
    if found:
        return tuple(found)
    try:
        after = rendered(plan.changes, reading)
    except OverlapError as error:
        return (Violation(str(error), (error.path,)),)
    broken = [path for path, data in after.items() if data is not None and not _is_text(path, data, reading)]
    if broken:
        return tuple(Violation(f"{path} would no longer be text", (path,)) for path in broken)
    standing = Standing(reading, edits_by_path(plan.changes), after)
    pointing = _pointers(reading, standing)
    ids = frozenset(pointer.entry.id for pointer in pointing) | _remains(reading)
    witnesses = Witnesses(plan.changes, reading, standing, ids, approved)
    found += witnesses.unwitnessed()
    found += witnesses.vanished()
    found += witnesses.notes_losing_text()
    found += () if approved else witnesses.retracted()
    found += () if approved else lost_hooks(plan.changes, pointing, reading, after)
    found += _unlawful_edits(plan.changes, reading, standing, pointing)
    found += _dangling_links(reading, after)
    found += _broken_sections(reading, standing)
    found += _over_budget(plan, budget)
    return tuple(found)


def _forbidden_edits(plan: Plan, reading: Reading) -> list[Violation]:
    """Return a violation for each edit outside the root, in a read-only or unread file, or replacing a foreign one."""
    edits = (edit for change in plan.changes for edit in change.edits)
    faults = ((edit.path, _fault_of(edit, reading)) for edit in edits)
    return [Violation(fault, (path,)) for path, fault in faults if fault]


def _fault_of(edit: Edit, reading: Reading) -> str:
    """Return why an edit is forbidden, whatever it writes; "" if it is not."""
    parts = edit.path.split("/")
    source = reading.sources.get(edit.path)
    if edit.path.startswith("/") or ".." in parts or ".git" in parts or not edit.path:
        return f"{edit.path!r} is outside the root"
    if source is None:
        is_new = isinstance(edit, CreateFile) and edit.path not in reading.snapshot.other_paths
        return "" if is_new else f"{edit.path} was not read"
    if source.role is Role.READ_ONLY:
        return f"{edit.path} is read-only"
    is_foreign = isinstance(edit, CreateFile) and not is_own(source)
    return f"{edit.path} exists and was not written by Kairos" if is_foreign else ""


def _is_text(path: str, data: bytes, reading: Reading) -> bool:
    """Whether a file is valid UTF-8; one that stays as it was read is fine."""
    source = reading.sources.get(path)
    return (source is not None and source.data == data) or data.decode("utf-8", "ignore").encode() == data


def _pointers(reading: Reading, standing: Standing) -> list[Pointer]:
    """Return the pointers of the edited files."""
    known = reading.derived(directory)
    return [
        pointer
        for path in standing.edits
        if path in reading.notes
        for pointer in pointers(reading.facts[path], known)
    ]


def _remains(reading: Reading) -> frozenset[str]:
    """Return the ids of the index lines that are all that is left of one of Kairos' own pointers."""
    note = reading.notes[reading.index.path] if reading.index else None
    return frozenset(entry.id for entry in note.entries if is_remains(entry)) if note else frozenset()


def _unlawful_edits(
    changes: Sequence[Change], reading: Reading, standing: Standing, pointing: Sequence[Pointer]
) -> Iterator[Violation]:
    """Yield a violation for each edit of what is not a whole entry, a pointer, or a replaceable date or link."""
    entries = {
        path: {entry.span: entry for entry in reading.notes[path].entries}
        for path in standing.edits
        if path in reading.notes
    }
    spans = {path: list(of_file) for path, of_file in entries.items()}
    lines: dict[str, list[Span]] = {path: [] for path in spans}
    for pointer in pointing:
        lines[pointer.entry.path].append(pointer.entry.span)
    for change in changes:
        for edit in change.edits:
            if not isinstance(edit, Splice) or edit.span.start == edit.span.end:
                continue
            span = enclosing(spans[edit.path], edit.span)
            is_entry = not edit.text and span == edit.span
            if is_own(reading.sources[edit.path]) or is_entry or enclosing(lines[edit.path], edit.span):
                continue
            if not standing.is_replacement(edit, entries[edit.path][span] if span else None):
                what = f"bytes {edit.span.start}–{edit.span.end} of {edit.path} are not a whole entry"
                yield Violation(what, (edit.path,))


def _dangling_links(reading: Reading, after: Mapping[str, bytes | None]) -> list[Violation]:
    """Return a violation for each link of the index that led to a note and would lead nowhere afterwards."""
    index = reading.index
    if index is None:
        return []
    data = after.get(index.path)
    if data is None:
        return [Violation(f"{index.path} would be removed", (index.path,))]
    gone = {path for path, new in after.items() if new is None}
    return [
        Violation(f"{index.path} would point to {path}, which is removed", (index.path, path))
        for path in sorted(targets(index.path, data) & gone)
    ]


def _broken_sections(reading: Reading, standing: Standing) -> Iterator[Violation]:
    """Yield a violation for each edited file of sections that its agent could no longer write back as it reads it."""
    for path in standing.edits:
        source, data = reading.sources.get(path), standing.after.get(path)
        if source is not None and source.role is Role.SECTIONS and (data is None or not round_trips(data)):
            yield Violation(f"{path} would no longer be entries separated by lines of §", (path,))


def _over_budget(plan: Plan, budget: IndexSize) -> list[Violation]:
    before, after = plan.index_before, plan.index_after
    if before is None or after is None:
        return []
    found = []
    if after.lines > max(budget.lines, before.lines):
        found.append(
            Violation(f"the index would have {after.lines} lines, but only {budget.lines} are loaded")
        )
    if after.bytes > max(budget.bytes, before.bytes):
        found.append(
            Violation(f"the index would have {after.bytes} bytes, but only {budget.bytes} are loaded")
        )
    return found
