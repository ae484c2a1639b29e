from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import torch

import fourfold
from fourfold import frontends
from fourfold.compat.activation.activation import ActivationError, activate
from fourfold.compat.activation.served import FRAMEWORKS, RELEASED_FLUID, Framework

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.compat.literals import Fluid, Served

SERVED = [
    pytest.param(root, f"{root}.{path}".rstrip("."), id=f"{root}.{path}".rstrip("."))
    for root, framework in FRAMEWORKS.items()
    for path in framework.modules
]


@pytest.mark.parametrize(("root", "module"), SERVED)
def test_every_module_can_be_imported_by_name_and_is_the_attribute_of_its_parent(root: Served, module: str) -> None:
    with activate(root):
        imported = importlib.import_module(module)
        assert imported.__name__ == module
        assert sys.modules[module] is imported
        parent, _, name = module.rpartition(".")
        if module != "megengine.tensor":  # there the class of that name hides the module, as in MegEngine
            assert not parent or getattr(sys.modules[parent], name) is imported
        assert [item for item in imported.__all__ if not hasattr(imported, item)] == []


def test_one_import_gives_the_submodules_as_attributes() -> None:
    with activate("paddle"):
        paddle = importlib.import_module("paddle")
        functional = importlib.import_module("paddle.nn.functional")
        assert paddle.nn.functional is functional
        assert paddle.nn.Conv3DTranspose is frontends.paddle.nn.Conv3DTranspose


def test_importing_the_module_tensor_leaves_the_class_of_that_name() -> None:
    with activate("megengine"):
        parameter = importlib.import_module("megengine.tensor").Parameter
        megengine = importlib.import_module("megengine")
        assert megengine.tensor is frontends.megengine.tensor
        assert parameter is megengine.Parameter


@pytest.mark.parametrize("root", FRAMEWORKS)
def test_the_end_restores_modules_and_finders_exactly(root: Served) -> None:
    importlib.import_module(f"fourfold.frontends.{root}")
    with activate(root):  # what is imported on first use, such as readers of checkpoints, is loaded now
        importlib.import_module(root)
    modules, finders, meta_path = dict(sys.modules), list(sys.meta_path), sys.meta_path
    with activate(root):
        importlib.import_module(f"{root}.optim" if root == "oneflow" else f"{root}.optimizer")
        assert root in sys.modules
        assert sys.meta_path != finders
    assert sys.modules == modules
    assert sys.meta_path == finders
    assert sys.meta_path is meta_path


def test_an_exception_ends_the_activation_too() -> None:
    with pytest.raises(ImportError), activate("oneflow"):
        importlib.import_module("oneflow.nothing")
    assert "oneflow" not in sys.modules


def test_the_last_holder_ends_what_several_hold() -> None:
    first = activate("megengine")
    with activate("megengine"):
        megengine = importlib.import_module("megengine")
        first.deactivate()
        first.deactivate()
        assert importlib.import_module("megengine") is megengine
        assert (first.active, repr(first)) == (False, "<Activation of 'megengine', ended>")
    assert "megengine" not in sys.modules


def test_frameworks_are_served_side_by_side() -> None:
    with activate("paddle"), activate("oneflow"):
        assert importlib.import_module("paddle.nn").Layer is frontends.paddle.nn.Layer
        assert importlib.import_module("oneflow.nn").Module is frontends.oneflow.nn.Module


def test_other_threads_see_what_is_served() -> None:
    found: list[ModuleType] = []
    with activate("oneflow"):
        thread = threading.Thread(target=lambda: found.append(importlib.import_module("oneflow.nn")))
        thread.start()
        thread.join()
        assert found == [importlib.import_module("oneflow.nn")]


@pytest.mark.parametrize(("fluid", "version"), [("documented", "3.3.1"), ("1.8", "1.8.5")])
def test_the_option_chooses_the_fluid(fluid: Fluid, version: str) -> None:
    home = importlib.import_module(f"fourfold.frontends.paddle.fluid{'_1_8' if fluid == '1.8' else ''}")
    with activate("paddle", fluid=fluid):
        module = importlib.import_module("paddle.fluid.dygraph.nn")
        assert module.Conv3DTranspose is home.dygraph.Conv3DTranspose
        assert importlib.import_module("paddle").__version__ == version


def test_another_fluid_is_refused_while_one_is_served() -> None:
    with activate("paddle"), pytest.raises(ActivationError, match=r"another fluid\. End that activation first"):
        activate("paddle", fluid="1.8")


