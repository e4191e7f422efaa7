"""Notes of one form, each about its own subject: neither the same words nor other values in them say anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.guard import guarded
from kairos.core.root.forms import are_of_one_form
from kairos.core.root.places import are_about_different_things, documents, is_comparable
from kairos.core.root.reading import Reading
from kairos.model import Action, JudgedPair, Judgement, Relation

Read = Callable[[Mapping[str, str]], Reading]


def fact(name: str, description: str, text: str) -> str:
    return f"---\nname: {name}\ndescription: {description}\ntype: project\n---\n\n{text}\n"


LEA = "# Lea\n\n- Shoe size is 31.\n- Swimming on Tuesdays at 16:00.\n- Plays the horn.\n"
MAX = "# Max\n\n- Shoe size is 34.\n- Swimming on Thursdays at 17:30.\n- Collects stamps.\n"
ACCESS = "- Log in as deploy with the key in the vault.\n- Port 22 is closed from outside.\n"
TERMS = "Invoices are due after 14 days."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LEA, MAX),
        ("# easy mode\n\n- Five lives at the start.\n- Ghosts return after 60 s.\n",
         "# hard mode\n\n- Two lives at the start.\n- Ghosts return after 20 s.\n"),
        (f"# alpha\n\n{ACCESS}", f"# beta\n\n{ACCESS}"),
        ("# API v1\n\n- Pages hold 50 items.\n", "# API v2\n\n- Pages hold 100 items.\n"),
        (fact("kern-terms", "Terms of Kern", TERMS), fact("ruiz-terms", "Terms of Ruiz", TERMS)),
        (fact("terms-kern", "", TERMS), fact("terms-ruiz", "", "Invoices are due after 30 days.")),
    ],
)  # fmt: skip
def test_records_of_one_form_say_nothing_about_each_other(read: Read, one: str, other: str) -> None:
    reading = read({"a.md": one, "b.md": other})
    a, b = (reading.notes[path].entries[0] for path in ("a.md", "b.md"))
    assert are_of_one_form(a, b, reading)
    assert are_of_one_form(b, a, reading)
    assert are_about_different_things(a, b, reading)
    assert not is_comparable(a, b, reading, documents(reading))
    same = JudgedPair(a.id, b.id, Judgement(Relation.SAME, Action.MERGE, 1.0, ()))
    assert guarded(same, reading, frozenset()).judgement.action is Action.ASK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("# Children\n\n- Lea's shoe size is 31.\n- It rains.\n", "# Shopping\n\n- Lea's shoe size is 34.\n- Milk.\n"),
        (LEA, MAX.replace("Shoe size is 34.", "Lea's shoe size is 34.").replace("Swimming on", "Judo on")),
        (LEA, MAX.replace("# Max", "# Lea in May")),
        ("# User profile\n\n- Prefers tabs.\n- Lives in Graz.\n- Has a dog.\n",
         "# User preferences\n\n- Prefers tabs.\n- Short answers.\n- Tea, not coffee.\n"),
        (LEA, LEA.replace("# Lea", "# Sizes").replace("31", "34").replace("horn", "trumpet")),  # a copy that changed
        (f"{LEA}- Reads a lot.\n- Has a cat.\n", f"{MAX}- Sings in the choir.\n- Wants a dog.\n"),
        (fact("kern-terms", "What Kern pays", TERMS), fact("ruiz-terms", "Terms of Ruiz", TERMS)),
        (fact("kern-terms", "", "Kern pays after 14 days."), fact("kern-due", "", "Kern's terms: 30 days.")),
        (fact("note-1", "", TERMS), fact("note-2", "", TERMS)),
        (fact("terms", "", TERMS), fact("payment-terms", "", TERMS)),
    ],
)  # fmt: skip
def test_other_notes_may_say_something_about_each_other(read: Read, one: str, other: str) -> None:
    reading = read({"a.md": one, "b.md": other})
    a, b = (reading.notes[path].entries[0] for path in ("a.md", "b.md"))
    assert not are_of_one_form(a, b, reading)


def test_lines_of_one_note_or_of_two_logs_are_of_no_form(read: Read) -> None:
    reading = read({"memory/2026-03-01.md": LEA, "memory/2026-03-02.md": MAX, "a.md": LEA})
    one, other, again = (reading.notes[path].entries for path in sorted(reading.notes, reverse=True))
    assert not are_of_one_form(one[0], other[0], reading)
    assert not are_of_one_form(again[0], again[1], reading)


def test_the_steps_of_two_procedures_are_no_statements(read: Read) -> None:
    bread, cake = (
        "1. Heat the oven to 230 °C.\n2. Bake.\n",
        "1. Whip the eggs.\n2. Heat the oven to 170 °C.\n",
    )
    reading = read({"bread.md": f"# Bread\n\n{bread}", "cake.md": f"# Cake\n\n{cake}"})
    a, b = reading.notes["bread.md"].entries[0], reading.notes["cake.md"].entries[1]
    assert not is_comparable(a, b, reading, documents(reading))
