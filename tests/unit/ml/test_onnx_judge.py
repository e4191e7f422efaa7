from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import pytest

from kairos.errors import ModelError
from kairos.ml.onnx_judge import PACKAGED, OnnxJudge, _encoder, _session

Write = Callable[..., None]

PAIRS = [
    ("The kiln runs at 1200 degrees.", "The kiln runs at 1180 degrees."),
    ("Backups go to the cellar NAS.", "Back-ups are kept on the NAS in the cellar, since May."),
    ("Ayo takes oat milk.", "zzz zzz zzz zzz 99 99 zzz"),
    ("a", "b"),
    ("same", "same"),
    ("", "something"),
    ("", ""),
    ("caf\udce9 at 5 pm", "café at 17:00"),
    ("窯は1200度", "窑 1180 度"),
    *((f"note {number}", f"note {number * 7 % 50} and more" * (number % 5)) for number in range(90)),
]


@pytest.fixture
def copy(tiny_judge: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, for tests that damage it."""
    return shutil.copytree(tiny_judge, tmp_path / "judge")


def test_chances_add_up_to_one(tiny_judge: Path) -> None:
    opinions = OnnxJudge(tiny_judge).opinions(PAIRS)
    assert len(opinions) == len(PAIRS)
    for opinion in opinions:
        assert sum(astuple(opinion)[:5]) == pytest.approx(1, abs=1e-6)
        assert all(0 <= chance <= 1 for chance in astuple(opinion)[:7])
    assert len(set(opinions)) > len(PAIRS) / 2


def test_an_opinion_does_not_depend_on_the_batch(tiny_judge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = OnnxJudge(tiny_judge)
    together = judge.opinions(PAIRS)
    assert [judge.opinions([pair])[0] for pair in PAIRS] == together
    assert judge.opinions(PAIRS[::-1])[::-1] == together
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert judge.opinions(PAIRS) == together


def test_exchanged_texts_give_exactly_the_mirrored_opinion(tiny_judge: Path) -> None:
    judge = OnnxJudge(tiny_judge)
    exchanged = judge.opinions([(b, a) for a, b in PAIRS])
    assert exchanged == [opinion.mirrored() for opinion in judge.opinions(PAIRS)]


def test_no_pairs_need_no_model(copy: Path) -> None:
    (copy / "model.onnx").unlink()
    (copy / "tokenizer.json").unlink()
    assert OnnxJudge(copy).opinions([]) == []


def test_the_runtime_leaves_nothing_in_the_home_directory(tiny_judge: Path, tmp_path: Path) -> None:
    home = tmp_path / "somebody"
    home.mkdir()
    program = f"""
from pathlib import Path
from kairos.ml.onnx_judge import OnnxJudge
OnnxJudge(Path({str(tiny_judge)!r})).opinions([("a kiln", "an oven")])
"""
    # None of the variables by which the runtime recognises a test run, in which it would keep quiet anyway.
    kept = {
        "HOME": str(home),
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
    }
    subprocess.run([sys.executable, "-c", program], env=kept, check=True)
    assert list(home.iterdir()) == []


def test_progress_ends_with_all_pairs(tiny_judge: Path) -> None:
    seen: list[tuple[int, int]] = []
    OnnxJudge(tiny_judge).opinions(PAIRS, lambda done, of: seen.append((done, of)))
    assert seen == [(64, len(PAIRS)), (len(PAIRS), len(PAIRS))]


def test_a_text_that_was_cut_is_marked(tiny_judge: Path) -> None:
    long = "the kiln is hot " * 40
    short, cut = OnnxJudge(tiny_judge).opinions([("kiln", "oven"), ("kiln", long)])
    assert short.whole
    assert not cut.whole


@pytest.mark.timeout(30)
def test_very_long_texts_take_bounded_time(tiny_judge: Path) -> None:
    words = " ".join(f"word{number} takes {number * 37 % 1000} ms" for number in range(3_400))
    endless = "x" * 5_000_000
    pairs = [(words, words[::-1]), (words, "short"), (endless, endless + "y")]
    assert [opinion.whole for opinion in OnnxJudge(tiny_judge).opinions(pairs)] == [False] * 3


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_missing_file_is_reported_in_one_sentence(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match="judge model") as raised:
        OnnxJudge(copy).opinions([("a", "b")])
    assert "judge.model" in raised.value.advice


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_refused(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ModelError, match="is not the file that was published"):
        OnnxJudge(copy).opinions([("a", "b")])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_no_model_is_refused_even_with_a_valid_checksum(
    copy: Path, name: str, write_settings: Write
) -> None:
    (copy / name).write_bytes(b"something else")
    write_settings(copy)
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxJudge(copy).opinions([("a", "b")])


def test_a_network_with_other_outputs_is_refused(
    copy: Path, write_network: Write, write_settings: Write
) -> None:
    write_network(copy / "model.onnx", outputs=7)
    write_settings(copy)
    with pytest.raises(ModelError, match="not a judge model for this version"):
        OnnxJudge(copy).opinions([("a", "b")])


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"relations": []}', "[" * 100_000, "\xff"])
def test_invalid_settings_are_refused(copy: Path, text: str) -> None:
    (copy / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match="holds no judge model"):
        OnnxJudge(copy)


@pytest.mark.parametrize(
    "other", [{"relations": ["same", "distinct"]}, {"temperature": 0}, {"longest": 3}, {"sha256": "x"}]
)
def test_settings_of_another_kind_are_refused(
    copy: Path, other: dict[str, object], write_settings: Write
) -> None:
    write_settings(copy, **other)
    with pytest.raises(ModelError, match="no judge model for this version"):
        OnnxJudge(copy)


def test_other_settings_have_another_fingerprint(copy: Path, tiny_judge: Path, write_settings: Write) -> None:
    assert OnnxJudge(copy).fingerprint == OnnxJudge(tiny_judge).fingerprint
    write_settings(copy, temperature=0.7)
    assert OnnxJudge(copy).fingerprint != OnnxJudge(tiny_judge).fingerprint


@pytest.fixture
def shipped() -> OnnxJudge:
    if not (PACKAGED / "config.json").is_file():
        pytest.skip("the judge model is not in this checkout")
    return OnnxJudge()


def test_opinions_of_the_shipped_model_do_not_depend_on_the_batch(shipped: OnnxJudge) -> None:
    pairs = PAIRS[:12]
    together = shipped.opinions(pairs)
    assert [shipped.opinions([pair])[0] for pair in pairs] == together
    assert shipped.opinions([(b, a) for a, b in pairs]) == [opinion.mirrored() for opinion in together]


@pytest.mark.parametrize(
    ("a", "b", "field"),
    [
        ("The staging API listens on port 8080.", "Port 8080 is where the staging API listens.", "same"),
        ("The staging API listens on port 8080.", "The staging API listens on port 9090.", "conflict"),
        ("The staging API listens on port 8080.", "Grandma's birthday is on 4 May.", "distinct"),
    ],
)
def test_the_shipped_model_judges_plain_cases_correctly(
    shipped: OnnxJudge, a: str, b: str, field: str
) -> None:
    (opinion,) = shipped.opinions([(a, b)])
    assert getattr(opinion, field) > 0.5


def test_a_model_is_named_by_its_directory(shipped: OnnxJudge, tiny_judge: Path) -> None:
    assert shipped.name == "Kairos' judge model"
    assert OnnxJudge(tiny_judge).name == str(tiny_judge)


def test_a_model_that_was_unloaded_is_loaded_again(tiny_judge: Path) -> None:
    judge = OnnxJudge(tiny_judge)
    before = judge.opinions(PAIRS[:3])
    judge.unload()
    assert (_session.cache_info().currsize, _encoder.cache_info().currsize) == (0, 0)
    assert judge.opinions(PAIRS[:3]) == before
