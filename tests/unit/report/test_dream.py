from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from kairos.core.judgement.consultation import Consultation
from kairos.core.root.figures import NO_RECALL, Alert, AlertKind, Exposure, Recall
from kairos.model import (
    Change,
    ChangeKind,
    Conflict,
    Evidence,
    IndexSize,
    Place,
    Plan,
    Receipt,
    RemoveFile,
    Skip,
    Span,
    Splice,
    Witness,
)
from kairos.report.dream import dream_report, ending
from kairos.report.escape import visible
from kairos.report.page import Page
from kairos.report.phrases import shell_path, short_path
from kairos.report.values import dream_value, skip_value
from kairos.report.wording import headline

SIMILAR = (Evidence("similarity", "similarity 0.96", 0.96),)
MERGE = Change(
    "aaaa000001",
    ChangeKind.MERGE,
    "says the same as ops.md:4",
    (RemoveFile("ship.md"),),
    Place("ship.md", 3, "- Ship with [bold]`make ship`[/bold]\x1b[2J."),
    SIMILAR,
    0.96,
    Witness("w", Place("ops.md", 4, "We ship with `make ship`."), ()),
)
PRUNE = Change("aaaa000002", ChangeKind.PRUNE, "it expired", (), Place("old.md", 7, "Old."), SIMILAR)
ASK = replace(MERGE, key="aaaa000003", reason="probably says the same as ops.md:4", edits=())
CLASH = Conflict(
    "cccc000001",
    Place("p.md", 3, "Port 8080."),
    Place("q.md", 5, "Port 9090."),
    "b",
    "8080, 9090",
    date(2026, 3, 1),
)
PLAN = Plan(
    root="/home/ann/notes",
    layout="plain",
    today=date(2026, 3, 2),
    base={},
    changes=(MERGE, PRUNE),
    proposals=(ASK,),
    conflicts=(CLASH,),
    entries=12,
    index_before=IndexSize(48, 3000),
    index_after=IndexSize(44, 2800),
)
NOTHING = replace(PLAN, changes=(), proposals=(), conflicts=(), index_after=PLAN.index_before)


@dataclass(frozen=True)
class Done:
    plan: Plan = PLAN
    status: str = "applied"
    receipt: Receipt | None = field(default_factory=lambda: Receipt(9, ("ops.md",), ("ship.md",)))
    dream: int | None = 5
    first: bool = False
    skipped: tuple[Skip, ...] = (Skip("big.md", "it is too large", "Raise max_file_bytes."),)
    notices: tuple[str, ...] = ()
    before: Mapping[str, bytes | None] | None = None
    after: Mapping[str, bytes | None] | None = None
    consultation: Consultation | None = None
    recall: Recall = NO_RECALL
    exposures: tuple[Exposure, ...] = ()
    alerts: tuple[Alert, ...] = ()


def text_of(outcome: Done, width: int = 100) -> str:
    stream = io.StringIO()
    page = Page(Console(file=stream, width=width))
    dream_report(page, outcome, home="/home/ann", budget=IndexSize(200, 25_000))
    ending(page, outcome, home="/home/ann")
    return stream.getvalue()


def test_the_report_says_what_was_done_why_and_how_to_undo_it() -> None:
    text = text_of(Done())
    for words in (
        "~/notes plain",
        "1 duplicate merged, 1 stale entry removed, 1 open conflict, 1 proposal waiting for you,",
        "ship.md (whole note) says the same as ops.md:4",
        "− Ship with [bold]`make ship`[/bold]\\x1b[2J.",
        "= We ship with `make ship`.",
        "similarity 0.96",
        "q.md:5 (newer)",
        "kairos resolve cccc000001 --keep a|b|both",
        "to get it back: kairos undo aaaa000002",
        "lines 48 → 44 of 200, bytes 3,000 → 2,800 of 25,000",
        "kairos approve aaaa000003",
        "big.md: it is too large. Raise max_file_bytes.",
        "1 file written, 1 removed",
        "kairos undo ~/notes 5",
    ):
        assert words in " ".join(text.split())
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("status", "first", "words"),
    [
        ("preview", False, "this was a dry run"),
        ("reported", True, "the first dream of a directory only reports"),
        ("reported", False, "there is no terminal to ask on"),
        ("declined", False, "you declined"),
    ],
)
def test_the_ending_says_why_nothing_was_changed_and_how_to_change_that(
    status: str, first: bool, words: str
) -> None:
    text = text_of(Done(status=status, first=first, receipt=None))
    assert words in text
    assert "kairos dream ~/notes --yes" in text
    assert "To merge" in text
    assert "to get it back" not in text


