"""What the tests of crashes, failing disks and bad input share: the scene of a real dream, a root, the command line."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.dream import Kairos
from kairos.model import ChangeKind
from kairos.store.codec import from_json
from tests.fault.asked import GOOD, Answer, Ask
from tests.fault.scene import LONG, Scene

if TYPE_CHECKING:
    from kairos.dream.vectors import Vectors

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """What a real dream does to the example directory, made in another process so that forks here carry no model."""
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
    """Where a scene is built: in memory, since none of these crashes is a power failure."""
    return in_memory / "place"


@pytest.fixture
def root(home: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Kairos, "vectors", lambda _self: vectors)
    directory = home / "memory"
    directory.mkdir()
    for name, text in GOOD.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def of(*words: object) -> Answer:
        code = run(cli, [str(word) for word in words])
        shown = capsys.readouterr()
        return Answer(code, shown.out, shown.err)

    return of
