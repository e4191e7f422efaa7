"""The state that Kairos keeps about a small root stays bounded over many dreams while an agent keeps writing.

`make prove-growth` is the long form.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from kairos.store.objects import Objects
from kairos.store.retention import Retention, collect
from kairos.store.state import State
from tests.aged import age_originals
from tests.light import light_bed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bed

pytestmark = pytest.mark.timeout(7200)

DREAMS = int(os.environ.get("KAIROS_PROVE_DREAMS", "40"))
KEPT_DAYS = 180 if DREAMS >= 1000 else 2
MOST_A_DREAM = 12_000
START = datetime(2026, 3, 2, 4, tzinfo=UTC)
EVERY = timedelta(hours=12)
FACTS = tuple(
    f"{what} of the {place} {happens}."
    for what in ("The gate", "The pump", "The lamp")
    for place in ("orchard", "harbour")
    for happens in ("is painted green", "is checked every Monday")
)
NOTES = tuple(f"note{number}.md" for number in range(4))
MOST_LINES = 6


def agent_writes(bed: Bed, chance: random.Random) -> None:
    """Append a line to two notes, often one that another note has as well; a note that got long is started over."""
    for name in chance.sample(NOTES, 2):
        lines = bed.files().get(name, b"").splitlines(keepends=True)
        kept = lines if 0 < len(lines) <= MOST_LINES else [b"# Anew\n", b"\n"]
        bed.write(name, b"".join([*kept, f"- {chance.choice(FACTS)}\n".encode()]))


@dataclass(frozen=True)
class Size:
    """The size of a state in bytes: the pages that the database uses, and the originals."""

    database: int
    originals: int

    @classmethod
    def of(cls, state_dir: Path) -> Size:
        with closing(sqlite3.connect(state_dir / "state.db")) as raw:
            (pages,), (free,), (size,) = (
                raw.execute(f"PRAGMA {name}").fetchone()
                for name in ("page_count", "freelist_count", "page_size")
            )
        objects = (path for path in (state_dir / "objects").rglob("*") if path.is_file())
        return cls((pages - free) * size, sum(path.stat().st_size for path in objects))

    def __str__(self) -> str:
        return f"database {self.database:>11,}  originals {self.originals:>11,}"


def collected(state_dir: Path, place: Path, now: datetime) -> Size:
    """The size after a garbage collection, which is made on a copy."""
    shutil.copytree(state_dir, place)
    with State.open(place) as state:
        collect(state, Objects(place / "objects"), Retention(KEPT_DAYS), now)
    return Size.of(place)


def test_the_state_of_a_thousand_dreams_is_bounded(in_memory: Path) -> None:
    chance = random.Random(5)
    files = {name: f"# Note\n\n- {FACTS[number]}\n" for number, name in enumerate(NOTES)}
    bed = light_bed(in_memory / "bed", {"MEMORY.md": "# Memory\n", **files})
    marks = {max(1, DREAMS // 100), max(1, DREAMS // 10), DREAMS // 2, DREAMS}
    measured: dict[int, tuple[Size, Size]] = {}
    changes = 0
    began = time.monotonic()
    for number in range(1, DREAMS + 1):
        now = START + number * EVERY
        bed.configure("limits: {max_removed_fraction: 1.0}", now=now)
        agent_writes(bed, chance)
        changes += len(bed.dream().plan.changes)
        age_originals(bed.kairos.state_dir, now)
        if number in marks:
            state_dir = bed.kairos.state_dir
            measured[number] = (
                Size.of(state_dir),
                collected(state_dir, in_memory / f"copy{number}" / "state", now),
            )
            print(f"\n  {number} dreams, {changes} changes, {time.monotonic() - began:.0f} s", flush=True)
            print(f"    without gc: {measured[number][0]}\n    with gc:    {measured[number][1]}", flush=True)
    half, whole = measured[DREAMS // 2], measured[DREAMS]
    per_dream = (whole[0].database - half[0].database) / (DREAMS - DREAMS // 2)
    print(f"  the database grows by {per_dream:,.0f} bytes a dream; originals are kept {KEPT_DAYS} days")
    assert per_dream < MOST_A_DREAM  # however many dreams came before
    share = (KEPT_DAYS + 1) / (DREAMS * EVERY / timedelta(days=1))
    assert whole[1].originals <= 1.3 * share * whole[0].originals + 4_000