def test_only_proposals_can_be_decided_one_by_one() -> None:
    mended = Change(
        "aaaa000004", ChangeKind.INDEX, "leads nowhere", (), Place("MEMORY.md", 3, "x"), derived=True
    )
    for status in ("reported", "declined"):
        alone = Done(replace(NOTHING, changes=(mended,)), status, None)
        assert "kairos dream ~/notes --yes" in text_of(alone)
        assert "kairos proposals" not in text_of(alone)
        for some in (
            replace(NOTHING, changes=(mended, PRUNE)),
            replace(NOTHING, changes=(mended,), proposals=(ASK,)),
        ):
            assert "kairos proposals ~/notes" in text_of(Done(some, status, None))


def test_a_healthy_root_is_one_sentence() -> None:
    text = text_of(Done(NOTHING, "nothing", None, skipped=()))
    assert text == "~/notes plain\n12 entries: nothing to do.\n\nThere was nothing to change.\n"


def test_the_headline_is_in_the_future_until_the_plan_is_applied() -> None:
    assert "1 duplicate to merge" in headline(PLAN, done=False)


@example("\x0c", 50)
@given(st.text(max_size=400), st.integers(50, 120))
def test_any_text_stays_within_the_width_without_trailing_blanks(text: str, width: int) -> None:
    change = replace(MERGE, subject=Place("n.md", 1, text), witness=None, edits=())
    shown = text_of(Done(replace(PLAN, changes=(change,)), skipped=()), width)
    commands = ("kairos ", "lines ")
    for line in shown.split("\n"):
        assert cell_len(line) <= width or any(word in line for word in commands)
        assert line == line.rstrip()


@pytest.mark.parametrize(
    ("path", "shell"),
    [
        ("/home/ann/a b", "~/'a b'"),
        ("/home/anna/x", "/home/anna/x"),
        ("/srv/it's", "'/srv/it'\"'\"'s'"),
        ("/home/ann", "~"),
        ("/home/ann/a\nb\x1b[2J", "~/$'a\\x0ab\\x1b[2J'"),
        ("/srv/\u202eit's", "$'/srv/\\xe2\\x80\\xaeit\\x27s'"),
        ("/srv/部署 ü", "'/srv/部署 ü'"),
    ],
)
def test_paths_can_be_pasted_into_a_shell(path: str, shell: str) -> None:
    assert shell_path(path, "/home/ann") == shell
    assert short_path("/home/ann/x", "/home/ann") == "~/x"


@given(name=st.text(st.characters(blacklist_characters="\0", codec="utf-8"), min_size=1, max_size=20))
@settings(max_examples=30)
def test_a_shell_reads_any_path_back(name: str) -> None:
    words = shell_path(f"/srv/{name}", "/home/ann")
    assert visible(words) == words
    assert "\n" not in words
    done = subprocess.run(["bash", "-c", f"printf %s {words}"], check=True, capture_output=True)
    assert done.stdout == f"/srv/{name}".encode()


def test_probes_credentials_and_alerts_are_reported() -> None:
    text = text_of(Done())
    assert "Recall" not in text
    assert "Credentials" not in text
    asked = Done(recall=Recall(31, 30), exposures=(Exposure("a\x1b.md", 7, "GitHub token"),) * 14)
    text = text_of(asked, 200)
    assert (
        "Of 31 searches for merged text, 30 still find what replaces it among the first 5 results; the other"
        in text
    )
    assert "a\\x1b.md:7 GitHub token" in text
    assert "and 2 more" in text
    assert "Of 31 searches for merged text, 31 still find what replaces it" in text_of(
        replace(asked, recall=Recall(31, 31)), 200
    )
    assert (
        "Of 1 search for merged text, 1 still finds what replaces it among the first 5 results."
        in text_of(replace(asked, recall=Recall(1, 1)), 200)
    )
    assert "Check these" not in text
    alerted = Done(alerts=(Alert("a\x1b.md", AlertKind.PINNED, "was rewritten"),) * 14)
    text = text_of(alerted, 200)
    assert "a\\x1b.md: was rewritten." in text
    assert "and 2 more" in text
    assert "kairos status --seen ~/notes" in text
    assert dream_value(alerted)["alerts"][0] == {
        "path": "a\x1b.md",
        "kind": "pinned",
        "words": "was rewritten",
    }
    value = dream_value(asked)
    assert value["recall"] == {"probes": 31, "passed": 30}
    assert value["secrets"][0] == {"file": "a\x1b.md", "line": 7, "kind": "GitHub token"}


