"""This installation: how its daemon is started, and where its code is."""

from __future__ import annotations

import site
import sys
from dataclasses import dataclass
from pathlib import Path

import kairos


@dataclass(frozen=True, slots=True)
class Installation:
    """The command that starts the daemon, the command that reloads it (which takes the state directory as its last
    argument), and the directories from which both load code."""

    command: tuple[str, ...]
    reload: tuple[str, ...]
    code: tuple[Path, ...]


def this_installation() -> Installation:
    """Return the installation that is running."""
    # -P: a service must not import from its current directory.
    python = (sys.executable, "-P", "-m")
    package = Path(kairos.__file__).parent.parent
    checkout = package / "service"  # of an editable install
    places = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent, package]
    if checkout.is_dir():
        places.append(checkout)
    if site.ENABLE_USER_SITE:
        places.append(Path(site.getusersitepackages()))
    return Installation(
        (*python, "kairos_service"), (*python, "kairos_service.reload"), tuple(dict.fromkeys(places))
    )
