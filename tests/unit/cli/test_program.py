"""How the program `kairos` starts and exits."""

from __future__ import annotations

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
    ],
)
def test_the_program_flushes_its_output_and_exits_without_teardown(
    word: str, code: int, out: str, err: str
) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, word], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_an_uncaught_error_is_reported_by_the_interpreter() -> None:
    code = "import kairos.cli.app as app; app.main = lambda: 1 / 0; from kairos.cli import program; program()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
