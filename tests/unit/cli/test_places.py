"""What looks at the state starts fast, and looks in the same places as what writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kairos.cli.access import state_directory, written_config
from kairos.cli.places import default_config_file, default_state_dir
from kairos.config import config_path, default_config, state_dir

HEAVY = ("faiss", "numpy", "pydantic", "rich", "sentence_transformers", "torch", "yaml")
LISTED = f"import sys; sys.argv[0] = 'kairos'\ntry:\n from kairos.cli import main; main()\nfinally:\n \
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": "/h"},
        {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"},
        {"HOME": "/h", "XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": ""},
    ],
)
def test_places_are_those_of_the_configuration(env: dict[str, str]) -> None:
    assert default_config_file(env) == config_path(env)
    assert default_state_dir(env) == state_dir(default_config(), env)


def test_a_written_configuration_says_where_the_state_is(home: Path) -> None:
    assert written_config(None) is None
    assert state_directory(None) == home / ".local/state/kairos"
    file = home / ".config/kairos/config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("state_dir: ~/elsewhere\n", encoding="utf-8")
    assert state_directory(written_config(None)) == home / "elsewhere"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("words", [["--help"], ["status"], ["log"], ["conflicts", "--json"]])
def test_looking_loads_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LISTED, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
