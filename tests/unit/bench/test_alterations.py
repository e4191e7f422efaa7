"""An altered note differs in one statement, and nothing else in it changes."""

import difflib
import random

import pytest

from bench.alterations import altered
from kairos.model import Relation

NOTE = (
    "The staging API must never be restarted with `systemctl restart api.service` before a deploy on Monday. "
    "Don't use /srv/config/prod.yaml there; Marta approves the limit of at least 2 GB."
)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret


def texts(note: str, times: int) -> list[str]:
    """Return the altered texts of a note for a number of seeds."""
    made = [altered(note, seeded(seed)) for seed in range(times)]
    return [one[0] for one in made if one is not None]


def differences(a: str, b: str) -> int:
    """Return in how many places two texts differ, word by word."""
    codes = difflib.SequenceMatcher(None, a.split(), b.split(), autojunk=False).get_opcodes()
    return sum(code[0] != "equal" for code in codes)


@pytest.mark.parametrize("seed", range(80))
def test_one_place_changes_but_never_code(seed: int) -> None:
    found = altered(NOTE, seeded(seed))
    assert found is not None
    changed, relation = found
    assert relation in (Relation.CONFLICT, Relation.DISTINCT)
    assert 1 <= differences(NOTE, changed) <= 2
    for part in ("`systemctl restart api.service`", "/srv/config/prod.yaml"):
        assert part in changed


def test_everything_that_can_be_altered_is_altered_by_some_seed() -> None:
    found = texts(NOTE, 400)
    assert NOTE not in found
    for part in (
        "production API",
        "always",
        "after a deploy",
        "Tuesday",
        "Use /srv",
        "at most",
        "KB",
    ):
        assert any(part in text for text in found), part


@pytest.mark.parametrize(
    ("note", "other"),
    [
        ("Code reviews go from Ines to Pavel.", "from Pavel to Ines"),
        ("`lint` → `test`", "`test` → `lint`"),
        ("Der Router steht nicht im Keller.", "steht im Keller"),
        ("Le budget est toujours validé.", "jamais"),
        ("部署之前必须备份。", "不必"),
        ("Logs werden alle 3 Tage gelöscht.", "keine 3 Tage"),
    ],
)
def test_notes_in_other_languages_and_directions_are_altered(note: str, other: str) -> None:
    assert any(other in changed for changed in texts(note, 60))


def test_a_note_without_anything_to_alter_gives_nothing() -> None:
    assert texts("`make all`", 20) == []


def test_equal_seeds_give_equal_alterations() -> None:
    assert texts(NOTE, 20) == texts(NOTE, 20)


def test_a_possessive_is_no_unit() -> None:
    assert "ms" not in " ".join(texts("Luis's bills wait in Ines's room.", 60))


def test_other_environments_and_persons_are_distinct_but_opposites_conflict() -> None:
    made = (altered(NOTE, seeded(seed)) for seed in range(300))
    of = dict(one for one in made if one is not None)
    assert {relation for text, relation in of.items() if "production API" in text} == {Relation.DISTINCT}
    assert {relation for text, relation in of.items() if "Wren approves" in text} == {Relation.DISTINCT}
    assert {relation for text, relation in of.items() if "at most" in text} == {Relation.CONFLICT}
    assert {relation for text, relation in of.items() if "Tuesday" in text} == {Relation.CONFLICT}
