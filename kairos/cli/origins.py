"""The provenance of a note, as shown by `kairos explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kairos.cli.moments import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kairos.report.page import Page
    from kairos.store.provenance import Origin, PastEdit

_SHOWN = 8


def origin_section(sheet: Page, origin: Origin) -> None:
    """Write the provenance of a note."""
    sheet.heading("Where it comes from")
    for words in _lines(origin):
        sheet.line(words, indent=2)


def _lines(origin: Origin) -> Iterator[str]:
    note = origin.note
    yield f"first seen by dream {origin.first_dream} on {origin.first_seen}, last seen on {origin.last_seen}"
    if note.gone:
        yield f"gone, or no longer read, since {note.gone}"
    if note.sessions:
        who = f"{'session' if len(note.sessions) == 1 else 'sessions'} {', '.join(note.sessions)}"
        yield f"written by {who}, as its own front matter or a transcript says"
    if note.outside:
        yield "repeats what a tool brought in from outside"
    yield from (_edit(edit) for edit in origin.edits[:_SHOWN])
    for own in origin.own[:_SHOWN]:
        done = "removed" if own.removed else "written"
        number = f"t{own.transaction}" if own.dream is None else own.dream
        yield f"{shown(own.at)}: {done} by Kairos, {own.kind.value} {number}"
    more = sum(max(0, len(rows) - _SHOWN) for rows in (origin.edits, origin.own))
    if more:
        yield f"and {more} more, see --json"


def _edit(edit: PastEdit) -> str:
    who = f"session {edit.session}" if edit.session else "somebody"
    return f"{edit.day}: dream {edit.dream} found that {who} had changed it"


def origin_value(origin: Origin) -> dict[str, Any]:
    """Return the whole provenance of a note, as `--json` prints it."""
    note = origin.note
    return {
        "sessions": list(note.sessions),
        "outside": note.outside,
        "first_seen": {"dream": origin.first_dream, "day": origin.first_seen.isoformat()},
        "last_seen": origin.last_seen.isoformat(),
        "gone": note.gone and note.gone.isoformat(),
        "edits": [
            {
                "dream": edit.dream,
                "day": edit.day.isoformat(),
                "by": edit.author.value,
                "session": edit.session or None,
            }
            for edit in origin.edits
        ],
        "kairos": [
            {
                "transaction": own.transaction,
                "dream": own.dream,
                "kind": own.kind.value,
                "at": own.at.isoformat(),
                "removed": own.removed,
            }
            for own in origin.own
        ],
    }
