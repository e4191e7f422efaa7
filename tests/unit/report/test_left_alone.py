"""The section on what was left alone."""

from __future__ import annotations

import io

from rich.console import Console

from kairos.model import Skip
from kairos.report.page import Page
from kairos.report.sections import skipped_section

LARGE = Skip("big.md", "It is too large", "Split it.")


def undone(number: int) -> Skip:
    key = f"{number:010x}"
    reason = f"what it describes ended on 2026-01-{number:02}, as its own words say (undone before)"
    return Skip(f"a.md:{number}", reason, f"To apply it anyway: `kairos approve {key}`.", "- x", key)


def shown(*skips: Skip, rest: str = "") -> list[str]:
    out = io.StringIO()
    skipped_section(Page(Console(file=out, width=80)), skips, rest=rest)
    return out.getvalue().splitlines()


def test_nothing_is_written_if_nothing_was_left_alone() -> None:
    assert shown() == []


def test_one_change_that_was_turned_down_is_a_paragraph_with_its_command() -> None:
    lines = shown(LARGE, undone(3))
    assert lines[:2] == ["Left alone", "  big.md: It is too large. Split it."]
    assert "`kairos approve 0000000003`." in " ".join(lines[2:])


def test_several_are_one_list_with_a_line_for_each() -> None:
    lines = shown(undone(1), LARGE, *map(undone, range(2, 25)))
    assert lines[1] == "  big.md: It is too large. Split it."
    assert lines[2].startswith("  24 changes are not made, because they were undone")
    listed = [line for line in lines if "ended on" in line]
    assert [line.split()[0] for line in listed] == [f"{number:010x}" for number in range(1, 25)]
    assert lines[-1] == "    to make one after all: kairos approve KEY"
    assert len([line for line in lines if "kairos approve" in line]) == 1


def test_a_long_list_is_cut_where_a_command_shows_the_rest() -> None:
    lines = shown(*map(undone, range(1, 25)), rest="kairos show 7")
    assert len([line for line in lines if "ended on" in line]) == 12
    assert "    and 12 more: kairos show 7" in lines
