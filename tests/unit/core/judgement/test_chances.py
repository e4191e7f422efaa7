from __future__ import annotations

from kairos.core.judgement.chances import vector_with
from kairos.core.judgement.signals import signals
from kairos.core.judgement.weights_alone import WEIGHTS as ALONE
from kairos.core.judgement.weights_with_model import WEIGHTS as WITH_MODEL
from kairos.model import Opinion, Statement


def test_each_signal_has_a_weight() -> None:
    statement = Statement("Backups run daily.", ("Backups run daily.",))
    found = signals(statement, statement, lambda _, __: 1.0)
    opinion = Opinion(0.2, 0.2, 0.2, 0.2, 0.2, 0.5, 0.5)
    assert {len(weights) for _, weights in ALONE.values()} == {len(found.vector())}
    assert {len(weights) for _, weights in WITH_MODEL.values()} == {len(vector_with(found, opinion))}
