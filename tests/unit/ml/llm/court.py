"""An arbiter to ask, and faults for a model server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kairos.core.judgement.ruling import Ruling
from kairos.ml.llm.arbiter import Arbiter, NoAnswer, RetryPolicy
from kairos.ml.llm.budget import Budget, Limits
from kairos.ml.llm.cache import AnswerCache
from kairos.ml.llm.provider import Provider
from kairos.ml.llm.question import Question
from kairos.model import Relation, Statement

if TYPE_CHECKING:
    from tests.conftest import Fault, Handler

AMPLE = Limits(40, 200_000)
PAIRS = tuple(
    Question(Statement(f"Service {n} restarts on Monday.", ()), Statement(f"On Monday, {n} restarts.", ()))
    for n in range(5)
)
FIRST = PAIRS[0]
SAME = (Ruling(Relation.SAME, None, "equal in meaning"),) * 2


class Court:
    """Asks an arbiter whose options each test can change."""

    def __init__(self, directory: Path) -> None:
        self.cache = directory / "cache" / "answers.db"
        self.arbiter: Arbiter

    def ask(
        self,
        provider: Provider,
        *questions: Question,
        limits: Limits = AMPLE,
        may_send: Callable[[str], bool] = lambda _: True,
        **options: Any,
    ) -> list[object]:
        """Ask with a new arbiter, as in a new dream."""
        cache = AnswerCache(self.cache, provider)
        options.setdefault("retry_policy", RetryPolicy(3, 0.01, 2))
        self.arbiter = Arbiter(provider, Budget(limits), cache, may_send=may_send, **options)
        found = self.arbiter.ask(questions, lambda _done, _all: None)
        return [found[question.key] for question in questions]


def only_reason(found: list[object]) -> str:
    (missing,) = set(found)
    assert isinstance(missing, NoAnswer)
    return missing.reason


def status(code: int, headers: Mapping[str, str] | None = None) -> Fault:
    body = {"error": {"message": "something is wrong here", "type": "error"}}
    return lambda handler, _: handler.send(code, body, headers)


def hang(_handler: Handler, _reply: dict[str, Any]) -> None:
    time.sleep(0.6)


def cut(handler: Handler, reply: dict[str, Any]) -> None:
    handler.send(200, reply, cut=30)


def drop(handler: Handler, _: dict[str, Any]) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def say(text: str) -> Fault:
    def fault(handler: Handler, _: dict[str, Any]) -> None:
        handler.send(200, handler.double.reply(handler.request_seen, text))

    return fault


def body(value: object) -> Fault:
    return lambda handler, _: handler.send(200, value)


def finish(openai: str, anthropic: str) -> Fault:
    def fault(handler: Handler, reply: dict[str, Any]) -> None:
        if "choices" in reply:
            reply["choices"][0]["finish_reason"] = openai
            reply["choices"][0]["message"]["content"] = '{"answers": [{"id"'
        else:
            reply["stop_reason"] = anthropic
            reply["content"][0]["text"] = '{"answers": [{"id"'
        handler.send(200, reply)

    return fault
