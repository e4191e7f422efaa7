"""The words of the report: counts, places, commands to copy."""

from __future__ import annotations

import os
import shlex

from kairos.model import Change, ChangeKind, Place, Plan, RemoveFile

_COUNTED = {
    ChangeKind.MERGE: ("duplicate", "merged", "to merge"),
    ChangeKind.PRUNE: ("stale entry|stale entries", "taken out", "to take out"),
    ChangeKind.RESOLVE: ("conflict", "settled", "to settle"),
    ChangeKind.DATE: ("date", "made absolute", "to make absolute"),
}
"""For each kind of change: its noun (singular|plural), what was done and what is to be done."""


def count(number: int, singular: str, plural: str = "") -> str:
    """Return "1 note" or "2 notes"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def where(place: Place) -> str:
    """Return `file:line`, or the file alone where the line is not known yet."""
    return f"{place.file}:{place.line}" if place.line else place.file


def subject_of(change: Change) -> str:
    """Return what a change is about: a line, or a whole note where it goes."""
    whole = any(
        isinstance(edit, RemoveFile) and not edit.if_empty and edit.path == change.subject.file
        for edit in change.edits
    )
    return f"{change.subject.file} (whole note)" if whole else where(change.subject)


def short_path(path: str, home: str) -> str:
    """Return a path with the home directory as `~`."""
    return f"~{path[len(home) :]}" if home and path.startswith(home.rstrip(os.sep) + os.sep) else path


def shell_path(path: str, home: str) -> str:
    """Return a path as a shell reads it back."""
    short = short_path(path, home)
    return f"~/{shlex.quote(short[2:])}" if short.startswith("~/") and path != short else shlex.quote(path)


def headline(plan: Plan, *, done: bool) -> str:
    """Return the plan in one sentence; `done` tells what happened from what would."""
    parts = [_counted(plan, kind, *words, done=done) for kind, words in _COUNTED.items()]
    parts += [
        count(len(plan.conflicts), "open conflict") if plan.conflicts else "",
        f"{count(len(plan.proposals), 'proposal')} for you to decide" if plan.proposals else "",
        _index_words(plan),
    ]
    return f"{count(plan.entries, 'entry', 'entries')}: {', '.join(filter(None, parts)) or 'nothing to do'}."


def _counted(plan: Plan, kind: ChangeKind, noun: str, past: str, future: str, *, done: bool) -> str:
    number = sum(change.kind is kind for change in plan.changes)
    return f"{count(number, *noun.split('|'))} {past if done else future}" if number else ""


def _index_words(plan: Plan) -> str:
    before, after = plan.index_before, plan.index_after
    if after is None or before == after:
        return ""
    if before is None:
        return f"a new index of {count(after.lines, 'line')}"
    if before.lines == after.lines:
        return f"index {before.bytes:,} → {after.bytes:,} bytes"
    return f"index {before.lines} → {after.lines} lines"
