import json
from pathlib import Path

import pytest

from bench.quality.gold import GoldPair, Group, Label, read_gold, slices
from kairos.errors import UsageError


def pair(kind: str = "", *, label: Label = Label.DUPLICATE, lang: str = "") -> GoldPair:
    return GoldPair("1", "one", "other", label, kind, lang)


def test_a_file_is_read_with_its_days_and_other_labels_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    lines = [
        {"id": "1", "a": "x", "b": "y", "label": "update", "kind": None, "a_date": "2026-03-01T10:00"},
        {"id": "2", "a": "x", "b": "y", "label": "stale"},
    ]
    file.write_text("\n\n".join(map(json.dumps, lines)), "utf-8")
    gold = read_gold(file)
    (found,) = gold.pairs
    assert (found.label, found.kind, str(found.a_date), found.b_date) == (
        Label.UPDATE,
        "",
        "2026-03-01",
        None,
    )
    assert gold.aside == {"stale": 1}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "1"}', '{"id": 1, "a": "x", "b": "y", "label": "update"}'],
)
def test_an_invalid_line_is_reported_with_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(UsageError, match=r"gold\.jsonl, line 2"):
        read_gold(file)


def test_a_file_without_pairs_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text('{"id": "1", "a": "x", "b": "y", "label": "stale"}', "utf-8")
    with pytest.raises(UsageError, match="no gold pairs"):
        read_gold(file)


@pytest.mark.parametrize(
    ("kind", "lang", "language"),
    [
        ("negation", "", "en"),
        ("negation/lang-ja", "", "ja"),
        ("long/value/mixed-en-de", "", "mixed"),
        ("negation", "ko", "ko"),
        ("negation/lang-ja", "ko", "ja"),
    ],
)
def test_the_language_comes_from_the_kind_and_then_from_the_file(kind: str, lang: str, language: str) -> None:
    assert pair(kind, lang=lang).language == language


def test_a_kind_encodes_length_topic_and_difficulty() -> None:
    found = pair("xlong/value-buried/hard")
    assert (found.length, found.topic, found.hard) == ("xlong", "value-buried", True)
    assert (pair("unit").length, pair("unit").topic, pair("unit").hard) == ("short", "unit", False)
    assert pair().topic == ""


def test_every_label_belongs_to_a_group() -> None:
    assert [label.group for label in Label] == [
        *(Group.MERGE, Group.MERGE),
        *(Group.CONFLICT, Group.CONFLICT),
        *(Group.DISTINCT, Group.DISTINCT),
    ]


def test_rare_kinds_share_a_slice_per_label() -> None:
    pairs = [*[pair("unit")] * 4, pair("order"), pair("count", label=Label.RELATED), pair("place")]
    assert slices(pairs) == {"kind": {"unit": [0, 1, 2, 3], "other duplicate": [4, 6], "other related": [5]}}
