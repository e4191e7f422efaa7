"""Waiting for a dream that the daemon has started."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from kairos.cli.daemon import understood
from kairos.control.client import follow
from kairos.control.protocol import Request, Verb
from kairos.errors import DaemonError


def waited_for_daemon(state_dir: Path, root: Path, progress: Callable[[str, int, int], None]) -> bool:
    """Wait while the daemon dreams over a root, and show its progress; False if it is not dreaming over it."""
    real, waited = os.path.realpath(root), False
    with suppress(DaemonError), closing(follow(state_dir, Request(Verb.WATCH))) as answers:
        for answer in answers:
            standing = next((one for one in understood(answer).roots if one.path == real), None)
            if standing is None or standing.dream is None:
                break
            waited = True
            progress(standing.dream.stage, standing.dream.done, standing.dream.of)
    return waited
