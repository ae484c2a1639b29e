"""The modules of a script's own are read with it, installed ones are not, and nothing is executed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.checking import Report, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def stops(found: Report) -> dict[str, list[str]]:
    return {each.name: [place.file.rpartition("/")[2] for place in each.stopping] for each in found.names if each.stops}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"train.py": "import net", "net.py": "import paddle\npaddle.no()"}, {"paddle.no": ["net.py"]}, id="beside"
        ),
        pytest.param(
            {
                "train.py": "from kit.models import Net\nNet()",
                "kit/__init__.py": "import paddle\npaddle.first()",
                "kit/models/__init__.py": "from .net import Net\nfrom ..extra import *",
                "kit/models/net.py": "from paddle import nn\nfrom . import layers\nclass Net(nn.RNNTLoss): pass",
                "kit/models/layers.py": "from .. import nn\nnn.second()",
                "kit/extra.py": "import paddle\npaddle.third()",
            },
            {
                "paddle.first": ["__init__.py"],
                "paddle.third": ["extra.py"],
                "paddle.nn.RNNTLoss": ["train.py"],
            },
            id="package",
        ),
        pytest.param(
            {
                "train.py": "from common import *\nF.never()\nrelu(1)\nrnnt_loss(1)",
                "common.py": "import paddle.nn.functional as F\nfrom paddle.nn.functional import *",
            },
            {"paddle.nn.functional.never": ["train.py"], "paddle.nn.functional.rnnt_loss": ["train.py"]},
            id="names handed on",
        ),
        pytest.param(
            {
                "train.py": "import a\na.f()\na.b.nn.no()",
                "a.py": "import b\nimport paddle.nn as nn",
                "b.py": "import a\nimport paddle.nn as nn\ndef f():\n  a.nn.never()",
            },
            {"paddle.nn.never": ["b.py"], "paddle.nn.no": ["train.py"]},
            id="imports in a circle",
        ),
        pytest.param(
            {
                "train.py": "import os, sys\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
                "sys.path.insert(0, os.path.join(HERE, 'lib'))\nimport net",
                "lib/net.py": "import paddle\npaddle.no()",
            },
            {"paddle.no": ["net.py"]},
            id="sys.path",
        ),
        pytest.param(
            {
                "train.py": "import sys\nfrom pathlib import Path\nHERE = Path(__file__).resolve().parent\n"
                "sys.path.append(str(HERE / 'x'))\nfrom space import net",
                "x/space/net.py": "import paddle\npaddle.no()",
            },
            {"paddle.no": ["net.py"]},
            id="a package without a file",
        ),
    ],
)
def test_modules_are_followed(files: dict[str, str], expected: dict[str, list[str]], tmp_path: Path) -> None:
    written(tmp_path, files)
    assert stops(check(tmp_path / "train.py", "paddle")) == expected


def test_installed_packages_are_not_read(tmp_path: Path) -> None:
    site = {"lib/site-packages/other.py": "import paddle\npaddle.no()"}
    written(tmp_path, {"train.py": "import sys, numpy\nsys.path.append('lib/site-packages')\nimport other", **site})
    found = check(tmp_path / "train.py", "paddle")
    assert ([*found.files], [*found.lost]) == ([str(tmp_path / "train.py")], ["other"])


def test_a_folder_of_the_path_above_the_script_is_its_own_and_another_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import paddle\npaddle.no()"
    written(tmp_path, {"kit/tools/train.py": "import net, other", "kit/net.py": text, "other/other.py": text})
    monkeypatch.syspath_prepend(tmp_path / "kit")
    monkeypatch.syspath_prepend(tmp_path / "other")
    assert stops(check(tmp_path / "kit" / "tools" / "train.py")) == {"paddle.no": ["net.py"]}


def test_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = "import paddle, sys\nsys.stop = True\nraise SystemExit\n"
    written(tmp_path, {"train.py": f"import beside\n{trap}", "beside.py": trap, "installed/__init__.py": trap})
    monkeypatch.syspath_prepend(tmp_path)
    check(tmp_path / "train.py")
    assert not hasattr(sys, "stop")
    assert not {"beside", "paddle"} & sys.modules.keys()


def test_a_module_is_found_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    above = {"kit/__init__.py": "import paddle.first"}
    written(tmp_path, {**above, "kit/__main__.py": "from . import net", "kit/net.py": "import paddle.no"})
    monkeypatch.chdir(tmp_path)
    assert stops(check("kit", module=True)) == {"paddle.first": ["__init__.py"], "paddle.no": ["net.py"]}
    with pytest.raises(ValueError, match=r"no module 'kit\.never' in the working folder"):
        check("kit.never", module=True)


@pytest.mark.parametrize(
    ("content", "lines", "message"),
    [
        pytest.param(b"x = 1\ndef f(:\n", {2}, "SyntaxError", id="syntax"),
        pytest.param(b"x = 1\n  y = 2\n", {2}, "IndentationError", id="indentation"),
        pytest.param(b"import paddle\0\n", {0}, "it has null bytes", id="null bytes"),
        # where these are, Pythons tell differently
        pytest.param(b"# coding: nonsense\n", {0, 1}, "unknown encoding", id="encoding that there is not"),
        pytest.param(b"x = '\xff'\n", {0, 1}, "codec can't decode", id="not UTF-8"),
        pytest.param(b"x = " + b"(" * 500 + b")" * 500, {0, 1}, "too many nested parentheses", id="parentheses"),
        pytest.param(b"x = " + b"-" * 100_000 + b"1\n", {0, 1}, "Error", id="nested past what the parser takes"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(
    content: bytes, lines: set[int], message: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    written(tmp_path, {"train.py": "import paddle, bad\npaddle.no()\n"})
    found = check(tmp_path / "train.py")
    (trouble,) = found.troubles
    assert trouble.file == str(tmp_path / "bad.py")
    assert trouble.line in lines
    assert message in trouble.message
    assert (stops(found), found.stops) == ({"paddle.no": ["train.py"]}, True)


def test_a_coding_cookie_is_heeded(tmp_path: Path) -> None:
    text = "# -*- coding: latin-1 -*-\nimport paddle\nname = '\xe9'\npaddle.no()\n"
    (tmp_path / "train.py").write_bytes(text.encode("latin-1"))
    assert stops(check(tmp_path / "train.py")) == {"paddle.no": ["train.py"]}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourfold.compat.checking.sources.LARGEST", 1 << 20)
    written(tmp_path, {"train.py": "import paddle, large\n", "large.py": "x = 1\n" * (1 << 18)})
    assert [each.message for each in check(tmp_path / "train.py").troubles] == ["ValueError: it has more than 1 MiB"]


@pytest.fixture
def _usual_depth() -> Iterator[None]:
    """As many frames as Python allows at first: what other tests import may have raised that."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("_usual_depth")
def test_what_is_nested_too_deeply_costs_its_statement_alone(tmp_path: Path) -> None:
    deep = " + ".join(["x"] * 600)
    written(tmp_path, {"train.py": f"import paddle\ny = {deep}\npaddle.no()\n"})
    found = check(tmp_path / "train.py")
    assert [(each.line, each.message) for each in found.troubles] == [(2, "nested too deeply to be read")]
    assert stops(found) == {"paddle.no": ["train.py"]}


def test_links_that_lead_to_themselves_end(tmp_path: Path) -> None:
    written(tmp_path, {"kit/__init__.py": "from .again import x\nimport paddle\npaddle.no()\n"})
    (tmp_path / "kit" / "again").symlink_to(tmp_path / "kit")
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    written(tmp_path, {"train.py": "import kit, loop\n"})
    found = check(tmp_path / "train.py")
    assert stops(found) == {"paddle.no": ["__init__.py"]}
    assert [*found.lost] == ["loop"]