def test_the_json_counts_applied_changes() -> None:
    assert dream_value(Done(status="reported", receipt=None))["done"] == {}
    left_alone = Receipt(9, ("ops.md",), (), (Skip("ship.md", "Somebody else changed it meanwhile.", ""),))
    assert dream_value(Done(status="partial", receipt=left_alone))["done"] == {"prune": 1}


def test_the_json_has_all_keys_and_the_text_verbatim() -> None:
    value = json.loads(json.dumps(dream_value(Done())))
    assert set(value) == {
        "root", "status", "dream", "first", "entries", "changes", "proposals", "conflicts", "skipped",
        "index", "written", "removed", "left", "done", "notices", "language_model", "recall", "secrets", "alerts",
    }  # fmt: skip
    assert value["changes"][0] == {
        "key": "aaaa000001",
        "kind": "merge",
        "reason": "says the same as ops.md:4",
        "file": "ship.md",
        "line": 3,
        "text": MERGE.subject.text,
        "witness": {"file": "ops.md", "line": 4, "text": "We ship with `make ship`."},
        "evidence": [{"kind": "similarity", "text": "similarity 0.96", "score": 0.96}],
        "confidence": 0.96,
    }
    assert value["done"] == {"merge": 1, "prune": 1}
    assert value["index"] == {"before": {"lines": 48, "bytes": 3000}, "after": {"lines": 44, "bytes": 2800}}
    assert set(value["conflicts"][0]) == {"id", "a", "b", "newer", "reason", "since"}


def test_a_report_shortens_long_lists_and_names_the_command_for_the_rest() -> None:
    asked = tuple(
        replace(ASK, key=f"p{number:09}", subject=replace(ASK.subject, file=f"n{number}.md"))
        for number in range(23)
    )
    clashes = tuple(replace(CLASH, id=f"c{number:09}") for number in range(1021))
    text = text_of(Done(plan=replace(PLAN, proposals=asked, conflicts=clashes)))
    assert "kairos approve p000000019" in text
    assert "kairos approve p000000020" not in text
    assert "and 3 more: kairos proposals ~/notes" in text
    assert "and 1,001 more: kairos conflicts ~/notes" in text


def test_a_report_shortens_proposals_of_one_note_and_names_the_command_for_all() -> None:
    lines = [9, 7, 8, 5, 6]
    asked = tuple(replace(ASK, key=f"p{line}", subject=replace(ASK.subject, line=line)) for line in lines)
    text = text_of(Done(plan=replace(PLAN, proposals=(*asked, replace(PRUNE, key="q1")))))
    assert [text.index(f"kairos approve {key}") for key in ("p5", "p6", "p7", "ship.md", "q1")] == sorted(
        text.index(f"kairos approve {key}") for key in ("p5", "p6", "p7", "ship.md", "q1")
    )
    assert "kairos approve p8" not in text
    assert "ship.md: 5 changes to this note wait for you, 3 of them shown here" in text
    assert "kairos approve ship.md ~/notes  or  kairos reject ship.md ~/notes" in text
    assert "approve old.md" not in text  # a single change needs no collective command
    assert "and 2 more: kairos proposals ~/notes" in text


@pytest.mark.parametrize("reason", ["../two.md is outside the root", "../two.md is outside the root."])
def test_the_reason_of_a_skip_is_a_sentence_everywhere(reason: str) -> None:
    skip = Skip("MEMORY.md:4", reason, "Look whether it is meant.")
    assert "MEMORY.md:4: ../two.md is outside the root. Look whether it is meant." in text_of(
        Done(NOTHING, "nothing", None, skipped=(skip,))
    )
    assert skip_value(skip)["reason"] == "../two.md is outside the root."


def test_repairs_of_the_index_are_listed_before_the_many_lines_that_are_added() -> None:
    def index_change(number: int, edit: Splice) -> Change:
        return Change(
            f"{number:010}", ChangeKind.INDEX, f"reason {number}", (edit,), Place("MEMORY.md", 0, "x")
        )

    added = [index_change(number, Splice("MEMORY.md", Span(9, 9), b"- x\n")) for number in range(20)]
    mended = index_change(20, Splice("MEMORY.md", Span(3, 7), b""))
    text = text_of(Done(replace(NOTHING, changes=(*added, mended))))
    listed = [line for line in text.splitlines() if "reason" in line]
    assert [line.split()[-1] for line in listed] == ["20", *map(str, range(11))]
    assert "and 9 more" in text
