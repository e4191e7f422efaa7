"""Changes to an index, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kairos.core.markdown.links import Directory, target_for
from kairos.core.markdown.render import apply_splices
from kairos.core.root.pointers import Pointer
from kairos.core.text.keys import content_key
from kairos.model import Change, ChangeKind, Edit, Evidence, Place, Source, Span, Splice


def index_change(entry_place: Place, edits: Sequence[Edit], reason: str, *key: str) -> Change:
    """Return one derived change of the index."""
    return Change(
        key=index_key(*key),
        kind=ChangeKind.INDEX,
        reason=reason,
        edits=tuple(edits),
        subject=entry_place,
        evidence=(Evidence("index", reason),),
        derived=True,
    )


def index_key(*key: str) -> str:
    """Return the key of a derived change of the index."""
    return content_key("index", *key)


def readdressed(pointer: Pointer, source: Source, new: str, known: Directory) -> tuple[Splice, Pointer]:
    """Return the edit that makes the first link of a pointer lead to `new`, and the pointer with that edit."""
    link, span = pointer.links[0], pointer.entry.span
    edit = Splice(source.path, link.target_span, target_for(link, source.path, new, known))
    within = Span(link.target_span.start - span.start, link.target_span.end - span.start)
    line = apply_splices(source.data[slice(*span)], (replace(edit, span=within),)).decode("utf-8")
    return edit, replace(pointer, entry=pointer.entry._replace(raw=line.rstrip("\r\n")))
