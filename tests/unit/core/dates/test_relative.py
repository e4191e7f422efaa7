import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.core.dates.relative import absolute_dates
from kairos.core.markdown.parse import parse
from kairos.model import Role, Source


def rewritten(text: str, path: str = "2026-10-23.md", role: Role = Role.DAILY) -> str:
    """Return the file's text after one pass over all its entries."""
    data = text.encode()
    note = parse(Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role))
    splices = [splice for entry in note.entries for splice, _ in absolute_dates(note, entry, data)]
    for splice in sorted(splices, key=lambda one: one.span, reverse=True):
        data = data[: splice.span.start] + splice.text + data[splice.span.end :]
    return data.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday Ada called.", "On 2026-10-22 Ada called."),
        ("Ada called yesterday, twice.", "Ada called on 2026-10-22, twice."),
        ("Zoë rang yesterday; café opens tomorrow", "Zoë rang on 2026-10-22; café opens on 2026-10-24"),
        ("Last night the pump stopped.", "In the night to 2026-10-23 the pump stopped."),
        ("Try the snubber next week.", "Try the snubber in the week of 2026-10-26."),
        ("The switch is planned for next month.", "The switch is planned for 2026-11."),
        ("Ada left last month.", "Ada left in 2026-09."),
        ("Free shipping from 75 € as of today", "Free shipping from 75 € as of 2026-10-23"),
        ("Sent today, no return", "Sent on 2026-10-23, no return"),
        ("Broken since yesterday.", "Broken since 2026-10-22."),
        ("Ada is back. Yesterday she called.", "Ada is back. On 2026-10-22 she called."),
        ("1. Yesterday Ada called.", "1. On 2026-10-22 Ada called."),
        ("**Yesterday** Ada called.", "**On 2026-10-22** Ada called."),
        ("Log: Yesterday Ada called.", "Log: On 2026-10-22 Ada called."),
        ("Gestern hat Ada angerufen.", "Am 2026-10-22 hat Ada angerufen."),
        ("Ada kommt nächste Woche.", "Ada kommt in der Woche vom 2026-10-26."),
        ("Seit gestern ist die Pumpe aus.", "Seit 2026-10-22 ist die Pumpe aus."),
        ("La pompe est tombée en panne hier.", "La pompe est tombée en panne le 2026-10-22."),
        ("Wir sehen uns morgen.", "Wir sehen uns am 2026-10-24."),
        ("L'équipe vient demain.", "L'équipe vient le 2026-10-24."),
        ("Ada ha chiamato ieri.", "Ada ha chiamato il 2026-10-22."),
        ("Ayer llamó Ada.", "El 2026-10-22 llamó Ada."),
        ("昨天 Ada 打电话。", "2026-10-22 Ada 打电话。"),
        ("Вчера звонила Ада.", "2026-10-22 звонила Ада."),
    ],
)
def test_a_relative_day_becomes_a_date(text: str, expected: str) -> None:
    assert rewritten(f"- {text}\n") == f"- {expected}\n"


@pytest.mark.parametrize(
    "text",
    [
        "Read yesterday's log.",
        "The playlist starts with Yesterday by the Beatles.",
        "The tab is called Today and shows open tasks.",
        "The label reads Due Today.",
        "Users can filter by yesterday, today or tomorrow.",
        "Tabs: Today, Tomorrow, Someday.",
        "Die Sendung heißt heute journal.",
        "Le film s'appelle hier encore.",
        "The class yesterday holds the list.",
        "Run `yesterday` first.",
        'Ada said "call me tomorrow".',
        "Don't put off until tomorrow.",
        "Every day is like today.",
        "If it rains tomorrow, cover the pump.",
        "See tomorrow-land and today.md.",
        "Over the last week it rained.",
        "Ada called yesterday (2026-10-22).",
        "Yesterday was long.",
        "Tomorrow suits Ada.",
        "There is no tomorrow for this pump.",
        "Ben comes next Friday evening.",
        "Hier ist die Liste und das Buch.",
        "Guten Morgen, Ada.",
        "> Ada called yesterday.",
        "De sleutels staan hier in de kluis.",
        "De sleutel ligt hier, la porte est fermée.",
        "Hier liegen alle Passwörter.",
        "Vi sees i morgen.",
        "Morgen gaan wij naar Gent, morgen ook.",
        "Ayer argues that it has no meaning.",
        "Ieri a fost și Ada aici.",
        "Run ``date -d yesterday`` first.",
        "Run ``date -d `x` yesterday`` first.",
        "Run this:\n\n      date -d yesterday",
        "Run this:\n\n  ````\n  ```\n  date -d yesterday\n  ```\n  date -d tomorrow\n  ````",
        "One tick ` too many\n  and `date -d yesterday`.",
        "Run `date -d\n  yesterday` first.",
    ],
)
def test_words_that_are_no_relative_day_stay(text: str) -> None:
    assert rewritten(f"- {text}\n") == f"- {text}\n"


