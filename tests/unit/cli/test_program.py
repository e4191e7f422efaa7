"""How the program `kairos` starts and exits."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

import kairos

CODE = "import atexit, sys; from kairos.cli import program; atexit.register(print, 'taken apart'); program()"


@pytest.mark.parametrize(
    ("word", "code", "out", "err"),
    [
        ("--version", 0, f"kairos {kairos.__version__}\n", ""),
        ("nonsense", 2, "", "kairos: No such command 'nonsense'. Try `kairos --help`.\n"),
        ("statsu", 2, "", "kairos: No such command 'statsu'. Did you mean 'status'? Try `kairos --help`.\n"),
    ],
)
def test_the_program_flushes_its_output_and_exits_without_teardown(
    word: str, code: int, out: str, err: str
) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, word], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.usefixtures("home")
def test_a_closed_stream_is_none_that_a_file_could_get(closed: str) -> None:
    command = f"{sys.executable} -m kairos status --json {closed}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout in {"[]\n", ""}


@pytest.mark.usefixtures("home")
def test_a_full_disk_under_the_output_is_one_sentence() -> None:
    command = f"{sys.executable} -m kairos status --json >/dev/full"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "kairos: No space left on device.\n")


def test_an_uncaught_error_is_reported_by_the_interpreter() -> None:
    code = "import kairos.cli.app as app; app.main = lambda: 1 / 0; from kairos.cli import program; program()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_an_interrupt_while_it_starts_ends_it_without_a_traceback() -> None:
    code = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'kairos.cli.app': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from kairos.cli import program; program()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
