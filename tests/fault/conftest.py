"""What the crashes and the failing disks have in common: the scene of a real dream, and a place to play it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kairos.model import ChangeKind
from kairos.store.codec import from_json
from tests.fault.scene import LONG, Scene

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """What a real dream wants to do to the example directory; made elsewhere, to fork without a model."""
    file = Path(__file__).with_name("scene.json")
    if LONG:
        file = tmp_path_factory.mktemp("scene") / "scene.json"
        subprocess.run([sys.executable, "-m", "tests.fault.scene", file], check=True, cwd=REPOSITORY)
    scene = from_json(Scene, file.read_text(encoding="utf-8"))
    kinds = Counter(change.kind for change in scene.changes)
    print(
        f"\n  a dream on {len(scene.files)} files: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    )
    assert {ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.DATE, ChangeKind.INDEX} <= kinds.keys()
    assert ChangeKind.CONFLICTS in kinds
    return scene


@pytest.fixture
def place(in_memory: Path) -> Path:
    """Where a scene is built: in memory, since none of these crashes is of the power."""
    return in_memory / "place"
