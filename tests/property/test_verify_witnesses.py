"""The second line of defence: a plan whose witnesses were tampered with is refused, whoever made it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kairos.core.dates.relative import absolute_dates
from kairos.core.root.reading import Reading, place
from kairos.core.verification.verify import violations
from kairos.layouts import by_name
from kairos.model import (
    Change,
    ChangeKind,
    Edit,
    Entry,
    IndexSize,
    Place,
    Plan,
    RemoveFile,
    Role,
    Snapshot,
    Source,
    Span,
    Splice,
    Witness,
)

BUDGET = IndexSize(200, 25_000)
SENTENCES = (
    "Tea is free.",
    "Coffee costs a coin. The machine takes no notes.",
    "Yesterday the office moved.",
    "The port is 8080 since yesterday.",
    "See [the plan](gone.md) for details.",
    "Фонтан закрыт.",
    "发票用西班牙语写。",
    "Numbers: 1, 2\n  - a child\n  - another child",
    "*Never* deploy on Fridays; ask `ops`.",
    "The lift is broken. Take the stairs.",
    "Windows open at 7.",
    "Keys hang behind the door.",
)
NAMES = ("a.md", "b.md", "2026-02-03.md", "d.md")


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Roots of two to four notes with at least two bullets each, no text twice, and a note that others may link to."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    said = draw(st.permutations(SENTENCES))
    newline = draw(st.sampled_from(("\n", "\r\n")))
    ends = draw(st.booleans())
    files = {"gone.md": b"# Gone\n\n- Over.\n"}
    share = len(said) // len(names)
    for number, name in enumerate(names):
        bullets = said[number * share : (number + 1) * share]
        text = f"# {name}\n\n" + "\n".join(f"- {bullet}" for bullet in bullets) + "\n" * ends
        files[name] = text.replace("\n", newline).encode()
    role_of = by_name("plain").role_of
    sources = tuple(
        Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role)
        for path, data in sorted(files.items())
        if (role := role_of(path)) is not None
    )
    return Reading.of(Snapshot("/root", "plain", sources))


def entries(reading: Reading) -> list[Entry]:
    return [entry for entry in reading.entries.values() if entry.path != "gone.md"]


def merge(dropped: Entry, kept: Entry, *, key: str = "merge") -> Change:
    """Merge two entries without asking whether they say the same, as a person may."""
    claims = [claim for part in dropped.parts for claim in _sentences(part.text)]
    says = _sentences(kept.parts[0].text)[0]
    witness = Witness(kept.id, place(kept), tuple((claim, says) for claim in claims))
    edits = (Splice(dropped.path, dropped.span, b""),)
    return Change(key, ChangeKind.MERGE, "the same", edits, place(dropped), witness=witness)


def _sentences(text: str) -> list[str]:
    from kairos.core.text.sentences import split  # noqa: PLC0415 - the splitter that makes the claims

    return list(split(text))


def prune(entry: Entry, *edits: Edit) -> Change:
    return Change(
        f"prune {entry.id}",
        ChangeKind.PRUNE,
        "stale",
        edits or (Splice(entry.path, entry.span, b""),),
        place(entry),
    )


def whole(reading: Reading, path: str) -> Change:
    subject = Place(path, 1, reading.sources[path].data.decode())
    return Change(f"whole {path}", ChangeKind.PRUNE, "stale", (RemoveFile(path),), subject)


def dates(reading: Reading, entry: Entry) -> list[Change]:
    found = absolute_dates(reading.note_of(entry), entry, reading.sources[entry.path].data)
    edits = tuple(splice for splice, _ in found)
    return [Change(f"date {entry.id}", ChangeKind.DATE, "absolute", edits, place(entry))] if edits else []


def unlinked(reading: Reading) -> Change:
    """Remove gone.md, and reduce the links to it to their text."""
    link, text = b"[the plan](gone.md)", b"the plan"
    edits: list[Edit] = []
    for path, source in reading.sources.items():
        start = source.data.find(link)
        if start >= 0:
            edits.append(Splice(path, Span(start, start + len(link)), text))
    change = whole(reading, "gone.md")
    return replace(change, edits=(*change.edits, *edits))


def refusals(reading: Reading, *changes: Change, approved: bool = True) -> tuple[str, ...]:
    plan = Plan("/root", "plain", date(2026, 3, 2), {}, changes)
    return tuple(one.sentence for one in violations(plan, reading, BUDGET, approved=approved))


@dataclass(frozen=True, slots=True)
class Case:
    """A root with a sound merge, and a third entry."""

    reading: Reading
    dropped: Entry
    kept: Entry
    other: Entry

    @property
    def merge(self) -> Change:
        return merge(self.dropped, self.kept)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    reading = draw(readings())
    dropped, kept, other = draw(st.permutations(entries(reading)))[:3]
    return Case(reading, dropped, kept, other)


@settings(max_examples=100, deadline=None)
@given(case=cases(), with_dates=st.booleans(), without_links=st.booleans())
def test_a_sound_plan_passes_with_all_that_it_may_replace(
    case: Case, *, with_dates: bool, without_links: bool
) -> None:
    changes = [case.merge, prune(case.other)]
    stays = [e for e in entries(case.reading) if e not in {case.dropped, case.other}]
    if with_dates:
        changes += [change for entry in stays for change in dates(case.reading, entry)]
    if without_links:
        link = unlinked(case.reading)
        gone = {(e.path, e.span) for e in (case.dropped, case.other) if "gone.md" in e.raw}
        kept = tuple(
            e
            for e in link.edits
            if not isinstance(e, Splice)
            or not any(p == e.path and s.start <= e.span.start < s.end for p, s in gone)
        )
        changes.append(replace(link, edits=kept))
    assert refusals(case.reading, *changes) == ()


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_a_removed_witness_is_refused(case: Case) -> None:
    assert refusals(case.reading, case.merge, prune(case.kept))
    assume(case.kept.path != case.dropped.path)
    assert refusals(case.reading, case.merge, whole(case.reading, case.kept.path))


@settings(max_examples=100, deadline=None)
@given(
    case=cases(), data=st.data(), kind=st.sampled_from(ChangeKind), text=st.sampled_from((b"", b"x", b"\n"))
)
def test_a_cut_or_reworded_witness_is_refused(
    case: Case, data: st.DataObject, kind: ChangeKind, text: bytes
) -> None:
    raw = case.kept.raw.encode()
    start = data.draw(st.integers(0, len(raw) - 1))
    end = data.draw(st.integers(start + (not text), len(raw)))
    assume(raw[start:end] != text)
    span = Span(case.kept.span.start + start, case.kept.span.start + end)
    edit = Splice(case.kept.path, span, text)
    # Insertions just before or just after it do not touch it.
    assume(edit.span.start > case.kept.span.start or edit.span.end > edit.span.start)
    assume(edit.span.end < case.kept.span.start + len(raw) or edit.span.start < edit.span.end)
    tampering = replace(prune(case.other), kind=kind, edits=(edit,), subject=place(case.kept))
    assert refusals(case.reading, case.merge, tampering)


@settings(max_examples=60, deadline=None)
@given(case=cases(), fence=st.sampled_from((b"<!--\n", b"```\n", b"\n    ")))
def test_a_witness_that_is_no_longer_content_is_refused(case: Case, fence: bytes) -> None:
    first = case.reading.notes[case.kept.path].entries[0]
    assume(first != case.dropped)
    before = Splice(first.path, Span(first.span.start, first.span.start), fence)
    hiding = replace(prune(case.other), kind=ChangeKind.INDEX, edits=(before,))
    assert refusals(case.reading, merge(case.dropped, first), hiding)


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_chains_and_circles_of_merges_are_refused(case: Case) -> None:
    assert refusals(case.reading, case.merge, merge(case.kept, case.other, key="on"))
    assert refusals(case.reading, case.merge, merge(case.kept, case.dropped, key="back"))
    assert refusals(case.reading, merge(case.dropped, case.dropped))


@settings(max_examples=60, deadline=None)
@given(case=cases(), data=st.data())
def test_every_claim_has_to_be_covered_by_the_witness_itself(case: Case, data: st.DataObject) -> None:
    change = case.merge
    assert change.witness is not None
    covers = change.witness.covers
    position = data.draw(st.integers(0, len(covers) - 1))
    left_out = (*covers[:position], *covers[position + 1 :])
    foreign = (*left_out, (covers[position][0], _sentences(case.other.parts[0].text)[0]))
    for tampered in (left_out, foreign):
        witness = replace(change.witness, covers=tampered)
        assert refusals(case.reading, replace(change, witness=witness))


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_a_witness_with_a_wrong_identity_or_place_is_refused(case: Case) -> None:
    change = case.merge
    assert change.witness is not None
    for tampered in (
        replace(change.witness, entry_id="nowhere.md:0"),
        replace(change.witness, entry_id=case.other.id),
        replace(change.witness, place=replace(change.witness.place, text="- Something else.")),
        replace(change.witness, place=replace(change.witness.place, file="gone.md")),
    ):
        assert refusals(case.reading, replace(change, witness=tampered))
    assert refusals(case.reading, replace(change, subject=place(case.other)))


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_a_merge_that_removes_more_is_refused(case: Case) -> None:
    assume(case.other.path != case.dropped.path)
    extra = Splice(case.other.path, case.other.span, b"")
    assert refusals(case.reading, replace(case.merge, edits=(*case.merge.edits, extra)))
    assert refusals(case.reading, replace(case.merge, edits=(RemoveFile(case.dropped.path),)))


VALUES = (
    ("number", ("8080", "9090", "45 minutes", "12 GB", "3.5%")),
    ("day", ("2026-03-01", "on 5 May 2026", "12.11.2025", "June 3, 2026")),
    (
        "identifier",
        (
            "src/app.py",
            "`deploy all`",
            "ops@corp.example",
            "build_index",
            "--no-cache",
            "https://a.example/x",
        ),
    ),
)
FRAMES = (
    ("The relay uses {}.", "For the relay we settled on {}."),
    ("Ask {} before a restart. Wait for the answer.", "Nobody restarts without {}; wait for the answer."),
    ("Запасной вход: {}.", "Через запасной вход: {}."),
)


@st.composite
def valued(draw: st.DrawFn) -> tuple[str, str, str, str]:
    """A kind of value, a text with such a value, and a rewording of it with the same value and with another one."""
    kind, found = draw(st.sampled_from(VALUES))
    one, other = draw(st.permutations(found))[:2]
    frame, reworded = draw(st.permutations(draw(st.sampled_from(FRAMES))))
    return kind, frame.format(one), reworded.format(one), reworded.format(other)


def merged(dropped: str, kept: str) -> tuple[Reading, Change]:
    files = {"a.md": f"# A\n\n- {kept}\n- Else.\n", "b.md": f"# B\n\n- {dropped}\n- More.\n"}
    sources = (Source(path, text.encode(), path, 0, 0o644, Role.NOTE) for path, text in files.items())
    reading = Reading.of(Snapshot("/root", "plain", tuple(sources)))
    (a, _), (b, _) = (reading.notes[path].entries for path in files)
    return reading, merge(b, a)


@settings(max_examples=150, deadline=None)
@given(texts=valued())
def test_a_witness_with_another_value_needs_approval(
    texts: tuple[str, str, str, str],
) -> None:
    kind, text, same, different = texts
    for kept in (same, text, f"{different} {text}"):
        found = refusals(*merged(text, kept), approved=False)
        assert [one for one in found if "takes back" not in one] == []
    reading, change = merged(text, different)
    lacks = f"the {kind} in b.md:3 is not in a.md:3"
    assert lacks in refusals(reading, change, approved=False)
    assert refusals(reading, change) == ()


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(
        st.sampled_from(SENTENCES[:2] + SENTENCES[4:7] + SENTENCES[8:]), min_size=1, max_size=4, unique=True
    )
)
def test_a_witness_that_repeats_the_words_is_accepted(said: list[str]) -> None:
    whole = " ".join(said)
    for part in (said[0], whole, whole.upper().replace("GONE.MD", "gone.md")):
        assert refusals(*merged(part, whole), approved=False) == ()
