"""The labels that the judge model learns from; a wrong one would teach it something false."""

import json
from collections import Counter
from pathlib import Path

import pytest

from kairos.ml.judge_outputs import RELATIONS
from kairos.model import Relation
from training.check_families import faults
from training.families import (
    Example,
    Family,
    Variety,
    is_held_out,
    is_short,
    labelled,
    mirrored,
    pairs_of,
    read_families,
)

FAMILY: Family = {
    "id": "t1",
    "topic": "port of the preview server",
    "lang": "en",
    "base": "The preview server listens on port 4310. It is started with make preview.",
    "same": [
        "Start the preview server with make preview. It answers on port 4310.",
        "`make preview` brings up the preview server (port 4310).",
        "Preview server: port 4310, started by make preview.",
    ],
    "contains": ["The preview server (port 4310) is started with make preview and reloads by itself."],
    "conflict": ["The preview server listens on port 4320.", "Nothing is started with make preview."],
    "update": ["Since May the preview server listens on port 4400."],
    "distinct": [
        "The docs server listens on port 4311.",
        "make preview needs Node 22.",
        "Port 4312 is free.",
    ],
}


def relation(example: Example) -> Relation:
    return RELATIONS[example.relation]


def test_a_family_gives_every_pair_whose_label_follows_from_its_form() -> None:
    counts = Counter(relation(example) for example in pairs_of(FAMILY))
    assert counts == {
        Relation.SAME: 6,
        Relation.A_CONTAINS_B: 4,
        Relation.CONFLICT: 3 * 5,
        Relation.DISTINCT: 3 * 5,
    }


def test_only_updates_are_newer() -> None:
    newer = {example.a for example in pairs_of(FAMILY) if example.newer == 1}
    assert newer == set(FAMILY["update"])
    assert all(
        example.newer == -1 for example in pairs_of(FAMILY) if relation(example) is not Relation.CONFLICT
    )


@pytest.mark.parametrize(
    ("given", "turned", "forward"),
    [
        (Relation.SAME, Relation.SAME, 0),
        (Relation.A_CONTAINS_B, Relation.B_CONTAINS_A, 1),
        (Relation.B_CONTAINS_A, Relation.A_CONTAINS_B, 0),
        (Relation.CONFLICT, Relation.CONFLICT, 2),
        (Relation.DISTINCT, Relation.DISTINCT, 1),
    ],
)
def test_a_mirrored_example_has_mirrored_labels(given: Relation, turned: Relation, forward: int) -> None:
    found = mirrored(labelled("x", "y", given, "a"))
    assert (found.a, found.b, relation(found), found.inference) == ("y", "x", turned, forward)
    assert found.newer == (2 if given is Relation.CONFLICT else -1)
    assert mirrored(found) == labelled("x", "y", given, "a")


def test_another_value_on_one_side_makes_a_conflict() -> None:
    variety = Variety([FAMILY], [[]], seed=1)
    example = labelled(FAMILY["base"], FAMILY["same"][0], Relation.SAME)
    found = [changed for _ in range(20) if (changed := variety._other_value(example))]
    assert found
    for changed in found:
        assert relation(changed) is Relation.CONFLICT
        assert ("4310" in changed.a) != ("4310" in changed.b)


def test_a_side_with_a_sentence_removed_is_contained() -> None:
    variety = Variety([FAMILY], [[]], seed=1)
    found = variety._shortened(labelled(FAMILY["base"], FAMILY["same"][0], Relation.SAME))
    assert found is not None
    assert relation(found) is Relation.A_CONTAINS_B
    assert len(found.b) < len(found.a)


def test_equal_seeds_give_equal_examples_and_slices_a_part_of_them() -> None:
    def examples(seed: int, slices: int = 1) -> list[Example]:
        return list(Variety([FAMILY, FAMILY], [[1], [0]], seed).examples(0, slices))

    assert examples(3) == examples(3) != examples(4)
    assert len(examples(3, slices=8)) < len(examples(3)) / 3


def test_a_family_is_short_if_all_notes_but_the_containing_ones_are() -> None:
    longer = " ".join(["word"] * 15)
    assert is_short(FAMILY)
    assert is_short({**FAMILY, "contains": [longer]})
    assert not any(
        is_short({**FAMILY, kind: [longer]}) for kind in ("same", "conflict", "update", "distinct")
    )
    assert not is_short({**FAMILY, "base": longer})


def test_a_family_may_have_more_notes_than_it_needs_but_not_fewer() -> None:
    assert not faults(json.dumps({**FAMILY, "distinct": [*FAMILY["distinct"], "Port 4313 is free too."]}))
    assert faults(json.dumps({**FAMILY, "distinct": FAMILY["distinct"][1:]})) == [
        "distinct: fewer than 3 notes"
    ]


def test_our_own_families_are_well_formed_and_a_part_of_them_is_held_out() -> None:
    folder = Path(__file__).parents[3] / "training" / "families"
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    assert not [fault for line in lines for fault in faults(line)]
    families = read_families([folder])
    assert 0.05 < sum(map(is_held_out, families)) / len(families) < 0.2
