"""Texts on which a compiled model is compared with its original: of every kind and length that notes have."""

from __future__ import annotations

_SHORT = (
    "ok",
    ".",
    "TODO",
    "42",
    "v2.14.0-rc.1",
    "https://example.org/a/b?c=d#e",
    "Port 5432, not 5433.",
    "purple",
    "The user's favourite colour is cyan.",
    "Never force-push to main.",
)
_SENTENCES = (
    "Deploys go out on Tuesdays after 14:00 UTC; whoever is on call watches the dashboard for half an hour.",
    "The staging database was moved from db1.internal to db3.internal on 2026-02-11, and the old one is read-only.",
    "User prefers tabs over spaces, single quotes in JavaScript, and no trailing commas in function calls.",
    "Do NOT run the migration twice: the second run drops the index it has just made (see incident 118).",
    "Tests need Docker 24 or newer, 8 GB of memory, and the environment variable PG_URL; otherwise they are skipped.",
    "After the retro we agreed to keep pull requests below 400 lines, with two reviewers for anything in billing/.",
    "Das Backup läuft jede Nacht um 03:30 Uhr; der Schlüssel liegt im Tresor, nicht im Repository.",
    "Le serveur de préproduction n'est accessible que par le VPN, mot de passe à demander à Inès.",
    "El despliegue del viernes se canceló porque faltaba la aprobación del cliente.",
    "Сборка падает на Windows, если путь содержит пробелы; обходной путь описан в вики.",
    "会議は毎週水曜日の午前十時から、資料は前日までに共有フォルダへ置くこと。",
    "部署前先运行 make check，失败的话不要合并。",
    "يُعاد تشغيل الخادم كل ليلة أحد.",
    "- [x] rotate the API keys  - [ ] tell finance  - [ ] close ticket OPS-2217 🚀",
    "| service | port | owner |\n|---|---|---|\n| auth | 8081 | ines |\n| mail | 2525 | bo |",
    "def retry(call, times=3):\n    for n in range(times):\n        try:\n            return call()\n    raise GaveUp",
    "SELECT count(*) FROM orders WHERE state = 'open' AND created_at < now() - interval '30 days';",
    "curl -fsSL -H 'Accept: application/json' http://localhost:8080/v1/status | jq '.queues[] | .depth'",
    '{"retries": 5, "timeout_ms": 2500, "hosts": ["10.0.0.7", "10.0.0.8"], "tls": null}',
    "Traceback (most recent call last): KeyError: 'customer_id' in worker.py, line 218, in handle",
    "3.14159 2.71828 1.41421 0x1F4A9 1e-9 100 % 1,000,000 12.5 GiB 37 °C -40 °F 14:05:59",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa zzzzzzzzzzzzzzzzzzzzzz qwertyuiop",
)

PROBES: tuple[str, ...] = (
    "",
    " \n",
    *_SHORT,
    *_SENTENCES,
    *(f"{one} {other}" for one, other in zip(_SENTENCES, reversed(_SENTENCES), strict=True)),
    "\n".join(_SENTENCES[:8]),
    "\n\n".join(_SENTENCES),
    "word " * 3000,
)
"""From the empty text to more than any model reads."""
