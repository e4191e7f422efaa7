"""The daemon's checks of itself: whether its sandbox is really in force, and whether it has what it needs.

A unit asks for a sandbox, but not every systemd provides it: under some AppArmor rules a user's units silently run
without one. So everything is tested here rather than assumed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kairos.control.status import Check
from kairos.core.text.counts import count
from kairos_service.looks import Looks, NoAnswerError
from kairos_service.mounts import mount_of

_UNIT = "KAIROS_UNIT"
"""Set only by our own units, and names the unit: it tells the daemon that a sandbox was asked for."""

_SHUT = ("/usr", "/etc", "/var/lib", "/srv", "/opt")
_INSTALL = "Run `kairos service install`."
_HEADROOM = 4
"""We want at least this many times our own need of inotify watches: other programs share the user's limit."""


@dataclass(frozen=True, slots=True)
class SystemPaths:
    """Paths at which a process reads about itself and its machine, and (`shut`) directories that a sandbox makes
    read-only. `booted` exists if systemd runs the machine (sd_booted(3))."""

    proc: Path = Path("/proc")
    linger: Path = Path("/var/lib/systemd/linger")
    shut: Sequence[str] = _SHUT
    booted: Path = Path("/run/systemd/system")


def checks(
    env: Mapping[str, str],
    roots: Iterable[Path],
    directories: int,
    looks: Looks,
    paths: SystemPaths | None = None,
) -> tuple[Check, ...]:
    """Return all checks. `directories` is the number of directories in all roots together: each needs one watch."""
    paths = paths or SystemPaths()
    return (
        *_sandbox(env, paths),
        *_open_roots(env, roots, looks),
        *_inotify(directories, paths.proc),
        *_linger(env, paths.linger),
    )


def _sandbox(env: Mapping[str, str], paths: SystemPaths) -> Iterator[Check]:
    unit = env.get(_UNIT)
    if not unit:
        advice = _INSTALL if paths.booted.is_dir() else ""
        yield Check("sandbox", ok=True, value="none: not started by Kairos' own unit", advice=advice)
        return
    holes = tuple(_holes(env, paths))
    advice = (
        f"{unit} asks for a sandbox, but this machine does not provide one. See `systemctl --version` and, on Ubuntu, "
        "`sysctl kernel.apparmor_restrict_unprivileged_userns`; or use `kairos service install --system`."
    )
    yield Check("sandbox", ok=not holes, value="; ".join(holes) or "holds", advice=advice if holes else "")


def _holes(env: Mapping[str, str], paths: SystemPaths) -> Iterator[str]:
    status = _status(paths.proc / "self" / "status")
    if status.get("NoNewPrivs") != "1":
        yield "may gain privileges"
    if status.get("Seccomp") != "2":
        yield "may use every system call"
    writable = [place for place in paths.shut if _is_writable(place)]
    if writable:
        yield f"may write to {', '.join(writable)}"
    home = env.get("HOME", "")
    if home and not _is_covered(home, paths.proc / "self" / "mountinfo"):
        yield "may write to all of the home directory"


def _open_roots(env: Mapping[str, str], roots: Iterable[Path], looks: Looks) -> Iterator[Check]:
    """Check that the roots are writable: a sandbox made for an older configuration shuts out roots added since."""
    if not env.get(_UNIT):
        return
    looked = [(root, looks.submit(root, partial(os.access, root, os.W_OK | os.X_OK))) for root in roots]
    shut = [str(root) for root, look in looked if not _is_open(look)]
    value = f"cannot be written to: {', '.join(shut)}" if shut else "open"
    yield Check("roots", ok=not shut, value=value, advice=f"{_INSTALL[:-1]} again." if shut else "")


def _is_open(look: Future[bool]) -> bool:
    try:
        return look.result()
    except NoAnswerError:  # a different problem, reported elsewhere
        return True


def _inotify(directories: int, proc: Path) -> Iterator[Check]:
    watches = _number(proc / "sys/fs/inotify/max_user_watches")
    if watches is not None:
        wanted = directories * _HEADROOM
        yield Check(
            "inotify watches",
            ok=watches >= wanted,
            value=f"{watches:,}, for {count(directories, 'directory', 'directories')}",
            advice=""
            if watches >= wanted
            else f"`sudo sysctl fs.inotify.max_user_watches={_rounded(wanted)}`.",
        )
    instances = _number(proc / "sys/fs/inotify/max_user_instances")
    if instances is not None:
        used = _instances_in_use(proc)
        yield Check(
            "inotify instances",
            ok=used < instances,
            value=f"{instances}, {used} in use",
            advice=""
            if used < instances
            else f"`sudo sysctl fs.inotify.max_user_instances={instances * 2}`.",
        )


def _linger(env: Mapping[str, str], directory: Path) -> Iterator[Check]:
    user = env.get("USER", "")
    if env.get(_UNIT) != "kairos.service" or not user:
        return
    on = (directory / user).exists()
    yield Check(
        "linger",
        ok=on,
        value="runs from boot on" if on else "ends when you log out",
        advice="" if on else f"`loginctl enable-linger {user}` keeps it running.",
    )


def _status(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _is_writable(place: str) -> bool:
    """Whether a file can be created in `place`, found out by creating an unnamed temporary one."""
    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _is_covered(path: str, mountinfo: Path) -> bool:
    """Whether `path` is hidden by a tmpfs or mounted read-only."""
    mount = mount_of(path, mountinfo)
    return mount is not None and (mount.kind == "tmpfs" or "ro" in mount.options)


def _instances_in_use(proc: Path) -> int:
    """Count this user's inotify instances, as far as /proc shows them."""
    count = 0
    for descriptor in proc.glob("[0-9]*/fd/*"):
        try:
            count += str(descriptor.readlink()) == "anon_inode:inotify"
        except OSError:  # the process has ended, or is not ours
            continue
    return count


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _rounded(wanted: int) -> int:
    """Round up to a power of two, and to no less than a common default."""
    return max(65_536, 1 << (wanted - 1).bit_length())
