"""What of a plan may be done unattended: not what was refused before, not more than the limit at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kairos.core.change.probes import NOT_FOUND
from kairos.core.root.credentials import redacted
from kairos.model import Change, ChangeKind, Evidence, Skip

HELD = "held back"
"""The word for a change that Kairos itself does not do, because no plan with it leaves the next dream nothing to do."""
UNSOUND = "held back, since otherwise"
"""Begins the word for a change that a plan may not have, by what the check before writing says; that follows."""
REPORT_IT = "Please report it; edit the note by hand, if you want it gone."
_HELD = "held back, since it would leave the next dream more to do"
_BROUGHT_BACK = Evidence("undo", "you took back an earlier merge of it, with another witness")
_REMOVING = frozenset({ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.RESOLVE})


def not_refused(
    changes: Sequence[Change], refused: Mapping[str, str]
) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
    """Return the changes that nobody turned down, and a word on each of the others; `refused` maps keys to how."""
    allowed, skipped = [], []
    for change in changes:
        verdict = refused.get(change.key)
        if verdict is None:
            allowed.append(change)
        else:
            why, advice = _turned_down(change, verdict)
            skipped.append(Skip(where(change), f"{change.reason}: {why}", advice))
    return tuple(allowed), tuple(skipped)


def _turned_down(change: Change, verdict: str) -> tuple[str, str]:
    """Return why a change is not done, and what to do about it."""
    if verdict.startswith(UNSOUND):
        return verdict, REPORT_IT
    why = _HELD if verdict == HELD else f"{verdict} before"
    return why, f"To do it after all: kairos approve {change.key}."


def not_again(
    changes: Sequence[Change], restored: frozenset[tuple[str, str]]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return the changes, and apart from them those that would merge away what a person brought back, as it stands.

    `restored` are (file, text) of such entries; another witness makes no other matter of it.
    """
    again = tuple(change for change in changes if _is_restored(change, restored))
    return (
        tuple(change for change in changes if not _is_restored(change, restored)),
        tuple(replace(change, evidence=(*change.evidence, _BROUGHT_BACK)) for change in again),
    )


def _is_restored(change: Change, restored: frozenset[tuple[str, str]]) -> bool:
    if change.kind is not ChangeKind.MERGE or not restored:
        return False
    file, text = change.subject.file, change.subject.text
    return not restored.isdisjoint({(file, text), (file, redacted(text))})  # as the journal keeps it


def not_hidden(
    changes: Sequence[Change], waiting: frozenset[str]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return the changes, and apart from them, with the reason, those that wait since they would hide something."""
    hidden = (change for change in changes if change.key in waiting)
    return (
        tuple(change for change in changes if change.key not in waiting),
        tuple(replace(change, evidence=(*change.evidence, NOT_FOUND)) for change in hidden),
    )


def excess(changes: Sequence[Change], entries: int, most: float) -> Skip | None:
    """Return why all that removes has to wait, where together it removes more than `most`; None where it does not.

    `entries` are those of the whole root. Verbatim copies do not count: nothing is lost however many go.
    """
    removing = sum(map(_removes, changes))
    if not entries or removing / entries <= most:
        return None
    reason = (
        f"{removing} of {entries} entries would go, more than limits.max_removed_fraction "
        f"({most:.0%}) allows unattended"
    )
    return Skip("the whole plan", reason, "Look at the proposals and approve them, or raise the limit.")


def without_removals(changes: Sequence[Change]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return the changes that remove nothing, and apart from them the others, verbatim copies aside."""
    return (
        tuple(change for change in changes if not _removes(change)),
        tuple(filter(_removes, changes)),
    )


def where(change: Change) -> str:
    """Name the place of a change for a report."""
    return f"{change.subject.file}:{change.subject.line}"


def _removes(change: Change) -> bool:
    return change.kind in _REMOVING and not _is_verbatim(change)


def _is_verbatim(change: Change) -> bool:
    """Whether what goes stands word for word in its witness."""
    return change.witness is not None and change.subject.text.strip() == change.witness.place.text.strip()
