"""Phrases of the report: places, subjects of changes, headlines."""

from __future__ import annotations

from kairos.core.text.counts import count
from kairos.model import Change, ChangeKind, Plan, RemoveFile

_COUNTED = {
    ChangeKind.MERGE: ("duplicate", "merged", "to merge"),
    ChangeKind.PRUNE: ("stale entry|stale entries", "removed", "to remove"),
    ChangeKind.RESOLVE: ("conflict", "settled", "to settle"),
    ChangeKind.DATE: ("date", "made absolute", "to make absolute"),
}
"""For each kind of change: its noun (singular|plural), and the words for when it is done and when it is still to do."""


def subject_of(change: Change) -> str:
    """Return what a change is about: a line, or the whole note if that is removed."""
    whole = any(
        isinstance(edit, RemoveFile) and not edit.if_empty and edit.path == change.subject.file
        for edit in change.edits
    )
    return f"{change.subject.file} (whole note)" if whole else change.subject.reference


def headline(plan: Plan, *, done: bool) -> str:
    """Summarise the plan in one sentence: what happened if `done`, otherwise what would happen."""
    parts = [_counted(plan, kind, *words, done=done) for kind, words in _COUNTED.items()]
    parts += [
        count(len(plan.conflicts), "open conflict") if plan.conflicts else "",
        f"{count(len(plan.proposals), 'proposal')} waiting for you" if plan.proposals else "",
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
