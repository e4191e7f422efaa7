"""Files of Hermes are read, joined and counted as Hermes does it, and whatever a dream leaves of one is one again."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.change.aftermath import Shift
from kairos.core.markdown.parse import parse, segments
from kairos.core.markdown.render import apply_splices
from kairos.core.markdown.sections import length, longest, round_trips, sections
from kairos.model import Entry, Role, Source, Splice
from kairos.store.three_way import merge

PIECES = st.sampled_from(
    [
        "§",
        "§",
        "\n§\n",
        "\r\n§\r\n",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "\u3000",
        "\x85",
        "\ufeff",
        "```",
        "- a",
        "# b",
        "---",
    ]
)
RAW = st.lists(PIECES | st.text(max_size=6), max_size=16).map(
    lambda pieces: "".join(pieces).encode("utf-8", "ignore")
)
ENTRIES = st.lists(
    st.lists(
        PIECES.filter(lambda piece: "\r" not in piece) | st.text("abc §\n", max_size=6),
        min_size=1,
        max_size=5,
    )
    .map(lambda pieces: "".join(pieces).strip())
    .filter(lambda text: bool(text) and "\n§\n" not in f"\n{text}\n"),
    min_size=1,
    max_size=7,
)


def as_hermes_reads(data: bytes) -> list[str]:
    """Split a file in text mode at every line of `§`, as Hermes does it."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
    return [text for piece in text.split("\n§\n") if (text := piece.strip())]


def as_hermes_writes(entries: list[str]) -> bytes:
    return "\n§\n".join(entries).encode()


def entries_of(data: bytes) -> tuple[Entry, ...]:
    return parse(Source("MEMORY.md", data, "", 0, 0o644, Role.SECTIONS)).entries


@settings(max_examples=500, deadline=None)
@given(RAW)
def test_any_file_has_the_entries_that_hermes_reads(data: bytes) -> None:
    read = as_hermes_reads(data)
    found = [
        io.TextIOWrapper(io.BytesIO(data[slice(*span)]), encoding="utf-8").read() for span in sections(data)
    ]
    assert found == read
    assert length(data) == len(as_hermes_writes(read).decode())
    assert longest(data) == max(map(len, read), default=0)
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
    assert round_trips(data) == (text.strip() == as_hermes_writes(read).decode())


@settings(max_examples=300, deadline=None)
@given(RAW)
def test_entries_and_gaps_are_the_file(data: bytes) -> None:
    source = Source("USER.md", data, "", 0, 0o644, Role.SECTIONS)
    note = parse(source)
    assert b"".join(segments(source, note)) == data
    for entry in note.entries:
        assert data[slice(*entry.span)].decode().rstrip("\r\n") == entry.raw
        assert entry.text


@settings(max_examples=500, deadline=None)
@given(ENTRIES, st.data(), st.sampled_from(["", "\n", " \n\n"]))
def test_whatever_goes_the_rest_is_as_hermes_would_write_it(
    texts: list[str], data: st.DataObject, end: str
) -> None:
    before = as_hermes_writes(texts) + end.encode()
    spans = list(sections(before))
    goes = data.draw(st.sets(st.sampled_from(range(len(spans)))))
    dated = data.draw(st.sets(st.sampled_from(range(len(spans))))) - goes
    removals = [Splice("MEMORY.md", spans[at], b"") for at in goes]
    dates = [Splice("MEMORY.md", spans[at], b"On 2026-11-02") for at in dated]
    after = apply_splices(before, (*removals, *dates))
    left = ["On 2026-11-02" if at in dated else text for at, text in enumerate(texts) if at not in goes]
    assert after == as_hermes_writes(left) + end.encode()
    moved = Shift.of((*removals, *dates), before)
    kept = [at for at in range(len(spans)) if at not in goes]
    assert [moved(spans[at].start) for at in kept] == [span.start for span in sections(after)]
    assert {at for at in range(len(spans)) if moved.deletes(spans[at].start)} == goes


@settings(max_examples=300, deadline=None)
@given(ENTRIES, st.data())
def test_an_undo_around_what_hermes_added_and_removed_is_as_hermes_would_write_it(
    texts: list[str], data: st.DataObject
) -> None:
    texts = [f"{text} {number}" for number, text in enumerate(texts)]
    before = as_hermes_writes(texts)
    spans = list(sections(before))
    goes = data.draw(st.sets(st.sampled_from(range(len(spans)))))
    after = apply_splices(before, [Splice("MEMORY.md", spans[at], b"") for at in goes])
    added = data.draw(st.lists(st.sampled_from(["new", "newer\n\nand longer"]), unique=True))
    dropped = data.draw(st.sets(st.sampled_from(as_hermes_reads(after) or [""])))
    since = as_hermes_writes([text for text in [*as_hermes_reads(after), *added] if text not in dropped])
    undone = merge("MEMORY.md", base=after, other=before, this=since, sectioned=True)
    assert undone is not None
    assert round_trips(undone)
    assert sorted(as_hermes_reads(undone)) == sorted(set(texts) - dropped | set(added))
