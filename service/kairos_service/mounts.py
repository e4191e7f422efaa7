"""Tells which file system a path is on: on some, the kernel does not see what other machines write."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

MOUNTS = Path("/proc/self/mountinfo")

_REMOTE = frozenset(
    "9p afs autofs ceph cifs coda davfs drvfs glusterfs gpfs lustre ncpfs nfs nfs4 orangefs prl_fs smb3 smbfs "
    "vboxsf virtiofs vmhgfs".split()
)
_OCTAL = re.compile(r"\\([0-7]{3})")
_LEAST_FIELDS = 6
"""The least number of fields before the dash in a line of mountinfo: the fifth is the mount point, the sixth the
mount options."""


class Mount(NamedTuple):
    """One mount: where it is, the type of its file system, and its options."""

    point: str
    kind: str
    options: tuple[str, ...]


def file_system(path: Path | str) -> str:
    """Return the type of the file system that holds a path, such as "ext4"; "" if unknown."""
    mount = mount_of(os.path.realpath(path), MOUNTS)
    return "" if mount is None else mount.kind


def is_remote(path: Path | str) -> bool:
    """Whether changes there may come from outside this kernel: network, virtual machine, or a program (FUSE)."""
    kind = file_system(path)
    return kind in _REMOTE or kind.startswith("fuse.")


def mount_of(path: str, mountinfo: Path) -> Mount | None:
    """Return the mount that shows an absolute path, taken literally; None if unknown."""
    found: Mount | None = None
    for mount in _mounts(mountinfo):
        is_above = path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
        # The later of two mounts on one directory hides the earlier.
        if is_above and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mounts(mountinfo: Path) -> list[Mount]:
    """Return all mounts, in mount order."""
    try:
        lines = os.fsdecode(mountinfo.read_bytes()).split("\n")
    except OSError:  # not Linux, or no /proc
        return []
    found = []
    for line in lines:
        place, dash, source = line.partition(" - ")
        fields = place.split(" ")
        if dash and len(fields) >= _LEAST_FIELDS:
            point = _OCTAL.sub(_character, fields[4])
            found.append(Mount(point, source.split(" ", 1)[0], tuple(fields[5].split(","))))
    return found


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 8))
