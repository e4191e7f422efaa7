"""`python -m bench.altered FAMILIES.jsonl…`: how the judge treats paraphrases altered in one place.

Within each family, every note that says the same is paired with the others, once as it is and once with one word
replaced so that it says something else (`bench.alterations`). The former should be merged or proposed, the latter never
merged.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import click

from bench.alterations import altered
from bench.families import Family, family_options, print_result, read_families
from bench.tables import Table

_ACTIONS = ("merge", "ask", "flag", "none")
SAME, CONTRADICTION, LOOK_ALIKE = "a paraphrase", "a contradiction, by hand", "a look-alike, by hand"


class Pair(NamedTuple):
    """Two notes, and how the second relates to the first."""

    kind: str
    a: str
    b: str


@click.command()
@click.option("--pairs", "most", default=9000, show_default=True, help="How many pairs are judged at most.")
@click.option("--seed", default=1, show_default=True, help="Chooses the pairs and what is altered.")
@family_options
def main(*, files: Sequence[Path], most: int, seed: int, held_out: bool, form: str | None) -> None:
    """Judge paraphrases, as they are and altered in one place."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    families = read_families(files, held_out=held_out)
    found = [pair for family in families for pair in pairs(family, rng)]
    counts = judged(rng.sample(found, min(most, len(found))))
    print_result(form, counts, table(counts))


def pairs(family: Family, rng: random.Random) -> Iterator[Pair]:
    """Yield the pairs of one family."""
    same = [family["base"], *family["same"]]
    for a, b in permutations(same, 2):
        if a < b:
            yield Pair(SAME, a, b)
        changed = altered(b, rng)
        if changed is not None:
            yield Pair(f"a paraphrase, altered: {changed[1]}", a, changed[0])
    yield from (Pair(CONTRADICTION, rng.choice(same), other) for other in family["conflict"])
    yield from (Pair(LOOK_ALIKE, rng.choice(same), other) for other in family["distinct"])


def judged(found: Sequence[Pair]) -> dict[str, dict[str, int]]:
    """Return how many pairs of each kind `kairos judge` would merge, propose, flag or leave alone."""
    lines = (json.dumps({"id": str(at), "a": pair.a, "b": pair.b}) for at, pair in enumerate(found))
    done = subprocess.run(
        [sys.executable, "-m", "kairos", "judge", "-"],
        input="\n".join(lines),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    counts: dict[str, Counter[str]] = {}
    for line in done.stdout.splitlines():
        verdict = json.loads(line)
        counts.setdefault(found[int(verdict["id"])].kind, Counter())[verdict["action"]] += 1
    return {kind: dict(counts[kind]) for kind in sorted(counts)}


def table(counts: Mapping[str, Mapping[str, int]]) -> Table:
    """Return the shares as a table."""
    rows = tuple(
        (kind, str(sum(of.values())), *(f"{of.get(action, 0) / sum(of.values()):.1%}" for action in _ACTIONS))
        for kind, of in counts.items()
    )
    columns = ("beside a note", "pairs", "merged", "proposed", "flagged", "left alone")
    return Table("Paraphrases that are altered in one place", columns, rows)


if __name__ == "__main__":
    main()
