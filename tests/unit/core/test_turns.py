import pytest

from kairos.core.turns import changes


@pytest.mark.parametrize(
    "text",
    [
        "The freeze was lifted on 3 May.",
        "Mira takes the minutes these days.",
        "Back to plain Makefiles.",
        "Rent went up to 940.",
        "Ola retired; Sven is her successor.",
        "The blue van is gone.",
        "Die Probe wurde auf Freitag verlegt.",
        "Rauchen ist nicht mehr erlaubt.",
        "Le rendez-vous est reporté au 4 juin.",
        "La clase pasa a los martes.",
        "A reunião foi adiada.",
        "Встречу перенесли на среду.",
        "会议改到周三。",
        "会議は水曜に変更。",
    ],
)
def test_what_tells_of_a_change_is_seen(text: str) -> None:
    assert changes(text)


@pytest.mark.parametrize(
    "text",
    [
        "The back door sticks.",
        "Two thirds of the rows are over 50 kB.",
        "Plus de trois essais sont permis.",
        "Set the table for six.",
        "Die Probe ist am Freitag.",
        "会议在周三。",
    ],
)
def test_what_only_states_is_no_change(text: str) -> None:
    assert not changes(text)
