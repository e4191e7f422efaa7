"""Credentials in notes are found, and prose is not taken for one. All credentials here are made up."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from kairos.core.root.credentials import credentials, redacted

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ"
HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("kind", "secret", "around"),
    [
        ("AWS access key", f"AKIA{LETTERS[:16].upper()}", "aws: {}"),
        ("GitHub token", f"ghp_{LETTERS[:36]}", "`{}` is Mara's"),
        ("GitHub token", f"github_pat_{LETTERS[:30]}", "({})"),
        ("GitLab token", f"glpat-{LETTERS[:20]}", "{}"),
        ("Slack token", f"xoxb-{LETTERS[:20]}", "{}"),
        ("Slack webhook", f"hooks.slack.com/services/T0001/B0001/{LETTERS[:24]}", "post to https://{}"),
        ("Anthropic key", f"sk-ant-{LETTERS[:30]}", "{}"),
        ("OpenAI key", f"sk-proj-{LETTERS}", "key {} works"),
        ("Stripe key", f"sk_live_{LETTERS[:24]}", "{}"),
        ("Google key", f"AIza{LETTERS[:35]}", "{}"),
        ("Hugging Face token", f"hf_{'abcdefghij' * 4}"[:37], "{}"),
        ("package registry token", f"npm_{LETTERS[:36]}", "{}"),
        ("SendGrid key", f"SG.{LETTERS[:22]}.{LETTERS[:43]}", "{}"),
        ("Twilio key", f"SK{HEX[:32]}", "{}"),
        ("DigitalOcean token", f"dop_v1_{HEX}", "{}"),
        ("age key", f"AGE-SECRET-KEY-1{(LETTERS * 2)[:58].upper()}", "{}"),
        ("JSON web token", f"eyJ{LETTERS[:12]}.eyJ{LETTERS[:12]}.{LETTERS[:12]}", "cookie {}"),
        ("password in a URL", "s3cret", "postgres://app:{}@db.internal/app"),
        ("password", "hunter22", "The staging password is {}."),
        ("password", "hunter22", "The staging password is: {}."),
        ("password", "hunter22", "The password for staging is now `{}`"),
        ("password", "hunter22", "Das Passwort lautet jetzt: **{}**"),
        ("secret", "abc123def456xyz", "The API token is: {} until May"),
        ("password", "Zebra-77-kite!", "The admin password is {}."),
        ("password", "Zebra-77-kite?!", "Is the password {}"),
        ("password", "Zebra-77-kite!", "password: **{}**"),
        ("password", "hunter22", "Log in with the password {} on staging"),
        ("password", "hunter22", "Le mot de passe est {}"),
        ("password", "hunter2xx", "DB_PASS={}"),
        ("password", "hunter22", "password: **{}**"),
        ("password", "geheim99", "Das Passwort lautet {}"),
        ("password", "hunter2xx", "密码：{}"),
        ("password", "corr=ct-horse", "pwd: {}"),
        ("password", "hunter22", "- **Password:** {}"),
        ("password", "hunter22", "__Password__: `{}`"),
        ("password", "hunter22", "| root password   | `{}` |"),
        ("password", "hunter22", "|password|{}|"),
        ("password", "hunter22", "password → {}"),
        ("password", "hunter22", "password -> {}"),
        ("password", "hunter22", "password for staging: {}"),
        ("password", "hunter22", "the password (staging) is {}"),
        ("password", "hunter22", "Passwort für die Datenbank: {}"),
        ("password in a command", "hunter22", "curl -s -u admin:{} https://db.internal/x"),
        ("password in a command", "hunter22", "curl --user 'admin:{}' https://db.internal/x"),
        ("password in a command", "hunter22", "sshpass -p '{}' ssh db"),
        ("password in a command", "YWRtaW46aHVudGVyMjI=", "Authorization: Basic {}"),
        ("secret", "abc123def456xyz", "API_KEY={}"),
        ("secret", "abc123def456xyz", "- **API token:** {}"),
        ("secret", "abc123def456xyz", "The token for prod: {}"),
        ("secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "AWS_SECRET_ACCESS_KEY={}"),
        ("secret", "a9f3k2l1m5n7q8", "| `token`: `{}` |"),
        ("secret", "8f3a9c2d71ab", "Authorization: Bearer {}"),
        ("secret", "7hf93kfa0x2", "the api key is {}"),
    ],
)
def test_a_credential_is_found_and_redacted(kind: str, secret: str, around: str) -> None:
    text = f"Ünder way: {around.format(secret)}\nand on."
    assert [(one.kind, text[slice(*one.span)]) for one in credentials(text)] == [(kind, secret)]
    assert secret not in redacted(text)
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize("seed", range(4))
def test_a_credential_of_two_kinds_gets_the_same_kind_in_every_process(seed: int) -> None:
    text = f"The lending API token: ghp_{'a1b2c3d4e5f6' * 3} works until March."
    script = f"from kairos.core.root.credentials import redacted; print(redacted({text!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    shown = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)
    assert shown == "The lending API token: [GitHub token: not shown] works until March.\n"


def test_all_lines_of_a_private_key_are_one_credential() -> None:
    body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n  QyNTUxOQAAACBhYmNkZWZnaGlqa2xtbm9w\n  AAECAw==\n"
    text = f"- ours:\n\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  {body}  -----END OPENSSH PRIVATE KEY-----\n\nMore."
    shown = redacted(text)
    assert {one.kind for one in credentials(text)} == {"private key"}
    assert not any(line.strip() in shown for line in body.splitlines())
    assert shown.startswith("- ours:\n")
    assert shown.endswith("\n\nMore.")


@pytest.mark.parametrize(
    "text",
    [
        "Tokens are refreshed every 15 minutes.",
        "The password is rotated by the operator.",
        "The password is required.",
        "The password is now stored in the vault.",
        "The password is: see 1Password",
        "the api key is: api.md:15",
        "password: see vault/prod2",
        "max_tokens: 200000",
        "We hash each password sha256-style, then bcrypt2.",
        "password 2fa-codes12 and passwords 1Password",
        "sort key: created_at_2024",
        "token: ${TOKEN_1}, secret: <your secret 1>",
        "API_KEY=OPENAI_API_KEY_2",
        "secret name: prod-db-token-v2",
        "secret: k8s-cluster-eu-west-1-credentials",
        "tokenizer: cl100k_base_v2023-11",
        "tokens: input=12000,output=3400",
        "private key: ~/.ssh/id_ed25519",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "sha256: 9f86d081884c7d659a2feaa0c55ad015",
        "sk-learn-based-pipeline-for-everything",
        "See src/Components/LoginForm2/useSession3 for the token.",
        "API_KEY=sk-your-key-goes-here-1234567890",
        "secret: vault:prod/db#password1",
        "postgresql://user:pass@localhost/db",
        "Secretary: imogen.hale2024x9",
        "git clone https://github.com/mara/gardens.git",
        "| password | VARCHAR(255) | not null |",
        "| password | required | at least 12 characters |",
        "| token | bearer | see vault |",
        "The password for the console is rotated by ops2.",
        "curl -u $USER:$PASS https://db.internal/x",
        "curl -u admin:<password> https://db.internal/x",
        "Basic knowledge of Python3 is enough.",
        "**Tokens:** 12000 in, 3400 out",
        "Secret (see 1Password): prod-db",
    ],
)
def test_prose_settings_and_placeholders_are_no_credentials(text: str) -> None:
    assert credentials(text) == ()
    assert redacted(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "token",
        "a.a:",
        "key:",
        " ",
        "password is ",
        "sk-",
        "eyJ",
        "http://a:",
        "-----BEGIN PRIVATE KEY-----",
        "token=",
        "curl ",
        "curl -u a:",
        "password for ",
        "password | ",
        "token (",
        "password on a.b.c ",
        "**password** ",
    ],
)
def test_time_is_linear_in_the_size(piece: str) -> None:
    def seconds(size: int) -> float:
        start = time.process_time()
        credentials(piece * (size // len(piece)))
        return time.process_time() - start

    assert seconds(400_000) < 12 * seconds(100_000) + 0.5
