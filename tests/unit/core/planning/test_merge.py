"""Merging two entries: nothing is paraphrased, and text that has nowhere to go stops the merge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from kairos.core.index.linker import Linker
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.planning.merge import (
    CannotMergeError,
    MergeCache,
    Merger,
    as_proposal,
    sentences,
    twin_change,
)
from kairos.core.root.reading import Reading
from kairos.model import Action, Change, Evidence, JudgedPair, Judgement, Relation, RemoveFile, Splice
from tests.light import SameWords

Read = Callable[[Mapping[str, str]], Reading]


def merged(reading: Reading, a: str, b: str, relation: Relation = Relation.SAME) -> Change:
    """Merge the first entries of two files, or the entries given as `path:n`, as if their relation were certain."""
    ids = [entry_id(reading, where) for where in (a, b)]
    pair = JudgedPair(ids[0], ids[1], Judgement(relation, Action.MERGE, 0.9, ()))
    return Merger(reading, SameWords(), Linker(reading).edits_for_removed).merge(pair)


def entry_id(reading: Reading, where: str) -> str:
    path, _, number = where.partition(":")
    return reading.notes[path].entries[int(number or 0)].id


def after(reading: Reading, change: Change) -> dict[str, bytes | None]:
    return {
        path: render_file(reading.sources[path].data, edits)
        for path, edits in edits_by_path([change]).items()
    }


TEA = "Tea is free in the kitchen."


def test_a_duplicate_bullet_goes_and_names_its_witness(read: Read) -> None:
    reading = read({"a.md": f"# A\n\n- {TEA}\n- Other.\n", "b.md": f"# B\n\n- {TEA}\n- Another.\n"})
    change = merged(reading, "a.md", "b.md")
    assert change.witness is not None
    gone, kept = change.subject.file, change.witness.place.file
    assert {gone, kept} == {"a.md", "b.md"}
    assert change.witness.covers == ((TEA, TEA),)
    assert change.reason == f"is word for word the same as {kept}:3"
    assert after(reading, change) == {gone: reading.sources[gone].data.replace(f"- {TEA}\n".encode(), b"")}


@pytest.mark.parametrize(
    ("relation", "kept"), [(Relation.A_CONTAINS_B, "a.md"), (Relation.B_CONTAINS_A, "b.md")]
)
def test_the_containing_side_survives(read: Read, relation: Relation, kept: str) -> None:
    reading = read({"a.md": f"- {TEA}\n- X.\n", "b.md": f"- {TEA} Milk too.\n- Y.\n"})
    change = merged(reading, "a.md", "b.md", relation)
    assert change.witness is not None
    assert change.witness.place.file == kept
    assert "is contained in" in change.reason


def test_a_note_without_entries_is_removed_and_its_pointer_redirected(read: Read) -> None:
    files = {
        "MEMORY.md": "- [B](b.md) — tea\n",
        "a.md": f"# A\n\n- {TEA} Milk too.\n- Other.\n",
        "b.md": f"# B\n\n- {TEA}\n",
    }
    reading = read(files)
    change = merged(reading, "a.md", "b.md", Relation.A_CONTAINS_B)
    assert RemoveFile("b.md") in change.edits
    assert b"(a.md)" in (after(reading, change)["MEMORY.md"] or b"")


def test_of_two_equal_bullets_the_only_one_of_its_note_survives(read: Read) -> None:
    reading = read({"a.md": f"# A\n\n- {TEA}\n- Other.\n", "b.md": f"# B\n\n- {TEA}\n"})
    assert after(reading, merged(reading, "a.md", "b.md")) == {"a.md": b"# A\n\n- Other.\n"}


FACT = "---\nname: n\ndescription: {head}\ntype: project\n---\n\n{body}"


def fact(body: str, head: str = "tea") -> str:
    return FACT.format(head=head, body=body)


def test_a_supporting_part_with_another_link_is_carried_over(read: Read) -> None:
    why = "**Why:** as [agreed]({}.md)."
    reading = read({f"{name}.md": fact(f"{TEA}\n\n{why.format(name)}\n") for name in ("a", "b")})
    (written,) = filter(None, after(reading, merged(reading, "a.md", "b.md")).values())
    assert written.decode().count("(a.md)") == written.decode().count("(b.md)") == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_labelled_parts_are_carried_over_with_the_line_ends_of_the_survivor(read: Read, newline: str) -> None:
    why, how = "**Why:** the *team* asked.", "**How to apply:** never bill it."
    files = {"a.md": fact(f"{TEA}\n\n{why}\n"), "b.md": fact(f"{TEA}\n\n{how}\n")}
    reading = read({name: text.replace("\n", newline) for name, text in files.items()})
    change = merged(reading, "a.md", "b.md")
    kept = change.witness.place.file if change.witness else ""
    (written,) = [data for data in after(reading, change).values() if data is not None]
    assert written.decode().count(TEA) == 1
    assert written.decode().count(why) == written.decode().count(how) == 1
    assert written.startswith(reading.sources[kept].data.rstrip())
    assert (b"\r\n" in written, written.count(b"\n")) == (newline == "\r\n", written.count(newline.encode()))
    assert "carried over: " in change.reason
    assert change.witness is not None
    assert len({said for _, said in change.witness.covers}) >= 2


def test_parts_are_carried_over_without_a_blank_line_below_another_part(read: Read) -> None:
    why, how = "**Why:** the team asked.", "**How to apply:** never bill it."
    files = {"a.md": fact(f"{TEA}\n\n{why}\n"), "b.md": fact(f"{TEA}\n\n{how}\n")}
    reading = read(files)
    (written,) = [data for data in after(reading, merged(reading, "a.md", "b.md")).values() if data]
    assert sorted(written.decode().rpartition(f"{TEA}\n\n")[2].splitlines()) == sorted((why, how))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_parts_are_carried_over_with_the_gaps_between_the_parts_of_the_survivor(
    read: Read, gap: str, newline: str
) -> None:
    own = "**Why:** the team asked.", "**How to apply:** never bill it."
    other = "**Why:** coffee is dearer.", "**How to apply:** put it on the house."
    files = {
        name: fact(TEA + "\n\n" + gap.join(said) + "\n") for name, said in (("a.md", own), ("b.md", other))
    }
    reading = read({name: text.replace("\n", newline) for name, text in files.items()})
    (written,) = [data for data in after(reading, merged(reading, "a.md", "b.md")).values() if data]
    parts = written.decode().replace(newline, "\n").rstrip("\n").rpartition(f"{TEA}\n\n")[2].split(gap)
    assert sorted(parts) == sorted((*own, *other))


def test_each_sentence_has_a_sentence_of_the_survivor_as_its_witness(read: Read) -> None:
    reading = read({"a.md": f"- {TEA} Milk too.\n- X.\n", "b.md": f"- {TEA}\n- Y.\n"})
    change = merged(reading, "a.md", "b.md", Relation.A_CONTAINS_B)
    assert change.witness is not None
    assert change.witness.covers == ((TEA, TEA),)


def test_a_cached_merge_is_not_used_for_other_texts(read: Read) -> None:
    files = {"a.md": f"- {TEA} Milk too.\n- X.\n", "b.md": f"- {TEA}\n- Y.\n"}
    cache: MergeCache = {}

    def change(reading: Reading) -> Change:
        ids = [entry_id(reading, path) for path in ("a.md", "b.md")]
        pair = JudgedPair(ids[0], ids[1], Judgement(Relation.A_CONTAINS_B, Action.MERGE, 0.9, ()))
        return Merger(reading, SameWords(), Linker(reading).edits_for_removed, cache).merge(pair)

    assert change(read(files)).subject.text == f"- {TEA}"
    later = read({**files, "b.md": "- Tea is free.\n- Y.\n"})
    assert change(later).subject.text == "- Tea is free."


def test_only_pairs_with_more_than_one_sentence_have_sentences_to_compare(read: Read) -> None:
    reading = read({"a.md": f"- {TEA} Milk too.\n- X.\n", "b.md": f"- {TEA}\n- Y.\n"})
    tea, milk, other = (entry_id(reading, where) for where in ("b.md", "a.md", "a.md:1"))
    same = Judgement(Relation.SAME, Action.MERGE, 0.9, ())
    assert list(sentences([JudgedPair(milk, tea, same)], reading, {})) == [TEA, "Milk too.", TEA]
    assert list(sentences([JudgedPair(other, tea, same)], reading, {})) == []


def test_a_part_that_both_have_is_not_carried_over(read: Read) -> None:
    body = f"{TEA}\n\n**Why:** the team asked.\n"
    change = merged(read({"a.md": fact(body), "b.md": fact(body)}), "a.md", "b.md")
    assert not [edit for edit in change.edits if isinstance(edit, Splice)]


def test_labelled_parts_that_a_bullet_cannot_hold_stop_the_merge(read: Read) -> None:
    files = {"a.md": f"- {TEA}\n- X.\n", "b.md": fact(f"{TEA}\n\n**Why:** the team asked.\n")}
    with pytest.raises(CannotMergeError, match="no place"):
        merged(read(files), "a.md", "b.md", Relation.A_CONTAINS_B)


def test_code_that_only_one_side_shows_stops_the_merge(read: Read) -> None:
    code = "\n\n  ```sh\n  make tea\n  ```\n"
    files = {"a.md": f"- {TEA}{code}- X.\n", "b.md": f"- {TEA}\n- Y.\n"}
    change = merged(read(files), "a.md", "b.md")  # the side with the code survives
    assert change.subject.file == "b.md"
    with pytest.raises(CannotMergeError, match="code block"):
        merged(read(files), "a.md", "b.md", Relation.B_CONTAINS_A)


def test_a_value_only_in_the_description_of_the_dropped_note_stops_the_merge(read: Read) -> None:
    files = {"a.md": fact(f"{TEA}\n"), "b.md": fact(f"{TEA}\n", "tea since `v2` at port 8080")}
    with pytest.raises(CannotMergeError, match=r"its description names `v2`"):
        merged(read(files), "a.md", "b.md", Relation.A_CONTAINS_B)


def test_a_twin_is_removed_as_a_whole(read: Read) -> None:
    text = f"# A\n\n- {TEA}\n"
    reading = read({"MEMORY.md": "- [B](b.md) — tea\n", "a.md": text, "b.md": text})
    change = twin_change("a.md", "b.md", reading, Linker(reading).edits_for_removed)
    assert after(reading, change)["b.md"] is None
    assert b"(a.md)" in (after(reading, change)["MEMORY.md"] or b"")
    assert (change.subject.line, change.subject.text) == (1, text)
    assert change.witness is not None
    assert change.witness.place.line == 1
    assert as_proposal(change) == change


@pytest.mark.parametrize(
    ("reason", "confidence", "proposed"),
    [
        ("says the same as b.md:3", 0.8, "probably says the same as b.md:3"),
        ("is contained in b.md:3", 0.8, "is probably contained in b.md:3"),
        ("is word for word the same as b.md:3", 1.0, "is word for word the same as b.md:3"),
    ],
)
def test_a_proposal_is_worded_as_a_probability_unless_it_is_certain(
    read: Read, reason: str, confidence: float, proposed: str
) -> None:
    change = merged(read({"a.md": fact(f"{TEA}\n"), "b.md": fact(f"{TEA}\n")}), "a.md", "b.md")
    change = replace(change, reason=reason, confidence=confidence)
    assert as_proposal(change) == replace(change, reason=proposed)


@pytest.mark.parametrize("order", [("a.md", "b.md"), ("b.md", "a.md")])
def test_the_evidence_calls_the_dropped_side_the_first(read: Read, order: tuple[str, str]) -> None:
    reading = read({"a.md": f"- {TEA}\n- Other.\n", "b.md": f"- {TEA} Coffee too.\n- Another.\n"})
    one, other = (entry_id(reading, where) for where in order)
    longer, relation = (
        ("the second", Relation.B_CONTAINS_A) if order[1] == "b.md" else ("the first", Relation.A_CONTAINS_B)
    )
    said = (Evidence("coverage", f"{longer} says more"),)
    pair = JudgedPair(one, other, Judgement(relation, Action.MERGE, 0.9, said))
    change = Merger(reading, SameWords(), Linker(reading).edits_for_removed).merge(pair)
    assert (change.subject.file, change.evidence[0].text) == ("a.md", "the second says more")


def test_nothing_is_merged_into_a_note_set_aside(read: Read) -> None:
    reading = read({"a.md": f"- {TEA}\n- X.\n", "old/b.md": f"- {TEA} Milk too.\n- Y.\n"})
    with pytest.raises(CannotMergeError, match="archive or backup"):
        merged(reading, "a.md", "old/b.md", Relation.B_CONTAINS_A)
    assert merged(reading, "a.md", "old/b.md").subject.file == "old/b.md"
