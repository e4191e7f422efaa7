"""Ask a language model: each question twice, the second time with the sides exchanged, and never beyond the budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kairos.core.judgement.ruling import Ruling
from kairos.ml.llm.budget import Budget, OverBudgetError, Usage
from kairos.ml.llm.cache import AnswerCache
from kairos.ml.llm.frame import prompt, read
from kairos.ml.llm.provider import CallError, Provider, Reply
from kairos.ml.llm.question import Question

Progress = Callable[[int, int], None]
"""Called with (pairs done, all pairs) while questions are asked."""

_MAX_USELESS = 3
"""After this many answers in a row without a single ruling, the model is not asked again in this dream."""
_TRY_ADVICE = "Try another llm.model, or raise llm.answer_tokens."


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a call is retried: the number of `tries`, the `pause` between them in seconds (doubled each time), and the
    `longest` wait that a server may ask for."""

    tries: int = 3
    pause: float = 1.0
    longest: float = 60.0


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why a pair lacks its two answers, and what can be done about it."""

    reason: str
    advice: str = ""


Finding = tuple[Ruling, Ruling] | NoAnswer
"""Both answers about a pair, the second one about the exchanged pair; or why they are missing."""


class _StopError(Exception):
    """Stop asking the model for the rest of this dream."""

    def __init__(self, missing: NoAnswer) -> None:
        super().__init__(missing.reason)
        self.missing = missing


@dataclass
class Arbiter:
    """Asks one model within one budget. A pair is sent only if `may_send` accepts all its texts.

    With `silent` nothing is asked, and only answers from earlier dreams count. `stopped` says why nothing more is asked
    in this dream; `recalled` holds the keys of the questions that earlier dreams had answered.
    """

    provider: Provider
    budget: Budget
    cache: AnswerCache
    may_send: Callable[[str], bool]
    pairs_per_call: int = 8
    silent: bool = False
    retry_policy: RetryPolicy = field(default=RetryPolicy())
    stopped: NoAnswer | None = None
    recalled: set[str] = field(default_factory=set)
    _useless: int = 0
    _faults: dict[str, NoAnswer] = field(default_factory=dict)
    _answers: dict[str, Ruling] = field(default_factory=dict)

    def ask(self, questions: Sequence[Question], progress: Progress) -> dict[str, Finding]:
        """Return the finding on each question, by its key, after asking the model those not answered before."""
        self._recall(questions)
        unknown = [question for question in questions if not self._is_known(question)]
        todo = [question for question in _distinct(unknown) if not self._must_not_ask(question)]
        for start in range(0, len(todo), self.pairs_per_call):
            if self.stopped is None:
                self._ask_both_ways(todo[start : start + self.pairs_per_call])
                progress(min(start + self.pairs_per_call, len(todo)), len(todo))
        return {question.key: self._finding(question) for question in questions}

    def _recall(self, questions: Iterable[Question]) -> None:
        keys = {key for question in questions for key in _keys(question)} - self._answers.keys()
        found = self.cache.look_up(keys)
        self._answers.update(found)
        self.recalled |= found.keys()

    def _is_known(self, question: Question) -> bool:
        return all(key in self._answers for key in _keys(question))

    def _must_not_ask(self, question: Question) -> bool:
        """Whether a pair must not be sent, or got no answer before; the reason is kept in `_faults`."""
        if question.key not in self._faults:
            reason = self._reason_not_to_send(question)
            if reason is not None:
                for key in _keys(question):
                    self._faults[key] = reason
        return question.key in self._faults

    def _reason_not_to_send(self, question: Question) -> NoAnswer | None:
        sides = (question.a, question.b)
        if self.silent:
            return NoAnswer("only answers from earlier dreams count here")
        if question.is_too_long:
            return NoAnswer("too long to send whole", "Split the note.")
        if not all(self.may_send(text) for side in sides for text in (side.text, side.context)):
            return NoAnswer(
                "what looks like a password or key is never sent", "Keep credentials out of the notes."
            )
        return None

    def _finding(self, question: Question) -> Finding:
        straight, exchanged = _keys(question)
        if self._is_known(question):
            return self._answers[straight], self._answers[exchanged]
        return self._faults.get(straight) or self.stopped or NoAnswer("it was not asked about")

    def _ask_both_ways(self, questions: Sequence[Question]) -> None:
        """Ask about a batch; the exchanged pairs are sent in a second call, in reverse order."""
        ways = (questions, [question.mirrored() for question in reversed(questions)])
        missing = [[one for one in way if one.key not in self._answers] for way in ways]
        try:
            # One direction alone is worth nothing: do not start what the budget cannot finish.
            self.budget.check(*(self._most_usage(way) for way in missing if way))
            for way in missing:
                if left := [question for question in way if question.key not in self._faults]:
                    self._send(left)
        except OverBudgetError as error:
            advice = "The next dream goes on asking; or raise the limit."
            self.stopped = NoAnswer(f"{error.limit} is used up", advice)
        except _StopError as error:
            self.stopped = error.missing

    def _send(self, questions: Sequence[Question]) -> None:
        reply = self._call(questions)
        answers = read(reply.text, questions)
        self._answers.update(answers.rulings)
        self.cache.keep(answers.rulings)
        fault = NoAnswer(reply.fault or answers.fault, _TRY_ADVICE)
        for question in questions:
            if question.key not in answers.rulings:
                self._faults.update(dict.fromkeys(_keys(question), fault))
        self._useless = 0 if answers.rulings else self._useless + 1
        if self._useless >= _MAX_USELESS:
            raise _StopError(NoAnswer(f"{self._useless} answers in a row were unusable", fault.advice))

    def _call(self, questions: Sequence[Question]) -> Reply:
        """Make a call, retrying where that may help; each try counts. Raises OverBudgetError, _StopError."""
        asked, worst = prompt(questions), self._most_usage(questions)
        for number in range(self.retry_policy.tries):
            self.budget.take(worst)
            try:
                reply = self.provider.ask(asked)
            except CallError as error:
                if error.free:
                    self.budget.settle(worst, Usage(0, 0))
                self._wait(error, number)
                continue
            if reply.usage is not None:
                self.budget.settle(worst, reply.usage)
            return reply
        raise AssertionError("the last try returns or raises")

    def _wait(self, error: CallError, number: int) -> None:
        """Wait before the next try. Raises _StopError if there is to be none."""
        if not error.again or number == self.retry_policy.tries - 1:
            raise _StopError(NoAnswer(error.reason, error.advice)) from None
        seconds = self.retry_policy.pause * 2**number if error.wait is None else error.wait
        if seconds > self.retry_policy.longest:
            reason = f"{error.reason} (and asked to wait {seconds:.0f} seconds)"
            raise _StopError(NoAnswer(reason, error.advice)) from None
        time.sleep(seconds)

    def _most_usage(self, questions: Sequence[Question]) -> Usage:
        """Return the most tokens that a call can use."""
        most = prompt(questions).most_tokens + self.provider.overhead
        return Usage(most, self.provider.endpoint.answer_tokens)


def _keys(question: Question) -> tuple[str, str]:
    return question.key, question.mirrored().key


def _distinct(questions: Iterable[Question]) -> Iterator[Question]:
    """Yield each pair once, whichever way round it is."""
    seen: set[str] = set()
    for question in questions:
        if question.key not in seen:
            seen.update(_keys(question))
            yield question
