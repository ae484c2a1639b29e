"""The notebook of the U-Net: what it shows is what its cells give, wherever Jupyter's kernel is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "unet" / "checkpoint.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]


def texts(outputs: list[dict[str, Any]]) -> list[str]:
    """Return what outputs show as text, whether it is kept as lines or whole."""
    found = [one.get("text") or one["data"]["text/plain"] for one in outputs]
    return ["".join(text) for text in found]


def test_the_notebook_was_run_and_says_nothing_of_the_machine() -> None:
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    assert {one["output_type"] for cell in CODE for one in cell["outputs"]} == {"execute_result", "stream"}
    assert str(Path.home()) not in NOTEBOOK.read_text(encoding="utf-8")


@pytest.mark.filterwarnings("default")  # of Jupyter's own
def test_run_again_it_shows_the_same() -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs the notebook extra")
    nbclient = pytest.importorskip("nbclient", reason="needs the notebook extra")
    pytest.importorskip("ipykernel", reason="needs the notebook extra")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    again = [cell["outputs"] for cell in notebook.cells if cell.cell_type == "code"]
    assert list(map(texts, again)) == [texts(cell["outputs"]) for cell in CODE]
