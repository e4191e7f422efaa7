"""The `claude` command, played by a script on the PATH."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kairos.ml.llm.arbiter import Arbiter, NoAnswer, RetryPolicy
from kairos.ml.llm.budget import Budget, Limits
from kairos.ml.llm.cache import AnswerCache
from kairos.ml.llm.claude_command import ClaudeProvider
from kairos.ml.llm.frame import SYSTEM, prompt
from kairos.ml.llm.provider import CallError, Endpoint
from kairos.ml.llm.question import Question
from kairos.model import Statement
from tests.processes import gone, number_in

QUESTION = Question(Statement("Backups run at night.", ()), Statement("At night, backups run.", ()))
PROMPT = prompt([QUESTION])
HEAD = """
import json, os, sys, subprocess, time
notes = sys.stdin.read()
record = {"arguments": sys.argv[1:], "stdin": notes, "env": dict(os.environ), "cwd": os.getcwd(),
          "files": os.listdir(".")}
with open(os.environ["RECORD"], "w") as file:
    json.dump(record, file)
pairs = json.loads(notes.splitlines()[1])["pairs"]
answers = [{"id": p["id"], "relation": "same", "newer": None, "reason": "equal"} for p in pairs]
result = {"type": "result", "subtype": "success", "is_error": False, "result": json.dumps({"answers": answers}),
          "total_cost_usd": 0.0125,
          "usage": {"input_tokens": 3, "cache_creation_input_tokens": 500, "cache_read_input_tokens": 40,
                    "output_tokens": 60}}
"""

MakeClaude = Callable[..., ClaudeProvider]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "record.json"


@pytest.fixture
def claude(tmp_path: Path, record: Path) -> MakeClaude:
    """A function that puts a script named `claude` with this ending on the PATH."""

    def make(ending: str = "print(json.dumps(result))", *, timeout: float = 20) -> ClaudeProvider:
        script = tmp_path / "bin" / "claude"
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!{sys.executable}\n{HEAD}\n{ending}\n", encoding="utf-8")
        script.chmod(0o755)
        env = {
            "PATH": f"{script.parent}:{os.environ['PATH']}",
            "RECORD": str(record),
            "CLAUDECODE": "1",
            "HOME": "/h",
        }
        return ClaudeProvider(Endpoint("haiku", timeout=timeout, answer_tokens=777), env)

    return make


def seen(record: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return value


def error_of(provider: ClaudeProvider) -> CallError:
    with pytest.raises(CallError) as caught:
        provider.ask(PROMPT)
    return caught.value


def test_the_command_answers_and_reports_its_usage(claude: MakeClaude) -> None:
    reply = claude().ask(PROMPT)
    assert json.loads(reply.text)["answers"][0]["id"] == QUESTION.id
    assert reply.usage is not None
    assert (reply.usage.tokens_in, reply.usage.tokens_out, str(reply.usage.cost)) == (543, 60, "0.0125")
    assert not reply.fault


def test_the_command_runs_without_tools_or_settings_in_an_empty_directory(
    claude: MakeClaude, record: Path
) -> None:
    claude().ask(PROMPT)
    found = seen(record)
    given = dict(zip(found["arguments"], [*found["arguments"][1:], ""], strict=True))
    assert (given["--tools"], given["--setting-sources"], given["--model"]) == ("", "", "haiku")
    assert given["--output-format"] == "json"
    assert {
        "-p",
        "--strict-mcp-config",
        "--disable-slash-commands",
        "--no-session-persistence",
    } <= given.keys()
    assert found["files"] == []
    assert not Path(found["cwd"]).exists()
    assert "CLAUDECODE" not in found["env"]
    assert (found["env"]["HOME"], found["env"]["CLAUDE_CODE_MAX_OUTPUT_TOKENS"]) == ("/h", "777")


def test_notes_never_appear_on_the_command_line(claude: MakeClaude, record: Path) -> None:
    claude().ask(PROMPT)
    found = seen(record)
    assert found["stdin"] == PROMPT.user
    assert "ackups" not in json.dumps(found["arguments"])
    assert SYSTEM in found["arguments"]


def test_a_missing_command_is_reported(tmp_path: Path) -> None:
    error = error_of(ClaudeProvider(Endpoint("haiku"), {"PATH": str(tmp_path)}))
    assert (error.reason, error.again, error.free) == ("there is no command claude on the PATH", False, True)


def test_a_command_that_cannot_be_run_is_reported(claude: MakeClaude, tmp_path: Path) -> None:
    provider = claude()
    (tmp_path / "bin" / "claude").write_text("#!/nowhere/at/all\n", encoding="utf-8")
    error = error_of(provider)
    assert "cannot be run" in error.reason
    assert error.free


def test_a_slow_command_is_ended_with_all_its_children(claude: MakeClaude, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    ending = (
        'child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])\n'
        f"with open({str(file)!r}, 'w') as file:\n"
        "    print(child.pid, file=file)\n"
        "time.sleep(300)"
    )
    seconds = 0.5
    while not file.exists():  # until the command has got so far
        seconds *= 2
        assert (
            error_of(claude(ending, timeout=seconds)).reason == f"no answer came within {seconds:g} seconds"
        )
    assert gone(number_in(file))


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (
            'print("Invalid API key", file=sys.stderr); sys.exit(1)',
            "claude ended with status 1: Invalid API key",
        ),
        ("sys.exit(3)", "claude ended with status 3"),
        (
            'print(json.dumps({"type": "result", "is_error": True, "result": "usage limit reached"})); sys.exit(1)',
            "claude ended with status 1: usage limit reached",
        ),
        (
            'print(json.dumps({"is_error": True, "result": "no credit"}))',
            "claude ended with status 0: no credit",
        ),
        ("os.kill(os.getpid(), 9)", "claude ended with status -9"),
    ],
)
def test_a_failure_is_reported_in_the_words_of_the_command(
    claude: MakeClaude, ending: str, reason: str
) -> None:
    error = error_of(claude(ending))
    assert error.reason == reason
    assert not error.again


@pytest.mark.parametrize(
    "ending", ['print("hello")', "", "print(json.dumps([result]))", "print(json.dumps(result)[:-9])"]
)
def test_other_output_is_no_answer(claude: MakeClaude, ending: str) -> None:
    reply = claude(ending).ask(PROMPT)
    assert (reply.text, reply.usage) == ("", None)
    assert "JSON" in reply.fault


def test_the_budget_includes_the_prompt_of_the_command_itself(
    claude: MakeClaude, record: Path, tmp_path: Path
) -> None:
    cache = AnswerCache(tmp_path / "answers.db", claude())

    def ask(tokens: int) -> object:
        limits = Limits(9, tokens)
        arbiter = Arbiter(claude(), Budget(limits), cache, lambda _: True, retry_policy=RetryPolicy(1, 0))
        return arbiter.ask([QUESTION], lambda _done, _all: None)[QUESTION.key]

    assert isinstance(ask(20_000), NoAnswer)
    assert not record.exists()
    assert not isinstance(ask(40_000), NoAnswer)
