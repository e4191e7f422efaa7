"""The daemon with a fast clock, on which a day passes in 36 seconds: `python -m scripts.soak.kairosd BEGAN`.

BEGAN is the ISO time at which the soak began: a daemon that is killed and restarted continues on the same clock, having
missed what came round meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from kairos_service.configuration import ConfigFile
from kairos_service.daemon import Daemon
from kairos_service.logs import start_logging
from scripts.soak.nights import ZONE, change_of_clocks

DAY_SECONDS = 36
SPEED = 24 * 60 * 60 // DAY_SECONDS


@dataclass(frozen=True, slots=True)
class FastClock:
    """Runs SPEED times as fast as the system's clock, and starts at noon before the clocks change in spring.

    That is always ahead of the system's clock, so no file is dated in the future.
    """

    began: datetime

    @property
    def start(self) -> datetime:
        """What this clock shows when the soak begins."""
        changes = change_of_clocks(self.began.year + 1)
        return datetime(changes.year, changes.month, changes.day - 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the current time on this clock."""
        return self.at(datetime.now(UTC)).astimezone(ZONE)

    def monotonic(self) -> float:
        """Return real seconds: files settle, and loops run, at normal speed."""
        return time.monotonic()

    def at(self, system: datetime) -> datetime:
        """Return what this clock shows when the system's clock shows `system`."""
        return self.start + (system - self.began) * SPEED

    def alarm(self, moment: datetime) -> datetime:
        """Return what the system's clock shows as soon as this clock shows `moment`."""
        return self.began - (self.start - moment) // SPEED


def main() -> None:
    """Run the daemon on this clock."""
    os.umask(0o077)
    clock = FastClock(datetime.fromisoformat(sys.argv[1]))
    file = ConfigFile(None, os.environ)
    config = file.read(clock.now())
    start_logging(config.daemon.log_level, os.environ)
    asyncio.run(Daemon(file, config, os.environ, clock).run())


if __name__ == "__main__":
    main()
