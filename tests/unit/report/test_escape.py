from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.report.escape import one_line, visible
from kairos.report.phrases import shell_path, short_path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("selector\ufe01", r"selector\ufe01"),
        ("filler\u3164", r"filler\u3164"),
        ("broken\udc80", r"broken\udc80"),
        ("line\r\n", "line\\r\n"),
        ("nb\u00a0sp, wide\u3000sp", "nb sp, wide sp"),
        ("部署 naïve ❤️", "部署 naïve ❤️"),
    ],
)
def test_dangerous_characters_are_escaped_and_words_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(char) for char in shown if char not in "\n\t"} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
    assert visible(shown) == shown
    assert "\n" not in one_line(text)


def test_the_home_directory_itself_is_a_tilde() -> None:
    assert short_path("/home/ann", "/home/ann/") == short_path("/home/ann", "/home/ann") == "~"
    assert shell_path("/home/ann", "/home/ann") == "~"
    assert shell_path("~", "/home/ann") == "'~'"
    assert short_path("/home/anna", "/home/ann") == "/home/anna"
