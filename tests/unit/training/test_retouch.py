"""Retouching leaves values and names alone, since changing them would make the label wrong."""

import random
import re
from pathlib import Path

import pytest

from training.families import pairs_in, read_families
from training.retouch import retouched

NOTE = (
    "The staging API listens on port 8443 and must be restarted with `systemctl restart api.service` before a deploy. "
    "Don't use /srv/config/prod.yaml there; the limit is 1.5 GB."
)


@pytest.mark.parametrize("seed", range(60))
def test_values_and_code_stay(seed: int) -> None:
    changed = retouched(NOTE, random.Random(seed))
    for part in ("8443", "systemctl restart api.service", "/srv/config/prod.yaml", "1.5"):
        assert part in changed


@pytest.mark.parametrize("seed", range(60))
def test_a_negation_stays(seed: int) -> None:
    changed = retouched("Never push to main; the bot does not merge.", random.Random(seed)).lower()
    assert re.search(r"never|nveer|neevr|under no circumstances", changed)
    assert re.search(r"does ?\s?not|doesn't", changed)


def test_code_stays_in_its_sentence_when_sentences_are_reordered() -> None:
    note = "Format by `ruff`. Publish via `uv`."
    changed = [retouched(note, random.Random(seed)).replace("`", "").lower() for seed in range(200)]
    assert any(text.index("ruff") > text.index("uv") for text in changed)
    assert all(re.search(r"by\s+ruff", text) and re.search(r"via\s+uv", text) for text in changed)


def test_most_notes_change_and_the_same_seed_gives_the_same() -> None:
    changed = [retouched(NOTE, random.Random(seed)) for seed in range(60)]
    assert sum(text != NOTE for text in changed) > 45
    assert changed == [retouched(NOTE, random.Random(seed)) for seed in range(60)]


def test_own_documents_make_pairs_of_different_lines() -> None:
    documents = read_families([Path(__file__).parents[3] / "training/documents"])
    for document in documents:
        pairs = list(pairs_in(document))
        count = len(document["lines"])
        assert len(pairs) == count * (count - 1) // 2
        assert all(pair.a != pair.b for pair in pairs)
