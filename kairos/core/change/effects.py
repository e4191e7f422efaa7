"""What the changes of a plan do to the files and entries of a reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kairos.core.markdown.render import by_subject, edits_by_path, render_file
from kairos.core.root.reading import Reading
from kairos.core.root.residue import first_untold_line, said_by
from kairos.model import Change, Edit, RemoveFile, Role, Splice


def rendered(changes: Iterable[Change], reading: Reading) -> dict[str, bytes | None]:
    """Return the bytes of every file of the root after the changes; None for files that go."""
    after = dict(reading.derived(_bytes_by_path))
    for path, edits in edits_by_path(changes).items():
        source = reading.sources.get(path)
        after[path] = render_file(source.data if source else None, edits)
    return after


def _bytes_by_path(reading: Reading) -> dict[str, bytes | None]:
    """Return the bytes of every file of a root. Cached, since each plan changes only a few of them."""
    return {path: source.data for path, source in reading.sources.items()}


def gone(changes: Iterable[Change], reading: Reading) -> frozenset[str]:
    """Return the ids of the entries that the changes remove."""
    edits = edits_by_path(changes)
    found = set()
    for path, of_file in edits.items():
        removed = any(isinstance(edit, RemoveFile) and not edit.if_empty for edit in of_file)
        deleted = [edit.span for edit in of_file if isinstance(edit, Splice) and not edit.text]
        for entry in reading.notes[path].entries if path in reading.notes else ():
            if removed or any(s.start <= entry.span.start and entry.span.end <= s.end for s in deleted):
                found.add(entry.id)
    return frozenset(found)


def with_emptied_notes_removed(changes: Sequence[Change], reading: Reading) -> list[Change]:
    """Extend the changes to remove every note that loses all its entries and holds nothing else worth keeping."""
    edits, by_file = edits_by_path(changes), by_subject(changes)
    empty = set()
    for path, of_file in edits.items():
        note = reading.notes.get(path)
        if note is None or note.role not in (Role.NOTE, Role.DAILY):
            continue
        source = reading.sources[path]
        splices = [edit for edit in of_file if isinstance(edit, Splice)]
        probe: list[Edit] = [*splices, RemoveFile(path, if_empty=True)]
        taking = by_file.get(path, ())
        is_empty = any(not splice.text for splice in splices) and render_file(source.data, probe) is None
        if is_empty and not first_untold_line(source, note, said_by(taking, reading)):
            empty.add(path)
    result = []
    for change in changes:
        own = {edit.path for edit in change.edits if isinstance(edit, Splice) and not edit.text} & empty
        extra = tuple(RemoveFile(path, if_empty=True) for path in sorted(own))
        result.append(replace(change, edits=(*change.edits, *extra)) if extra else change)
    return result
