"""The values that `--json` prints: plain data with stable keys. Note text is verbatim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kairos.model import Change, Conflict, Evidence, IndexSize, Place, Plan, Receipt, Skip

if TYPE_CHECKING:
    from kairos.report.dream import Finished  # at run time this would import rich

Value = dict[str, Any]


def place_value(place: Place) -> Value:
    """Return {file, line, text}."""
    return {"file": place.file, "line": place.line, "text": place.text}


def evidence_value(evidence: Sequence[Evidence]) -> list[Value]:
    """Return [{kind, text, score}]."""
    return [{"kind": item.kind, "text": item.text, "score": item.score} for item in evidence]


def conflict_value(conflict: Conflict) -> Value:
    """Return {id, a, b, newer, reason, since}."""
    return {
        "id": conflict.id,
        "a": place_value(conflict.a),
        "b": place_value(conflict.b),
        "newer": conflict.newer,
        "reason": conflict.reason,
        "since": conflict.since.isoformat(),
    }


def change_value(change: Change) -> Value:
    """Return {key, kind, reason, file, line, text, witness, evidence, confidence}."""
    return {
        "key": change.key,
        "kind": change.kind.value,
        "reason": change.reason,
        **place_value(change.subject),
        "witness": place_value(change.witness.place) if change.witness else None,
        "evidence": evidence_value(change.evidence),
        "confidence": change.confidence,
    }


def skip_value(skip: Skip) -> Value:
    """Return {what, reason, advice}."""
    return {"what": skip.what, "reason": skip.why, "advice": skip.advice}


def dream_value(outcome: Finished) -> Value:
    """Return the outcome of a dream, without the contents of files."""
    plan, receipt = outcome.plan, outcome.receipt
    return {
        "root": plan.root,
        "status": str(outcome.status),
        "dream": outcome.dream,
        "first": outcome.first,
        "entries": plan.entries,
        "changes": [change_value(change) for change in plan.changes],
        "proposals": [change_value(change) for change in plan.proposals],
        "conflicts": [conflict_value(conflict) for conflict in plan.conflicts],
        "skipped": [skip_value(skip) for skip in outcome.skipped],
        "index": {"before": _size_value(plan.index_before), "after": _size_value(plan.index_after)},
        "written": list(receipt.written) if receipt else [],
        "removed": list(receipt.removed) if receipt else [],
        "left": sorted({skip.what for skip in receipt.skipped}) if receipt else [],
        "done": _done(plan, receipt) if receipt else {},
        "notices": list(outcome.notices),
        "language_model": asdict(outcome.consultation) if outcome.consultation else None,
        "recall": asdict(outcome.recall),
        "secrets": [asdict(exposure) for exposure in outcome.exposures],
        "alerts": [asdict(alert) for alert in outcome.alerts],
    }


def _done(plan: Plan, receipt: Receipt) -> dict[str, int]:
    """Count the changes that were carried out in full, by kind."""
    left = {skip.what for skip in receipt.skipped}
    changes = (change for change in plan.changes if not left & {edit.path for edit in change.edits})
    return Counter(change.kind.value for change in changes)


def _size_value(size: IndexSize | None) -> Value | None:
    return None if size is None else {"lines": size.lines, "bytes": size.bytes}
