"""Waiting for a dream that the daemon has started."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from kairos.cli.daemon import parse_status
from kairos.control.client import follow
from kairos.control.protocol import Request, Verb
from kairos.errors import DaemonError


def wait_for_daemon(state_dir: Path, root: Path, progress: Callable[[str, int, int], None]) -> bool:
    """Wait while the daemon dreams over a root, and show its progress; False if it is not dreaming over it."""
    real, waited = os.path.realpath(root), False
    with suppress(DaemonError), closing(follow(state_dir, Request(Verb.WATCH))) as answers:
        for answer in answers:
            root_status = next((one for one in parse_status(answer).roots if one.path == real), None)
            if root_status is None or root_status.dream is None:
                break
            waited = True
            progress(root_status.dream.stage, root_status.dream.done, root_status.dream.of)
    return waited
