"""Similarity of sentences for the planner, from the dream's vectors and the judge's thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kairos.core.judgement.judge import Thresholds, judge
from kairos.dream.vectors import Vectors
from kairos.model import Action, Relation, Statement


@dataclass(frozen=True, slots=True)
class SentenceLikeness:
    """Compares sentences for the planner, and calls only that certain which the judge would merge."""

    vectors: Vectors
    thresholds: Thresholds
    _nearest: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict, compare=False, repr=False)

    def covers(self, text: str, by: Sequence[str]) -> bool:
        """Whether one of the sentences `by` certainly says what `text` says."""
        ours = Statement(text, (text,))
        for other in by:
            verdict = judge(
                ours, Statement(other, (other,)), self.vectors.similarity, thresholds=self.thresholds
            )
            if verdict.action is Action.MERGE and verdict.relation in (Relation.SAME, Relation.B_CONTAINS_A):
                return True
        return False

    def nearest(self, text: str, among: Sequence[str]) -> str:
        """Return the sentence of `among` that is closest to `text`; the first on a tie."""
        if len(among) == 1:
            return among[0]
        asked = text, tuple(among)
        if asked not in self._nearest:  # every plan of a dream asks the same
            self.vectors.add((text, *among))
            self._nearest[asked] = max(among, key=lambda other: self.vectors.similarity(text, other))
        return self._nearest[asked]
