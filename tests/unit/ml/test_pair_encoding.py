from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kairos.core.judgement.marks import Mark
from kairos.ml import pair_encoding as module
from kairos.ml.pair_encoding import TYPES, EncodedPair, PairEncoder, reading_fingerprint


@pytest.fixture
def encoder(tiny_judge: Path) -> PairEncoder:
    return PairEncoder(tiny_judge / "tokenizer.json", longest=32)


def sides(pair: EncodedPair) -> tuple[list[int], list[int]]:
    """Return the token ids of each side, without the special tokens; [SEP] is 3."""
    inner = list(pair.ids[1:-1])
    middle = inner.index(3)
    return inner[:middle], inner[middle + 1 :]


def test_a_pair_is_framed_and_typed_by_side(encoder: PairEncoder) -> None:
    forward, _ = encoder.encode("ab", "ab cd")
    assert (forward.ids[0], forward.ids[-1]) == (2, 3)
    assert len(forward.ids) == len(forward.types)
    assert [kind % 2 for kind in forward.types] == [0] * 4 + [1] * 5
    assert forward.types[1] == 2 * Mark.SHARED
    assert forward.types[-2] == 2 * Mark.OWN + 1
    assert max(forward.types) < TYPES


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the kiln", "the oven is at 5 pm"),
        ("", "x"),
        ("kiln " * 40, "oven"),
        ("kiln " * 40, "oven " * 30),
        ("not 12 GB", "12288 MB"),
    ],
)
def test_the_other_direction_has_the_sides_exchanged(encoder: PairEncoder, a: str, b: str) -> None:
    forward, backward = encoder.encode(a, b)
    assert sides(forward) == sides(backward)[::-1]
    assert (forward, backward) == encoder.encode(b, a)[::-1]
    assert forward.whole == backward.whole
    marks = [kind // 2 for kind in forward.types[1:-1]]
    split = len(sides(forward)[0])
    assert [kind // 2 for kind in backward.types[1:-1]] == [*marks[split + 1 :], 0, *marks[:split]]


@pytest.mark.parametrize(
    ("a", "b", "kept", "whole"),
    [
        (10, 10, (10, 10), True),
        (20, 9, (20, 9), True),
        (25, 9, (20, 9), False),  # the longer side is cut
        (9, 25, (9, 20), False),
        (90, 25, (15, 14), False),  # both are cut: 29 tokens remain besides the special ones
        (25, 90, (14, 15), False),
    ],
)
def test_the_longer_side_is_cut_first(
    encoder: PairEncoder, a: int, b: int, kept: tuple[int, int], *, whole: bool
) -> None:
    forward, _ = encoder.encode("k " * a, "o " * b)
    assert tuple(map(len, sides(forward))) == kept
    assert forward.whole is whole


def test_values_are_marked_in_whatever_spelling(encoder: PairEncoder) -> None:
    forward, _ = encoder.encode("90 min", "1.5 h")
    assert {kind // 2 for kind in forward.types[1:3]} == {Mark.VALUE_SHARED}
    forward, _ = encoder.encode("90 min", "80 min")
    assert {kind // 2 for kind in forward.types[1:3]} == {Mark.VALUE_OWN}


@pytest.mark.parametrize("text", ["caf\udce9", "\ud800", "\udfff at 5", "a\0b", "\ufeff", "e\u0301", "ﷺ"])
def test_odd_characters_are_encoded(encoder: PairEncoder, text: str) -> None:
    forward, backward = encoder.encode(text, "cafe")
    assert len(forward.ids) == len(forward.types) == len(backward.ids)


def test_text_far_beyond_the_cut_changes_nothing(encoder: PairEncoder) -> None:
    long = "kiln " * 2_000
    assert encoder.encode(long, "oven") == encoder.encode(long + "oven", "oven")


def test_a_tokenizer_without_the_frame_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models  # noqa: PLC0415

    Tokenizer(models.WordLevel(vocab={"x": 0}, unk_token="x")).save(str(tmp_path / "t.json"))  # noqa: S106
    with pytest.raises(ValueError, match="has no"):
        PairEncoder(tmp_path / "t.json", longest=32)


def test_the_reading_code_has_a_fingerprint() -> None:
    assert len(reading_fingerprint()) == 64


PACKAGE = Path(module.__file__).parents[1]


def imported(path: str) -> Iterator[str]:
    """Yield the modules of the core and of `kairos.ml` that one of them imports, as paths in the package."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            files = (name.removeprefix("kairos.").replace(".", "/") + ".py" for name in names)
            yield from (
                file for file in files if file.startswith(("core/", "ml/")) and (PACKAGE / file).is_file()
            )


def test_the_fingerprint_covers_all_modules_that_decide_what_a_model_reads() -> None:
    covered = set(module._DEPENDS_ON)
    assert [path for path in sorted(covered) if not (PACKAGE / path).is_file()] == []
    assert {name for path in covered for name in imported(path)} <= covered
    assert f"ml/{Path(module.__file__).name}" in covered


def test_common_sentences_are_left_out_but_count_as_read(encoder: PairEncoder) -> None:
    forward, _ = encoder.encode("kiln ab. oven cd.", "kiln ef. oven cd.")
    assert forward.ids == encoder.encode("kiln ab.", "kiln ef.")[0].ids
    assert forward.whole


def test_a_long_side_is_reduced_to_what_the_other_is_about(encoder: PairEncoder) -> None:
    long = "ab. " + "cd ef cd ef cd ef. " * 4 + "kiln oven."
    forward, _ = encoder.encode(long, "kiln oven")
    assert not forward.whole
    assert set(sides(forward)[1]) <= set(sides(forward)[0])
