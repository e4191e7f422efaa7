"""`python -m kairos_service.reload STATE_DIR`: have the running daemon reload its configuration, and wait for it.

Used by `systemctl reload`, for which a signal would not do: it would return before the daemon is done, and never fail.
This program does not read the configuration, so it works with a broken one too; `kairos status` then says what is
wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kairos.control.client import ask
from kairos.control.protocol import Request, Verb
from kairos.errors import DaemonError, ExitCode

_PATIENCE_SECONDS = 80.0
"""Less than systemd's own timeout, so that a reason gets into the log."""


def main() -> int:
    """Ask for the reload; if it fails, say why on stderr."""
    (state_dir,) = sys.argv[1:]
    try:
        answer = ask(Path(state_dir), Request(Verb.RELOAD), timeout=_PATIENCE_SECONDS)
    except DaemonError as error:
        return _failed(str(error))
    return ExitCode.OK if answer is not None else _failed(f"none listens in {state_dir}.")


def _failed(reason: str) -> int:
    sys.stderr.write(f"kairosd was not reloaded: {reason}\n")
    return ExitCode.ERROR


if __name__ == "__main__":
    sys.exit(main())
