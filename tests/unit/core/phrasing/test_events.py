"""What happened, as opposed to what holds."""

import pytest

from kairos.core.phrasing.events import tells_of_event


@pytest.mark.parametrize(
    "text",
    [
        "Restarted the pump because of a leak.",
        "**Fixed** the valve.",
        "The build failed again at noon.",
        "Kofi deployed the gateway.",
        "The line was down for an hour.",
        "Ran out of glaze 7.",
        "Der Ofen wurde gereinigt.",
    ],
)
def test_what_happened_is_an_event(text: str) -> None:
    assert tells_of_event(text)


@pytest.mark.parametrize(
    "text",
    [
        "Glazes are mixed on Mondays.",
        "The shared folder is on the NAS.",
        "Learned that glaze 7 needs a slow fire.",
        "User wanted short answers.",
        "Use the slow fire for glaze 7.",
        "Every kiln is cleaned on Fridays.",
        "Der Ofen läuft nachts.",
    ],
)
def test_what_holds_is_no_event(text: str) -> None:
    assert not tells_of_event(text)
