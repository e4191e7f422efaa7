"""kairosd while its state directory is removed or replaced: it ends, and leaves what is there now alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.kairosd import PATIENCE, Kairosd

QUICK = (
    "-c",
    "from kairos_service import command, daemon; daemon._CHECK_SECONDS = 0.1; command.run()",
)
"""The daemon, checking its lock ten times a second."""


def replace(state: Path) -> None:
    state.rename(state.with_name("elsewhere"))
    shutil.copytree(state.with_name("elsewhere"), state, ignore=shutil.ignore_patterns("*.sock"))


@pytest.mark.parametrize("take", [shutil.rmtree, replace], ids=["removed", "replaced"])
def test_a_daemon_whose_state_directory_is_gone_ends(home: Path, take: Callable[[Path], object]) -> None:
    kairosd = Kairosd(home, QUICK)
    kairosd.configure()
    kairosd.start()
    assert kairosd.process is not None
    try:
        take(kairosd.state_dir)
        after = {path: path.read_bytes() for path in kairosd.state_dir.rglob("*") if path.is_file()}
        assert kairosd.process.wait(PATIENCE) == 1
    finally:
        kairosd.process.kill()
    said = kairosd.log.read_text(encoding="utf-8")
    assert f"kairosd: {kairosd.state_dir} was removed or replaced while kairosd was running." in said
    assert "Traceback" not in said
    assert {path: path.read_bytes() for path in kairosd.state_dir.rglob("*") if path.is_file()} == after
