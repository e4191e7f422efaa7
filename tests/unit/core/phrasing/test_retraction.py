"""A text that repeats a statement but retracts it is no witness for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

from kairos.core.judgement.judge import equal_words
from kairos.core.markdown.claims import statement
from kairos.core.phrasing.retraction import struck_passages, taken_back
from kairos.core.planning.guard import guarded
from kairos.core.root.reading import Reading
from kairos.model import Action, JudgedPair, Judgement, Relation

Read = Callable[[Mapping[str, str]], Reading]
FACT = "The deploy freeze starts on Friday at noon in Berlin."
TAKEN_BACK = (
    "{} This is wrong.",
    "{} Not any more.",
    "{} (superseded)",
    "{} — superseded by the calendar.",
    "Myth: {}",
    "FALSE: {}",
    "Rejected proposal: {}",
    "Mara claims: {} Nobody could confirm it.",
    "If the vote passes: {}",
    "Until last spring: {}",
    "OLD: {}",
    "TODO verify: {}",
    "Falsch: {}",
    "{} Das gilt nicht mehr.",
    "{} C'est obsolète.",
    "{} Ya no.",
    "{} Больше не так.",
    "{} Or so the wiki says.",
    "{} This is under discussion.",
    "{} It is not decided yet.",
    "{} TBD.",
    "{} Das ist noch nicht entschieden.",
    "{} Rien n'est décidé.",
    "{} Aún no está decidido.",
    "{} Ainda não foi decidido.",
    "{} Это ещё не решено.",
)
SAID_TOO = (
    "{}",
    "**Rule:** {}",
    "{} Why: nobody is there on Saturdays to roll back.",
    "{} It was moved from Thursday, until then nobody minded.",
    "For everybody: {} Ask Mara if in doubt.",
)


@pytest.mark.parametrize("frame", TAKEN_BACK)
def test_a_retracting_frame_is_found_from_both_sides(frame: str) -> None:
    framed = frame.format(FACT)
    assert taken_back(FACT, framed)
    assert taken_back(framed, FACT)
    assert taken_back(framed, framed) == ""


HEDGED = (
    ("Deploys need two approvals.", "Deploys need two approvals in theory."),
    ("Deploys need two approvals.", "Nobody knows why deploys need two approvals."),
    ("Deploys need two approvals.", "Deploys used to need two approvals."),
    ("Deploys need two approvals.", "Deploys need two approvals, unless Carla is on call. Ask her."),
    ("Deploys need two approvals.", "Originally deploys needed two approvals."),
    ("Der Export läuft nachts.", "Früher lief der Export nachts."),
    ("Der Export läuft nachts.", "Der Export läuft nachts, außer sonntags."),
    ("Der Export läuft nachts.", "Der Export läuft nachts oder mittags."),
    ("Les factures partent le lundi.", "Il paraît que les factures partent le lundi."),
    ("Les factures partent le lundi.", "Les factures partent le lundi ou le mardi."),
    ("La copia se hace de noche.", "La copia se hace de noche, salvo los domingos."),
    ("La copia se hace de noche.", "Parece que la copia se hace de noche."),
    ("O backup roda à noite.", "O backup roda à noite, exceto aos domingos."),
    ("Копия делается ночью.", "Копия делается ночью, кроме воскресенья."),
    ("备份每天夜里运行。", "据说备份每天夜里运行。"),
    ("备份每天夜里运行。", "备份每天夜里运行。尚未决定。"),
    ("バックアップは毎晩実行される。", "バックアップは毎晩実行されるらしい。"),
)


@pytest.mark.parametrize(("firm", "hedged"), HEDGED)
def test_exceptions_hearsay_and_the_past_are_found_from_both_sides(firm: str, hedged: str) -> None:
    assert taken_back(firm, hedged)
    assert taken_back(hedged, firm)
    assert taken_back(hedged, hedged) == ""


def test_an_exception_counts_only_in_its_own_sentence() -> None:
    assert taken_back(FACT, f"{FACT} If in doubt, ask Mara or Ben.") == ""
    assert taken_back(FACT, f"Mara or Ben know more. {FACT}") == ""
    assert taken_back("A or B holds for deploys.", "A or B holds for all deploys.") == ""


@pytest.mark.parametrize("frame", SAID_TOO)
def test_additional_text_retracts_nothing(frame: str) -> None:
    assert taken_back(FACT, frame.format(FACT)) == ""


def test_retractions_are_found_in_scripts_without_spaces() -> None:
    assert taken_back("部署在每周四进行", "部署在每周四进行。已过时。") == "过时"
    assert taken_back("部署在每周四进行", "部署在每周四进行。很好。") == ""
    assert taken_back("不再部署", "不再部署。很好。") == ""


def test_other_words_are_left_to_the_judge() -> None:
    assert taken_back("Tell bad news at once.", "If something went wrong, say so without delay.") == ""


def test_struck_passages_are_found() -> None:
    assert struck_passages("- ~~The old\n  port~~ and <del>x</del> and <s>y</s>") == {
        "The old port",
        "x",
        "y",
    }
    assert struck_passages("- A ~ b ~~c") == frozenset()
    assert struck_passages("- a < b") == frozenset()


@pytest.mark.parametrize(
    ("other", "action"),
    [
        (f"{FACT} Ask Mara.", Action.MERGE),
        (f"{FACT} Not any more.", Action.ASK),
        (f"~~{FACT}~~ The calendar decides.", Action.NONE),
        (f"<del>{FACT}</del> The calendar decides.", Action.NONE),
    ],
)
def test_a_merge_into_a_retraction_waits_or_is_dropped(read: Read, other: str, action: Action) -> None:
    reading = read({"a.md": f"- {FACT}\n- Tea is free.\n", "b.md": f"- {other}\n- Coffee is not.\n"})
    one, two = (reading.notes[path].entries[0] for path in ("a.md", "b.md"))
    judgement = equal_words(*(statement(e, reading.note_of(e)) for e in (one, two)))
    judgement = judgement or Judgement(Relation.B_CONTAINS_A, Action.MERGE, 1.0, ())
    assert judgement.action is Action.MERGE
    found = guarded(JudgedPair(one.id, two.id, judgement), reading, frozenset()).judgement
    assert found.action is action


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("b.md", "## Rejected proposals\n\n", ""),
        ("b.md", "# Obsolete\n\n", ""),
        ("b.md", "What no longer holds:\n\n", ""),
        ("b.md", "---\nname: b\nstatus: obsolete\n---\n\n", ""),
        ("b.md", "---\nname: b\ndescription: ideas for the spring\n---\n\n", ""),
        ("archive/b.md", "", ""),
        ("b.md", "", "- That is wrong.\n"),
        ("b.md", "", "- The line above is obsolete.\n"),
    ],
)
def test_the_surroundings_of_an_entry_can_retract_it(read: Read, path: str, before: str, after: str) -> None:
    def found(text: str) -> Action:
        reading = read({"a.md": f"# Deploys\n\n- {FACT}\n- Tea is free.\n", path: text})
        one, two = (
            next(entry for entry in reading.notes[name].entries if entry.text == FACT)
            for name in ("a.md", path)
        )
        pair = JudgedPair(one.id, two.id, Judgement(Relation.SAME, Action.MERGE, 1.0, ()))
        return guarded(pair, reading, frozenset()).judgement.action

    assert found(f"{before}- {FACT}\n{after}- Coffee is not.\n") is Action.ASK
    if not path.startswith("archive"):
        assert found(f"# Ship\n\n- {FACT}\n- Nothing of the tea is wrong.\n") is Action.MERGE


@pytest.mark.parametrize("piece", ["~~", "a or b. ", "<del>", "<s>x", "if ", "no longer ", "not ", "a: "])
def test_time_is_linear_in_the_size(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        taken_back(text, "a b c")
        taken_back("a b c", f"a b c {text}")
        taken_back(f"a b c {text}", f"{text} a b c or")
        struck_passages(text)
        return time.process_time() - start

    assert seconds(200_000) < 12 * seconds(50_000) + 0.5
