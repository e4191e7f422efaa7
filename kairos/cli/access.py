"""The way from a command to what it works on: configuration, state, front door."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.dream import Kairos
    from kairos.store.state import State


def read_config(path: Path | None) -> Config:
    """Return the configuration at `path` or at its usual place."""
    from kairos.config import load_config

    return load_config(path, os.environ)


@contextmanager
def open_state(config: Config) -> Iterator[State]:
    """Open what Kairos knows, to look at it; on a machine where it never ran, this leaves nothing behind."""
    from kairos.config import state_dir
    from kairos.store.database import NAME
    from kairos.store.state import State

    directory = state_dir(config, os.environ)
    with State.open(directory) if (directory / NAME).exists() else State.in_memory() as state:
        for notice in state.notices:
            click.echo(f"kairos: {notice}", err=True)
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
