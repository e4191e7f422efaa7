from __future__ import annotations

import pytest

from kairos.ml.llm.credentials import holds_credential

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        f"aws: AKIA{LETTERS[:16].upper()}",
        f"ghp_{LETTERS[:36]}",
        f"github_pat_{LETTERS[:30]}",
        f"glpat-{LETTERS[:20]}",
        f"xoxb-{LETTERS[:20]}",
        f"sk-ant-{LETTERS[:30]}",
        f"sk_live_{LETTERS[:24]}",
        f"AIza{LETTERS[:35]}",
        f"hf_{LETTERS[:34]}",
        f"Bearer eyJ{LETTERS[:12]}.eyJ{LETTERS[:12]}.{LETTERS[:12]}",
        "postgres://app:s3cret@db.internal/app",
        "The staging password is hunter22.",
        "Log in with password hunter22.",
        "API_KEY=abc123def",
        "Das Passwort lautet geheim99",
        '"token": "a1b2c3d4"',
    ],
)
def test_what_looks_like_a_key_is_one(text: str) -> None:
    assert holds_credential(f"Note this: {text} (Mara)")


@pytest.mark.parametrize(
    "text",
    [
        "Tokens are refreshed every 15 minutes.",
        "The password is rotated by the operator.",
        "Never commit secrets; they live in the vault.",
        "The API listens on http://localhost:8080/v1.",
        "Ask for a key in #ops; it is sk-style.",
        "git clone git@github.com:mara/gardens.git",
        "max_tokens: 200000 and retries: 3",
    ],
)
def test_prose_about_keys_is_none(text: str) -> None:
    assert not holds_credential(text)
