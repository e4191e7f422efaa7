"""Stand-ins for the two models, for tests of the judge."""

from difflib import SequenceMatcher

from kairos.model import Opinion

SAME = Opinion(0.997, 0.001, 0.001, 0.0005, 0.0005)
CLASH = Opinion(0.01, 0.005, 0.005, 0.97, 0.01)


def paraphrase_similarity(one: str, other: str) -> float:
    """Stand in for the embedding model: any two texts are as similar as paraphrases."""
    return 1.0 if one == other else 0.96


def letter_similarity(one: str, other: str) -> float:
    """Stand in for the embedding model where the degree of similarity matters."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
