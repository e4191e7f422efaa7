"""Proposals that wait for a person, grouped by note: many changes to one note are usually one question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kairos.core.text.counts import count
from kairos.model import Change
from kairos.report.page import Page
from kairos.report.phrases import shell_path
from kairos.report.sections import SHOWN_AT_MOST, change_block, more_line

_SHOWN_PER_NOTE = 3
"""How many changes to one note a report shows: enough to tell what the others are like."""


def by_note(proposals: Iterable[Change]) -> tuple[tuple[Change, ...], ...]:
    """Group proposals by note, in order of first appearance, each group sorted by line."""
    notes: dict[str, list[Change]] = {}
    for change in proposals:
        notes.setdefault(change.subject.file, []).append(change)
    return tuple(tuple(sorted(group, key=lambda change: change.subject.line)) for group in notes.values())


def waiting_section(page: Page, proposals: Sequence[Change], root: str) -> None:
    """Write the first proposals of `root` (quoted for a shell), and the command that lists the rest."""
    if proposals:
        page.heading("Waiting for you")
    shown = 0
    for group in by_note(proposals):
        if shown >= SHOWN_AT_MOST:
            break
        if shown:
            page.gap()
        note_block(page, group, root, most=_SHOWN_PER_NOTE)
        shown += min(len(group), _SHOWN_PER_NOTE)
    more_line(page, len(proposals) - shown, f"kairos proposals {root}")


def note_block(page: Page, proposals: Sequence[Change], root: str, *, most: int | None = None) -> None:
    """Write at most `most` proposals about one note, and how to decide each of them or all at once."""
    for number, change in enumerate(proposals[:most]):
        if number:
            page.gap()
        proposal_block(page, change)
    if len(proposals) < 2:
        return
    file = proposals[0].subject.file
    some = f", {most} of them shown here" if most is not None and len(proposals) > most else ""
    page.gap()
    page.line(
        (file, "cyan"), f": {count(len(proposals), 'change')} to this note wait for you{some}", indent=2
    )
    where = f"{shell_path(file, '')} {root}"
    page.command("to decide all: ", f"kairos approve {where}", f"kairos reject {where}", indent=4)


def proposal_block(page: Page, change: Change) -> None:
    """Write one proposal, and how to decide it."""
    change_block(page, change)
    page.command("to decide: ", f"kairos approve {change.key}", f"kairos reject {change.key}", indent=4)
