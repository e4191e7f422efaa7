"""Whether what index lines name outlives them. This second check trusts no reason that a plan gives.

A number or a name in a hook is a fact of its own. It may go with the note that it is about, if that goes for a reason
of its own. Otherwise the index, together with at most one note, has to say it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kairos.core.index.hooks import particulars, words_of_notes
from kairos.core.markdown.plain_text import plain
from kairos.core.root.pointers import POINTING_ROLES, Pointer
from kairos.core.root.reading import Reading
from kairos.core.text.words import stems
from kairos.core.verification.violation import Violation
from kairos.model import Change, ChangeKind, Edit, Splice


def lost_hooks(
    changes: Sequence[Change],
    pointing: Sequence[Pointer],
    reading: Reading,
    after: Mapping[str, bytes | None],
) -> Iterator[Violation]:
    """Yield a violation for each index line that goes although nothing says afterwards what it names.

    `pointing` are the pointers of the edited files, `after` the resulting bytes of every file.
    """
    index = "\n".join(_text(data) for path, data in after.items() if _is_index_after(path, reading))
    wanted = [
        (pointer, words)
        for pointer in pointing
        if _is_gone(pointer, index) and (words := particulars(pointer))
    ]
    said = frozenset((*stems(index), *stems(plain(index)))) if wanted else frozenset()
    for pointer, words in wanted:
        left = frozenset(stems(words)) - said
        if (
            left
            and not _is_said(left, pointer, reading, after)
            and not _goes_with_its_note(pointer, changes, after)
        ):
            path, line = pointer.entry.path, pointer.entry.line
            file, number = _culprit(pointer, changes) or (path, line)
            what = f"would remove {path}:{line} as well, and no other text has what it names"
            yield Violation.at(file, number, f"{file}:{number} {what}")


def _is_index_after(path: str, reading: Reading) -> bool:
    source = reading.sources.get(path)
    # A file that the plan creates is a sub-index, or quotes notes.
    return source is None or source.role in POINTING_ROLES


def _is_gone(pointer: Pointer, index: str) -> bool:
    return pointer.entry.raw.replace("\r\n", "\n").rstrip() not in index


def _is_said(
    words: frozenset[str], pointer: Pointer, reading: Reading, after: Mapping[str, bytes | None]
) -> bool:
    """Whether the note that a line leads to, or one that stays, says all of some words."""
    targets = [reading.sources[path] for path in pointer.targets if path and path in reading.sources]
    if any(words <= frozenset(stems(_text(source.data))) for source in targets):
        return True
    notes = reading.derived(words_of_notes)
    return any(words <= found for path, found in notes.items() if after.get(path) is not None)


def _goes_with_its_note(
    pointer: Pointer, changes: Sequence[Change], after: Mapping[str, bytes | None]
) -> bool:
    """Whether the note of a line goes because it is over, rather than because another one says the same."""
    gone = {path for path in pointer.targets if path and after.get(path, b"") is None}
    return any(change.kind is ChangeKind.PRUNE and change.subject.file in gone for change in changes)


def _culprit(pointer: Pointer, changes: Sequence[Change]) -> tuple[str, int] | None:
    """Return the file and line of the change that edits a line of an index; None for none."""
    for change in changes:
        if any(_overlaps(edit, pointer) for edit in change.edits):
            return change.subject.file, change.subject.line
    return None


def _overlaps(edit: Edit, pointer: Pointer) -> bool:
    line = pointer.entry.span
    if edit.path != pointer.entry.path:
        return False
    return not isinstance(edit, Splice) or (edit.span.start < line.end and line.start < edit.span.end)


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace").replace("\r\n", "\n")
