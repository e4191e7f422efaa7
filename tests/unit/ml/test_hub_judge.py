from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple
from itertools import permutations
from pathlib import Path

import pytest

from kairos.errors import ModelError
from kairos.ml.hub_judge import HubJudge, Inference, opinion_of

MakeCrossEncoder = Callable[..., Path]

PAIRS = [
    ("the kiln is hot", "the kiln is cold"),
    ("back up on monday", "we back up every monday at nine"),
    ("abc", "xyz"),
    ("same", "same"),
    ("", "x"),
    ("caf\udce9", "cafe"),
]


@pytest.fixture(scope="module")
def directory(make_cross_encoder: MakeCrossEncoder) -> Path:
    return make_cross_encoder("contradiction", "entailment", "neutral")


@pytest.fixture(scope="module")
def judge(directory: Path) -> HubJudge:
    return HubJudge(directory)


def test_chances_add_up_to_one_and_differ(judge: HubJudge) -> None:
    opinions = judge.opinions(PAIRS)
    for opinion in opinions:
        assert sum(astuple(opinion)[:5]) == pytest.approx(1)
        assert min(astuple(opinion)[:5]) >= 0
    assert len(set(opinions)) == len(PAIRS)


def test_exchanged_texts_give_exactly_the_mirrored_opinion(judge: HubJudge) -> None:
    exchanged = judge.opinions([(b, a) for a, b in PAIRS])
    assert exchanged == [opinion.mirrored() for opinion in judge.opinions(PAIRS)]


def test_an_opinion_does_not_depend_on_the_batch(judge: HubJudge) -> None:
    assert [judge.opinions([pair])[0] for pair in PAIRS] == judge.opinions(PAIRS)


def test_progress_counts_the_pairs(judge: HubJudge) -> None:
    seen: list[tuple[int, int]] = []
    judge.opinions(PAIRS[:2], lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


def test_a_text_that_was_cut_is_marked(judge: HubJudge) -> None:
    short, long = judge.opinions([("kiln", "oven"), ("kiln", "oven " * 10_000)])
    assert (short.whole, long.whole) == (True, False)


@pytest.mark.parametrize("order", list(permutations(("entailment", "neutral", "contradiction"))))
def test_the_labels_say_which_output_is_which(
    make_cross_encoder: MakeCrossEncoder, judge: HubJudge, order: tuple[str, ...]
) -> None:
    other = HubJudge(make_cross_encoder(*order))
    # The same weights under other labels: each output now means what its new label says.
    (known,), (renamed,) = (one.opinions(PAIRS[:1]) for one in (judge, other))
    assert (known == renamed) == (order == ("contradiction", "entailment", "neutral"))


@pytest.mark.parametrize(
    "labels",
    [
        ("CONTRADICTION", "ENTAILMENT", "NEUTRAL"),
        ("Contradiction", "Entailment", "Neutral"),
        ("contradicts", "entails", "neutral"),
        ("contradict", "entail", " neutral "),
    ],
)
def test_labels_are_read_in_any_spelling(
    make_cross_encoder: MakeCrossEncoder, judge: HubJudge, labels: tuple[str, ...]
) -> None:
    assert HubJudge(make_cross_encoder(*labels)).opinions(PAIRS) == judge.opinions(PAIRS)


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (("LABEL_0", "LABEL_1", "LABEL_2"), "does not say which of its labels"),
        (("entailment", "neutral", "neutral?"), "does not say which of its labels"),
        (("not_entailment", "neutral", "contradiction"), "does not say which of its labels"),
        (("LABEL_0",), "does not have the three labels"),
        (("entailment", "not_entailment"), "does not have the three labels"),
        (("a", "b", "c", "d"), "does not have the three labels"),
    ],
)
def test_models_with_other_labels_are_refused(
    make_cross_encoder: MakeCrossEncoder, labels: tuple[str, ...], why: str
) -> None:
    with pytest.raises(ModelError, match=why) as raised:
        HubJudge(make_cross_encoder(*labels))
    assert labels[0] in raised.value.what
    assert "judge.model" in raised.value.advice


@pytest.mark.parametrize("text", ["", "[]", "null", '{"id2label": 3}', '{"id2label": {"x": "y"}}', "\xff"])
def test_a_broken_config_is_reported_in_one_sentence(directory: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "model.safetensors").write_bytes((directory / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match="holds no judge model"):
        HubJudge(tmp_path)


def test_a_directory_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no model weights"):
        HubJudge(tmp_path)


def test_unloadable_weights_are_reported_in_one_sentence(directory: Path, tmp_path: Path) -> None:
    for file in directory.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        HubJudge(tmp_path).opinions(PAIRS)


def test_the_fingerprint_follows_labels_and_weights(make_cross_encoder: MakeCrossEncoder) -> None:
    order = ("neutral", "entailment", "contradiction")
    one, other = make_cross_encoder(*order), make_cross_encoder(*order)
    assert HubJudge(one).fingerprint == HubJudge(other).fingerprint
    config = json.loads((other / "config.json").read_bytes())
    config["id2label"] = {"0": "entailment", "1": "neutral", "2": "contradiction"}
    (other / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert HubJudge(one).fingerprint != HubJudge(other).fingerprint


YES, MAYBE, NO = Inference(1, 0, 0), Inference(0, 1, 0), Inference(0, 0, 1)


@pytest.mark.parametrize(
    ("forward", "backward", "expected"),
    [
        (YES, YES, (1, 0, 0, 0, 0)),
        (YES, MAYBE, (0, 1, 0, 0, 0)),
        (MAYBE, YES, (0, 0, 1, 0, 0)),
        (NO, NO, (0, 0, 0, 1, 0)),
        (MAYBE, MAYBE, (0, 0, 0, 0, 1)),
        (NO, MAYBE, (0, 0, 0, 0.5, 0.5)),
        (YES, NO, (0, 0, 0, 0.5, 0.5)),
    ],
)
def test_relations_follow_from_both_directions(
    forward: Inference, backward: Inference, expected: tuple[float, ...]
) -> None:
    assert astuple(opinion_of(forward, backward))[:5] == pytest.approx(expected)


def test_a_model_that_was_unloaded_is_loaded_again(directory: Path) -> None:
    judge = HubJudge(directory)
    before = judge.opinions(PAIRS[:2])
    judge.unload()
    assert "_model" not in vars(judge)
    assert judge.opinions(PAIRS[:2]) == before
