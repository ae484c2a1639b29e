"""Which names a script uses, and whether they are served, is read from its text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.checking import Report, check

if TYPE_CHECKING:
    from pathlib import Path

SERVED, MENTIONED, STOPS, EXPECTED = "served", "only mentioned", "stops", "expected"


def checked(folder: Path, text: str, framework: str = "") -> Report:
    (folder / "script.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return check(folder / "script.py", framework)


def effects(found: Report) -> dict[str, str]:
    return {each.name.partition(".")[2]: each.effect for each in found.names}


def lines(found: Report, name: str) -> list[int]:
    return [place.line for each in found.names if each.name == name for place in each.places]


# What is not served in these scripts is what has a reason to stay so: transducers, sparse tensors, other processes.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import paddle\npaddle.nn.functional.relu(1)", {"nn.functional.relu": SERVED}, id="chain"),
        pytest.param(
            "import paddle.fluid as fluid\nfluid.layers.relu(1)\nfluid.DistributeTranspiler()",
            {"fluid.layers.relu": SERVED, "fluid.DistributeTranspiler": STOPS},
            id="as",
        ),
        pytest.param(
            "from paddle.nn import functional as F\nF.rnnt_loss(1)", {"nn.functional.rnnt_loss": STOPS}, id="from"
        ),
        pytest.param("from paddle.nn import RNNTLoss as Loss\n", {"nn.RNNTLoss": MENTIONED}, id="import alone"),
        pytest.param(
            "from paddle.nn.layer.loss import RNNTLoss, CTCLoss\nCTCLoss()\nRNNTLoss()",
            {"nn.layer.loss.CTCLoss": SERVED, "nn.layer.loss.RNNTLoss": STOPS},
            id="from an inner module",
        ),
        pytest.param(
            "from paddle.nn.layer.conv import _ConvNd\nfrom paddle.tensor.math import _bitwise_op\n_bitwise_op(1)",
            {"nn.layer.conv._ConvNd": MENTIONED, "tensor.math._bitwise_op": STOPS},
            id="no public name",
        ),
        pytest.param(
            "from paddle.nn import RNNTLoss as Loss\nLoss()", {"nn.RNNTLoss": STOPS}, id="called by another name"
        ),
        pytest.param(
            "from paddle.nn.functional import *\nrelu(1)\nrnnt_loss(1)\nprint(abs(2), other)",
            {"nn.functional.relu": SERVED, "nn.functional.rnnt_loss": STOPS},
            id="star",
        ),
        pytest.param(
            "import paddle\nnn = paddle.nn\nconv, loss = nn.Conv3D, nn.RNNTLoss\nconv(1, 2, 3)\nloss()",
            {"nn.Conv3D": SERVED, "nn.RNNTLoss": STOPS},
            id="assigned",
        ),
        pytest.param(
            "import paddle\nclass Net(paddle.nn.RNNTLoss): pass\n", {"nn.RNNTLoss": MENTIONED}, id="base class"
        ),
        pytest.param(
            "import paddle\nclass Net(paddle.nn.RNNTLoss): pass\nclass Deep(Net): pass\nDeep()",
            {"nn.RNNTLoss": STOPS},
            id="base class of what is made",
        ),
        pytest.param(
            "import paddle\nclass Net(paddle.nn.Layer):\n  def __init__(self):\n    self.f = paddle.nn.RNNTLoss\n"
            "  def forward(self, x):\n    return self.f(x)\n",
            {"nn.Layer": SERVED, "nn.RNNTLoss": STOPS},
            id="attribute of self",
        ),
        pytest.param("import paddle\n@paddle.onnx.export\ndef f(): pass\n", {"onnx.export": STOPS}, id="decorator"),
        pytest.param(
            "import paddle\ndef f(x: paddle.nn.RNNTLoss, y=paddle.onnx.export) -> paddle.Tensor: pass\n"
            "isinstance(f, paddle.sparse.nn.ReLU)",
            {"nn.RNNTLoss": MENTIONED, "onnx.export": MENTIONED, "Tensor": SERVED, "sparse.nn.ReLU": MENTIONED},
            id="mentioned in a signature and a test",
        ),
        pytest.param(
            "import paddle\nF = paddle.nn.functional\nF = make()\nF.relu(1)\nF.nothing(1)", {}, id="bound again"
        ),
        pytest.param(
            "import paddle\ndef f(paddle):\n  return paddle.nothing()\n[paddle.no for paddle in x]\n"
            "g = lambda paddle: paddle.no()\n",
            {},
            id="parameters and targets of the same name",
        ),
        pytest.param(
            "try:\n  import paddle.nn.functional as F\nexcept ImportError:\n  F = None\nF.relu(1)\nF.never(1)",
            {"nn.functional.relu": SERVED, "nn.functional.never": STOPS},
            id="conditional import",
        ),
        pytest.param(
            "try:\n  from paddle.nn import Never\nexcept ImportError:\n  from mine import Never\nNever(1)",
            {"nn.Never": EXPECTED},
            id="import with another way",
        ),
        pytest.param(
            "import paddle\nif hasattr(paddle.nn, 'Never'):\n  paddle.nn.Never()\nelse:\n  paddle.nn.Nothing()\n",
            {"nn.Never": EXPECTED, "nn.Nothing": STOPS},
            id="asked for first",
        ),
        pytest.param(
            "import contextlib, paddle\nwith contextlib.suppress(AttributeError):\n  paddle.nn.Never\n"
            "getattr(paddle, 'no', None)\ngetattr(paddle, 'nothing')\n",
            {"nn.Never": EXPECTED, "no": EXPECTED, "nothing": STOPS},
            id="suppressed",
        ),
        pytest.param(
            "from typing import TYPE_CHECKING\nimport paddle\nif TYPE_CHECKING:\n  from paddle.never import A\n"
            "if 0:\n  paddle.no()\n",
            {},
            id="what never runs",
        ),
        pytest.param(
            "from __future__ import annotations\nimport paddle\ndef f(x: paddle.Never):\n  y: paddle.No = x\n",
            {},
            id="postponed annotations",
        ),
        pytest.param(
            "import paddle\nif paddle.__version__ < '2.0' or paddle.version.full_version.split('.')[0] == '1':\n"
            "  import paddle.old as F\nelse:\n  F = paddle.nn.functional\nF.relu(1)\n"
            "if paddle.__version__ >= '2.0' and unknown:\n  paddle.never()\n",
            {"nn.functional.relu": SERVED, "__version__": SERVED, "version.full_version": SERVED, "never": STOPS},
            id="version",
        ),
        pytest.param(
            "import paddle, functools\nf = functools.partial(paddle.onnx.export, 1)\nf()",
            {"onnx.export": STOPS},
            id="partial",
        ),
        pytest.param(
            "import paddle\nopt = paddle.optimizer.Adam(1)\nopt.step()\nopt.nothing()\npaddle.seed = 3\n"
            "paddle.mine = 4\npaddle.mine()\npaddle.mine.more()",
            {"optimizer.Adam": SERVED},
            id="what is written to the framework, and objects",
        ),
        pytest.param(
            "import paddle\nasync def f():\n  async with paddle.never():\n    pass\n  for i in x:\n    pass\n  else:\n"
            "    paddle.no()\nmatch x:\n  case paddle.Tensor():\n    pass\nwhile (y := paddle.onnx.export):\n  y()\n",
            {"never": STOPS, "no": STOPS, "Tensor": SERVED, "onnx.export": STOPS},
            id="other statements",
        ),
        pytest.param(
            "import megengine.module as M, megengine.functional as F\nM.Conv3d(1, 2, 3)\nF.vision.nvof(1)",
            {"module.Conv3d": SERVED, "functional.vision.nvof": STOPS},
            id="megengine",
        ),
        pytest.param(
            "import oneflow as flow\nflow.nn.functional.relu(1)\nflow.tensor([1.0]).numpy()\nflow.never.deep(1)",
            {"nn.functional.relu": SERVED, "tensor": SERVED, "never": STOPS},
            id="oneflow",
        ),
        pytest.param(
            "import importlib\npaddle = importlib.import_module('paddle')\npaddle.never()",
            {"never": STOPS},
            id="import_module",
        ),
        pytest.param(
            "import paddle\ndef f():\n  global G\n  G = paddle.onnx.export\ndef g():\n  G()\n",
            {"onnx.export": STOPS},
            id="global",
        ),
    ],
)
def test_names_and_what_becomes_of_them(text: str, expected: dict[str, str], tmp_path: Path) -> None:
    assert effects(checked(tmp_path, text)) == expected


def test_every_use_has_its_line_and_the_places_that_stop_are_told_apart(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        """\
        from paddle.nn import RNNTLoss
        import paddle as p

        def build():
            return [RNNTLoss(), p.nn.RNNTLoss, p.nn.Conv3D(
                1, 2, 3)]
        """,
    )
    (loss,) = (each for each in found.names if each.name == "paddle.nn.RNNTLoss")
    assert [place.line for place in loss.places] == [1, 5, 5]
    assert [place.line for place in loss.stopping] == [5]
    assert (loss.why, loss.called) == ("transducers of speech", True)
    assert lines(found, "paddle.nn.Conv3D") == [5]


def test_a_name_that_there_is_not_has_the_nearest_and_where_it_is_else(tmp_path: Path) -> None:
    text = (
        "import paddle\npaddle.nn.Conv3DTransposed\npaddle.nn.functional.Conv3D\nfrom paddle.layers import ParamAttr\n"
    )
    found = checked(tmp_path, text)
    assert [(each.name, each.nearest[0]) for each in found.names] == [
        ("paddle.layers", "paddle.ParamAttr"),
        ("paddle.nn.Conv3DTransposed", "Conv3DTranspose"),
        ("paddle.nn.functional.Conv3D", "paddle.nn.Conv3D"),
    ]
    assert {each.status for each in found.names} == {"unknown"}


def test_a_name_of_another_release_says_which(tmp_path: Path) -> None:
    found = checked(tmp_path, "import paddle\npaddle.dataset.sentiment.train()\n")
    assert [(each.name, each.why) for each in found.names] == [
        ("paddle.dataset.sentiment", "Paddle 1.8.5 has it; outside of fluid, 3.3.1 is served")
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param("paddle.nn.Conv3D(1, 2, 3, strides=2)", "no parameter 'strides'; nearest: stride", id="unknown"),
        pytest.param("paddle.nn.functional.relu(x, name=n, inplace=True)", "no parameter 'inplace'", id="function"),
        pytest.param("paddle.seed(1, 2)", "2 arguments by position; it takes 1", id="too many"),
        pytest.param("paddle.nn.Conv3D(1, 2, 3, **options)", None, id="not known"),
        pytest.param("paddle.nn.functional.relu(*x)", None, id="starred"),
        pytest.param("Mine(strides=2)", None, id="of a class of its own"),
    ],
)
def test_arguments_that_are_refused(call: str, expected: str | None, tmp_path: Path) -> None:
    found = checked(tmp_path, f"import paddle\nclass Mine(paddle.nn.Conv3D): pass\n{call}\n")
    assert [each.why for each in found.arguments] == ([expected] if expected else [])
    assert found.stops == bool(expected)


def test_a_method_that_the_release_has_and_the_class_here_lacks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fourfold.frontends import paddle

    monkeypatch.delattr(paddle.nn.Layer, "full_name")
    text = """\
    import paddle
    class Net(paddle.nn.Layer):
        def build(self):
            self.full_name()
            self.build()
            self.other()
    class Named(paddle.nn.Layer):
        def full_name(self): pass
        def build(self):
            return self.full_name()
    paddle.nn.Conv3D(1, 2, 3).full_name()
    """
    found = checked(tmp_path, text)
    assert lines(found, "paddle.nn.Layer.full_name") == [4, 11]
    assert effects(found)["nn.Layer.full_name"] == STOPS


def test_a_method_of_an_unknown_object_is_told_where_only_the_release_s_tensors_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fourfold.frontends.names.missing import Lacking
    from fourfold.frontends.paddle import Tensor

    for name in ("multiplex", "rank", "split"):  # a string has the last
        monkeypatch.setattr(Tensor, name, Lacking("paddle.Tensor", name, ()))
    text = """\
    import paddle, numpy as np
    class Tree:
        def rank(self): pass
    def f(x):
        x.multiplex(1)
        x.rank()
        x.split(1)
        x.nothing_known()
        np.zeros(3).multiplex()
        paddle.abs(x).reshape([1])
    """
    found = checked(tmp_path, text)
    assert [(each.name, [place.line for place in each.places]) for each in found.perhaps] == [
        ("paddle.Tensor.multiplex", [5])
    ]
    assert not found.stops


def test_names_chosen_by_a_value_are_noted(tmp_path: Path) -> None:
    found = checked(tmp_path, "import paddle.nn.functional as F\nact = getattr(F, name)\n")
    assert {name: [place.line for place in places] for name, places in found.dynamic.items()} == {
        "paddle.nn.functional": [2]
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("import torch", "imports none of paddle, megengine, oneflow: name", id="none"),
        pytest.param("import paddle, oneflow.nn", "imports oneflow and paddle: name", id="two"),
        pytest.param("import paddle\n(", r"script\.py:2: SyntaxError: '\(' was never closed", id="unreadable"),
    ],
)
def test_a_framework_that_is_not_told_is_asked_for(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        checked(tmp_path, text)


def test_another_framework_than_the_one_that_is_imported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="imports oneflow, not paddle: name the framework"):
        checked(tmp_path, "import oneflow", "paddle")


def test_of_two_frameworks_one_is_looked_at(tmp_path: Path) -> None:
    found = checked(tmp_path, "import paddle, oneflow\noneflow.never()\npaddle.no()\n", "oneflow")
    assert effects(found) == {"never": STOPS}
