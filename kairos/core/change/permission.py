"""What a plan may do unattended: nothing that was refused before, and no more at once than the limit allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kairos.core.change.probes import NOT_FOUND
from kairos.core.root.credentials import redacted
from kairos.model import Change, ChangeKind, Evidence, Skip

HELD = "held back"
"""The verdict on a change that Kairos itself holds back: any plan with it would leave the next dream more to do."""
UNSOUND = "held back, since otherwise"
"""How the verdict on a change begins if the check before writing forbids it; the words of the check follow."""
REPORT_IT = "Please report this. To remove it anyway, edit the note by hand."
_WHY_HELD = "held back, because it would leave the next dream more to do"
_BROUGHT_BACK = Evidence("undo", "you undid or rejected an earlier merge of it into another entry")
_REMOVING_KINDS = frozenset({ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.RESOLVE})


def split_refused(
    changes: Sequence[Change], refused: Mapping[str, str]
) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
    """Split off the changes that were turned down. Returns the rest, and a skip for each of those.

    `refused` maps keys to verdicts.
    """
    allowed, skipped = [], []
    for change in changes:
        verdict = refused.get(change.key)
        if verdict is None:
            allowed.append(change)
        else:
            skipped.append(_refusal(change, verdict))
    return tuple(allowed), tuple(skipped)


def _refusal(change: Change, verdict: str) -> Skip:
    """Return why a change is not made, and what to do about it."""
    what, text = change.subject.reference, change.subject.text
    if verdict.startswith(UNSOUND):
        return Skip(what, f"{change.reason} ({verdict})", REPORT_IT, text)
    why = _WHY_HELD if verdict == HELD else f"{verdict} before"
    return Skip(what, f"{change.reason} ({why})", approve_anyway(change.key), text, change.key)


def approve_anyway(key: str) -> str:
    """Return the advice on a change that was turned down before."""
    return f"To apply it anyway: `kairos approve {key}`."


def split_restored(
    changes: Sequence[Change], restored: frozenset[tuple[str, str]]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Split off the merges that would remove what a person brought back, or did not let go. Returns (the rest, those).

    `restored` are (file, text) of such entries. One whose text has changed since may be merged, but a
    different witness makes no difference.
    """
    allowed, again = _partition(changes, lambda change: _is_restored(change, restored))
    return allowed, tuple(_with_evidence(change, _BROUGHT_BACK) for change in again)


def _is_restored(change: Change, restored: frozenset[tuple[str, str]]) -> bool:
    if change.kind is not ChangeKind.MERGE or not restored:
        return False
    file, text = change.subject.file, change.subject.text
    return not restored.isdisjoint({(file, text), (file, redacted(text))})  # the journal redacts texts


def split_hidden(
    changes: Sequence[Change], waiting: frozenset[str]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Split off the changes, `waiting` by key, that would hide something from search. Returns (the rest, those)."""
    allowed, hidden = _partition(changes, lambda change: change.key in waiting)
    return allowed, tuple(_with_evidence(change, NOT_FOUND) for change in hidden)


def excess(changes: Sequence[Change], entries: int, most: float) -> Skip | None:
    """Return why all removals must wait: together they remove more than the share `most` of all entries. None if not.

    `entries` is their number in the whole root. Verbatim copies do not count: nothing is lost, however many go.
    """
    removing = sum(map(_counts_as_removal, changes))
    if not entries or removing / entries <= most:
        return None
    reason = (
        f"{removing} of {entries} entries would be removed, more than limits.max_removed_fraction "
        f"({most:.0%}) allows unattended"
    )
    return Skip("the whole plan", reason, "Review and approve the proposals, or raise the limit.")


def split_removals(changes: Sequence[Change]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Split off the changes that remove anything but verbatim copies. Returns (the rest, those)."""
    return _partition(changes, _counts_as_removal)


def _partition(
    changes: Sequence[Change], condition: Callable[[Change], bool]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return (the changes that do not meet a condition, those that do)."""
    split: tuple[list[Change], list[Change]] = ([], [])
    for change in changes:
        split[condition(change)].append(change)
    return tuple(split[0]), tuple(split[1])


def _with_evidence(change: Change, evidence: Evidence) -> Change:
    return replace(change, evidence=(*change.evidence, evidence))


def _counts_as_removal(change: Change) -> bool:
    return change.kind in _REMOVING_KINDS and not _is_verbatim(change)


def _is_verbatim(change: Change) -> bool:
    """Whether the witness has exactly the text that goes."""
    return change.witness is not None and change.subject.text.strip() == change.witness.place.text.strip()
