"""What somebody said at another time is relative to that time, not to the day on which the note was written."""

import pytest

from tests.unit.core.dates.test_relative import rewritten


@pytest.mark.parametrize(
    "text",
    [
        "On Wednesday Ada wrote that the valve comes tomorrow.",
        "Ben promised in August to be done next month.",
        "The minutes of 2026-10-12 say the kiln broke yesterday.",
        "In 2024 the board planned to move next year.",
        "Back then Ada told us that the pump goes next week.",
        "According to the mail of 3 May the parts arrive tomorrow.",
        "Am Montag sagte Ada, die Pumpe komme übermorgen.",
        "Laut Protokoll vom 12.10.2026 war die Pumpe gestern aus.",
        "Lundi Ada a écrit que la pompe arrive demain.",
    ],
)
def test_words_that_count_from_another_day_stay(text: str) -> None:
    assert rewritten(f"- {text}\n") == f"- {text}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada said the valve comes tomorrow.", "Ada said the valve comes on 2026-10-24."),
        ("Yesterday Ada promised a spare.", "On 2026-10-22 Ada promised a spare."),
        ("Ada told me last week about the leak.", "Ada told me in the week of 2026-10-12 about the leak."),
        (
            "Yesterday Ada said she would call tomorrow.",
            "On 2026-10-22 Ada said she would call tomorrow.",
        ),
        ("The kiln failed yesterday, on Monday it ran.", "The kiln failed on 2026-10-22, on Monday it ran."),
        (
            "Ada said so on Monday. The valve came yesterday.",
            "Ada said so on Monday. The valve came on 2026-10-22.",
        ),
    ],
)
def test_words_that_count_from_the_day_of_writing_become_dates(text: str, expected: str) -> None:
    assert rewritten(f"- {text}\n") == f"- {expected}\n"
