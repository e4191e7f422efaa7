import pytest

from kairos.core.text.phrases import change_phrases, negations, obsolescence_phrases, references_to_past


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
def test_words_of_change_are_found(text: str) -> None:
    assert change_phrases(text)


@pytest.mark.parametrize(
    "text",
    [
        "The back door sticks.",
        "Two thirds of the rows are over 50 kB.",
        "Plus de trois essais sont permis.",
        "Set the table for six.",
        "Subject lines are no longer than 72 characters.",
        "Die Probe ist am Freitag.",
        "会议在周三。",
    ],
)
def test_plain_statements_have_no_words_of_change(text: str) -> None:
    assert not change_phrases(text)


@pytest.mark.parametrize(
    "text",
    ["Smoking is forbidden.", "The lease forbids pets.", "It prohibits pets.", "The rules disallow it."],
)
def test_prohibitions_are_negations(text: str) -> None:
    assert negations(text)


@pytest.mark.parametrize(
    "text",
    [
        "The kiln chart (superseded by the new one).",
        "Die Liste ist veraltet.",
        "Ce plan est obsolète.",
        "Ya no hace falta.",
        "Этот список устарел.",
        "此说明已过时。",
        "この手順は廃止。",
    ],
)
def test_words_of_ending_are_found(text: str) -> None:
    assert obsolescence_phrases(text)
    assert not obsolescence_phrases("The kiln chart hangs beside the door.")


@pytest.mark.parametrize(
    "text", ["An earlier version said 80.", "We used to wait.", "Früher war es rot.", "原来是三天。"]
)
def test_words_that_look_back_are_found(text: str) -> None:
    assert references_to_past(text)
    assert not references_to_past("The port is 80.")
