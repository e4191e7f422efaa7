"""One `kairos` command, usually a dream, as a child process, and the pipes that it writes to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress

from kairos.config.handed_config import CONFIG_FD, config_descriptor
from kairos.control.progress import LONGEST_LINE, PROGRESS_FD, Step, read_step
from kairos_service import launch
from kairos_service.pipes import Head, Lines, Pipe, Tail
from kairos_service.processes import kill, memory_of

_REPORT_BYTES = 16 * 2**20
_TAIL_LINES, _TAIL_LENGTH = 20, 500
_DRAIN_SECONDS = 1.0
_DEATH_SECONDS = 2.0

_NOT_FOR_CHILDREN = frozenset(
    {"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}
    | {"INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"}
)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the variables that the service manager meant for the daemon alone."""
    return {name: value for name, value in environment.items() if name not in _NOT_FOR_CHILDREN}


class ChildOutput:
    """The output of a child: its report on stdout, its log on stderr, its progress on a third pipe."""

    def __init__(self, on_step: Callable[[Step], None]) -> None:
        """Open the pipes; raises OSError, leaving none open, if the system has no more descriptors."""

        def told(line: bytes) -> None:
            step = read_step(line)
            if step is not None:
                on_step(step)

        self.report = Head(_REPORT_BYTES)
        self.log = Tail(_TAIL_LINES, _TAIL_LENGTH)
        with ExitStack() as made:  # there may be descriptors for one pipe but not for three

            def pipe(take: Callable[[bytes], None]) -> Pipe:
                new = Pipe(take)
                made.callback(new.close)
                return new

            self.out, self.err = pipe(self.report), pipe(self.log)
            self.steps = pipe(Lines(LONGEST_LINE, told))
            made.pop_all()
        self._pipes = (self.out, self.err, self.steps)

    def close_writing(self) -> None:
        """Close our copies of the writing ends."""
        for pipe in self._pipes:
            pipe.close_writing()

    async def ended(self) -> None:
        """Wait until every writing end is closed."""
        for pipe in self._pipes:
            await pipe.ended()

    def close(self) -> None:
        """Drain the pipes and close them."""
        for pipe in self._pipes:
            pipe.close()


class Child:
    """A command in a child process."""

    def __init__(self, process: Process, output: ChildOutput) -> None:
        self._process = process
        self._output = output
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
        """Start a command at low priority with the text of a configuration handed to it.

        The system ends it after `seconds` (SIGALRM), should the daemon fail to. Raises OSError.
        """
        output = ChildOutput(on_step)
        pipe = output.steps.writing
        try:
            with config_descriptor(config) as fd:
                process = await create_subprocess_exec(
                    *(sys.executable, "-I", "-S", launch.__file__),
                    *(str(os.getpid()), str(niceness), str(seconds), *command),
                    stdin=DEVNULL,
                    stdout=output.out.writing,
                    stderr=output.err.writing,
                    pass_fds=(pipe, fd),
                    env={**clean_environment(os.environ), PROGRESS_FD: str(pipe), CONFIG_FD: str(fd)},
                    cwd="/",
                    start_new_session=True,
                )
        except BaseException:
            output.close()
            raise
        output.close_writing()
        return cls(process, output)

    @property
    def returncode(self) -> int:
        """As in subprocess; -SIGKILL for a child that even SIGKILL has not ended yet."""
        code = self._process.returncode
        return -signal.SIGKILL if code is None else code

    @property
    def report(self) -> bytes | None:
        """All of stdout, or None if it was too long."""
        return self._output.report.whole

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines of stderr, safe to show."""
        return self._output.log.lines

    def memory(self) -> int:
        """Return the bytes of memory that it and its descendants hold."""
        return memory_of(self._process.pid)

    async def wait(self, seconds: float, *, unless: asyncio.Event | None = None) -> bool:
        """Wait up to `seconds` for it to exit, or until `unless` is set; return whether it has exited."""
        called = asyncio.create_task((unless or asyncio.Event()).wait())
        try:
            await asyncio.wait({self._gone, called}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            called.cancel()
        return self._gone.done()

    async def end(self, seconds: float) -> None:
        """Send SIGTERM, and kill it if it has not exited within `seconds`."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        if not await self.wait(seconds):
            await self.kill()

    async def kill(self) -> None:
        """Kill it and all its descendants; a process that hangs in the kernel may survive even that for a while."""
        if not self._gone.done():
            kill(self._process.pid)
            await self.wait(_DEATH_SECONDS)

    async def drain_output(self) -> None:
        """Wait briefly for its remaining output; descendants that still hold its pipes open are then killed."""
        try:
            await asyncio.wait_for(self._output.ended(), _DRAIN_SECONDS)
        except TimeoutError:
            kill(self._process.pid)

    def close(self) -> None:
        """Release its resources; kill it if it is still running."""
        if not self._gone.done():
            kill(self._process.pid)
        self._output.close()
