"""A real systemd in a box: the first process of its own namespaces, on an overlay of this machine's disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

_SCRIPT = Path(__file__).with_name("boot_systemd.sh")
_PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
CHECKOUT = Path(__file__).parents[2]


def why_no_box() -> str | None:
    """Return why no systemd can be booted here, or None."""
    if sys.platform != "linux" or not Path("/lib/systemd/systemd").exists():
        return "no systemd is installed"
    missing = [tool for tool in ("unshare", "nsenter", "setpriv", "ip") if shutil.which(tool) is None]
    if missing:
        return f"{missing[0]} is not installed"
    if os.geteuid() != 0:
        return "namespaces with a systemd in them take root"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"unshare is refused: {tried.stderr.strip()}" if tried.returncode else None


class Box:
    """A booted systemd. `run` runs commands inside; leaving the context ends everything in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._log = directory.with_suffix(".log")
        self._first = 0

    def __enter__(self) -> Self:
        self._directory.mkdir()
        binds = dict.fromkeys(os.path.realpath(place) for place in (CHECKOUT, sys.prefix, sys.base_prefix))
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [_SCRIPT, self._directory, *(place for place in binds if _is_elsewhere(place))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_for_boot()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(
        self, *command: str, stdin: str = "", env: Sequence[str] = (), seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root inside, in a clean environment."""
        return subprocess.run(
            self._inside(command, env, "-p"),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @contextmanager
    def lines_of(self, *command: str, seconds: float) -> Iterator[Iterable[str]]:
        """Run a command as root inside and yield its lines as they come; end it with the context or after `seconds`."""
        # Without -p nothing is forked, so what we kill is the command itself.
        with subprocess.Popen(self._inside(command), stdout=subprocess.PIPE, text=True) as process:
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            try:
                yield process.stdout or ()
            finally:
                timer.cancel()
                process.kill()

    def _inside(self, command: Sequence[str], env: Sequence[str] = (), *options: str) -> list[str]:
        return [
            "nsenter", "-t", str(self._first), "-m", *options, "-u", "-i", "-n", "-C", "--wd=/", "--",
            "env", "-i", _PATH, "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0", "HOME=/root", *env, *command,
        ]  # fmt: skip

    def get(self, *command: str, env: Sequence[str] = ()) -> str:
        """Run a command, which must succeed, and return its output."""
        done = self.run(*command, env=env)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}\n{self.journal()}"
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Write a file inside."""
        self.get("mkdir", "-p", os.path.dirname(path))  # noqa: PTH120 - a path inside the box
        done = self.run("sh", "-c", 'cat >"$1"', "sh", path, stdin=text)
        assert done.returncode == 0, done.stderr

    def bring(self, directory: Path, path: str) -> None:
        """Copy the contents of a directory outside into one inside."""
        self.get("mkdir", "-p", path)
        packed = subprocess.run(["tar", "-C", directory, "-c", "."], capture_output=True, check=True).stdout
        subprocess.run(self._inside(("tar", "-C", path, "-x"), (), "-p"), input=packed, check=True)

    def property(self, unit: str, name: str, *, ctl: Sequence[str] = ("systemctl",)) -> str:
        """Return a property of a unit."""
        return self.get(*ctl, "show", f"--property={name}", "--value", unit)

    def wait(
        self, unit: str, name: str, value: str, *, seconds: float = 15, ctl: Sequence[str] = ("systemctl",)
    ) -> None:
        """Wait until a property has a value."""
        end = time.monotonic() + seconds
        while (now := self.property(unit, name, ctl=ctl)) != value:
            assert time.monotonic() < end, f"{unit}: {name} is {now}, not {value}\n{self.journal(unit)}"
            time.sleep(0.05)

    def journal(self, unit: str | None = None) -> str:
        """Return the end of the log."""
        chosen = ("-u", unit) if unit else ()
        return self.run("journalctl", "--no-pager", "-n", "40", "-o", "cat", *chosen).stdout

    def _wait_for_boot(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self._process.poll() is None, f"no boot: {self._log.read_text()}"
            children = (
                Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            )
            if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
                self._first = int(children[0])
                if self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"):
                    return
            time.sleep(0.05)
        raise TimeoutError(f"systemd did not come up: {self._log.read_text()}")

    def _end(self) -> None:
        if self._first:
            os.kill(self._first, signal.SIGRTMIN + 13)  # to systemd: exit at once
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its children die with it
            self._process.wait()
        for group in (self._directory / "cgroups").read_text().splitlines():
            _remove_group(group)


def _remove_group(group: str) -> None:
    for folder, _, _ in os.walk(group, topdown=False):
        for _ in range(40):
            try:
                os.rmdir(folder)  # noqa: PTH106
            except FileNotFoundError:
                break
            except OSError:  # its last process has not ended yet
                time.sleep(0.05)
            else:
                break


def _is_elsewhere(place: str) -> bool:
    """Whether a directory lies on another file system than `/`, so that the overlay of `/` does not show it."""
    return os.stat(place).st_dev != os.stat("/").st_dev  # noqa: PTH116
