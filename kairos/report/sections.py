"""The sections of a report: changes, conflicts, the index, and what was left alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kairos.model import NO_BUDGET, Change, ChangeKind, Conflict, IndexSize, Place, Plan, Skip, Splice
from kairos.report.page import Page, Piece
from kairos.report.wording import subject_of

_BULLET = re.compile(r"\A\s*[-*+]\s+")
_STRUCTURE = re.compile(r"\s*(?:[-*+>|#]|\d+[.)]\s)")
_CHECKBOX = re.compile(r"\A\[[ xX]\]\s+")
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

_QUOTED_LINES = 3
"""How many lines of an entry's text are shown; the rest can be read in the file."""
SHOWN_AT_MOST = 20
"""How many conflicts and proposals a report shows: more than one can decide at once would bury everything else."""

_LISTED = 12
"""How many of the small repairs to links and index are listed."""

_INDEX_AND_LINKS = frozenset({ChangeKind.INDEX, ChangeKind.REPOINT, ChangeKind.CONFLICTS})


def change_block(page: Page, change: Change) -> None:
    """Write one change: what is removed or added, its witness, and the evidence."""
    page.line((subject_of(change), "cyan"), _predicate(change), indent=2)
    if change.kind is ChangeKind.INDEX and change.only_inserts:
        _quote(page, "+ ", change.subject, "green")
    elif change.subject.text or not change.derived:  # for one of Kairos' own files the reason says it all
        _quote(page, "− ", change.subject, "red")
    if line := _replacement_line(change):
        _quote(page, "+ ", replace(change.subject, text=line), "green")
    if change.witness is not None and _words(change.witness.place) != _words(change.subject):
        _quote(page, "= ", change.witness.place, "green")
    why = _evidence(change)
    if why:
        page.line((why, "dim"), indent=4)


def _replacement_line(change: Change) -> str:
    """Return the new line of a change that replaces a whole line of the index; "" for any other change."""
    edit = change.edits[0] if change.kind is ChangeKind.INDEX and len(change.edits) == 1 else None
    size = len(change.subject.text.encode("utf-8", "surrogateescape"))
    if isinstance(edit, Splice) and edit.span.end - edit.span.start == size:
        return edit.text.decode("utf-8", "replace")
    return ""


def conflict_block(page: Page, conflict: Conflict) -> None:
    """Write a conflict: why it is one, both sides, which is newer, and how to settle it."""
    page.line((conflict.id, "yellow"), f" {conflict.reason}", indent=2)
    for side, place in (("a", conflict.a), ("b", conflict.b)):
        newer = " (newer)" if conflict.newer == side else ""
        page.line((place.reference, "cyan"), newer, indent=4, marker=(f"{side}  ", "bold"))
        page.line(_words(place), indent=7, most=_QUOTED_LINES)
    since = f"since {conflict.since.isoformat()}; to settle it: "
    page.command(since, f"kairos resolve {conflict.id} --keep a|b|both", indent=4)


def _skip_line(page: Page, skip: Skip) -> None:
    """Write what was left alone: why, and what to do next."""
    advice: tuple[Piece, ...] = ((f" {page.advice(skip.advice)}", "dim"),) if skip.advice else ()
    page.line((skip.what, "cyan"), f": {skip.why}", *advice, indent=2)


def _turned_down_lines(page: Page, skips: Sequence[Skip], rest: str) -> None:
    """Write a line with the key for each change that was turned down before: there are many after `undo --all`."""
    shown = skips[:_LISTED] if rest else skips
    page.line(
        f"{len(skips):,} changes are not made, because they were undone, rejected or held back before:",
        indent=2,
    )
    for skip in shown:
        page.line((skip.what, "cyan"), f": {skip.why}", indent=4, marker=(f"{skip.key}  ", "yellow"), most=1)
    if len(skips) > len(shown):
        page.command(f"and {len(skips) - len(shown):,} more: ", rest, indent=4)
    page.command("to make one after all: ", "kairos approve KEY", indent=4)


def merges_section(page: Page, changes: Sequence[Change], *, done: bool) -> None:
    """Write the merges of duplicates."""
    chosen = _of_kind(changes, {ChangeKind.MERGE})
    if chosen:
        page.heading("Merged" if done else "To merge")
    for number, change in enumerate(chosen):
        _gap_between(page, number)
        change_block(page, change)


def removals_section(page: Page, changes: Sequence[Change], *, done: bool) -> None:
    """Write the entries that are stale or lost a conflict and, if `done`, how to get each back."""
    chosen = _of_kind(changes, {ChangeKind.PRUNE, ChangeKind.RESOLVE})
    if not chosen:
        return
    page.heading("Removed" if done else "To remove")
    for number, change in enumerate(chosen):
        _gap_between(page, number)
        change_block(page, change)
        if done:
            page.command("to get it back: ", f"kairos undo {change.key}", indent=4)


