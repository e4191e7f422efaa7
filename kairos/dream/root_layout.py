"""Which layout a root follows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kairos.config import Config, home_dir
from kairos.layouts import Layout, by_name, detect


def layout_of(root: Path, config: Config, env: Mapping[str, str]) -> Layout:
    """Return the layout that the configuration names for a root, else the detected one."""
    configured = config.layout_override(root, home_dir(env))
    return by_name(configured) if configured else detect(Path(os.path.realpath(root)))
