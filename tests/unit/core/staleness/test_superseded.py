import hashlib
from datetime import date

import pytest

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.stale import stale
from kairos.core.staleness.superseded import with_final_successors
from kairos.model import Finding, Note, Role, Source

TODAY = date(2026, 11, 20)
MARCH = 1_772_366_400 * 10**9  # 2026-03-01


def note(text: str, path: str = "old.md", mtime_ns: int = MARCH) -> Note:
    data = text.encode()
    return parse(Source(path, data, hashlib.sha256(data).hexdigest(), mtime_ns, 0o644, Role.NOTE))


def findings(text: str, *existing: str) -> tuple[Finding, ...]:
    return stale(note(text), today=Today(TODAY), exists=(existing or ("new.md",)).__contains__)


@pytest.mark.parametrize(
    "marker",
    [
        "Superseded by new.md",
        "**Superseded by [new](new.md).**",
        "**Superseded by** [the new way](./new.md)",
        "**SUPERSEDED** by `new.md` (2026-10-01).",
        "This note is superseded by new.md.",
        "This note has been replaced by [[new]].",
        "_Replaced by [new](new.md#deploys) on 2026-10-01_",
        "⚠️ Deprecated: superseded by new.md",
        "Ersetzt durch [neu](new.md).",
        "Remplacé par new.md",
        "已被 [新](new.md) 取代。",
    ],
)
def test_a_note_that_opens_with_the_marker_is_pruned_as_a_whole(marker: str) -> None:
    for text in (
        f"# Old deploy\n\n{marker}\n\n- Deploys go by ftp.\n",
        f"{marker}\n",
        f"{marker}\n\n## A\n\nB.\n",
    ):
        (found,) = findings(text)
        assert found.entry_id is None
        assert found.unattended
        assert found.successor == "new.md"
        assert "new.md supersedes it" in found.reason
        assert findings(text, "other.md") == ()


@pytest.mark.parametrize(
    "text",
    [
        "> Superseded by [new](new.md).\n\n- Deploys go by ftp.\n",
        "> [!WARNING]\n> This note is superseded by new.md.\n\nDeploys go by ftp.\n",
        "- Superseded by new.md\n- Deploys go by ftp.\n",
        "Superseded by new.md: deploys now go by ssh.\n\nDeploys go by ftp.\n",
        "---\nname: old\ndescription: SUPERSEDED by new.md, was the ftp deploy\n---\n\nDeploys go by ftp.\n",
        "# Superseded by new.md\n\nDeploys go by ftp.\n",
    ],
)
def test_less_plain_words_leave_the_note_to_a_person(text: str) -> None:
    (found,) = findings(text)
    assert found.entry_id is None
    assert not found.unattended


@pytest.mark.parametrize(
    "text",
    [
        "- Deploys go by ftp.\n- Superseded by new.md\n",  # it may refer to the line above
        "# Deploys\n\n## By ftp\n\nSuperseded by new.md\n\n## By ssh\n\nUse the jump host.\n",
        "Superseded by new.md for staging.\n\nDeploys go by ftp.\n",
        "Superseded by new.md, kept for the history.\n\nDeploys go by ftp.\n",
        "The old runner was superseded by new.md in May.\n\nDeploys go by ftp.\n",
        "~~Superseded by new.md~~ No longer true.\n\nDeploys go by ftp.\n",
        "Superseded by old.md\n",
    ],
)
def test_statements_about_anything_but_the_whole_note_find_nothing(text: str) -> None:
    assert findings(text, "new.md", "old.md") == ()


def test_a_marker_that_names_its_subject_proposes_only_its_line() -> None:
    (found,) = findings("- Use B.\n- Superseded by new.md: deploys go by ftp.\n")
    assert found.entry_id is not None
    assert not found.unattended


def both(a: str, b: str, *, b_mtime_ns: int = MARCH) -> dict[str, Finding]:
    notes = {one.path: one for one in (note(a, "a.md"), note(b, "b.md", b_mtime_ns), note("C.\n", "c.md"))}
    found = [
        one for each in notes.values() for one in stale(each, today=Today(TODAY), exists=notes.__contains__)
    ]
    return {one.path: one for one in with_final_successors(found, notes)}


def test_two_notes_that_name_each_other_wait() -> None:
    head = "---\nsuperseded_by: {}\n---\n\nUse {}.\n"
    found = both(head.format("b.md", "x"), head.format("a.md", "y"))
    assert not any(one.unattended for one in found.values())


def test_an_older_successor_waits() -> None:
    assert both("Superseded by b.md\n", "B.\n")["a.md"].unattended
    assert not both("Superseded by b.md\n", "B.\n", b_mtime_ns=MARCH - 86_400 * 10**9)["a.md"].unattended


def test_a_successor_that_was_not_read_is_not_older() -> None:
    old = note("Superseded by new.md\n")
    (found,) = with_final_successors(findings("Superseded by new.md\n"), {old.path: old})
    assert found.unattended
    assert found.successor == "new.md"


def test_the_last_of_a_chain_is_the_successor_of_all() -> None:
    found = both("Superseded by b.md\n", "Superseded by c.md\n")
    assert {one.successor for one in found.values()} == {"c.md"}
    assert all(one.unattended for one in found.values())


def test_a_successor_that_is_pruned_too_inherits_no_links() -> None:
    found = both("Superseded by b.md\n", "---\nexpires: 2026-05-01\n---\n\nB.\n")
    assert found["a.md"].unattended
    assert found["a.md"].successor is None
