"""Runs commands in this process as their user would: returns what they print, and checks their exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object, code: int = 0) -> str:
        found = run(cli, [str(word) for word in words])
        shown = self._capsys.readouterr()
        assert found == code, shown.err + shown.out
        return shown.out if "--json" in words else shown.out + shown.err

    def json(self, *words: object, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code))
