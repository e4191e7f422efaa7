"""What the arbiter needs of a provider, how a call goes through an SDK, and the ways in which it fails."""

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

_LONGEST_MESSAGE = 160
_REFUSED_KEY = (401, 403)
_MAY_PASS = (408, 409, 429)
_NEVER_CONNECTED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, and the bounds of one call: seconds, and tokens of an answer."""

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    answer_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. `usage` None: the server did not tell. `fault` says why the text is not all there."""

    text: str
    usage: Usage | None
    fault: str = ""


class Provider(Protocol):
    """Makes one call to a language model, without trying again by itself."""

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""

    @property
    def endpoint(self) -> Endpoint:
        """The model, and the bounds of a call."""

    @property
    def overhead(self) -> int:
        """The most tokens that the provider adds to a prompt of its own accord."""

    def ask(self, prompt: Prompt) -> Reply:
        """Return the model's reply; raises CallError."""


class CallError(Exception):
    """A call came to nothing. `again`: it may work if tried again, after `wait` seconds where the server said so;
    `free`: it cannot have cost anything."""

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
    """Return what `send` brings, which gets the options of the SDK's client; raises CallError.

    The SDKs of `openai` and `anthropic` come from one generator: their errors, transports and options are alike.
    """
    try:
        sdk: Any = import_module(package)
    except ImportError:
        advice = f"Install it: pip install 'kairos-dream[llm-{package}]'."
        raise CallError(f"the package {package} is not installed", advice, free=True) from None
    try:
        # No redirect may carry notes elsewhere, and no proxy what is meant for this machine.
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
        raise _refused(error.status_code, error.response.headers, error.response.text) from None
    except sdk.APIConnectionError as error:
        raise _unreachable(url, error) from None
    except Exception as error:  # noqa: BLE001 - a defect of the SDK shall not end a dream
        reason = f"calling {url} failed ({type(error).__name__})"
        raise CallError(reason, "Check llm.base_url.") from None


def timed_out(seconds: float) -> CallError:
    """Return the error of a call that took too long."""
    reason = f"no answer came within {seconds:g} seconds"
    return CallError(reason, "Look at the server, or raise llm.timeout_seconds.", again=True)


def _unreachable(where: str, error: BaseException) -> CallError:
    """Return the error of a connection that was never made, or that broke."""
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in _causes(error)):
        return CallError(
            f"{where} cannot be reached", "Start the server, or correct llm.base_url.", free=True
        )
    return CallError(f"the connection to {where} broke", "Look at the server.", again=True)


def _refused(status: int, headers: Mapping[str, str], body: str) -> CallError:
    """Return the error of a call that the server answered with an HTTP status of failure."""
    if status in _REFUSED_KEY:  # without the message: some servers repeat the key in it
        advice = "Check the key in the environment variable that llm.api_key_env names."
        return CallError(f"the server refused the key (HTTP {status})", advice, free=True)
    said = " ".join(_message(body).split())[:_LONGEST_MESSAGE]
    reason = f"the server answered HTTP {status}" + (f": {said}" if said else "")
    if status in _MAY_PASS or status >= 500:
        wait = _retry_after(headers.get("retry-after"))
        return CallError(reason, "Dream again later.", again=True, free=status == 429, wait=wait)
    return CallError(reason, "Check llm.model and llm.base_url.", free=True)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date."""
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
    """Return what a body of failure says: servers wrap it as {"error": {"message": …}}, or in less."""
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
