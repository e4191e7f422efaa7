from datetime import date

import pytest

from kairos.core.markdown.front_matter import day_field, front_matter, text_field
from kairos.core.text.iso_day import iso_day


def fields(head: str) -> dict[str, object]:
    front = front_matter(f"---\n{head}\n---\nbody\n".encode())
    assert front is not None
    return dict(front.fields)


def test_nested_metadata_reads_like_top_level_keys() -> None:
    old = fields("name: a\ntype: user\noriginSessionId: s")
    new = fields("name: a\nmetadata: \n  type: user\n  originSessionId: s")
    assert old == new


def test_a_key_at_the_top_wins_over_a_nested_one() -> None:
    assert fields("type: user\nmetadata:\n  type: project")["type"] == "user"


def test_broken_yaml_falls_back_to_lines() -> None:
    front = front_matter(b'---\nname: "a"\ndescription: port: 80\nmetadata: \n  type: user\n- x\n---\n')
    assert front is not None
    assert not front.valid
    assert front.fields == {"name": "a", "description": "port: 80", "type": "user"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n---\n",
        b"---\nJust text here.\n---\nmore\n",
        b"---\n---\n",
        b"---\nname: a\n",
        b" ---\nname: a\n---\n",
        b"----\nname: a\n----\n",
        b"---\n- a\n- b\n---\n",
    ],
)
def test_text_without_a_mapping_between_rules_is_no_front_matter(data: bytes) -> None:
    assert front_matter(data) is None


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_span_ends_after_the_closing_line(end: bytes) -> None:
    head = b"\xef\xbb\xbf---\nname: a\n... \n".replace(b"\n", end)
    front = front_matter(head + b"body")
    assert front is not None
    assert (front.span.start, front.span.end) == (3, len(head))


@pytest.mark.parametrize(
    "value",
    [
        "!!timestamp x",
        "!!bool x",
        "!!int ''",
        "!!set [a]",
        "2026-13-45",
        "[" * 20_000,
        "'open",
        "&a [1]\nb: *a",
    ],
)
def test_invalid_yaml_is_read_line_by_line(value: str) -> None:
    front = front_matter(f"---\nname: n\na: {value}\n---\n".encode())
    assert front is not None
    assert (front.valid, front.fields["name"]) == (False, "n")


def test_a_number_too_long_to_print_is_no_text() -> None:
    assert text_field(fields(f"name: 0x{'f' * 9000}\ntitle: t"), "name", "title") == "t"


@pytest.mark.timeout(20)
def test_a_long_key_takes_linear_time() -> None:
    assert front_matter(f"---\na{' ' * 60_000}\nb: c: d\n---\n".encode()) is None


def test_dates_are_read_from_fields() -> None:
    head = fields("a: 2026-02-03\nb: 2026-02-04T10:00:00Z\nc: 'by 2026-02-05'\nd: soon")
    days = [day_field(head, name) for name in "abcd"]
    assert days == [date(2026, 2, 3), date(2026, 2, 4), date(2026, 2, 5), None]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-02-30, 2026-03-01", date(2026, 3, 1)), ("12026-03-01", None), ("v2026-03-011", None), ("", None)],
)
def test_iso_days(text: str, day: date | None) -> None:
    assert iso_day(text) == day
