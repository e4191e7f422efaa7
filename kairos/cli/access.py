"""The way from a command to what it works on: configuration, state, front door."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.places import default_config_file, default_state_dir
from kairos.errors import ConfigError, ExitCode
from kairos.report.escape import visible

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.dream import Kairos
    from kairos.store.state import State


def read_config(path: Path | None) -> Config:
    """Return the configuration at `path` or at its usual place; what was handed to this command stands for it."""
    from kairos.config import load_config, load_config_text
    from kairos.config.handed import take_handed

    text = take_handed(os.environ)
    return load_config(path, os.environ) if text is None else load_config_text(text, path, os.environ)


def written_config(path: Path | None) -> Config | None:
    """Return the configuration that somebody wrote; None, without loading its schema, where nobody did."""
    unwritten = path is None and not os.path.lexists(default_config_file(os.environ))
    return None if unwritten else read_config(path)


def config_to_look_by(path: Path | None) -> tuple[Config | None, ExitCode]:
    """Return the same for a command that only looks. A wrong configuration is told, and the exit code is its own,
    but it hides neither what is known nor the daemon, which goes on with the one before."""
    try:
        return written_config(path), ExitCode.OK
    except ConfigError as error:
        from kairos.config import load_state_dir

        click.echo(f"kairos: {visible(str(error))}", err=True)
        return load_state_dir(path, os.environ), error.exit_code


def state_directory(config: Config | None) -> Path:
    """Return the directory of the journal and the state."""
    if config is None:
        return default_state_dir(os.environ)
    from kairos.config import state_dir

    return state_dir(config, os.environ)


@contextmanager
def open_state(config: Config | None) -> Iterator[State]:
    """Open what Kairos knows, to look at it; on a machine where it never ran, this leaves nothing behind."""
    from kairos.store.database import NAME
    from kairos.store.state import State

    directory = state_directory(config)
    with State.open(directory) if (directory / NAME).exists() else State.in_memory() as state:
        for notice in state.notices:
            click.echo(f"kairos: {visible(notice)}", err=True)
        yield state


def open_kairos(config: Config, now: datetime | None = None) -> Kairos:
    """Return the front door for commands that show no progress."""
    from kairos.dream import Kairos

    return Kairos(config, env=os.environ, now=now or local_now())


def local_now() -> datetime:
    """Return the time, in the zone of this machine: a day is the user's day."""
    return datetime.now().astimezone()


def home() -> str:
    """Return the user's home directory, for paths that are shown."""
    return os.environ.get("HOME", "")
