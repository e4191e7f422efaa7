"""No test touches the home directory of whoever runs it: each gets a made-up home, and the real one bites."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_REAL_HOME = os.path.realpath(Path.home())
_CHECKOUT = str(Path(__file__).resolve().parent.parent)
_OFF_LIMITS = tuple(
    f"{_REAL_HOME}/{name}"
    for name in (".claude", ".config/kairos", ".local/state/kairos", ".cache/kairos", ".openclaw", ".hermes")
)
_EVENTS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}
)


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS or not arguments or not isinstance(arguments[0], str | bytes):
        return
    path = os.fsdecode(arguments[0])
    if any(path == place or path.startswith(f"{place}/") for place in _OFF_LIMITS):
        raise RuntimeError(f"A test touched the real home directory: {event} {path}")


def move_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("HOME", str(home))
    patch.setenv("PYTHONPATH", _CHECKOUT)  # for child processes: they start in other directories
    for variable, place in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_DATA_HOME", ".local/share"),
    ):
        patch.setenv(variable, str(home / place))
    for variable in ("CLAUDE_CONFIG_DIR", "KAIROS_DEBUG", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        patch.delenv(variable, raising=False)


@pytest.fixture(scope="session", autouse=True)
def _made_up_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    sys.addaudithook(_guard)
    with pytest.MonkeyPatch.context() as patch:
        move_home(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of this test alone."""
    directory = tmp_path / "home"
    directory.mkdir()
    move_home(monkeypatch, directory)
    monkeypatch.chdir(directory)
    return directory
