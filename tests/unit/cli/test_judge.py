from __future__ import annotations

import pytest

from kairos.cli.judge import read_rows
from kairos.errors import UsageError


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"x", "not valid JSON"),
        (b"[]", "expected an object"),
        (b'{"id": "1", "a": "x"}', 'expected "b" to be a string'),
        (b'{"a": "x", "b": "y"}', 'expected "id" to be a string or an integer'),
        (b'{"id": true, "a": "x", "b": "y"}', 'expected "id" to be a string or an integer'),
        (b'{"id": "1", "a": "x", "b": "y", "a_date": "soon"}', 'expected "a_date" to be a date'),
        (b'{"id": "\xff"}', "expected UTF-8"),
    ],
)
def test_an_invalid_pair_is_reported_with_its_line(line: bytes, fault: str) -> None:
    with pytest.raises(UsageError, match=f"Line 3: {fault}"):
        read_rows([b'{"id": "1", "a": "x", "b": "y", "b_date": "2026-01-02"}\n', b"\n", line])


def test_a_pair_may_have_a_number_as_its_id() -> None:
    (row,) = read_rows([b'{"id": 7, "a": "x", "b": "y"}'])
    assert row.id == 7
