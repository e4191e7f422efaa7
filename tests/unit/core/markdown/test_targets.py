"""Where the links of a text lead, compared as paths from the root."""

from __future__ import annotations

import pytest

from kairos.core.markdown.targets import targets_in


@pytest.mark.parametrize(
    ("raw", "path", "expected"),
    [
        ("Plain text with [brackets] and (parentheses).", "a.md", set()),
        ("[tea](tea.md) and [cups](sub/Green_Cups.md#big)", "a.md", {"/tea#", "sub/green-cups#big"}),
        ("[tea](../tea.md)", "sub/a.md", {"/tea#"}),
        ("[tea](my%20tea.md), [tea](<my tea.md>)", "a.md", {"/my-tea#"}),
        ("[[Tea]], [[tea|the tea]], [tea](tea.md)", "a.md", {"/tea#"}),
        ("[[Tea]]", "sub/a.md", {"/tea#"}),  # a wiki link means the same everywhere
        ("[top](#top)", "sub/a.md", {"sub/a#top"}),
        ('[tea](https://example.org/tea/ "Tea"), ![](mailto:x@example.org)', "a.md",
         {"https://example.org/tea", "mailto:x@example.org"}),
        ("[tea](tea_(drink).md)", "a.md", {"/tea-(drink)#"}),
    ],
)  # fmt: skip
def test_targets(raw: str, path: str, expected: set[str]) -> None:
    assert targets_in(raw, path) == expected
