"""Provider for the OpenAI chat completions API: OpenAI itself, Ollama, llama.cpp, vLLM, LM Studio and many more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from kairos.ml.llm.budget import Usage
from kairos.ml.llm.frame import SCHEMA, Prompt
from kairos.ml.llm.provider import Endpoint, Reply, post

_DEFAULT_URL = "https://api.openai.com/v1"
_FAULTS = {
    "length": "the answer was cut off at llm.answer_tokens",
    "content_filter": "the provider's filter held the answer back",
}


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAIProvider:
    """Calls a chat completions server through OpenAI's SDK, which the first call imports."""

    name = "openai"
    overhead = len(json.dumps(SCHEMA))  # the schema of the answer is sent as well

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._url = endpoint.base_url or _DEFAULT_URL

    def ask(self, prompt: Prompt) -> Reply:
        """Return the model's reply. Raises CallError."""
        body = post("openai", self.endpoint, self._url, lambda options: self._post(prompt, options))
        return _reply(body)

    def _post(self, prompt: Prompt, options: Mapping[str, Any]) -> bytes:
        from openai import OpenAI, omit  # noqa: PLC0415 - an extra, and only this provider needs it

        at_home = urlsplit(self._url).hostname == urlsplit(_DEFAULT_URL).hostname
        most = self.endpoint.answer_tokens
        with OpenAI(**options) as client:
            response = client.chat.completions.with_raw_response.create(
                model=self.endpoint.model,
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.user},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answers", "strict": True, "schema": dict(SCHEMA)},
                },
                # OpenAI's newer models accept only max_completion_tokens, most other servers only max_tokens.
                max_tokens=omit if at_home else most,
                max_completion_tokens=most if at_home else omit,
            )
            return response.content


def _reply(body: bytes) -> Reply:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return Reply("", None, "the server's answer was not a chat completion")
    used = completion.usage
    usage = Usage(used.prompt_tokens, used.completion_tokens) if used else None
    if not completion.choices:
        return Reply("", usage, "the server's answer was empty")
    choice = completion.choices[0]
    fault = "the model refused" if choice.message.refusal else _FAULTS.get(choice.finish_reason or "", "")
    return Reply(choice.message.content or "", usage, fault)
