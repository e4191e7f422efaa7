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
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
        "SECRET_KEY = 'correct horse battery'",
        "DB_PASS=hunter2xx",
        "dbPass: hunterxx",
        "pwd: hunter2xx",
        "user: mara, pass: hunter2xx",
        "STRIPE_KEY=abcdefghij",
        "Authorization: Bearer 8f3a9c2d71",
        "Authorization: Basic bWFyYTpodW50ZXI=",
        "curl -H 'bearer 8f3a9c2d71'",
        "private_key: MIIEpAIBAAKCAQEA",
        "It begins with MIIEpAIBAAKCAQEA and goes on",
        "client secret for prod: abc123def",
        "client secret (prod): abc123def",
        "my password is correct-horse",
        "password: swordfish",
        "tokenValue = abcdefgh",
        "token: 48392011",
        "key: 7hf93kfa0x",
        "密码：hunter2xx",
        "**Password:** swordfish",
        "| password | swordfish |",
        "password → swordfish",
        "password – swordfish",
        "user/pass: admin/hunter22",
        "the deploy hook wants wJalrXUtnFEMI7MDENGbPxRfiCY",
        "the deploy hook wants 9f86d081884c7d659a2feaa0c55ad015",
    ],
)
def test_texts_that_may_hold_a_credential_are_recognised(text: str) -> None:
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
        "Used tokens: 200000.",
        "The key is Ctrl+K.",
        "Tokens are counted.",
        "Redis holds key: value stores.",
        "sort key: created_at",
        "Secretary: Imogen Hale",
        "tokenizer: sentencepiece",
        "compass: northeast",
        "Second pass: optimise imports",
        "The password is required.",
        "Bearer tokens expire after an hour.",
        "session 0b5e9a4c-3f0d-4c56-9d1e-7f2a6b8c9d0e",
        "See src/Components/LoginForm2/useSession3 for it.",
        "The class AbstractSingletonProxyFactoryBean2 goes.",
        "Model gpt-4o-mini-2024-07-18 from 2026-03-14T10:22:33Z",
    ],
)
def test_prose_about_keys_is_no_credential(text: str) -> None:
    assert not holds_credential(text)
