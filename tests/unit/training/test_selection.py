"""What is left out of an epoch and what stands for it, and the fast dropout.

Training code is imported inside the tests, because it needs torch, which takes seconds to load.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from kairos.ml.judge_outputs import RELATIONS
from kairos.ml.model_files import find_model
from kairos.ml.onnx_judge import PACKAGED
from kairos.model import Relation

if TYPE_CHECKING:
    from training.batches import Encoded

pytestmark = pytest.mark.model

KNOWN = ("The gate is locked at ten.", "Tea is kept in the green tin.")
TIMES = 400


def encoded_as(relation: Relation) -> Encoded:
    """Return a pair that the model takes for distinct, labelled `relation`."""
    from training.batches import encoded  # noqa: PLC0415
    from training.families import Example  # noqa: PLC0415

    example = Example(*KNOWN, RELATIONS.index(relation))
    (one,) = encoded([example], str(PACKAGED / "tokenizer.json"), both=False)
    return one


def kept(relation: Relation) -> list[Encoded]:
    from training.selection import worth_reading  # noqa: PLC0415

    return list(worth_reading([encoded_as(relation)] * TIMES, PACKAGED, random.Random(1)))


def test_what_the_model_judges_right_is_mostly_left_out_and_the_rest_stands_for_it() -> None:
    found = kept(Relation.DISTINCT)
    assert TIMES * 0.1 < len(found) < TIMES * 0.4
    assert sum(one.weight for one in found) == pytest.approx(TIMES, rel=0.15)


def test_what_the_model_judges_wrong_is_always_kept() -> None:
    assert [one.weight for one in kept(Relation.SAME)] == [1.0] * TIMES


def test_an_example_counts_in_the_loss_as_often_as_its_weight_says() -> None:
    from dataclasses import replace  # noqa: PLC0415

    import torch  # noqa: PLC0415

    from training.batches import batches  # noqa: PLC0415
    from training.trainer import Stage, loss_of  # noqa: PLC0415

    def loss(*examples: Encoded) -> float:
        (batch,) = batches(examples, 4096, None)
        logits = torch.tensor([[float(3 * label), 0.0, 1.0, *[0.0] * 8] for label in batch.relation])
        return loss_of(logits, batch, Stage("any", 1, 1.0, 1e-4, consistency=0.0)).item()

    same, distinct = encoded_as(Relation.SAME), encoded_as(Relation.DISTINCT)
    weighted, repeated = loss(replace(same, weight=3.0), distinct), loss(same, same, same, distinct)
    assert weighted == pytest.approx(repeated)
    assert weighted != pytest.approx(loss(same, distinct))


def test_an_epoch_of_a_source_with_a_judge_is_shorter() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    from training.batches import Source  # noqa: PLC0415

    tokenizer = PACKAGED / "tokenizer.json"
    document = {
        "topic": "shed",
        "lines": ["Tea is in the tin.", "Oslo has trams.", "Ann rows.", "2 + 2 = 4."],
    }
    with ThreadPoolExecutor(1) as pool:
        every, some = (
            [
                list(Source(pool, tokenizer, [], [], [document] * 20, judge=judge).epoch(seed))
                for seed in (1, 1)
            ]
            for judge in (None, PACKAGED)
        )
    assert every[0] == every[1]
    assert some[0] == some[1]
    assert 0 < len(some[0]) < len(every[0]) * 0.6


def test_dropout_zeroes_its_share_and_preserves_the_mean() -> None:
    import torch  # noqa: PLC0415

    from training.network import Dropout  # noqa: PLC0415

    torch.manual_seed(1)
    ones = torch.ones(1001, 333, requires_grad=True)
    found = Dropout(0.25)(ones)
    assert (found == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert found.mean().item() == pytest.approx(1.0, abs=0.01)
    found.sum().backward()
    assert ones.grad is not None
    assert torch.equal(ones.grad, found.detach())
    assert Dropout(0.25).eval()(ones) is ones


def test_a_new_network_drops_by_bytes_everywhere_but_in_attention() -> None:
    from torch import nn  # noqa: PLC0415

    from training.network import Dropout, new_network  # noqa: PLC0415

    network = new_network(find_model().directory, 0.1)
    others = [name for name, module in network.named_modules() if isinstance(module, nn.Dropout)]
    assert all(name.endswith("attention.self.dropout") for name in others)
    assert sum(isinstance(module, Dropout) for module in network.modules()) == 2 + 2 * 6
