"""The user for whom the daemon runs."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kairos.errors import UsageError


@dataclass(frozen=True, slots=True)
class Owner:
    """A user of this machine, and the environment variables that tell that user's daemon where things are."""

    name: str
    uid: int
    gid: int
    home: Path
    env: Mapping[str, str]


def this_owner(env: Mapping[str, str]) -> Owner:
    """Return the user that runs this process, with the given environment."""
    entry = pwd.getpwuid(os.getuid())
    home = env.get("HOME") or entry.pw_dir
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, Path(home), env)


def owner_named(name: str) -> Owner:
    """Return a user by name, with only HOME in the environment: what that user's shell sets is unknown here.

    Raises UsageError if there is no such user.
    """
    try:
        entry = pwd.getpwnam(name)
    except (KeyError, ValueError):
        raise UsageError(f"This machine has no user {name}.", "`getent passwd` lists its users.") from None
    return Owner(name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir), {"HOME": entry.pw_dir})
