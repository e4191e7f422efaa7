from __future__ import annotations

import errno
import os
import subprocess
import sys

import click
import pytest

from kairos.cli.failures import run
from kairos.errors import ConfigError, KairosError, LockedError


def outcome_of(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    @click.command()
    def fail() -> None:
        raise error

    code = run(fail, [])
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (LockedError("Somebody dreams.", "Wait."), 11, "kairos: Somebody dreams. Wait.\n"),
        (
            ConfigError("c.yaml", ("a: b", "c: d")),
            2,
            "kairos: c.yaml is not a valid configuration:\n  a: b\n  c: d\n",
        ),
        (KairosError("a\x1b[2Jb"), 1, "kairos: a\\x1b[2Jb\n"),
        (KeyboardInterrupt(), 130, "\nkairos: Interrupted.\n"),
        (OSError(errno.EACCES, "Permission denied", "/x"), 1, "kairos: Permission denied: /x.\n"),
        (
            MemoryError(),
            1,
            "kairos: There is not enough memory. Free some, or raise the limit (ulimit -v).\n",
        ),
        (click.UsageError("No such option"), 2, "kairos: No such option. Try `kairos --help`.\n"),
    ],
)
def test_every_error_gives_a_sentence_and_an_exit_code(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome_of(error, capsys) == (code, sentence)


@pytest.mark.parametrize("place", [0, 1])
def test_an_empty_argument_is_refused(place: int, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    @click.argument("words", nargs=-1)
    def fail(words: tuple[str, ...]) -> None:
        raise AssertionError(words)

    arguments = ["--all"]
    arguments.insert(place, "")
    assert run(fail, arguments) == 2
    assert "An argument is empty" in capsys.readouterr().err


def test_an_unexpected_error_asks_to_be_reported(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = outcome_of(ZeroDivisionError("x"), capsys)
    assert code == 1
    assert "Please report it; KAIROS_DEBUG=1" in text


def test_an_unexpected_error_of_many_lines_is_reported_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = outcome_of(ImportError("\n\nImporting it failed.\n\nWe have compiled some advice:\n"), capsys)
    assert text.startswith(
        "kairos: This should not have happened (ImportError: Importing it failed.). Please"
    )
    assert len(text.splitlines()) == 1


def test_debugging_lets_errors_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIROS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        outcome_of(ZeroDivisionError("x"), capsys)


@pytest.mark.usefixtures("home")
def test_a_closed_pipe_gives_no_error_message() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "kairos", "config", "show"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [["--help"], ["status"], ["status", "--json"], ["log"], ["--version"]])
@pytest.mark.usefixtures("home")
def test_read_only_commands_import_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom kairos.cli.app import cli\nfrom kairos.cli.failures import run\n"
        f"code = run(cli, {arguments!r})\n"
        "heavy = {'numpy', 'faiss', 'torch', 'sentence_transformers', 'rich', 'merge3'} & set(sys.modules)\n"
        "print(code, heavy, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "0 set()\n"