def dates_section(page: Page, changes: Sequence[Change]) -> None:
    """Write the relative dates that are made absolute."""
    chosen = _of_kind(changes, {ChangeKind.DATE})
    if chosen:
        page.heading("Dates")
    for change in chosen:
        page.line((change.subject.reference, "cyan"), f" {change.reason}", indent=2)


def conflicts_section(page: Page, conflicts: Sequence[Conflict], root: str) -> None:
    """Write the first open conflicts of `root`, and the command that lists the rest."""
    if conflicts:
        page.heading("Conflicts")
    for number, conflict in enumerate(conflicts[:SHOWN_AT_MOST]):
        _gap_between(page, number)
        conflict_block(page, conflict)
    more_line(page, len(conflicts) - SHOWN_AT_MOST, f"kairos conflicts {root}")


def index_section(page: Page, plan: Plan, budget: IndexSize | None) -> None:
    """Write how the size of the index changes, against its budget, and which links and lines were repaired."""
    # What is lost comes before what is added.
    chosen = sorted(_of_kind(plan.changes, _INDEX_AND_LINKS), key=lambda change: change.only_inserts)
    before, after = plan.index_before, plan.index_after
    if not chosen and before == after:
        return
    page.heading("Index and links")
    if after is not None:
        old, most = before or after, budget or NO_BUDGET
        lines = _growth("lines", old.lines, after.lines, most.lines)
        size = _growth("bytes", old.bytes, after.bytes, most.bytes)
        page.line(f"{lines}, {size}", indent=2)
    for change in chosen[:_LISTED]:
        page.line((change.subject.reference, "cyan"), f" {change.reason}", indent=2, most=2)
    if len(chosen) > _LISTED:
        page.line((f"and {len(chosen) - _LISTED} more", "dim"), indent=2)


def _growth(unit: str, before: int, after: int, most: int) -> str:
    was = f"{before:,} → " if before != after else ""
    return f"{unit} {was}{after:,}" + (f" of {most:,}" if most < sys.maxsize else "")


def more_line(page: Page, count: int, command: str) -> None:
    """Write how many more there are than shown, and the command that shows them; nothing if there are none."""
    if count > 0:
        page.gap()
        page.command(f"and {count:,} more: ", command)


def skipped_section(
    page: Page, skips: Sequence[Skip], *, heading: str = "Left alone", rest: str = ""
) -> None:
    """Write what was left alone; changes that were turned down before come last, as a list if there are several.

    With `rest`, a command that lists them all, only the first of them are shown.
    """
    if not skips:
        return
    page.heading(heading)
    turned_down = [skip for skip in skips if skip.key]
    listed = turned_down if len(turned_down) > 1 else []
    for skip in skips:
        if skip not in listed:
            _skip_line(page, skip)
    if listed:
        _turned_down_lines(page, listed, rest)


def _gap_between(page: Page, number: int) -> None:
    if number:
        page.gap()


def _of_kind(changes: Sequence[Change], kinds: Iterable[ChangeKind]) -> list[Change]:
    wanted = frozenset(kinds)
    chosen = (change for change in changes if change.kind in wanted)
    return sorted(chosen, key=lambda change: (change.subject.file, change.subject.line, change.key))


def _predicate(change: Change) -> str:
    """Return the reason, punctuated to follow the subject: only a merge's reason begins with a verb."""
    return f" {change.reason}" if change.kind is ChangeKind.MERGE else f": {change.reason}"


def _quote(page: Page, sign: str, place: Place, style: str) -> None:
    """Write the text of an entry: a short one as one paragraph, otherwise its first lines, one by one."""
    lines = [line for line in _words(place).splitlines() if line.strip()]
    if len(lines) <= _QUOTED_LINES and not _has_structure(lines):
        lines = [" ".join(lines)]
    shown = lines[:_QUOTED_LINES]
    if len(lines) > len(shown):
        shown[-1] += " …"
    for number, line in enumerate(shown):
        marker = ("  " if number else sign, f"bold {style}")
        page.line((line, style), indent=4, marker=marker, most=_QUOTED_LINES if len(shown) == 1 else 1)


def _has_structure(lines: Sequence[str]) -> bool:
    """Whether lines begin with a heading, or are a list, table or the like: not one paragraph that was wrapped."""
    return any(line.startswith("#") for line in lines[:1]) or any(map(_STRUCTURE.match, lines[1:]))


def _words(place: Place) -> str:
    """Return the text of an entry without its bullet marker, and without front matter unless that is all there is."""
    body = _BULLET.sub("", _FRONT_MATTER.sub("", place.text, count=1), count=1).strip()
    return body or place.text.strip("\ufeff-\r\n\t ") or "(empty)"


def _evidence(change: Change) -> str:
    """Return the evidence that repeats neither the reason nor the text. Scores are shown by `--json` only."""
    shown, reason = _letters(_CHECKBOX.sub("", _words(change.subject))), change.reason
    said = [
        item.text.removeprefix(reason).lstrip(": ") for item in change.evidence if item.text not in reason
    ]
    return " · ".join(words for words in said if words and _letters(words) != shown)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)
