"""Whoever notes something again adds words; whoever corrects it replaces them."""

import pytest

from kairos.core.markdown.claims import statement_of_text
from kairos.core.phrasing.added_words import adds_only_words


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("The kiln log is kept in the office.", "The kiln log of the studios is kept in the small office."),
        (
            "Never fire on Sundays. Tell Ines before each firing.",
            "Never fire on Sundays, please. Tell Ines, who keeps the rota, before each firing. We can't add shelves.",
        ),
        (
            "Glasuren stehen im Regal neben der Tür",
            "Glasuren stehen im offenen Regal neben der Tür, wegen Milo",
        ),
    ],
)
def test_a_text_that_grew_says_the_same_and_more(less: str, more: str) -> None:
    one, other = statement_of_text(less), statement_of_text(more)
    assert adds_only_words(one, other)
    assert adds_only_words(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The kiln log is kept in the office.", "The kiln log is not kept in the office."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the office no longer."),
        ("The kiln log is kept in the office.", "The kiln log is only kept in the office."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the other office."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the office in 2 copies."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the yard."),
        ("Ines trained Otto in the office.", "Otto trained Ines in the office."),
        ("The kiln log is kept in the office.", "The kiln log is probably kept in the office."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the office, save for drafts."),
        ("The kiln log is kept in the office.", "The kiln log is rarely kept in the office."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the office on Mondays."),
        ("The kiln log is kept in the office.", "The kiln log is kept in the office twenty times."),
        (
            "The kiln log is kept in the office.",
            "The kiln log is kept in the office. Superseded: see yard.md.",
        ),
        (
            "Use Postgres for the ledger in production.",
            "Use SQLite instead of Postgres for the ledger in production.",
        ),
        ("The office door is blue, they say.", "The office door is red, the yard door is blue, they say."),
        ("Keys in Graz", "Keys that we lost in Graz"),
        ("Never fire on Sundays. Tell Ines before each firing.", "Never fire on Sundays. Ines is away."),
    ],
)
def test_a_text_that_was_changed_does_not(one: str, other: str) -> None:
    assert not adds_only_words(statement_of_text(one), statement_of_text(other))
