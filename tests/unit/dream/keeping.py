"""What is kept of two small notes, with a verdict on a pair of their entries."""

from __future__ import annotations

from datetime import date

from kairos.core.judgement.pair_context import PairContext
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.dream.kept import Kept
from kairos.dream.kept_codec import PairPosition
from kairos.model import (
    Action,
    Evidence,
    Judgement,
    Relation,
)

FILES = {
    "a.md": "---\nname: a\ncreated: 2026-02-01T10:00:00Z\n---\n\n- The API listens on port 8080, see [b](b.md).\n",
    "b.md": "- Closed until 2026-01-31.\n- Moved yesterday to the new office.\n",
}
WHERE = PairPosition("a.md:1", "b.md:0", "x", "y", PairContext(nearest=True, mutual=False))
VERDICT = Judgement(
    Relation.SAME, Action.ASK, 0.7, (Evidence("similarity", "similarity 0.70", 0.7),), newer="a"
)
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - made up


def filled(reading: Reading) -> Kept:
    """Return what is kept of a reading, with all facts computed that are found out lazily."""
    for facts in reading.facts.values():
        _ = (facts.claims, facts.links, facts.datings, facts.credentials, facts.wording, facts.line_forms)
        facts.stale(date(2026, 3, 2), lambda _: False)
    return Kept(named(reading), {WHERE: VERDICT})


def named(reading: Reading) -> dict[tuple[str, str], FileFacts]:
    return {(path, facts.source.sha256): facts for path, facts in reading.facts.items()}


def paths_of(kept: Kept) -> list[str]:
    return [path for path, _ in kept.facts]
