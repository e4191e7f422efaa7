"""Which layout a root follows, and what that means for its notes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kairos.config import Config, home_dir
from kairos.layouts import Layout, by_name, detect
from kairos.model import Snapshot
from kairos.store.files import read_snapshot


def layout_of(root: Path, config: Config, env: Mapping[str, str]) -> Layout:
    """Return the layout that the configuration names for a root, else the detected one."""
    configured = _configured(root, config, env)
    return by_name(configured) if configured else detect(Path(os.path.realpath(root)))


def snapshot_of(root: Path, layout: Layout, config: Config) -> Snapshot:
    """Read the files of a root to which a layout gives a role. Raises NoSuchRootError."""
    return read_snapshot(
        root,
        layout=layout.name,
        role_of=layout.role_of,
        problem_of=layout.problem_of,
        max_bytes=config.max_file_bytes,
        ignore=config.is_ignored,
    )


def hint_at_layout(
    root: Path, layout: Layout, before: str | None, config: Config, env: Mapping[str, str]
) -> tuple[str, ...]:
    """Say what is edited in a root whose layout spares notes: once, if it was detected; each time, if nothing is.

    `before` is the layout that it followed in the last dream.
    """
    configured = _configured(root, config, env) is not None
    is_known = configured or layout.name == before
    if not layout.described or (is_known and not layout.is_read_only):
        return ()
    if configured:
        return (f"{root} is {layout.described}.",)
    what = f"{root} is taken for {layout.described}"
    return (f"{what}. If it is none, set `layout: plain` for it in the configuration.",)


def _configured(root: Path, config: Config, env: Mapping[str, str]) -> str | None:
    return config.layout_override(root, home_dir(env))
