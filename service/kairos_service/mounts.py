"""Tells which file system a path is on: on some, the kernel does not see what other machines write."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_REMOTE = frozenset(
    "9p afs autofs ceph cifs coda davfs drvfs glusterfs gpfs lustre ncpfs nfs nfs4 orangefs prl_fs smb3 smbfs "
    "vboxsf virtiofs vmhgfs".split()
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def file_system(path: Path | str) -> str:
    """Return the type of the file system that holds a path, such as "ext4"; "" if unknown."""
    real = os.path.realpath(path)
    found, length = "", -1
    for point, kind in _mounted(MOUNTS):
        # The later of two mounts on one directory hides the earlier.
        if len(point) >= length and (real == point or real.startswith(point.rstrip("/") + "/")):
            found, length = kind, len(point)
    return found


def is_remote(path: Path | str) -> bool:
    """Whether changes there may come from outside this kernel: network, virtual machine, or a program (FUSE)."""
    kind = file_system(path)
    return kind in _REMOTE or kind.startswith("fuse.")


def _mounted(mounts: Path) -> list[tuple[str, str]]:
    """Return (mount point, type) of all mounts, in mount order."""
    try:
        lines = os.fsdecode(mounts.read_bytes()).splitlines()
    except OSError:  # not Linux, or no /proc
        return []
    found = []
    for line in lines:
        place, dash, source = line.partition(" - ")
        fields = place.split(" ")
        if dash and len(fields) > 4:
            found.append((_OCTAL.sub(_character, fields[4]), source.split(" ", 1)[0]))
    return found


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 8))
