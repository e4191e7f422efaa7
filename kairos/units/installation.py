"""This installation: how its daemon is started, and where its code lies."""

from __future__ import annotations

import site
import sys
from dataclasses import dataclass
from pathlib import Path

import kairos


@dataclass(frozen=True, slots=True)
class Installation:
    """The command that starts the daemon, the one that reloads it, given its state directory, and the directories
    that both read code from."""

    command: tuple[str, ...]
    reload: tuple[str, ...]
    code: tuple[Path, ...]


def this_installation() -> Installation:
    """Return the installation that runs now."""
    # -P: a service imports nothing from the directory that it happens to stand in.
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