def test_what_is_imported_already_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ModuleType("oneflow")
    real.__file__ = "/site-packages/oneflow/__init__.py"
    monkeypatch.setitem(sys.modules, "oneflow", real)
    finders = list(sys.meta_path)
    with pytest.raises(ActivationError, match="'oneflow' is already imported from /site-packages/oneflow"):
        activate("oneflow")
    assert sys.modules["oneflow"] is real
    assert sys.meta_path == finders


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        pytest.param("tensorflow", {}, "no front end 'tensorflow'.*paddle, megengine, oneflow", id="framework"),
        pytest.param("paddle", {"fluid": "2.0"}, "fluid='2.0'; legal are 'documented' and '1.8'", id="fluid"),
        pytest.param("oneflow", {"fluid": "1.8"}, "'oneflow' has no fluid", id="not Paddle"),
    ],
)
def test_what_cannot_be_activated_is_named(name: Served, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        activate(name, **options)


def test_a_missing_attribute_names_the_nearest() -> None:
    with activate("paddle"):
        nn = importlib.import_module("paddle.nn")
        with pytest.raises(
            AttributeError, match=r"'paddle\.nn' as fourfold serves it has no 'Conv3DTransposed'; nearest are: Conv3DTr"
        ):
            _ = nn.Conv3DTransposed


@pytest.mark.parametrize(
    "statement",
    [
        "from megengine.module import ConvTransposeRelu9d",
        "from megengine.module.conv import ConvTransposeRelu9d",
        "from megengine import distribution",
        "import megengine.distribution",
        "import megengine.module.conv.ConvTransposeRelu9d",
    ],
)
def test_a_missing_import_says_that_the_front_end_lacks_it(statement: str) -> None:
    with activate("megengine"), pytest.raises(ImportError, match=r"as fourfold serves it has no '(Conv|distribution)"):
        exec(statement, {})


def test_probing_for_what_is_missing_goes_on_as_everywhere() -> None:
    with activate("oneflow"):
        flow = importlib.import_module("oneflow")
        assert not hasattr(flow, "commune")
        assert not hasattr(flow, "__path__nothing__")
        assert getattr(flow, "commune", None) is None
        assert "ConvTranspose3d" in dir(flow.nn)


def test_an_installed_framework_of_that_name_is_never_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "oneflow").mkdir()
    (tmp_path / "oneflow" / "__init__.py").write_text("")
    (tmp_path / "oneflow" / "commune.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with activate("oneflow"):
        assert not hasattr(importlib.import_module("oneflow"), "__file__")
        with pytest.raises(ImportError, match="has no 'commune'"):
            importlib.import_module("oneflow.commune")
    assert importlib.import_module("oneflow.commune").__file__ == str(tmp_path / "oneflow" / "commune.py")
    for name in ("oneflow", "oneflow.commune"):
        del sys.modules[name]


def test_layers_are_pickled_by_a_name_that_needs_no_activation() -> None:
    with activate("oneflow"):
        nn = importlib.import_module("oneflow.nn")
        data = pickle.dumps(nn.Sequential(nn.ConvTranspose3d(1, 2, 3), nn.ReLU()))
        by_served_name = pickle.dumps(nn.ConvTranspose3d)
        assert pickle.loads(b"coneflow.nn\nConvTranspose3d\n.") is nn.ConvTranspose3d
    assert [type(module) for module in pickle.loads(data)] == [nn.ConvTranspose3d, nn.ReLU]
    assert pickle.loads(by_served_name) is frontends.oneflow.nn.ConvTranspose3d


@pytest.mark.parametrize("framework", [*FRAMEWORKS.values(), RELEASED_FLUID], ids=[*FRAMEWORKS, "fluid 1.8"])
def test_every_served_module_has_a_parent(framework: Framework) -> None:
    orphans = [path for path in framework.modules if path and path.rpartition(".")[0] not in framework.modules]
    assert orphans == []


def test_activate_needs_no_framework_and_is_offered_by_the_package() -> None:
    script = "import fourfold; fourfold.activate('megengine'); import megengine as m; print(m.__version__, m.__name__)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["1.13.0", "megengine"]
    assert fourfold.activate is activate


@pytest.mark.parametrize(
    ("root", "state"),
    [
        pytest.param("paddle", {"weight": torch.arange(6.0).reshape(2, 3)}, id="paddle"),
        pytest.param("megengine", {"weight": torch.arange(6.0).reshape(2, 3).numpy()}, id="megengine"),
        pytest.param("oneflow", {"weight": torch.arange(6.0).reshape(2, 3)}, id="oneflow"),
    ],
)
def test_save_and_load_are_the_framework_s_own_format(root: Served, state: dict[str, object], tmp_path: Path) -> None:
    with activate(root):
        module = importlib.import_module(root)
        module.save(state, tmp_path / "new" / "state")
        loaded = module.load(tmp_path / "new" / "state")
        with pytest.raises(TypeError, match="can be saved here"):
            module.save(object(), tmp_path / "object")
    assert fourfold.load_checkpoint(tmp_path / "new" / "state").format == root
    assert list(loaded) == ["weight"]
    assert loaded["weight"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
