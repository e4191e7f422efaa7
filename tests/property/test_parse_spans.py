from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.markdown.claims import claims, statement
from kairos.core.markdown.parse import parse, segments
from kairos.core.markdown.plain_text import plain
from kairos.core.text.sentences import split
from kairos.model import Role, Source

LINES = st.one_of(
    st.sampled_from(
        (
            *(
                "",
                "- a",
                "  - b",
                "    - c",
                "1. d",
                "- [x] e",
                "# H",
                "## I",
                "| a | b |",
                "|---|---|",
                "> q",
            ),
            *("```", "~~~", "---", "...", "name: x", "Lead:", "**Why:** y", "<!--", "-->", "<div>", "[r]: u"),
            *("    code", "===", "- - x", "-", "\t- t", "  text", "~~s~~", "\ufeff", "a `b", "*c* **d"),
        )
    ),
    st.text(max_size=12),
)
BREAKS = st.sampled_from(["\n", "\r\n", "\r"])
PAGES = st.builds(
    lambda bom, lines: bom + "".join(line + end for line, end in lines),
    st.sampled_from(["", "", "\ufeff", "---\n"]),
    st.lists(st.tuples(LINES, BREAKS | st.just("")), max_size=14),
)


@settings(max_examples=400, deadline=None)
@given(PAGES, st.sampled_from([Role.NOTE, Role.INDEX]))
def test_entries_and_gaps_are_the_file(text: str, role: Role) -> None:
    source = Source("n.md", text.encode("utf-8", "ignore"), "", 0, 0o644, role)
    note = parse(source)
    assert b"".join(segments(source, note)) == source.data
    end = note.body.start
    for entry in note.entries:
        assert end <= entry.span.start < entry.span.end <= len(source.data)
        assert entry.text or any(part.text for part in entry.parts)
        assert source.data[entry.span.start : entry.span.end].decode().rstrip("\r\n") == entry.raw
        at_line_start = source.data[: entry.span.start].endswith((b"\n", b"\r", b"\xef\xbb\xbf"))
        assert at_line_start or entry.span.start == 0
        end = entry.span.end


@settings(max_examples=300, deadline=None)
@given(PAGES)
def test_no_word_of_an_entry_is_outside_its_parts(text: str) -> None:
    source = Source("n.md", text.encode("utf-8", "ignore"), "", 0, 0o644, Role.NOTE)
    note = parse(source)
    for entry in note.entries:
        position = entry.span.start
        for part in entry.parts:
            assert not source.data[position : part.span.start].strip()
            position = part.span.end
        assert not source.data[position : entry.span.end].strip()
        assert statement(entry, note).text == entry.text
    assert {claim.entry_id for claim in claims(note)} <= {entry.id for entry in note.entries}


@given(st.text(alphabet="ab .!?;。`\"'()*_~[]<>\\\n-0", max_size=60))
def test_splitting_keeps_every_letter(text: str) -> None:
    def letters(piece: str) -> str:
        return "".join(filter(str.isalnum, piece))

    assert letters("".join(split(text))) == letters(text)


@given(st.text(alphabet="ab *_~`[]()<>!\\/.\n-0\x00", max_size=60))
def test_plain_text_keeps_words_in_order(text: str) -> None:
    shown = "".join(plain(text).split())  # in CommonMark, a line break in a code span is a space
    rest = iter(text)
    assert all(character in rest for character in shown)
