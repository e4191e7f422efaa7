"""The language model's part in a dream: which pairs it is asked about, and what follows from its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kairos.config import Config, Llm
from kairos.core.judgement.consultation import Consultation
from kairos.core.judgement.newer import newer
from kairos.core.judgement.ruling import CONFIDENCE, agreement, in_doubt, ruled, unsettled
from kairos.core.text.counts import count
from kairos.dream.outcome import Progress
from kairos.ml.llm.anthropic_api import AnthropicProvider
from kairos.ml.llm.arbiter import Arbiter, Finding, NoAnswer
from kairos.ml.llm.budget import Budget, Limits, Prices
from kairos.ml.llm.cache import AnswerCache
from kairos.ml.llm.claude_command import ClaudeProvider
from kairos.ml.llm.credentials import holds_credential
from kairos.ml.llm.openai_api import OpenAIProvider
from kairos.ml.llm.provider import Endpoint, Provider
from kairos.ml.llm.question import Question
from kairos.model import Action, Judgement, Skip, Statement

Matter = tuple[Judgement, Statement, Statement]
"""A judgement and the two statements that it judges."""

_ACTION_ORDER = (Action.ASK, Action.FLAG, Action.MERGE, Action.NONE)
_SUBJECT = "the language model"
_SET_KEY_ADVICE = "Set it to the key, or correct llm.api_key_env."


@dataclass
class Counsel:
    """Settles pairs in doubt for one dream, with one budget however often that dream plans."""

    arbiter: Arbiter
    may_merge: bool
    progress: Progress
    _outcomes: dict[frozenset[str], NoAnswer | bool] = field(default_factory=dict)

    def settle(self, matters: Sequence[Matter]) -> tuple[Judgement, ...]:
        """Return the judgements in the same order, replaced where the model could settle them."""
        asked = {
            number: Question(a, b) for number, (judgement, a, b) in enumerate(matters) if in_doubt(judgement)
        }
        # The budget may run out, so the pairs that would otherwise be put to the user come first.
        first = sorted(asked, key=lambda number: (*_urgency(matters[number][0]), asked[number].key))
        found: dict[str, Finding] = {}
        if asked:
            questions = [asked[number] for number in first]
            found = self.arbiter.ask(questions, lambda done, total: self.progress("ask", done, total))
        return tuple(
            self._settled(matter, asked[number], found[asked[number].key]) if number in asked else matter[0]
            for number, matter in enumerate(matters)
        )

    def consultation(self) -> Consultation:
        """Return the figures of what was asked and settled so far."""
        budget, endpoint = self.arbiter.budget, self.arbiter.provider.endpoint
        settled = sum(outcome is True for outcome in self._outcomes.values())
        return Consultation(
            provider=self.arbiter.provider.name,
            model=endpoint.model,
            calls=budget.calls,
            tokens_in=budget.tokens_in,
            tokens_out=budget.tokens_out,
            tokens_assumed=budget.tokens_assumed,
            cost=float(budget.cost) if budget.limits.prices or budget.cost else None,
            settled=settled,
            in_doubt=len(self._outcomes) - settled,
            remembered=sum(pair <= self.arbiter.recalled for pair in self._outcomes),
        )

    def skips(self) -> tuple[Skip, ...]:
        """Return one skip for each reason why pairs got no answer; contradicting answers are not reported here."""
        if self.arbiter.silent:
            return ()
        why = Counter(outcome for outcome in self._outcomes.values() if isinstance(outcome, NoAnswer))
        return tuple(
            Skip(_SUBJECT, f"{_pairs_stay(number)} in doubt: {missing.reason}", missing.advice)
            for missing, number in why.items()
        )

    def notices(self) -> Sequence[str]:
        """Return the notices of the answer cache."""
        return self.arbiter.cache.notices

    def _settled(self, matter: Matter, question: Question, finding: Finding) -> Judgement:
        judgement, a, b = matter
        pair = frozenset((question.key, question.mirrored().key))
        if isinstance(finding, NoAnswer):
            self._outcomes[pair] = finding
            return judgement
        by = self.arbiter.provider.endpoint.model
        ruling = agreement(*finding)
        if ruling is None:
            self._outcomes[pair] = False
            return unsettled(judgement, *finding, by=by)
        known = judgement.newer or newer(a, b)
        result = ruled(judgement, ruling, by=by, newer=known, may_merge=self.may_merge)
        self._outcomes[pair] = result.action is not Action.ASK
        return result


def counsel_of(
    config: Config, env: Mapping[str, str], cache: Path, progress: Progress, *, silent: bool = False
) -> Counsel | None:
    """Return the counsel that the configuration asks for; None without a provider. Opens no file or connection yet."""
    llm = config.llm
    if llm.provider is None or llm.model is None:
        return None
    provider = _provider(llm, llm.model, env)
    missing = _missing_key(llm, provider.endpoint.api_key)
    arbiter = Arbiter(
        provider,
        Budget(_limits(llm)),
        AnswerCache(cache / "answers.db", provider),
        may_send=lambda text: not holds_credential(text),
        pairs_per_call=llm.pairs_per_call,
        silent=silent,
        stopped=missing,
    )
    wanted = config.judge.merge_confidence
    return Counsel(arbiter, wanted is None or wanted <= CONFIDENCE, progress)


def _provider(llm: Llm, model: str, env: Mapping[str, str]) -> Provider:
    endpoint = Endpoint(
        model=model,
        base_url=llm.base_url,
        api_key=env.get(llm.api_key_env, "").strip() if llm.api_key_env else None,
        timeout=llm.timeout_seconds,
        answer_tokens=llm.answer_tokens,
    )
    if llm.provider == "claude":
        return ClaudeProvider(endpoint, env)
    return AnthropicProvider(endpoint) if llm.provider == "anthropic" else OpenAIProvider(endpoint)


def _missing_key(llm: Llm, key: str | None) -> NoAnswer | None:
    if not llm.api_key_env:
        return None
    if not key:
        return NoAnswer(f"the environment variable {llm.api_key_env} is not set", _SET_KEY_ADVICE)
    if not (key.isascii() and key.isprintable()):
        return NoAnswer(f"the environment variable {llm.api_key_env} does not hold a key", _SET_KEY_ADVICE)
    return None


def _limits(llm: Llm) -> Limits:
    prices = None
    if llm.price_in is not None and llm.price_out is not None:
        prices = Prices(_decimal(llm.price_in), _decimal(llm.price_out))
    cost = None if llm.max_cost is None else _decimal(llm.max_cost)
    return Limits(llm.max_calls, llm.max_tokens, cost, prices)


def _urgency(judgement: Judgement) -> tuple[int, float]:
    return _ACTION_ORDER.index(judgement.action), -judgement.confidence


def _pairs_stay(number: int) -> str:
    return count(number, "pair stays", "pairs stay")


def _decimal(number: float) -> Decimal:
    """Return a float as the decimal number that was configured: 0.1 is exactly a tenth."""
    return Decimal(str(number))
