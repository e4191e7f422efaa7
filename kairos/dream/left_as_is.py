"""Looks for what dreams leave as it is in the notes of a root, for `kairos explain` and `kairos check`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kairos.config import Config
from kairos.core.markdown.links import Directory
from kairos.core.root.facts import FileFacts
from kairos.core.root.left_as_is import LeftAsIs, left_as_is
from kairos.dream.root_layout import layout_of, snapshot_of
from kairos.errors import KairosError


def left_in(root: Path, config: Config, env: Mapping[str, str], note: str = "") -> tuple[LeftAsIs, ...]:
    """Return what dreams leave as it is in a root, or in one note of it; nothing if the root cannot be read."""
    try:
        snapshot = snapshot_of(root, layout_of(root, config, env), config)
    except KairosError:
        return ()
    paths = frozenset(snapshot.by_path()) | snapshot.other_paths
    known = Directory(paths, {}, snapshot.unseen)  # titles are for wiki links only
    return tuple(
        one
        for source in snapshot.sources
        if note in ("", source.path)
        for one in left_as_is(FileFacts(source), known, dates=config.dates.absolute)
    )
