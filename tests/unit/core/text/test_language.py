import pytest

from kairos.core.text.language import are_both_ideographic

CHINESE = "前端采用 React、TypeScript,后端采用 FastAPI、PostgreSQL 数据库"


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("前端使用 React 和 TypeScript，后端使用 FastAPI 和 PostgreSQL。", True),
        ("用 pytest、ruff、mypy、import-linter、pre-commit 检查", True),
        ("Kubernetes 集群 prod-east-1 跑 deploy-api-gateway", True),
        ("Click 保存 to save the file.", False),
        ("The frontend uses React and TypeScript.", False),
        ("React, TypeScript, FastAPI", False),
    ],
)
def test_a_text_with_ideographs_is_not_of_another_language_for_the_names_in_it(
    text: str, *, both: bool
) -> None:
    assert are_both_ideographic(text, CHINESE) is both
    assert are_both_ideographic(CHINESE, text) is both
