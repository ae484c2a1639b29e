"""Examples are found in docstrings as each framework writes them."""

from __future__ import annotations

import pytest

from fourfold.compat.agreement.names.docstrings import Example, examples, examples_in

BLOCKS = """
    Examples:
        .. code-block:: python
            :name: first

            >>> import paddle
            >>> for i in range(2):
            ...     print(i)
            0
            1

        .. code-block:: text

            no = "code"

        .. code-block:: python

            import paddle
            x = paddle.ones([2])
"""
TEXT = """
    One:

    >>> F.exp(0)
    Tensor(1.0)

    Two, without a space:

    >>>F.exp(1)
"""


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        pytest.param(
            BLOCKS,
            ["import paddle\nfor i in range(2):\n    print(i)", "import paddle\nx = paddle.ones([2])"],
            id="each-block-is-one",
        ),
        pytest.param(TEXT, ["F.exp(0)\nF.exp(1)"], id="prompts-in-the-text-are-one"),
        pytest.param("No example.", [], id="none"),
        pytest.param(".. code-block:: python\n\n    # to come", [], id="a-comment-runs-nothing"),
        pytest.param(
            ".. code-block::\n\n    import a\n\n.. code-block::\n\n    a.b",
            ["import a", "import a\na.b"],
            id="one-that-imports-nothing-goes-on",
        ),
    ],
)
def test_examples_are_found(docstring: str, found: list[str]) -> None:
    assert examples_in(docstring) == found


def test_a_docstring_of_two_names_is_played_once() -> None:
    assert list(examples({"exp": ">>> 1", "Tensor.exp": ">>> 1", "log": ">>> 2"})) == [
        Example("exp", "1"),
        Example("log", "2"),
    ]
