"""What a language model may do to a judgement: settle a pair that the judge is in doubt about, and nothing else.

The model is asked twice, the second time with the sides exchanged, and only an answer given both times counts. It never
merges a pair that the judge has vetoed or was not itself inclined to merge: those wait for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kairos.model import Action, Evidence, Judgement, Relation, Side

EVIDENCE = "language model"
"""The kind of evidence that a language model leaves. A judgement that has it is not put to a model again."""

CONFIDENCE = 0.9
"""Confidence of two answers that agree. It is not calibrated: a user who demands more gets no merges from a model."""

_OTHER: dict[Side | None, Side | None] = {"a": "b", "b": "a", None: None}
_WORDS = {
    Relation.SAME: "they say the same",
    Relation.A_CONTAINS_B: "the first contains the second",
    Relation.B_CONTAINS_A: "the second contains the first",
    Relation.CONFLICT: "they contradict each other",
    Relation.DISTINCT: "they are about different things",
    None: "it cannot tell",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """One answer of a language model about an ordered pair; `relation` is None if it could not tell.

    `reason` is in the model's own words, and as untrusted as the notes that it read.
    """

    relation: Relation | None
    newer: Side | None = None
    reason: str = ""

    def mirrored(self) -> Ruling:
        """Return the same answer about the pair with its sides exchanged."""
        relation = self.relation.mirrored() if self.relation else None
        return Ruling(relation, _OTHER[self.newer], self.reason)


def in_doubt(judgement: Judgement) -> bool:
    """Whether a language model may be asked: the judge could not settle the pair, and no model has been asked yet."""
    unsettled = judgement.doubtful or judgement.action is Action.ASK
    return unsettled and all(item.kind != EVIDENCE for item in judgement.evidence)


def agreement(straight: Ruling, exchanged: Ruling) -> Ruling | None:
    """Return what two answers agree on, or None; `exchanged` is about the pair with its sides exchanged.

    If they agree on a relation but not on the newer side, the newer side is left open.
    """
    other = exchanged.mirrored()
    if straight.relation is None or straight.relation is not other.relation:
        return None
    return straight if straight.newer == other.newer else replace(straight, newer=None)


def ruled(
    judgement: Judgement, ruling: Ruling, *, by: str, newer: Side | None = None, may_merge: bool = True
) -> Judgement:
    """Return a doubtful judgement as settled by `ruling`, the answer on which the model `by` agreed with itself.

    `newer` is the newer side as far as it is known without the model. Without `may_merge` a merge is only proposed.
    Raises ValueError for a ruling without a relation.
    """
    relation = ruling.relation
    if relation is None:
        raise ValueError("a ruling that settles nothing settles no judgement")
    said = f"{by} says, asked in both orders, that {_WORDS[relation]}"
    item = Evidence(EVIDENCE, f"{said}: {ruling.reason}" if ruling.reason else said, CONFIDENCE)
    settled = replace(
        judgement,
        relation=relation,
        confidence=CONFIDENCE,
        evidence=(item, *judgement.evidence),
        doubtful=False,
        newer=None,
        clash=None,
    )
    if relation is Relation.DISTINCT:
        return replace(settled, action=Action.NONE)
    if relation is Relation.CONFLICT:
        side = _newer(newer, ruling.newer)
        return replace(settled, action=Action.FLAG, newer=side, clash=judgement.clash)
    merges = may_merge and not judgement.vetoed and _leans_to(judgement, relation)
    return replace(settled, action=Action.MERGE if merges else Action.ASK)


def unsettled(judgement: Judgement, straight: Ruling, exchanged: Ruling, *, by: str) -> Judgement:
    """Return a judgement that stays in doubt because the two answers of the model disagree."""
    one, other = _WORDS[straight.relation], _WORDS[exchanged.mirrored().relation]
    text = f"{by} says that {one}; asked in the other order, that {other}"
    return replace(judgement, evidence=(*judgement.evidence, Evidence(EVIDENCE, text)))


def _leans_to(judgement: Judgement, relation: Relation) -> bool:
    """Whether the judge itself leans to this merge; leaning to `SAME` covers both directions of containment."""
    return judgement.relation.merging and judgement.relation in (Relation.SAME, relation)


def _newer(known: Side | None, said: Side | None) -> Side | None:
    """Return the newer side: the model may supply an unknown one, and disagreeing with a known one leaves it open."""
    return None if known and said and known != said else known or said
