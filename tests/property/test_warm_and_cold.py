"""A dream that builds on what earlier dreams kept makes the same plan as one that finds no cache at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kairos.dream import Kairos, Mode, Outcome
from tests.light import light_front
from tests.property.test_dream_invariants import NAMES, Pointed, index, indexes, notes, sentences

PATHS = st.sampled_from((*NAMES, "sub/berlin.md", "kiel.md"))


class Step(NamedTuple):
    """What happens before a dream: notes are written, extended, deleted or renamed, the index changes, days pass."""

    written: Mapping[str, str]
    grown: list[tuple[str, str]]
    gone: list[str]
    moved: list[tuple[str, str]]
    pointers: Pointed | None
    days: int


STEPS = st.builds(
    Step,
    written=st.dictionaries(PATHS, notes(), max_size=2),
    grown=st.lists(st.tuples(PATHS, sentences), max_size=3),
    gone=st.lists(PATHS, max_size=1),
    moved=st.lists(st.tuples(PATHS, PATHS), max_size=1),
    pointers=st.none() | indexes,
    days=st.sampled_from((0, 0, 1, 30, 200, -1)),
)


def apply_step(step: Step, root: Path) -> None:
    for name, text in step.written.items():
        write(root / name, text.encode())
    for name, line in step.grown:
        path = root / name
        write(path, (path.read_bytes() if path.exists() else b"# List\n\n") + f"- {line}\n".encode())
    for name in step.gone:
        (root / name).unlink(missing_ok=True)
    for name, to in step.moved:
        if (root / name).exists() and not (root / to).exists():
            write(root / to, (root / name).read_bytes())
            (root / name).unlink()
    if step.pointers is not None:
        write(root / "MEMORY.md", index(step.pointers).encode())


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


@settings(max_examples=40, deadline=None, phases=(Phase.generate,))  # shrinking a failure takes minutes
@given(first=st.dictionaries(PATHS, notes(), max_size=5), steps=st.lists(STEPS, min_size=2, max_size=4))
def test_a_warm_dream_equals_a_cold_one(first: dict[str, str], steps: list[Step]) -> None:
    memory = Path("/dev/shm")  # noqa: S108
    home = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None)).resolve()
    root, now = home / "memory", datetime(2026, 1, 5, 4, tzinfo=UTC)
    root.mkdir()
    try:
        steps = [Step(first, [], [], [], [], 0), *steps]
        lasting = light_front(home, now)
        for number, step in enumerate(steps):
            apply_step(step, root)
            now = lasting.now = now + timedelta(step.days)
            cold = light_front(home, now, f"cold{number}")
            cold.env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / f"cold{number}")}
            expected = preview(cold, root)
            assert preview(light_front(home, now), root) == expected
            assert preview(lasting, root) == expected
            lasting.dream(root, Mode.UNATTENDED)
    finally:
        shutil.rmtree(home)


def preview(front: Kairos, root: Path) -> tuple[object, ...]:
    found: Outcome = front.dream(root, Mode.PREVIEW)
    return found.plan, found.after, found.skipped, found.recall, found.exposures, found.notices
