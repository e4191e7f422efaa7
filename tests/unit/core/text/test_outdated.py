import pytest

from kairos.core.text.outdated import is_outdated, mentions_outdated


@pytest.mark.parametrize(
    "text",
    [
        "Superseded by kiln-new.md. The kiln fires at 1200.",
        "Replaced by kiln-new.md. The kiln fires at 1200.",
        "**Deprecated:** the kiln fires at 1200.",
        "This note is obsolete. The kiln fires at 1200.",
        "[OUTDATED] The kiln fires at 1200.",
        "The old kiln, deprecated since May, fires at 1200.",
        "The kiln (retired) fires at 1200.",
        "Legacy kiln fires at 1200.",
        "Our former kiln fires at 1200.",
        "Veraltet: der Ofen brennt bei 1200.",
        "Der alte Ofen brennt bei 1200.",
        "L'ancien four chauffe à 1200.",
        "El antiguo horno calienta a 1200.",
        "Старая печь греет до 1200.",
        "已废弃：窑温为1200度。",
        "旧窑温度为1200度。",
    ],
)
def test_a_text_may_say_that_it_is_outdated(text: str) -> None:
    assert is_outdated(text)
    assert mentions_outdated(text)


@pytest.mark.parametrize(
    "text",
    [
        "The kiln fires at 1200.",
        "The kiln no longer fires at 1200.",
        "The kiln moved to the shed; it now fires at 1200.",
        "The gas kiln was superseded by an electric one.",
        "Deprecated the gas kiln in favour of an electric one.",
        "The old kiln was replaced by an electric one.",
        "The old kiln fired at 1200, the new one fires at 1300.",
        "Der alte Ofen brannte bei 1200, jetzt sind es 1300.",
        "The kiln is four years old.",
    ],
)
def test_a_text_that_tells_of_a_new_state_is_not_outdated(text: str) -> None:
    assert not is_outdated(text)


def test_a_text_may_say_it_of_something_else() -> None:
    assert mentions_outdated("The gas kiln was superseded by an electric one.")
    assert not mentions_outdated("The kiln no longer fires at 1200.")
