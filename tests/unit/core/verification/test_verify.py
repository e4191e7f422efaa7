"""Handwritten plans that violate an invariant: each is refused with a sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from kairos.core.markdown.claims import sentences_of
from kairos.core.root.conflicts_note import POINTER_HOOK, TITLE
from kairos.core.root.reading import Reading, place
from kairos.core.verification.verify import violations
from kairos.core.verification.violation import Violation
from kairos.model import (
    Change,
    ChangeKind,
    CreateFile,
    Edit,
    Entry,
    IndexSize,
    Place,
    Plan,
    RemoveFile,
    Span,
    Splice,
    Witness,
)

Read = Callable[[Mapping[str, str]], Reading]
BUDGET = IndexSize(200, 25_000)
FILES = {
    "MEMORY.md": "# Memory\n\n- [A](a.md) — a\n- [B](b.md) — b\n",
    "a.md": "# A\n\n- Tea is free.\n- Coffee costs a coin.\n",
    "b.md": "# B\n\n- Tea is free.\n- The lift is broken.\n",
    "CLAUDE.md": "Be kind.\n",
    "kairos-conflicts.md": "---\nname: kairos-conflicts\n---\n\nold\n",
}


@pytest.fixture
def reading(read: Read) -> Reading:
    return read(FILES)


def plan(*changes: Change) -> Plan:
    return Plan("/root", "plain", date(2026, 3, 2), {}, changes)


def entry(reading: Reading, path: str, text: str) -> Entry:
    return next(e for e in reading.entries.values() if e.path == path and text in e.raw)


def merge(reading: Reading, *edits: Edit, covers: bool = True) -> Change:
    dropped, kept = entry(reading, "b.md", "Tea"), entry(reading, "a.md", "Tea")
    witness = Witness(kept.id, place(kept), ((dropped.text, kept.text),) if covers else ())
    own = edits or (Splice("b.md", dropped.span, b""),)
    return Change("m", ChangeKind.MERGE, "the same", own, place(dropped), witness=witness)


def edit(*edits: Edit, kind: ChangeKind = ChangeKind.INDEX, subject: Place | None = None) -> Change:
    return Change("e", kind, "because", edits, subject or Place("MEMORY.md", 1, ""))


def check(reading: Reading, *changes: Change) -> str:
    return said(violations(plan(*changes), reading, BUDGET))


def said(found: Iterable[Violation]) -> str:
    return "; ".join(one.sentence for one in found)


def test_a_sound_plan_passes(reading: Reading) -> None:
    assert check(reading) == ""
    assert check(reading, merge(reading)) == ""
    assert check(reading, edit(CreateFile("MEMORY-project.md", b"# More\n"))) == ""
    assert check(reading, edit(CreateFile("kairos-conflicts.md", b"new\n"), kind=ChangeKind.CONFLICTS)) == ""


def test_a_users_own_note_named_like_the_conflicts_note_is_not_overwritten(read: Read) -> None:
    own = read({**FILES, "kairos-conflicts.md": "# Mine\n\n- Tea is free.\n"})
    for change in (CreateFile("kairos-conflicts.md", b"new\n"), RemoveFile("kairos-conflicts.md")):
        assert "kairos-conflicts.md" in check(own, edit(change, kind=ChangeKind.CONFLICTS))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.md", "sub/../../x.md", ".git/config", "sub/.git/x", ""]
)
def test_no_edit_leaves_the_root(reading: Reading, path: str) -> None:
    assert "outside the root" in check(reading, edit(CreateFile(path, b"x")))
    assert "outside the root" in check(reading, edit(RemoveFile(path)))


def test_files_that_were_not_read_or_are_not_ours_are_not_edited(reading: Reading) -> None:
    assert check(reading, edit(RemoveFile("secret.md"))) == "secret.md was not read"
    assert check(reading, edit(Splice("CLAUDE.md", Span(0, 2), b""))) == "CLAUDE.md is read-only"
    assert check(reading, edit(CreateFile("a.md", b"x"))) == "a.md exists and was not written by Kairos"
    there = replace(reading, snapshot=replace(reading.snapshot, other_paths=frozenset({"run.sh"})))
    assert check(there, edit(CreateFile("run.sh", b"x"))) == "run.sh was not read"


def test_no_bytes_are_edited_twice(reading: Reading) -> None:
    span = entry(reading, "b.md", "Tea").span
    other = edit(Splice("b.md", Span(span.start + 1, span.end), b"x"))
    assert "edited twice" in check(reading, merge(reading), other)


def test_a_merge_needs_a_witness_that_covers_and_stays(reading: Reading) -> None:
    assert (
        check(reading, replace(merge(reading), witness=None)) == "b.md:3 would be removed without a witness"
    )
    assert check(reading, merge(reading, covers=False)) == "b.md:3 would be removed without a witness"
    kept = entry(reading, "a.md", "Tea")
    pruned = edit(Splice("a.md", kept.span, b""), kind=ChangeKind.PRUNE, subject=place(kept))
    assert "the witness of b.md:3 would no longer be in a.md" in check(reading, merge(reading), pruned)


def test_a_witness_may_lose_a_link_that_leads_nowhere_but_keeps_its_words(read: Read) -> None:
    index = "# Memory\n\n- [Tea](gone.md) — is free.\n- [B](b.md) — b\n"
    found = read({"MEMORY.md": index, "b.md": "# B\n\n- Tea — is free.\n- The lift is broken.\n"})
    kept, dropped = entry(found, "MEMORY.md", "Tea"), entry(found, "b.md", "Tea")
    witness = Witness(kept.id, place(kept), ((dropped.text, kept.text),))
    own = (Splice("b.md", dropped.span, b""),)
    change = Change("m", ChangeKind.MERGE, "the same", own, place(dropped), witness=witness)
    start = index.encode().index(b"[Tea]")
    link = Span(start, start + len("[Tea](gone.md)"))
    assert check(found, change, edit(Splice("MEMORY.md", link, b"Tea"))) == ""
    lost = "the witness of b.md:3 would no longer be in MEMORY.md"
    assert lost in check(found, change, edit(Splice("MEMORY.md", link, b"Coffee")))
    kept_link = link._replace(start=start + len("[Tea]("), end=link.end - 1)
    assert lost in check(found, change, edit(Splice("MEMORY.md", kept_link, b"b.md")))


def merged(reading: Reading, *more: Edit) -> Change:
    """Merge the first entry of b.md into that of a.md, with a witness that claims to cover everything."""
    (kept, *_), (dropped, *_) = (reading.notes[path].entries for path in ("a.md", "b.md"))
    covers = tuple((sentence, kept.text) for sentence in sentences_of(dropped))
    edits = (Splice("b.md", dropped.span, b""), *more)
    witness = Witness(kept.id, place(kept), covers)
    return Change("v", ChangeKind.MERGE, "the same", edits, place(dropped), witness=witness)


def test_an_unattended_merge_keeps_every_value(read: Read) -> None:
    reading = read({"a.md": "- The port is 8080.\n- Else.\n", "b.md": "- Our port: 9090.\n- More.\n"})
    assert check(reading, merged(reading)) == "the number in b.md:1 is not in a.md:1"
    assert violations(plan(merged(reading)), reading, BUDGET, approved=True) == ()


def test_carried_over_values_are_not_lost(read: Read) -> None:
    kept = "---\nname: a\n---\nDeploys run at night.\n\n**Why:** few are here.\n"
    reading = read({"a.md": kept, "b.md": "- By 22:00 deploys run.\n- More.\n"})
    end = len(kept.encode())
    carried = Splice("a.md", Span(end, end), b"**How to apply:** start at 22:00.\n")
    assert "the number in b.md:1" in check(reading, merged(reading))
    assert check(reading, merged(reading, carried)) == ""


def test_the_name_of_a_removed_note_is_no_lost_value(read: Read) -> None:
    text = "- Ask as [[{}]] says.\n"
    files = {"a.md": text.format("new_rule"), "b.md": text.format("old_rule") + "- More.\n"}
    reading = read({**files, "old_rule.md": "# Old\n\n- Over.\n", "new_rule.md": "# New\n\n- Now.\n"})
    assert check(reading, merged(reading)) == "the identifier in b.md:1 is not in a.md:1"
    old = reading.notes["old_rule.md"]
    gone = edit(RemoveFile("old_rule.md"), kind=ChangeKind.PRUNE, subject=place(old.entries[0]))
    assert check(reading, merged(reading), gone) == ""


TWINS = {"a.md": FILES["a.md"], "b.md": FILES["a.md"]}


def twin(reading: Reading) -> Change:
    text = reading.sources["b.md"].data.decode()
    witness = Witness("a.md", Place("a.md", 1, text), ((text, text),))
    return Change(
        "t", ChangeKind.MERGE, "twin", (RemoveFile("b.md"),), Place("b.md", 1, text), witness=witness
    )


def pruned(entry: Entry) -> Change:
    edit = Splice(entry.path, entry.span, b"")
    return Change(f"p {entry.id}", ChangeKind.PRUNE, "stale", (edit,), place(entry))


def test_every_entry_of_a_twin_is_in_the_other_one_or_removed_for_a_reason(read: Read) -> None:
    reading = read(TWINS)
    tea_a, tea_b = (entry(reading, path, "Tea") for path in ("a.md", "b.md"))
    assert check(reading, twin(reading)) == ""
    assert check(reading, twin(reading), pruned(tea_a)) == "the witness of b.md:3 would no longer be in a.md"
    assert check(reading, twin(reading), pruned(tea_a), pruned(tea_b)) == ""
    other = read({**TWINS, "a.md": TWINS["a.md"] + "- More.\n"})
    assert check(other, twin(other)) == "b.md:1 is not identical to a.md"
    whole = Place("a.md", 1, TWINS["a.md"])
    gone = Change("w", ChangeKind.PRUNE, "stale", (RemoveFile("a.md"),), whole)
    assert "would no longer be in a.md" in check(reading, twin(reading), gone)


def test_a_note_with_a_single_entry_is_merged_as_an_entry(read: Read) -> None:
    reading = read({**FILES, "MEMORY.md": "# Memory\n\n- [A](a.md)\n", "b.md": "- Tea is free."})
    assert check(reading, merge(reading, RemoveFile("b.md"))) == ""
    assert check(reading, merge(reading, RemoveFile("b.md"), covers=False)) != ""


def test_only_whole_entries_are_removed(reading: Reading) -> None:
    tea = entry(reading, "a.md", "Tea")
    half = Splice("a.md", Span(tea.span.start, tea.span.start + 5), b"")
    heading = Splice("a.md", Span(0, 4), b"")
    assert "bytes 5–10 of a.md are not a whole entry" in check(reading, replace(pruned(tea), edits=(half,)))
    assert check(reading, replace(pruned(tea), edits=(heading,))) == "bytes 0–4 of a.md are not a whole entry"


def test_an_edited_file_must_remain_text(read: Read) -> None:
    reading = read({"a.md": "- Чай.\n"})
    assert check(reading, edit(Splice("a.md", Span(2, 3), b""))) == "a.md would no longer be text"


def test_every_removed_entry_is_named_by_a_change(reading: Reading) -> None:
    lift = entry(reading, "b.md", "lift")
    gone = edit(RemoveFile("b.md"), kind=ChangeKind.PRUNE, subject=place(lift))
    pointer = edit(Splice("MEMORY.md", entry(reading, "MEMORY.md", "b.md").span, b""))
    assert check(reading, gone, pointer) == "b.md:3 would disappear without a reason"
    whole = replace(gone, subject=Place("b.md", 1, FILES["b.md"]))
    assert check(reading, whole, pointer) == ""


def test_no_good_pointer_is_left_dangling(reading: Reading) -> None:
    whole = edit(RemoveFile("b.md"), kind=ChangeKind.PRUNE, subject=Place("b.md", 1, FILES["b.md"]))
    assert check(reading, whole) == "MEMORY.md would point to b.md, which is removed"


def test_the_index_itself_stays(reading: Reading) -> None:
    whole = edit(RemoveFile("MEMORY.md"), subject=Place("MEMORY.md", 1, FILES["MEMORY.md"]))
    assert "MEMORY.md would be removed" in check(reading, whole)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (IndexSize(10, 100), IndexSize(201, 100), "201 lines, but only 200 are loaded"),
        (IndexSize(10, 100), IndexSize(10, 25_001), "25001 bytes, but only 25000 are loaded"),
        (IndexSize(300, 30_000), IndexSize(301, 100), "301 lines"),
        (IndexSize(300, 30_000), IndexSize(300, 30_000), ""),
    ],
)
def test_the_index_does_not_outgrow_its_budget(
    reading: Reading, before: IndexSize, after: IndexSize, fault: str
) -> None:
    found = violations(replace(plan(), index_before=before, index_after=after), reading, BUDGET)
    assert fault in said(found)
    assert bool(found) is bool(fault)


def test_an_entry_that_an_edit_turns_into_a_heading_counts_as_lost(read: Read) -> None:
    text = "The key is with Mara.\n- Tea is free.\n---\n- The lift is broken.\n"
    reading = read(FILES | {"b.md": text})
    assert check(reading, merge(reading)) == "b.md:1 would disappear without a reason"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("- Tea is free.\n", "- Tea is free. Not any more.\n"),
        ("- Rejected proposal: tea is free.\n", "- Tea is free.\n"),
        ("- Tea is free.\n- That is wrong.\n", "- Tea is free.\n"),
        ("# Obsolete\n\n- Tea is free.\n", "- Tea is free.\n"),
        ("- Tea is ~~not~~ free.\n", "- Tea is not free.\n"),
    ],
)
def test_no_merge_relies_on_a_retracted_statement(read: Read, a: str, b: str) -> None:
    reading = read({"a.md": a + "- Else.\n", "b.md": b + "- More.\n"})
    assert "takes back what both say" in check(reading, merged(reading))
    assert "takes back" not in said(violations(plan(merged(reading)), reading, BUDGET, approved=True))


def test_facts_that_only_an_index_line_names_are_not_removed_with_it(read: Read) -> None:
    index = "- [A](a.md) — a\n- [B](b.md) — opens with PIN 4711 at Kiel\n"
    reading = read(FILES | {"MEMORY.md": index})
    line = entry(reading, "MEMORY.md", "b.md")
    drop = edit(Splice("MEMORY.md", line.span, b""), subject=place(line))
    assert (
        check(reading, drop)
        == "MEMORY.md:2 would remove MEMORY.md:2 as well, and no other text has what it names"
    )
    along = Splice("MEMORY.md", line.span, b"")
    both = entry(reading, "b.md", "Tea")
    taking = merge(reading, Splice("b.md", both.span, b""), along)
    assert "b.md:3 would remove MEMORY.md:2 as well" in check(reading, taking)
    assert violations(plan(drop), reading, BUDGET, approved=True) == ()
    link = edit(
        Splice("MEMORY.md", Span(line.span.start + 2, line.span.start + 11), b"B"), subject=place(line)
    )
    assert "nothing says" not in check(reading, link)
    moved = edit(along, CreateFile("MEMORY-project.md", index.splitlines()[1].encode()))
    assert check(reading, moved) == ""
    whole = edit(RemoveFile("b.md"), along, kind=ChangeKind.PRUNE, subject=Place("b.md", 1, FILES["b.md"]))
    assert check(reading, whole) == ""
    told = read(FILES | {"MEMORY.md": index, "c.md": "- At Kiel, PIN 4711 opens it.\n"})
    assert check(told, drop) == ""


def test_a_violation_tells_which_change_is_to_blame(reading: Reading) -> None:
    unwitnessed = merge(reading, covers=False)
    (found,) = violations(plan(unwitnessed), reading, BUDGET)
    assert found.place == (unwitnessed.subject.file, unwitnessed.subject.line)
    (found,) = violations(plan(edit(RemoveFile("nowhere.md"))), reading, BUDGET)
    assert (found.place, found.files) == (None, ("nowhere.md",))


NAMED = "- [A](a.md) — a\n- [B](b.md) — opens with PIN 4711 at Kiel\n"


def without_line(reading: Reading, target: str) -> Change:
    """Take a line out of the index, and nothing else."""
    line = entry(reading, "MEMORY.md", target)
    return edit(Splice("MEMORY.md", line.span, b""), subject=place(line))


def test_a_fact_that_the_index_still_names_is_not_lost(read: Read) -> None:
    reading = read(FILES | {"MEMORY.md": NAMED})
    assert check(reading, without_line(reading, "a.md")) == ""
    twice = read(FILES | {"MEMORY.md": NAMED + "- Kiel has the PIN 4711.\n"})
    assert check(twice, without_line(twice, "b.md")) == ""


def test_the_change_that_removes_an_index_line_is_the_one_to_blame(read: Read) -> None:
    reading = read(FILES | {"MEMORY.md": NAMED + "- [C](c.md)\n", "c.md": "- Cups.\n"})
    elsewhere = edit(CreateFile("MEMORY-project.md", b"# More\n"), subject=Place("MEMORY-project.md", 1, ""))
    above = without_line(reading, "a.md")
    line = entry(reading, "MEMORY.md", "b.md")
    taking = merge(reading, merge(reading).edits[0], Splice("MEMORY.md", line.span, b""))
    below = replace(without_line(reading, "c.md"), key="below")
    found = check(reading, elsewhere, above, below, taking)
    assert found == "b.md:3 would remove MEMORY.md:2 as well, and no other text has what it names"


def test_what_is_left_of_the_pointer_to_the_conflicts_note_may_go(read: Read) -> None:
    remains = f"- {TITLE} — {POINTER_HOOK}\n"
    reading = read(FILES | {"MEMORY.md": FILES["MEMORY.md"] + remains})
    assert check(reading, without_line(reading, TITLE)) == ""
    own = read(FILES | {"MEMORY.md": FILES["MEMORY.md"] + "- Ask before relying on either.\n"})
    assert check(own, edit(Splice("MEMORY.md", entry(own, "MEMORY.md", "Ask").span, b""))) != ""


def test_an_index_line_that_also_leads_out_of_the_root_is_checked(read: Read) -> None:
    reading = read(
        FILES | {"MEMORY.md": "- [A](a.md)\n- [B](b.md) and [more](../more.md), PIN 4711 at Kiel\n"}
    )
    assert "no other text has what it names" in check(reading, without_line(reading, "b.md"))


@pytest.mark.parametrize(
    ("notes", "lost"),
    [
        ({"c.md": "- PIN 4711 opens Kiel.\n"}, False),
        ({"c.md": "- The PIN is 4711.\n", "d.md": "- It opens at Kiel.\n"}, True),
    ],
)
def test_what_an_index_line_names_has_to_be_in_one_note(
    read: Read, notes: dict[str, str], *, lost: bool
) -> None:
    reading = read(FILES | {"MEMORY.md": NAMED} | notes)
    assert bool(check(reading, without_line(reading, "b.md"))) is lost


def test_an_index_line_that_leads_to_a_file_that_was_not_read_is_checked(read: Read) -> None:
    reading = read(FILES | {"MEMORY.md": "- [A](a.md)\n- [Big](big.md) — opens with PIN 4711 at Kiel\n"})
    there = replace(reading, snapshot=replace(reading.snapshot, other_paths=frozenset({"big.md"})))
    assert "no other text has what it names" in check(there, without_line(there, "big.md"))
