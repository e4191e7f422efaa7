"""Writes the files of a service to their places, and removes them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kairos.errors import ServiceError
from kairos.units.files import Service, has_our_mark
from kairos.units.owner import Owner


def differences(service: Service) -> tuple[Path, ...]:
    """Return the files whose text on disk is not what it should be, including those that should not exist."""
    wrong = [path for path, text in service.files if _text(path) != text]
    return (*wrong, *(path for path in service.superseded if path.exists()))


def write(service: Service) -> tuple[Path, ...]:
    """Write the files that differ, and return them.

    Raises ServiceError, before anything is written, if this would replace a file that Kairos did not write.
    """
    wrong = differences(service)
    foreign = [path for path in wrong if (text := _text(path)) is not None and not has_our_mark(text)]
    if foreign:
        raise ServiceError(
            f"{foreign[0]} was not written by Kairos, and stays as it is.",
            "Move it out of the way, then run `kairos service install` again.",
        )
    texts = dict(service.files)
    for path in wrong:
        if path in texts:
            _replace(path, texts[path])
        else:
            path.unlink()
    return wrong


def remove(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Remove those of `paths` that Kairos wrote, and drop-in directories left empty; return the removed files."""
    gone = tuple(written_by_kairos(paths))
    for path in gone:
        path.unlink()
    for folder in {path.parent for path in gone if path.parent.name.endswith(".d")}:
        if not any(folder.iterdir()):
            folder.rmdir()
    return gone


def make_private(directories: Sequence[str], owner: Owner) -> None:
    """Create Kairos' own directories, private to the owner and as that user: a sandbox can open only what exists.

    Raises ServiceError.
    """
    missing = [directory for directory in directories if not Path(directory).is_dir()]
    as_owner = {"user": owner.uid, "group": owner.gid, "extra_groups": ()} if os.getuid() != owner.uid else {}
    for directory in missing:
        done = subprocess.run(  # noqa: S603 - no shell reads it
            ["mkdir", "-p", "-m", "700", "--", directory],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **as_owner,  # type: ignore[call-overload]
        )
        if done.returncode:
            raise ServiceError(
                f"{directory} cannot be made: {done.stderr.strip()}.", f"Give it to {owner.name}."
            )


def written_by_kairos(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield those of `paths` that exist and were written by Kairos."""
    for path in paths:
        text = _text(path)
        if text is not None and has_our_mark(text):
            yield path


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _replace(path: Path, text: str) -> None:
    """Write a file atomically, readable for everybody: systemd and others read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(path)
