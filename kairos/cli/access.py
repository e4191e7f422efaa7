"""What commands work on: the configuration, the state, and the front door."""

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
from kairos.report.escape import one_line, visible
from kairos.report.phrases import short_path

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.dream import Kairos
    from kairos.store.state import State


def read_config(path: Path | None) -> Config:
    """Return the configuration: the text handed to this command if any, else the file at `path` or its usual place."""
    from kairos.config import load_config, load_config_text
    from kairos.config.handed_config import read_handed_config

    text = read_handed_config(os.environ)
    return load_config(path, os.environ) if text is None else load_config_text(text, path, os.environ)


def existing_config(path: Path | None) -> Config | None:
    """Return the configuration; None if there is no file and none was named, which avoids loading the schema."""
    unwritten = path is None and not os.path.lexists(default_config_file(os.environ))
    return None if unwritten else read_config(path)


def lenient_config(path: Path | None) -> tuple[Config | None, ExitCode]:
    """Return the configuration as `existing_config` does, for a command that only looks, and its exit code.

    A faulty configuration is reported on stderr and sets the exit code, but does not stop the command: all but its
    `state_dir` then has defaults, so that the state and the daemon, which keeps its previous configuration, can still
    be seen.
    """
    try:
        return existing_config(path), ExitCode.OK
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
    """Open the state to look at it, and print its notices; if Kairos never ran here, this creates no files."""
    from kairos.store.database import NAME, loss_notice
    from kairos.store.state import State

    directory = state_directory(config)
    exists = (directory / NAME).exists()
    with State.open(directory) if exists else State.in_memory() as state:
        for notice in state.notices if exists else loss_notice(directory):
            click.echo(f"kairos: {visible(notice)}", err=True)
        yield state


def open_kairos(config: Config, now: datetime | None = None) -> Kairos:
    """Return the front door for commands that show no progress."""
    from kairos.dream import Kairos

    return Kairos(config, env=os.environ, now=now or local_now())


def local_now() -> datetime:
    """Return the time in this machine's time zone, so that a day is the user's day."""
    return datetime.now().astimezone()


def home() -> str:
    """Return the user's home directory, for abbreviating paths in output; "" if it is not set."""
    return os.environ.get("HOME", "")


def shown_path(path: str) -> str:
    """Return a path as output shows it: abbreviated, on one line, and safe to print."""
    return one_line(short_path(path, home()))
