import io

import pytest
from rich.console import Console

from kairos.report.page import Page


def shown(text: str, *, colours: bool = False) -> str:
    stream = io.StringIO()
    Page(
        Console(file=stream, width=30, force_terminal=colours, color_system="standard" if colours else None)
    ).verbatim(text, "green")
    return stream.getvalue()


@pytest.mark.parametrize("text", ["+a line  ", "+\tb\t", " ", "+[b]:smile: " + "x" * 60 + "  "])
def test_a_line_of_a_diff_keeps_its_tabs_and_the_blanks_at_its_end(text: str) -> None:
    assert shown(text) == f"{text}\n"
    assert f"{text}\x1b" in shown(text, colours=True)


def test_a_line_of_a_diff_is_escaped() -> None:
    assert shown("+a\x1b[2J\u202eb") == "+a\\x1b[2J\\u202eb\n"


def test_a_command_that_is_shown_has_the_options_of_the_one_that_shows_it() -> None:
    stream = io.StringIO()
    Page(Console(file=stream, width=30), "--config 'k n.yaml'").command(
        "to decide: ", "approve a", "reject a"
    )
    assert stream.getvalue() == (
        "  to decide: approve a --config 'k n.yaml'  or  reject a --config 'k n.yaml'\n"
    )
