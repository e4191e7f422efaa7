"""Providers connected to a loopback server, and an arbiter that asks them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kairos.ml.llm.anthropic_api import AnthropicProvider
from kairos.ml.llm.openai_api import OpenAIProvider
from kairos.ml.llm.provider import Endpoint, Provider
from tests.unit.ml.llm.court import Court

if TYPE_CHECKING:
    from tests.conftest import ModelServer


@pytest.fixture(params=["openai", "anthropic"])
def provider(request: pytest.FixtureRequest, model_server: ModelServer) -> Provider:
    """A provider for each of the two protocols, connected to the same server."""
    if request.param == "openai":
        return OpenAIProvider(Endpoint("tiny", f"{model_server.url}/v1", "key", timeout=5))
    return AnthropicProvider(Endpoint("tiny", model_server.url, "key", timeout=5))


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path)
