from __future__ import annotations

import pytest

from kairos.core.root.hosts import is_loopback


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://127.3.2.1", True),
        ("http://localhost:1234/v1", True),
        ("http://box.localhost", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.5:11434", False),
        ("http://localhost.example.com", False),
        ("http://notlocalhost", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost@example.com", False),
        ("https://api.openai.com/v1", False),
        ("", False),
    ],
)
def test_only_loopback_hosts_stay_on_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here
