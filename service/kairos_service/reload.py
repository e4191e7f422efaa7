"""`python -m kairos_service.reload STATE_DIR`: the running daemon reads its configuration anew, and this waits for it.

A signal alone would not do for `systemctl reload`: that would be over before the daemon is, and never fail. Nothing of
the configuration is read here, so this gets through with a wrong one, too, and `kairos status` says what is wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kairos.control.client import ask
from kairos.control.protocol import Request, Verb
from kairos.errors import DaemonError, ExitCode

_PATIENCE_SECONDS = 80.0
"""Less than systemd's own, so that there is something to read in the log."""


def main() -> int:
    """Ask, and say on stderr why it was refused."""
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
