"""`python -m kairos_service.reload STATE_DIR` has the running daemon read its configuration anew, and waits until it has.

A signal alone would not do for `systemctl reload`: that would be over before the daemon is, and never fail. This reads no
configuration itself, so it gets through with a wrong one, too, and the daemon's `kairos status` says what is wrong.
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
        if ask(Path(state_dir), Request(Verb.RELOAD), timeout=_PATIENCE_SECONDS) is None:
            raise DaemonError(f"No kairosd listens in {state_dir}.", "See `kairos status`.")
    except DaemonError as error:
        sys.stderr.write(f"kairosd was not reloaded: {error}\n")
        return ExitCode.ERROR
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
