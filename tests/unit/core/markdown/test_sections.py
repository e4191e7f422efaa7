"""Files whose entries are separated by lines of `§`."""

from __future__ import annotations

import pytest

from kairos.core.markdown.parse import parse
from kairos.core.markdown.render import apply_splices
from kairos.core.markdown.sections import length, round_trips, sections
from kairos.model import EntryKind, Note, Role, Source, Span, Splice

FENCED = "Run it like this:\n\n```\nmake\n§\nmake test\n```"


def read(text: str, path: str = "MEMORY.md") -> Note:
    return parse(Source(path, text.encode(), "", 0, 0o644, Role.SECTIONS))


def test_each_section_is_one_entry_whatever_markdown_is_in_it() -> None:
    note = read("# Build\n\n- with make\n- twice\n§\nTea.\n§\n- [x] Renew it.\n§\n| a |\n|---|\n| b |")
    assert [entry.raw for entry in note.entries] == [
        "# Build\n\n- with make\n- twice",
        "Tea.",
        "- [x] Renew it.",
        "| a |\n|---|\n| b |",
    ]
    assert {entry.kind for entry in note.entries} == {EntryKind.SECTION}
    assert [entry.line for entry in note.entries] == [1, 6, 8, 10]
    assert [entry.done for entry in note.entries] == [None, None, True, None]
    assert [entry.headings for entry in note.entries] == [()] * 4


def test_a_line_of_the_sign_separates_even_inside_a_code_block() -> None:
    assert [entry.raw for entry in read(FENCED).entries] == [
        "Run it like this:\n\n```\nmake",
        "make test\n```",
    ]


def test_what_only_looks_like_a_separator_is_text() -> None:
    text = "§\nA § B.\n§ C.\n§§\n §\nD.\n§"
    assert [entry.raw for entry in read(text).entries] == [text]


def test_front_matter_is_text() -> None:
    note = read("---\nexpires: 2020-01-01\n---\n§\nA.")
    assert (note.front, note.expires) == (None, None)
    assert note.entries[0].raw.startswith("---\nexpires")


def test_the_profile_of_the_user_is_protected_as_notes_about_the_user_are() -> None:
    assert (read("A.", "USER.md").type, read("A.", "USER.md").protected) == ("user", True)
    assert (read("A.").type, read("A.").protected) == ("", False)


def test_characters_are_counted_as_hermes_does() -> None:
    assert length("\n ä\n§\n日本 \n".encode()) == len("ä\n§\n日本")
    assert length("A\r\nB\r\n§\r\nC".encode()) == len("A\nB\n§\nC")
    assert length(b"") == 0


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ("A", "B|C|D"),
        ("B", "A|C|D"),
        ("D", "A|B|C"),
        ("AB", "C|D"),
        ("CD", "A|B"),
        ("AD", "B|C"),
        ("ABC", "D"),
        ("BCD", "A"),
        ("ABCD", ""),
    ],
)
@pytest.mark.parametrize("delimiter", ["\n§\n", "\r\n§\r\n"])
def test_an_entry_takes_one_delimiter_along(gone: str, left: str, delimiter: str) -> None:
    data = delimiter.join("ABCD").encode()
    spans = dict(zip("ABCD", sections(data), strict=True))
    after = apply_splices(data, [Splice("MEMORY.md", spans[name], b"") for name in gone])
    assert after == left.replace("|", delimiter).encode()
    assert round_trips(after)


def test_in_any_other_file_nothing_but_the_entry_goes() -> None:
    data = "A.\n\n§ 2 applies.\n".encode()
    assert apply_splices(data, [Splice("a.md", Span(0, 3), b"")]) == data[3:]
