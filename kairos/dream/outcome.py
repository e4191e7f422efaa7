"""What a dream is asked to do, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from kairos.core.judgement.consultation import Consultation
from kairos.core.root.figures import NO_RECALL, Alert, Exposure, Recall
from kairos.model import NO_BUDGET, ChangeKind, IndexSize, Plan, Receipt, Skip

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total) while a dream runs."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Ignore progress."""


class Mode(StrEnum):
    """What a dream may do."""

    PREVIEW = "preview"  # a dry run: writes nothing, not even state
    ASK = "ask"  # applies the plan only if the person at the terminal confirms it
    UNATTENDED = "unattended"  # applies what may be done without asking


class Status(StrEnum):
    """How a dream ended."""

    PREVIEW = "preview"
    REPORTED = "reported"  # a first dream, or nobody there to ask
    NOTHING = "nothing"
    APPLIED = "applied"
    PARTIAL = "partial"  # applied, but some files were left alone
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished dream.

    The plan is redacted: apart from its edits, it repeats no credentials. `before` and `after` hold the bytes of every
    file that the plan edits (None if it does not exist). `notices` say what Kairos had to do about its own files.
    `consultation` is the use of a language model, if one is configured; `recall` has the figures of the recall gate.
    `exposures` are the places of credentials in the notes. `alerts` are unexplained changes to notes that nobody has
    acknowledged.
    """

    plan: Plan
    status: Status
    receipt: Receipt | None = None
    dream: int | None = None
    first: bool = False
    skipped: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()
    before: Mapping[str, bytes | None] | None = None
    after: Mapping[str, bytes | None] | None = None
    consultation: Consultation | None = None
    recall: Recall = NO_RECALL
    exposures: tuple[Exposure, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair for `kairos judge`; `id` is whatever its author calls it by."""

    id: str | int
    a: str
    b: str
    a_date: date | None = None
    b_date: date | None = None


def statistics(
    plan: Plan,
    budget: IndexSize,
    consultation: Consultation | None,
    *,
    recall: Recall,
    exposures: Sequence[Exposure],
    left: int | None,
) -> dict[str, Any]:
    """Return the figures of a dream that `kairos status` shows.

    `left` is the number of entries after the plan if it was applied, else None.
    """
    applied = left is not None
    index = plan.index_after if applied else plan.index_before
    counts = {kind.value: sum(change.kind is kind for change in plan.changes) for kind in ChangeKind}
    stale = sum(change.kind is ChangeKind.PRUNE for change in plan.proposals)
    waiting = 0 if applied else counts["prune"]
    return {
        "entries": plan.entries if left is None else left,
        "changes": counts,
        "proposals": len(plan.proposals),
        "conflicts": len(plan.conflicts),
        "stale": stale + waiting,
        "index_lines": index.lines if index else None,
        "index_bytes": index.bytes if index else None,
        "budget_lines": None if budget == NO_BUDGET else budget.lines,
        "budget_bytes": None if budget == NO_BUDGET else budget.bytes,
        "language_model": asdict(consultation) if consultation else None,
        "recall": asdict(recall),
        "secrets": [asdict(exposure) for exposure in exposures],
    }
