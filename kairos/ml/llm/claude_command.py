"""Provider that runs the user's own Claude Code in headless mode (`claude -p`), without tools and without settings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import IO

from pydantic import BaseModel, ValidationError

from kairos.ml.llm.anthropic_api import AnthropicUsage
from kairos.ml.llm.frame import Prompt
from kairos.ml.llm.provider import CallError, Endpoint, Reply, timed_out, with_message

_COMMAND = "claude"
_MAX_OUTPUT = 1 << 20  # bytes
_SESSION_VARIABLES = frozenset({"CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"})
"""Variables removed from the environment: with them, `claude` would think it runs inside another session."""


class _Result(BaseModel):
    result: str = ""
    is_error: bool = False
    usage: AnthropicUsage | None = None
    total_cost_usd: Decimal | None = None


class ClaudeProvider:
    """Runs `claude -p` in an empty directory, without tools, hooks, MCP servers, memory or a project.

    The notes are passed on stdin, because command lines are visible to every user of a machine.
    """

    name = "claude"
    overhead = 10_000  # Claude Code adds text of its own to every prompt

    def __init__(self, endpoint: Endpoint, env: Mapping[str, str]) -> None:
        self.endpoint = endpoint
        self._env = env

    def ask(self, prompt: Prompt) -> Reply:
        """Return the model's reply. Raises CallError."""
        command = shutil.which(_COMMAND, path=self._env.get("PATH"))
        if command is None:
            advice = "Install Claude Code, or choose another llm.provider."
            raise CallError(f"there is no command {_COMMAND} on the PATH", advice, free=True)
        with tempfile.TemporaryDirectory(prefix="kairos-") as directory, tempfile.TemporaryFile() as stdout:
            status, stderr = self._run(self._arguments(command, prompt), prompt, directory, stdout)
            stdout.seek(0)
            return _reply(stdout.read(_MAX_OUTPUT), status, stderr)

    def _arguments(self, command: str, prompt: Prompt) -> list[str]:
        return [
            *(command, "-p", "--output-format", "json"),
            *("--model", self.endpoint.model),
            *("--system-prompt", prompt.system),
            *("--tools", ""),
            *("--setting-sources", ""),
            "--strict-mcp-config",
            "--disable-slash-commands",
            "--no-session-persistence",
        ]

    def _run(
        self, arguments: list[str], prompt: Prompt, directory: str, stdout: IO[bytes]
    ) -> tuple[int, str]:
        """Run the command in its own process group, and kill the group when it ends or times out.

        Returns the exit status and stderr. Raises CallError.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, a fixed command
                arguments,
                cwd=directory,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            reason = f"{arguments[0]} cannot be run ({error.strerror})"
            raise CallError(reason, "Reinstall Claude Code.", free=True) from None
        with process:
            try:
                _, stderr = process.communicate(prompt.user.encode(), timeout=self.endpoint.timeout)
            except subprocess.TimeoutExpired:
                raise timed_out(self.endpoint.timeout) from None
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, stderr.decode("utf-8", "replace")

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in self._env.items() if name not in _SESSION_VARIABLES},
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(self.endpoint.answer_tokens),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }


def _reply(output: bytes, status: int, stderr: str) -> Reply:
    try:
        result = _Result.model_validate_json(output)
    except ValidationError:
        if status == 0:
            return Reply("", None, f"{_COMMAND} did not print the JSON that was asked for")
        raise _failed(status, stderr) from None
    if result.is_error or status != 0:
        raise _failed(status, result.result or stderr)
    return Reply(result.result, result.usage.usage(result.total_cost_usd) if result.usage else None)


def _failed(status: int, message: str) -> CallError:
    reason = with_message(f"{_COMMAND} ended with status {status}", message)
    return CallError(reason, f"See whether `{_COMMAND} -p hello` works.")
