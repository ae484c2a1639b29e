"""`--model MODULE:NAME`: what is said where the user's code is not found, or fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from torch import nn

from fourfold.compat.cli.commands.command import UsageError
from fourfold.compat.cli.commands.model import model_of

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {
    "model_of_nets": """
from torch import nn

class UNet(nn.Module):
    pass

class Wide(nn.Module):
    def __init__(self, channels, depth=3, *, groups):
        super().__init__()

def build():
    return made(3)

def made(count):
    return nn.Linear(count, -1)

def text():
    return "a text"

ready = UNet()
number = 3
""",
    "model_of_imports": "from torch import nn\nimport no_such_package_here\n",
    "model_of_framework": "import megengine.module\n",
    "model_of_fault": "def build():\n    pass\n\n1 / 0\n",
    "model_of_attribute": "import math\n\nmath.no_such_name\n",
    "model_of_syntax": "def build(:\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with the modules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", ["model_of_nets:UNet", "model_of_nets:ready"])
def test_a_class_and_a_model_are_models(name: str) -> None:
    assert isinstance(model_of(name), nn.Module)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model_of_nets.py:UNet", "model_of_nets.py is a path, .*: --model model_of_nets:UNet."),
        ("./model_of_nets.py:UNet", "as `import` names it: --model model_of_nets:UNet."),
        ("./model_of_nets.py", "as `import` names it: --model model_of_nets:build."),
        ("pack/nets.py:UNet", "as `import` names it: --model pack.nets:UNet."),
        ("/a/nets.py:UNet", "names it: --model nets:UNet with /a on PYTHONPATH."),
        ("pack/nets/UNet", "names it: --model pack.nets:UNet."),
        ("model_of_nets.UNet", r"such as package.module:build. Did you mean model_of_nets:UNet\?"),
        ("model_of_nets", r"such as package.module:build. What of model_of_nets is the model\?"),
        ("nowhere.UNet", "such as package.module:build.$"),
        ("nowhere:UNet", "No module named 'nowhere'. The module must be importable from this folder"),
        ("model_of_nets.no:UNet", "No module named 'model_of_nets.no'"),
        ("model_of_nets:Unet", r"has no attribute 'Unet'. Did you mean UNet\?"),
        ("model_of_nets:zzz", r"has no attribute 'zzz'. It has UNet, Wide, build, made, \.\.\."),
        ("model_of_nets:number", "is a int; it must be a torch module, or what makes one"),
        ("model_of_nets:text", "made a str; it must make a torch module"),
        (
            "model_of_nets:Wide",
            r"needs channels, groups, .* `def build\(\): return Wide\(channels=\.\.\., groups=\.\.\.\)`",
        ),
        ("model_of_nets:made", "needs count, and is called without arguments"),
        ("model_of_imports:build", "the module imports no_such_package_here, which is not here. Install it"),
        ("model_of_framework:build", r"put `import fourfold; fourfold.activate\('megengine'\)` before that import"),
        ("model_of_fault:build", "the module raised ZeroDivisionError: division by zero"),
        ("model_of_attribute:build", "the module raised AttributeError: module 'math' has no attribute"),
        ("model_of_syntax:build", "the module raised SyntaxError"),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        model_of(name)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("model_of_nets:build", 'model_of_nets.py", line 12, in build'),
        ("model_of_imports:build", 'model_of_imports.py", line 2, in <module>'),
        ("model_of_fault:build", 'model_of_fault.py", line 4, in <module>'),
        ("model_of_attribute:build", 'model_of_attribute.py", line 3, in <module>'),
        ("model_of_syntax:build", 'model_of_syntax.py", line 1'),
    ],
)
def test_the_traceback_begins_in_the_users_file(name: str, begins: str) -> None:
    with pytest.raises(UsageError) as caught:
        model_of(name)
    files = [line for line in str(caught.value).split("\n") if line.startswith('  File "') or 'File "' in line]
    assert begins in files[0]
