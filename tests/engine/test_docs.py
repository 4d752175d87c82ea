import contextlib
import io
import re
from pathlib import Path

from comparisons.engine import METHODS, VIEWS, Result, SizePolicy

DOCS = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_example_prints_what_it_says() -> None:
    example, printed = re.findall(r"```(?:python)?\n(.*?)```", DOCS.read_text(), re.DOTALL)[:2]
    output = io.StringIO()

    with contextlib.redirect_stdout(output):
        exec(compile(example, str(DOCS), "exec"), {})

    assert output.getvalue() == printed


def test_every_method_policy_view_and_figure_is_explained() -> None:
    text = DOCS.read_text()

    names = {*METHODS, *SizePolicy, *VIEWS, *Result.__annotations__}
    names -= {"options", "canvas", "mask", "antialiased"}
    assert {name for name in names if f"`{name}`" not in text} == set()
