from __future__ import annotations

import pytest

from kairos.config import parse_config
from tests.unit.config.problems import only_problem_of

OLLAMA = "llm: {provider: openai, model: qwen3, base_url: 'http://127.0.0.1:11434/v1'}"


def llm(**keys: object) -> str:
    listed = ", ".join(f"{key}: {value}" for key, value in keys.items())
    return f"llm: {{{listed}}}"


def test_the_language_model_is_off_by_default() -> None:
    assert parse_config("", "config.yaml").llm.provider is None


@pytest.mark.parametrize(
    "text",
    [
        OLLAMA,
        llm(provider="openai", model="gpt", api_key_env="OPENAI_API_KEY"),
        llm(
            provider="anthropic",
            model="claude-haiku",
            api_key_env="ANTHROPIC_API_KEY",
            max_cost=1,
            price_in=1,
            price_out=5,
        ),
        llm(provider="claude", model="haiku"),
        llm(provider="openai", model="m", base_url="'http://192.168.1.5:11434/v1'", allow_plain_http="true"),
        llm(provider="openai", model="m", base_url="'https://models.example.com/v1'"),
        llm(provider="openai", model="m", base_url="'http://[::1]:8000/v1'"),
        llm(model="kept for later"),
    ],
)
def test_valid_settings_are_accepted(text: str) -> None:
    config = parse_config(text, "config.yaml")
    assert config.llm.model


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (llm(provider="gemini", model="m"), "llm.provider: expected 'openai', 'anthropic' or 'claude'"),
        (llm(provider="openai"), "llm: expected a model along with the provider"),
        (llm(provider="openai", model="gpt"), "llm: expected api_key_env"),
        (llm(provider="anthropic", model="m"), "llm: expected api_key_env"),
        (llm(provider="claude", model="haiku", api_key_env="KEY"), "signs in by itself"),
        (llm(provider="claude", model="haiku", base_url="'https://example.com'"), "signs in by itself"),
        (llm(provider="openai", model="m", base_url="'http://192.168.1.5/v1'"), "expected https in base_url"),
        (llm(provider="openai", model="m", base_url="'http://localhost.evil.com/v1'"), "can read your notes"),
        (
            llm(provider="openai", model="m", base_url="'ftp://localhost'"),
            "llm.base_url: expected an address",
        ),
        (
            llm(provider="openai", model="m", base_url="'https://host:99999/v1'"),
            "llm.base_url: Port out of range",
        ),
        (llm(provider="openai", model="m", base_url="'https://[host/v1'"), "llm.base_url: Invalid IPv6 URL"),
        (
            llm(provider="openai", model="m", base_url="'https://my host/v1'"),
            "llm.base_url: expected an address",
        ),
        (
            llm(provider="openai", model="m", base_url="'https://a..b/v1'"),
            "llm.base_url: expected an address",
        ),
        (
            llm(provider="openai", model="m", base_url="'https://☃.example/v1'"),
            "llm.base_url: expected an address",
        ),
        (llm(provider="openai", model="m", base_url="localhost"), "llm.base_url: expected an address"),
        (
            llm(provider="openai", model="m", base_url="'https://me:secret@host/v1'"),
            "without a user or password",
        ),
        (llm(provider="openai", model="m", max_cost=1, base_url="'https://host'"), "price_in and price_out"),
        (llm(provider="openai", model="m", max_cost=1, price_in=2, base_url="'https://host'"), "price_out"),
        (llm(model='"a\\nb"'), "llm.model: expected a name on one line"),
        (llm(max_calls=0), "llm.max_calls: expected at least 1"),
        (llm(timeout_seconds=601), "llm.timeout_seconds: expected at most 600"),
        (llm(price_in=".inf"), "llm.price_in: expected a finite number"),
        (llm(price_in=-1), "llm.price_in: expected at least 0"),
        (llm(providers="openai"), "llm.providers: unknown key; did you mean provider?"),
    ],
)
def test_invalid_settings_are_reported_in_one_sentence(text: str, words: str) -> None:
    assert words in only_problem_of(text)


def test_a_key_written_into_the_file_is_not_shown() -> None:
    problem = only_problem_of(llm(provider="openai", model="m", api_key_env="sk-very-secret-99"))
    assert "not the key itself" in problem
    assert "sk-very" not in problem