def test_only_a_certain_day_of_writing_counts() -> None:
    assert rewritten("- Ada called yesterday.\n", "calls.md", Role.NOTE) == "- Ada called yesterday.\n"
    head = "---\nname: calls\nmodified: 2026-10-08T16:45:33Z\n---\n\n"
    fact = "Ada called yesterday."
    assert rewritten(head + fact + "\n", "calls.md", Role.NOTE).endswith("Ada called on 2026-10-07.\n")
    several = head + f"- {fact}\n- Ben is tall.\n"
    assert rewritten(several, "calls.md", Role.NOTE) == several


@pytest.mark.parametrize(
    ("created", "expected"),
    [("2026-10-08", "Ada called on 2026-10-07.\n"), ("2026-09-30", "Ada called yesterday.\n")],
)
def test_a_note_that_was_changed_later_does_not_tell_when_its_words_were_written(
    created: str, expected: str
) -> None:
    head = f"---\nname: calls\ncreated: {created}\nmodified: 2026-10-08\n---\n\n"
    assert rewritten(f"{head}Ada called yesterday.\n", "calls.md", Role.NOTE) == head + expected


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_relative_day_beyond_the_calendar_stays(day: str) -> None:
    text = f"---\ndate: {day}\n---\n\n- Ada called yesterday, comes tomorrow and was here next Tuesday.\n"
    assert rewritten(text, "a.md", Role.NOTE) == text


def test_today_may_mean_nowadays_outside_a_log() -> None:
    text = "---\nname: pump\nmodified: 2026-10-08\n---\n\nNothing checks the pump today.\n"
    assert rewritten(text, "pump.md", Role.NOTE) == text


def test_a_dated_heading_dates_the_entries_below_it() -> None:
    text = "## 2026-10-20\n\n- Ada called yesterday.\n\n## Plans for 2026-12-01\n\n- Ben called yesterday.\n"
    expected = text.replace("Ada called yesterday", "Ada called on 2026-10-19")
    assert rewritten(text, "calls.md", Role.NOTE) == expected


def test_read_only_files_are_left_alone() -> None:
    assert rewritten("- Ada called yesterday.\n", role=Role.READ_ONLY) == "- Ada called yesterday.\n"


def test_many_days_in_one_sentence_take_linear_time() -> None:
    def seconds(count: int) -> float:
        text = "- " + "called yesterday, " * count + "\n"
        started = time.process_time()
        assert rewritten(text).count("2026-10-22") == count
        return time.process_time() - started

    few, many = min(seconds(200) for _ in range(3)), min(seconds(1600) for _ in range(3))
    assert many < 24 * few  # eight times as many days; quadratic code would take sixty-four times as long


WORDS = st.sampled_from(
    ["yesterday", "Today", "next week", "next Monday", "last month", "gestern", "heute", "morgen", "hier",
     "ayer", "昨天", "вчера", "since", "the", "été", "`", '"', ".", ",", "2026-10-01", "\n", "every",
     "as of", "bis"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_a_second_pass_changes_nothing(text: str) -> None:
    once = rewritten(f"- {text}\n")
    assert rewritten(once) == once
