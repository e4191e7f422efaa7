"""A cache for the parsed configuration, as JSON: an unchanged file need not be parsed as YAML and validated again.

Parsing takes longer than everything else in a command like `kairos status`. The cached file includes the text that was
parsed, and is ignored if that text or the version of Kairos differs, or if it is damaged.
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
from kairos.config.owned import make_private_directory
from kairos.config.schema import Config
from kairos.config.section import SECTIONS, Section

_SECTION = "section"


def load(place: Path, text: str) -> Config | None:
    """Return the configuration that `store` wrote to `place` for the same text; None if there is none."""
    try:
        kept = json.loads(place.read_bytes())
        if kept["text"] != text or kept["by"] != _reader_fingerprint():
            return None
        config = _decoded(kept["config"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return config if isinstance(config, Config) else None


def store(place: Path, text: str, config: Config) -> None:
    """Cache the configuration parsed from `text`; if it cannot be written, the next command parses the text again."""
    write_private(place, json.dumps({"by": _reader_fingerprint(), "text": text, "config": _encoded(config)}))


def write_private(place: Path, text: str) -> None:
    """Replace a file of the cache, private to the user, with ASCII text; does nothing if it cannot be written."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        make_private_directory(place.parent)
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="ascii") as file:
                file.write(text)
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)


def cache_file(cache_dir: Path, file: Path) -> Path:
    """Return where the cache keeps the configuration parsed from `file`."""
    return cache_dir / f"config-{zlib.crc32(os.fsencode(file.absolute())):08x}.json"


def _reader_fingerprint() -> str:
    """Return a fingerprint of the code that reads configurations, which changes also while it is being developed."""
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
