from __future__ import annotations

import hashlib

import pytest

from kairos.core.markdown.links import Directory
from kairos.core.root.facts import FileFacts
from kairos.core.root.left_as_is import left_as_is
from kairos.model import Role, Source

KNOWN = Directory(frozenset({"a.md", "sub", "sub/b.md", "MEMORY.md", "plan.png"}), {})


def left(
    text: str, path: str = "a.md", role: Role = Role.NOTE, *, dates: bool = True
) -> list[tuple[int, str]]:
    data = text.encode()
    facts = FileFacts(Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role))
    return [(one.line, one.words) for one in left_as_is(facts, KNOWN, dates=dates)]


def whys(text: str, path: str = "a.md", role: Role = Role.NOTE) -> list[tuple[str, str]]:
    """The words for days in a file that dreams leave, each with the reason."""
    data = text.encode()
    facts = FileFacts(Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role))
    return [(one.words, one.why) for one in left_as_is(facts, KNOWN)]


def test_links_in_notes_that_lead_nowhere_are_found_by_line() -> None:
    text = "# A\n\n- See [b](sub/b.md) and [gone](sub/gone.md).\n- ![x](plan.png) [y]\n\n[y]: lost.md\n"
    assert left(text) == [(3, "sub/gone.md"), (6, "lost.md")]
    assert left("[up](../gone.md)\n", "sub/b.md") == [(1, "../gone.md")]


@pytest.mark.parametrize(
    "text",
    [
        "See [[to-be-written]] and `gone.md`.",  # a note that is yet to come; a mention
        "See [web](https://example.org/x.md), [top](#top), [out](../x.md), [root](/etc/x.md).",
        "Matches `[a](b.md)` and [0-9](x).",
        "See [the folder](sub/).",
    ],
)
def test_what_is_no_broken_link_is_not_named(text: str) -> None:
    assert left(f"- {text}\n") == []


def test_pointers_of_an_index_are_mended_by_dreams_but_its_other_links_are_not() -> None:
    index = "- [Gone](gone.md) — gone\n- Read [a](a.md) before [that](that.md) on Mondays.\n"
    assert left(index, "MEMORY.md", Role.INDEX) == [(2, "that.md")]
    assert left(index, "MEMORY-old.md", Role.SUBINDEX) == []


@pytest.mark.parametrize(
    ("path", "head", "why"),
    [
        ("a.md", "", "no date in the note, its name or a heading"),
        ("a.md", "---\ndate: 2026-03-02\n---\n\n", "may be that of another one"),
        ("2026-03-02-release-plan.md", "", "may be one that is planned for"),
    ],
)
def test_a_relative_day_of_an_unknown_day_says_why(path: str, head: str, why: str) -> None:
    data = f"{head}- Tea is green.\n- Salt is white,\n  and yesterday it was short.\n".encode()
    facts = FileFacts(Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, Role.NOTE))
    (one,) = left_as_is(facts, KNOWN)
    assert (one.kind, one.line, one.words) == ("date", head.count("\n") + 3, "yesterday")
    assert why in one.why
    assert left_as_is(facts, KNOWN, dates=False) == ()


def test_the_day_of_a_note_that_was_changed_later_is_unknown_for_that_reason() -> None:
    head = "---\ncreated: 2026-03-02\nupdated: 2026-04-01\n---\n\n"
    data = f"{head}Yesterday the salt was short.\n".encode()
    facts = FileFacts(Source("a.md", data, hashlib.sha256(data).hexdigest(), 0, 0o644, Role.NOTE))
    (one,) = left_as_is(facts, KNOWN)
    assert one.why == "its front matter names two days, and it is unknown which of them the words count from"


def test_relative_days_that_are_made_absolute_or_mean_no_day_are_not_named() -> None:
    assert left("- Yesterday the salt was short.\n", "2026-03-02.md", Role.DAILY) == []
    assert (
        left(
            "- The tab Today is blue.\n- Never put it off until tomorrow.\n- Always salt what you cook today.\n"
        )
        == []
    )


@pytest.mark.parametrize("word", ["Today", "Heute", "Hoje", "Сегодня", "今天"])
def test_a_word_that_may_mean_nowadays_is_named_outside_a_log(word: str) -> None:
    text = f"- {word} 7.\n"
    why = "no date in the note, its name or a heading tells when it was written"
    assert whys(text) == [(word, why)]
    assert whys(text, "2026-03-02.md") == [(word, "outside a log of that day, it may mean nowadays")]
    assert whys(text, "2026-03-02.md", Role.DAILY) == []
    assert whys(f"## 2026-03-02\n\n{text}") == []
    assert whys("---\ndate: 2026-03-02\n---\n\nThe salt is short as of today.\n") == []


def test_the_words_of_a_protected_note_stay() -> None:
    text = "---\ntype: user\ndate: 2026-03-02\n---\n\nYesterday Ada left.\n"
    assert left(text) == [(6, "Yesterday")]
