"""What the arbiter needs from a provider, and how a call through an SDK is made and fails."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any, Protocol

from kairos.core.root.hosts import is_loopback
from kairos.ml.llm.budget import Usage
from kairos.ml.llm.frame import Prompt

_MAX_MESSAGE = 160  # characters
_KEY_REFUSED = (401, 403)
_RETRYABLE = (408, 409, 429)
_NEVER_CONNECTED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model on a server, and the limits of one call: `timeout` in seconds, and the tokens of an answer."""

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    answer_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer. `usage` is None if the server did not report it; `fault` says why the text is incomplete."""

    text: str
    usage: Usage | None
    fault: str = ""


class Provider(Protocol):
    """Makes single calls to a language model; it does not retry."""

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""

    @property
    def endpoint(self) -> Endpoint:
        """The model, and the limits of a call."""

    @property
    def overhead(self) -> int:
        """The most tokens that the provider itself adds to a prompt."""

    def ask(self, prompt: Prompt) -> Reply:
        """Return the model's reply. Raises CallError."""


class CallError(Exception):
    """A call failed. `again`: a retry may work, after `wait` seconds if the server said so; `free`: the call cannot
    have cost anything."""

    def __init__(
        self, reason: str, advice: str, *, again: bool = False, free: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.again = again
        self.free = free
        self.wait = wait


def post(package: str, endpoint: Endpoint, url: str, send: Callable[[Mapping[str, Any]], bytes]) -> bytes:
    """Call `send` with the options for the client of the SDK `package`, and return its result. Raises CallError.

    The SDKs `openai` and `anthropic` come from the same generator: their errors, transports and options are alike.
    """
    try:
        sdk: Any = import_module(package)
    except ImportError:
        advice = f"Install it: pip install 'kairos-dream[llm-{package}]'."
        raise CallError(f"the package {package} is not installed", advice, free=True) from None
    try:
        # A redirect must not send notes elsewhere, nor a proxy see what is meant for this machine.
        transport = sdk.DefaultHttpxClient(follow_redirects=False, trust_env=not is_loopback(url))
        options = {
            "api_key": endpoint.api_key or "none",
            "base_url": url,
            "timeout": endpoint.timeout,
            "max_retries": 0,
            "http_client": transport,
        }
        return send(options)
    except sdk.APITimeoutError:
        raise timed_out(endpoint.timeout) from None
    except sdk.APIStatusError as error:
        raise _http_error(error.status_code, error.response.headers, error.response.text) from None
    except sdk.APIConnectionError as error:
        raise _connection_error(url, error) from None
    except Exception as error:  # noqa: BLE001 - a bug in the SDK must not end a dream
        reason = f"calling {url} failed ({type(error).__name__})"
        raise CallError(reason, "Check llm.base_url.") from None


def timed_out(seconds: float) -> CallError:
    """Return the error for a call that took too long."""
    reason = f"no answer came within {seconds:g} seconds"
    return CallError(reason, "Check the server, or raise llm.timeout_seconds.", again=True)


def with_message(reason: str, message: str) -> str:
    """Append a server's or command's own message to a reason, on one line and cut to a readable length."""
    said = " ".join(message.split())[:_MAX_MESSAGE]
    return f"{reason}: {said}" if said else reason


def _connection_error(where: str, error: BaseException) -> CallError:
    """Return the error for a connection that failed or broke."""
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in _causes(error)):
        return CallError(
            f"{where} cannot be reached", "Start the server, or correct llm.base_url.", free=True
        )
    return CallError(f"the connection to {where} broke", "Check the server.", again=True)


def _http_error(status: int, headers: Mapping[str, str], body: str) -> CallError:
    """Return the error for a call that the server answered with an HTTP error status."""
    if status in _KEY_REFUSED:  # leave out the message: some servers repeat the key in it
        advice = "Check the key in the environment variable that llm.api_key_env names."
        return CallError(f"the server refused the key (HTTP {status})", advice, free=True)
    reason = with_message(f"the server answered HTTP {status}", _message(body))
    if status in _RETRYABLE or status >= 500:
        wait = _retry_after(headers.get("retry-after"))
        return CallError(reason, "Dream again later.", again=True, free=status == 429, wait=wait)
    return CallError(reason, "Check llm.model and llm.base_url.", free=True)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds to wait by a Retry-After header, which holds a number or a date; None if it is neither."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _message(body: str) -> str:
    """Return the message in an error body: {"error": {"message": …}}, with fewer wrappers, or plain text."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for key in ("error", "message"):
        if isinstance(value, dict):
            value = value.get(key, value)
    return value if isinstance(value, str) else body


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
