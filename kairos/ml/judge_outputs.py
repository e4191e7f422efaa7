"""The outputs of the judge model, a logit for each name in three heads; shared by training and judging."""

from __future__ import annotations

from kairos.model import Relation

RELATIONS = tuple(Relation)
INFERENCES = ("entailment", "neutral", "contradiction")
"""What a implies about b."""
NEWER = ("none", "a", "b")
"""Which side of a conflict is newer."""
HEADS = {"relation": len(RELATIONS), "inference": len(INFERENCES), "newer": len(NEWER)}
"""The sizes of the heads, in the order of their logits."""
OUTPUTS = sum(HEADS.values())

MIRRORED_RELATION = [RELATIONS.index(relation.mirrored()) for relation in RELATIONS]
MIRRORED_NEWER = [0, 2, 1]
MIRRORED = [*MIRRORED_RELATION, 5, 6, 7, 8, 10, 9]
"""The place of each output after the sides are exchanged. The inference, which has a direction, stays as it is."""
