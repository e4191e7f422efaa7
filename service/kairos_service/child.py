"""One `kairos dream` as a child process, and the pipes that it writes to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress

from kairos.config.handed import CONFIG_FD, handed
from kairos.control.progress import LONGEST_LINE, PROGRESS_FD, Step, read_step
from kairos_service import launch
from kairos_service.pipes import Head, Lines, Pipe, Tail
from kairos_service.processes import kill, memory_of

_REPORT_BYTES = 16 * 2**20
_TAIL_LINES, _TAIL_LENGTH = 20, 500
_LAST_WORDS_SECONDS = 1.0
_DEATH_SECONDS = 2.0

_NOT_FOR_CHILDREN = frozenset(
    {"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}
    | {"INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"}
)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what the service manager told the daemon alone."""
    return {name: value for name, value in environment.items() if name not in _NOT_FOR_CHILDREN}


class Spoken:
    """What a child says: its report on stdout, its log on stderr, its steps on a pipe of their own."""

    def __init__(self, on_step: Callable[[Step], None]) -> None:
        """Open the pipes; raises OSError, and leaves none open, where the system has no more of them."""

        def told(line: bytes) -> None:
            step = read_step(line)
            if step is not None:
                on_step(step)

        self.report = Head(_REPORT_BYTES)
        self.log = Tail(_TAIL_LINES, _TAIL_LENGTH)
        with ExitStack() as made:  # there may be room for one pipe, and not for three

            def pipe(take: Callable[[bytes], None]) -> Pipe:
                new = Pipe(take)
                made.callback(new.close)
                return new

            self.out, self.err = pipe(self.report), pipe(self.log)
            self.steps = pipe(Lines(LONGEST_LINE, told))
            made.pop_all()
        self._pipes = (self.out, self.err, self.steps)

    def close_writing(self) -> None:
        """Close our copies of what the child writes to."""
        for pipe in self._pipes:
            pipe.close_writing()

    async def ended(self) -> None:
        """Wait until nobody can say any more."""
        for pipe in self._pipes:
            await pipe.ended()

    def close(self) -> None:
        """Take what is still in the pipes, and let go of them."""
        for pipe in self._pipes:
            pipe.close()


class Child:
    """A running command."""

    def __init__(self, process: Process, spoken: Spoken) -> None:
        self._process = process
        self._spoken = spoken
        self._gone = asyncio.create_task(process.wait())

    @classmethod
    async def start(
        cls,
        command: tuple[str, ...],
        *,
        config: str,
        niceness: int,
        seconds: int,
        on_step: Callable[[Step], None],
    ) -> Child:
        """Start a command modestly, under a configuration, to be killed by the system after so many seconds.

        Raises OSError.
        """
        spoken = Spoken(on_step)
        pipe = spoken.steps.writing
        try:
            with handed(config) as fd:
                process = await create_subprocess_exec(
                    *(sys.executable, "-I", "-S", launch.__file__),
                    *(str(os.getpid()), str(niceness), str(seconds), *command),
                    stdin=DEVNULL,
                    stdout=spoken.out.writing,
                    stderr=spoken.err.writing,
                    pass_fds=(pipe, fd),
                    env={**clean_environment(os.environ), PROGRESS_FD: str(pipe), CONFIG_FD: str(fd)},
                    cwd="/",
                    start_new_session=True,
                )
        except BaseException:
            spoken.close()
            raise
        spoken.close_writing()
        return cls(process, spoken)

    @property
    def returncode(self) -> int:
        """As in subprocess; of a child that even SIGKILL could not yet end, as if it had."""
        code = self._process.returncode
        return -signal.SIGKILL if code is None else code

    @property
    def report(self) -> bytes | None:
        """All that came on stdout; None where that was too much."""
        return self._spoken.report.whole

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines of stderr, safe to show."""
        return self._spoken.log.lines

    def memory(self) -> int:
        """Bytes that it and its own children hold."""
        return memory_of(self._process.pid)

    async def is_gone(self, seconds: float, *, unless: asyncio.Event | None = None) -> bool:
        """Wait so long for its end, or until an event comes; return whether it is gone."""
        called = asyncio.create_task((unless or asyncio.Event()).wait())
        try:
            await asyncio.wait({self._gone, called}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            called.cancel()
        return self._gone.done()

    async def end(self, seconds: float) -> None:
        """Ask it to end, and kill it where it does not within the seconds."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        if not await self.is_gone(seconds):
            await self.kill()

    async def kill(self) -> None:
        """Kill it and all that it started; a process that hangs in the kernel may outlive even that."""
        if not self._gone.done():
            kill(self._process.pid)
            await self.is_gone(_DEATH_SECONDS)

    async def last_words(self) -> None:
        """Take what is still to come. What outlives it and keeps its pipes open is killed."""
        try:
            await asyncio.wait_for(self._spoken.ended(), _LAST_WORDS_SECONDS)
        except TimeoutError:
            kill(self._process.pid)

    def close(self) -> None:
        """Let go of it; if it still runs, kill it."""
        if not self._gone.done():
            kill(self._process.pid)
        self._spoken.close()
