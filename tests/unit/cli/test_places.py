"""Commands that only read the state start fast, and look in the same places as those that write it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from kairos.cli.access import existing_config, state_directory
from kairos.cli.app import cli
from kairos.cli.places import default_config_file, default_state_dir
from kairos.config import config_path, default_config, state_dir

HEAVY = (
    "apscheduler",
    "asyncio",
    "faiss",
    "kairos.core.judgement.judge",
    "markdown_it",
    "numpy",
    "onnxruntime",
    "pydantic",
    "rich",
    "sentence_transformers",
    "torch",
    "tzlocal",
    "yaml",
)
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
def test_default_places_equal_those_of_the_configuration(env: dict[str, str]) -> None:
    assert default_config_file(env) == config_path(env)
    assert default_state_dir(env) == state_dir(default_config(), env)


def test_a_written_configuration_says_where_the_state_is(home: Path) -> None:
    assert existing_config(None) is None
    assert state_directory(None) == home / ".local/state/kairos"
    file = home / ".config/kairos/config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("state_dir: ~/elsewhere\n", encoding="utf-8")
    assert state_directory(existing_config(None)) == home / "elsewhere"


def loaded(words: list[str]) -> tuple[int, str]:
    """Return the exit code of a command, and which modules of `HEAVY` it loaded."""
    done = subprocess.run([sys.executable, "-c", LISTED, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("configured", [False, True])
@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["status"],
        ["status", "--json"],
        ["status", "--daemon"],
        ["log"],
        ["conflicts", "--json"],
        ["proposals", "--json"],
        ["gc", "--help"],
        ["dream", "--help"],
        ["attic", "--help"],
        ["service", "--help"],
        ["completion", "bash"],
    ],
)
def test_read_only_commands_load_nothing_heavy(home: Path, words: list[str], *, configured: bool) -> None:
    if configured:
        file = home / ".config/kairos/config.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("roots: ['~/notes/*']\nlimits: {min_age_days: 2}\n", encoding="utf-8")
        loaded(["status"])  # the first command reads the file and caches it for later ones
    assert loaded(words) == (0, "[]")


def test_the_cached_help_equals_the_help_of_the_loaded_commands() -> None:
    context = click.Context(cli, terminal_width=100)
    loading = click.HelpFormatter(width=context.terminal_width)
    click.Group.format_commands(cli, context, loading)
    known = click.HelpFormatter(width=context.terminal_width)
    cli.format_commands(context, known)
    assert known.getvalue() == loading.getvalue()
    assert len(known.getvalue().splitlines()) > 20
