"""Applies edits to bytes: the content of files after some changes, and the file changes that lead there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kairos.core.markdown.front_matter import body_of
from kairos.core.markdown.sections import with_delimiters
from kairos.model import Change, ChangeKind, CreateFile, Edit, FileChange, RemoveFile, Splice

_HEADING = re.compile(rb"^[ \t]{0,3}#{1,6}(?:[ \t].*)?$", re.MULTILINE)


class OverlapError(ValueError):
    """Two splices of the file at `path` touch the same bytes, or one reaches beyond its end."""

    def __init__(self, splice: Splice) -> None:
        start, end = splice.span
        super().__init__(f"{splice.path}: bytes {start}–{end} are edited twice or do not exist")
        self.path = splice.path


def apply_splices(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Apply splices whose spans refer to `data`. Insertions at the same position keep their order.

    An entry between lines of `§` takes one of them along. Raises OverlapError if spans overlap or leave the file.
    """
    out: list[bytes] = []
    position = 0
    for splice in sorted(with_delimiters(data, splices), key=lambda splice: splice.span):
        start, end = splice.span
        if not position <= start <= end <= len(data):
            raise OverlapError(splice)
        out += (data[position:start], splice.text)
        position = end
    out.append(data[position:])
    return b"".join(out)


def render_file(before: bytes | None, edits: Sequence[Edit]) -> bytes | None:
    """Return the bytes of a file after `edits`, all of which are of this file. None: the file does not exist.

    Raises OverlapError if splices overlap or leave the file.
    """
    data = before
    for edit in edits:
        if isinstance(edit, CreateFile):
            data = edit.data
    if data is not None and data is before:
        data = apply_splices(data, (edit for edit in edits if isinstance(edit, Splice)))
    removals = [edit for edit in edits if isinstance(edit, RemoveFile)]
    is_removed = any(not edit.if_empty or (data is not None and is_blank(data)) for edit in removals)
    return None if is_removed else data


def is_blank(data: bytes) -> bool:
    """Whether a file holds nothing but front matter, headings and white space."""
    return not _HEADING.sub(b"", body_of(data)).strip()


def additions(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits that take nothing away: pure insertions."""
    return [edit for edit in edits if isinstance(edit, Splice) and edit.span.start == edit.span.end]


def splices_of(changes: Iterable[Change], path: str) -> list[Splice]:
    """Return the splices that these changes make in one file."""
    return [e for change in changes for e in change.edits if isinstance(e, Splice) and e.path == path]


def edits_by_path(changes: Iterable[Change]) -> dict[str, list[Edit]]:
    """Group all edits of these changes by the file they touch, in the order of the changes."""
    grouped: defaultdict[str, list[Edit]] = defaultdict(list)
    for change in changes:
        for edit in change.edits:
            grouped[edit.path].append(edit)
    return dict(grouped)


def by_subject(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Group changes by the file of their subject, keeping their order."""
    grouped: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        grouped[change.subject.file].append(change)
    return dict(grouped)


def file_changes(
    before: Mapping[str, bytes], changes: Sequence[Change], *, modes: Mapping[str, int], index: str | None
) -> tuple[FileChange, ...]:
    """Turn changes into the file changes of one transaction, sorted by path.

    `before` maps every existing path to its bytes. A file that loses something `requires` the files of the witnesses:
    if somebody else has changed one of these, nothing is taken away.
    """
    requires = _witness_files(changes)
    result = []
    for path, edits in sorted(edits_by_path(changes).items()):
        old = before.get(path)
        new = render_file(old, edits)
        if new == old:
            continue
        added = additions(edits)
        interim = render_file(old, added) if old is not None and added else None
        result.append(
            FileChange(
                path=path,
                before=old,
                after=new,
                interim=None if interim in (old, new) else interim,
                mode=modes.get(path),
                index=path == index,
                requires=tuple(sorted(requires.get(path, set()) - {path})),
            )
        )
    return tuple(result)


def _witness_files(changes: Iterable[Change]) -> dict[str, set[str]]:
    """Return, for every file that loses something in a merge, the files of the witnesses."""
    required: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        if change.kind is not ChangeKind.MERGE or change.witness is None:
            continue
        for edit in change.edits:
            if edit not in additions((edit,)):
                required[edit.path].add(change.witness.place.file)
    return required
