"""A configuration that was read before, kept as JSON, so that an unchanged file is not read as YAML and checked again.

That takes longer than everything else that a command like `kairos status` does. What is kept holds the text of the
file and is only as good as that: other bytes, another Kairos or a damaged file, and it counts for nothing.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kairos import __version__
from kairos.config.owned import make_ours
from kairos.config.schema import Config
from kairos.config.section import SECTIONS, Section

_SECTION = "section"


def recall(place: Path, text: str) -> Config | None:
    """Return the configuration that `keep` wrote to `place` for the same text; None where it did not."""
    try:
        kept = json.loads(place.read_bytes())
        if kept["text"] != text or kept["by"] != _reader():
            return None
        config = _decoded(kept["config"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return config if isinstance(config, Config) else None


def keep(place: Path, text: str, config: Config) -> None:
    """Write down what `text` was read as; where the disk takes nothing, the next command reads it again."""
    put(place, json.dumps({"by": _reader(), "text": text, "config": _encoded(config)}))


def put(place: Path, text: str) -> None:
    """Replace a file of the cache, which belongs to the user alone, by ASCII text, if the disk takes it."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        make_ours(place.parent)
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="ascii") as file:
                file.write(text)
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)


def place_of(cache_dir: Path, file: Path) -> Path:
    """Return where in the cache the configuration of one file is kept."""
    return cache_dir / f"config-{zlib.crc32(os.fsencode(file.absolute())):08x}.json"


def _reader() -> str:
    """Return what tells one way to read a configuration from another: also one that is being worked on."""
    with os.scandir(Path(__file__).parent) as entries:
        times = sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries if entry.is_file())
    return f"{__version__} {times}"


def _encoded(value: object) -> Any:  # noqa: ANN401 - plain values
    if isinstance(value, Section):
        fields = {name: _encoded(getattr(value, name)) for name in value.names()}
        return {_SECTION: type(value).__name__, **fields}
    return [_encoded(item) for item in value] if isinstance(value, tuple) else value


def _decoded(value: object) -> Any:  # noqa: ANN401 - a section or a part of one
    if isinstance(value, Mapping):
        fields = {name: _decoded(item) for name, item in value.items() if name != _SECTION}
        return SECTIONS[value[_SECTION]](**fields)
    return tuple(map(_decoded, value)) if isinstance(value, list) else value
