"""Training that goes on from the shipped weights.

Training code is imported inside the tests, because it needs torch, which takes seconds to load.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kairos.ml.model_files import find_model
from kairos.ml.onnx_judge import PACKAGED, OnnxJudge

pytestmark = pytest.mark.model

PAIRS = [
    ("The gate is locked at ten.", "At 22:00 somebody locks the gate."),
    ("The gate is locked at ten.", "Nobody ever locks the gate."),
    ("Tea is green.", "The boiler is serviced in May."),
]


def test_the_shipped_weights_are_read_back() -> None:
    import torch  # noqa: PLC0415

    from training.shipped import shipped_network  # noqa: PLC0415

    network = shipped_network(PACKAGED, find_model().directory).eval()
    encode = OnnxJudge()._encoder().encode
    expected = OnnxJudge().logits(PAIRS)
    for (a, b), theirs in zip(PAIRS, expected, strict=True):
        forward, _ = encode(a, b)
        ids, types = torch.tensor([forward.ids]), torch.tensor([forward.types])
        with torch.no_grad():
            ours = network(ids, torch.ones_like(ids), types)[0].numpy()
        assert int(ours[:5].argmax()) == int(theirs[:5].argmax())
        assert np.abs(ours - theirs).max() < 1.5


def families(*names: str, length: int) -> list[dict[str, object]]:
    counts = {"same": 3, "contains": 1, "conflict": 2, "update": 1, "distinct": 3}
    return [
        {"id": name, "topic": name, "lang": "en", "base": f"{name} base" + " x" * length}
        | {kind: [f"{name} {kind} {at}" for at in range(count)] for kind, count in counts.items()}
        for name in names
    ]


def test_a_family_is_in_the_first_part_that_names_it(tmp_path: Path) -> None:
    import torch  # noqa: PLC0415

    from training.families import Example  # noqa: PLC0415
    from training.further import parts_of  # noqa: PLC0415
    from training.train import Material  # noqa: PLC0415

    def written(name: str, some: Sequence[object]) -> str:
        file = tmp_path / name
        file.write_text("".join(json.dumps(one) + "\n" for one in some), "utf-8")
        return str(file)

    new, recent = families("a", "b", length=3), families("c", length=40)
    rest = [*families("d", "e", length=3), *families("f", length=40)]
    with ThreadPoolExecutor(1) as pool:
        documents = [{"id": "g", "topic": "g", "lang": "en", "lines": ["g 1", "g 2"]}]
        placed = [(3, [Example("h", "i", 4)])]
        every = [*new, *recent, *rest]
        model = find_model().directory
        material = Material(every, torch.eye(6), documents, placed, [], model, pool, judge=PACKAGED)
        named = [["4", written("new.jsonl", new)], ["9", written("recent.jsonl", [*recent, *new])]]
        parts = parts_of(material, named)
    assert [[one["id"] for one in source._families] for source, _ in parts] == [
        ["a", "b"],
        ["c"],
        ["d", "e"],
        ["f"],
        [],
        [],
    ]
    assert [slices for _, slices in parts] == [4, 9, 80, 112, 40, 3]
    assert [len(source._documents) for source, _ in parts] == [0, 0, 0, 0, 1, 0]
    assert [len(source._placed) for source, _ in parts] == [0, 0, 0, 0, 0, 1]
    assert [source._judge for source, _ in parts] == [PACKAGED] * 5 + [None]
