"""The daemon as ever, but for its clock, on which a day passes in 36 seconds: `python -m scripts.soak.kairosd BEGAN`.

BEGAN is when the soak began, in ISO form: a daemon that is killed and started anew goes on by the same clock, and has
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
    """Runs SPEED times as fast as the system's, and shows when the soak began the noon before clocks change in spring.

    That is later than the system's clock shows: no file is of the future.
    """

    began: datetime

    @property
    def start(self) -> datetime:
        """What it shows when the soak begins."""
        changes = change_of_clocks(self.began.year + 1)
        return datetime(changes.year, changes.month, changes.day - 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment that it shows."""
        return self.at(datetime.now(UTC)).astimezone(ZONE)

    def monotonic(self) -> float:
        """Return seconds as they pass: files settle, and loops turn, as fast as ever."""
        return time.monotonic()

    def at(self, system: datetime) -> datetime:
        """Return what this clock shows when that of the system shows a moment."""
        return self.start + (system - self.began) * SPEED

    def alarm(self, moment: datetime) -> datetime:
        """Return what the clock of the system shows as soon as this one shows a moment."""
        return self.began - (self.start - moment) // SPEED


def main() -> None:
    """Run the daemon by this clock."""
    os.umask(0o077)
    clock = FastClock(datetime.fromisoformat(sys.argv[1]))
    file = ConfigFile(None, os.environ)
    config = file.read(clock.now())
    start_logging(config.daemon.log_level, os.environ)
    asyncio.run(Daemon(file, config, os.environ, clock).run())


if __name__ == "__main__":
    main()
