"""Provider for the Anthropic Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from kairos.ml.llm.budget import Usage
from kairos.ml.llm.frame import Prompt
from kairos.ml.llm.provider import Endpoint, Reply, post

_DEFAULT_URL = "https://api.anthropic.com"
_FAULTS = {
    "max_tokens": "the answer was cut off at llm.answer_tokens",
    "refusal": "the model refused",
}


class _Block(BaseModel):
    type: str
    text: str = ""


class AnthropicUsage(BaseModel):
    """The tokens of one call, as the API and Claude Code report them: those of the prompt cache are counted apart."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None

    def usage(self, cost: Decimal | None = None) -> Usage:
        """Return the usage, all input tokens together."""
        cached = (self.cache_creation_input_tokens or 0) + (self.cache_read_input_tokens or 0)
        return Usage(self.input_tokens + cached, self.output_tokens, cost)


class _Message(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: AnthropicUsage | None = None


class AnthropicProvider:
    """Calls Anthropic, or a server with the same API, through Anthropic's SDK, which the first call imports."""

    name = "anthropic"
    overhead = 0

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._url = endpoint.base_url or _DEFAULT_URL

    def ask(self, prompt: Prompt) -> Reply:
        """Return the model's reply. Raises CallError."""
        body = post("anthropic", self.endpoint, self._url, lambda options: self._post(prompt, options))
        return _reply(body)

    def _post(self, prompt: Prompt, options: Mapping[str, Any]) -> bytes:
        from anthropic import Anthropic  # noqa: PLC0415 - an extra, and only this provider needs it

        with Anthropic(**options) as client:
            response = client.messages.with_raw_response.create(
                model=self.endpoint.model,
                system=prompt.system,
                messages=[{"role": "user", "content": prompt.user}],
                max_tokens=self.endpoint.answer_tokens,
            )
            return response.read()


def _reply(body: bytes) -> Reply:
    try:
        message = _Message.model_validate_json(body)
    except ValidationError:
        return Reply("", None, "the server's answer was not a message")
    usage = message.usage.usage() if message.usage else None
    text = "".join(block.text for block in message.content if block.type == "text")
    return Reply(text, usage, _FAULTS.get(message.stop_reason or "", ""))
