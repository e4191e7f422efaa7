"""An altered note says otherwise in one place, and nothing else in it changes."""

import difflib
import random
from pathlib import Path

import pytest

from kairos.model import Relation
from training.altered import altered
from training.families import RELATIONS, Variety, read_families

NOTE = (
    "The staging API must never be restarted with `systemctl restart api.service` before a deploy on Monday. "
    "Don't use /srv/config/prod.yaml there; Marta approves the limit of at least 2 GB."
)


def texts(note: str, times: int) -> list[str]:
    """Return what is made of a note with so many seeds."""
    made = [altered(note, random.Random(seed)) for seed in range(times)]
    return [one[0] for one in made if one is not None]


def pieces(a: str, b: str) -> int:
    """Return how many pieces of two texts differ, by words."""
    codes = difflib.SequenceMatcher(None, a.split(), b.split(), autojunk=False).get_opcodes()
    return sum(code[0] != "equal" for code in codes)


@pytest.mark.parametrize("seed", range(80))
def test_one_place_changes_and_no_code(seed: int) -> None:
    found = altered(NOTE, random.Random(seed))
    assert found is not None
    changed, relation = found
    assert relation in (Relation.CONFLICT, Relation.DISTINCT)
    assert 1 <= pieces(NOTE, changed) <= 2
    for part in ("`systemctl restart api.service`", "/srv/config/prod.yaml"):
        assert part in changed


def test_all_that_can_be_turned_is_turned_some_time() -> None:
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
def test_other_languages_and_directions(note: str, other: str) -> None:
    assert any(other in changed for changed in texts(note, 60))


def test_a_note_in_which_nothing_can_be_turned_stays() -> None:
    assert texts("`make all`", 20) == []


def test_the_same_seed_gives_the_same() -> None:
    assert texts(NOTE, 20) == texts(NOTE, 20)


def test_a_possessive_is_no_unit() -> None:
    assert "ms" not in " ".join(texts("Luis's bills wait in Ines's room.", 60))


def test_another_environment_or_person_is_something_else_and_an_opposite_is_in_conflict() -> None:
    made = (altered(NOTE, random.Random(seed)) for seed in range(300))
    of = dict(one for one in made if one is not None)
    assert {relation for text, relation in of.items() if "production API" in text} == {Relation.DISTINCT}
    assert {relation for text, relation in of.items() if "Wren approves" in text} == {Relation.DISTINCT}
    assert {relation for text, relation in of.items() if "at most" in text} == {Relation.CONFLICT}
    assert {relation for text, relation in of.items() if "Tuesday" in text} == {Relation.CONFLICT}


def test_training_shows_altered_paraphrases_as_conflicts() -> None:
    families = read_families([Path(__file__).parents[3] / "training/families"])[:40]
    known = {
        text
        for f in families
        for key in ("base", "same", "contains")
        for text in (f[key] if key != "base" else [f[key]])
    }
    variety = Variety(families, [[] for _ in families], 3)
    made = [one for at in range(len(families)) for one in variety.examples(at)]
    conflicts = [{one.a, one.b} for one in made if one.relation == RELATIONS.index(Relation.CONFLICT)]
    turned = [sides for sides in conflicts if sides & known and not sides <= known]
    assert len(turned) > len(made) / 50
