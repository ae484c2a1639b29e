"""The recorder stands alone, and its bundles hold what the model did."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.agreement import recorder
from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.recorder import fixed_array, record

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(recorder.__file__)


# --- one file, Python 3.7, NumPy ------------------------------------------------------------------------------------


def test_it_is_python_3_7() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_it_imports_the_standard_library_and_numpy_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"numpy"}


def test_a_copy_alone_in_a_folder_works(tmp_path: Path) -> None:
    shutil.copy(SOURCE, tmp_path / "recorder.py")
    done = subprocess.run(
        [sys.executable, "-c", "import recorder, sys; print('torch' in sys.modules, 'fourfold' in sys.modules)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_framework_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, str(SOURCE), "--worker", "caffe"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice: 'caffe'" in done.stderr


# --- frames and spelling --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.arange(6, dtype=">f4").reshape(2, 3), id="big-endian"),
        pytest.param(np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1), id="not-contiguous"),
        pytest.param(np.float64(3.5) * np.ones(()), id="no-axes"),
        pytest.param(np.zeros((0, 4), np.float16), id="empty"),
        pytest.param(np.array([True, False]), id="booleans"),
    ],
)
def test_arrays_survive_a_frame(array: Any) -> None:
    stream = io.BytesIO()
    recorder.write_frame(stream, {"event": "x"}, {"a": array})
    stream.seek(0)
    frame = recorder.read_frame(stream)
    assert frame is not None
    assert frame[0] == {"event": "x"}
    np.testing.assert_array_equal(frame[1]["a"], array, strict=sys.byteorder == "big")
    assert recorder.read_frame(stream) is None


def test_a_frame_that_breaks_off_is_an_error() -> None:
    stream = io.BytesIO()
    recorder.write_frame(stream, {}, {"a": np.zeros(9)})
    with pytest.raises(EOFError, match="1 bytes early"):
        recorder.read_frame(io.BytesIO(stream.getvalue()[:-1]))


@pytest.mark.parametrize(
    ("value", "default", "expected"),
    [
        (1, 1, True),
        ([1, 1, 1], 1, True),
        ([[0, 0], [0, 0], [0, 0]], 0, True),
        (2, 1, False),
        ([1, 2, 1], 1, False),
        (True, 1, False),
        (1.0, 1, False),
        ([], 1, False),
        ("NCDHW", "NCDHW", True),
        ("SAME", 0, False),
    ],
)
def test_only_values_at_the_default_are_left_out(value: Any, default: Any, expected: bool) -> None:
    assert recorder.is_default(value, default) is expected


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        (2, 2),
        ([1, 2, 3], (1, 2, 3)),
        ([[1, 1], [0, 0], [2, 2]], (1, 0, 2)),
        ([[1, 0], [0, 0], [2, 2]], ((1, 0), (0, 0), (2, 2))),
        ("SAME", "SAME"),
    ],
    ids=str,
)
def test_equal_pairs_are_one_number_per_axis(padding: Any, expected: Any) -> None:
    assert recorder.symmetric(padding) == expected


def test_a_long_message_keeps_both_ends() -> None:
    text = recorder.short_message("first " + "x" * 9000 + " last")
    assert text.startswith("first x")
    assert text.endswith("x last")
    assert len(text) < 3100


# --- bundles --------------------------------------------------------------------------------------------------------


class Block(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, 3, padding=1)
        self.norm = nn.BatchNorm3d(out_channels)
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class UNet(nn.Module):
    """Two levels; the activation at the end is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.down = Block(1, 4)
        self.pool = nn.MaxPool3d(2)
        self.middle = Block(4, 8)
        self.up = nn.ConvTranspose3d(8, 4, 2, stride=2)
        self.merge = Block(8, 4)
        self.head = nn.Conv3d(4, 2, 1)
        self.act = nn.Sigmoid()

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        skip = self.down(x)
        y = self.merge(torch.cat([skip, self.up(self.middle(self.pool(skip)))], dim=1))
        logits = self.head(y)
        return {"mask": self.act(logits), "again": self.act(-logits)}


LEAVES = [
    *("down.conv", "down.norm", "down.act", "pool", "middle.conv", "middle.norm", "middle.act", "up"),
    *("merge.conv", "merge.norm", "merge.act", "head", "act", "act"),
]


@pytest.fixture(scope="module")
def unet() -> nn.Module:
    torch.manual_seed(0)
    return UNet().eval()


@pytest.fixture(scope="module")
def volume() -> torch.Tensor:
    return torch.randn(1, 1, 4, 6, 4, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def bundle(unet: nn.Module, volume: torch.Tensor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    path = tmp_path_factory.mktemp("bundle") / "unet.fourfold.zip"
    record(unet, volume, path)
    with Bundle(path) as read:
        yield read


def test_the_bundle_says_what_ran_where(bundle: Bundle) -> None:
    assert bundle.framework["name"] == "torch"
    assert bundle.framework["version"] == torch.__version__
    assert bundle.framework["python"] == sys.version.split()[0]
    assert bundle.model_class.endswith(".UNet")
    assert not bundle.training
    assert not bundle.by_keyword


def test_layers_are_in_execution_order(bundle: Bundle) -> None:
    assert [layer.name for layer in bundle.layers] == LEAVES


def test_a_second_call_of_a_layer_is_counted(bundle: Bundle) -> None:
    assert [layer.call for layer in bundle.layers if layer.name == "act"] == [0, 1]


def test_inputs_and_state_are_those_of_the_model(bundle: Bundle, unet: nn.Module, volume: torch.Tensor) -> None:
    np.testing.assert_array_equal(bundle.inputs["0"], volume.numpy())
    assert list(bundle.state) == list(unet.state_dict())
    for name, value in unet.state_dict().items():
        np.testing.assert_array_equal(bundle.state[name], value.numpy())


def test_outputs_of_layers_and_model_are_those_of_the_model(
    bundle: Bundle, unet: nn.Module, volume: torch.Tensor
) -> None:
    up = bundle.layers[LEAVES.index("up")]
    middle = bundle.layers[LEAVES.index("middle.act")].outputs["output"]
    assert up.kind == "torch.nn.modules.conv.ConvTranspose3d"
    np.testing.assert_array_equal(up.outputs["output"], unet.up(torch.tensor(middle)).detach().numpy())  # type: ignore[operator]
    expected = unet(volume)
    assert list(bundle.outputs) == ["output.mask", "output.again"]
    np.testing.assert_array_equal(bundle.outputs["output.mask"], expected["mask"].detach().numpy())


def test_gradients_are_those_of_the_fixed_scalar(bundle: Bundle, unet: nn.Module, volume: torch.Tensor) -> None:
    x = volume.clone().requires_grad_()
    scalar = torch.stack([(y * torch.tensor(fixed_array(tuple(y.shape)))).sum() for y in unet(x).values()]).sum()
    parameters = dict(unet.named_parameters())
    expected = torch.autograd.grad(scalar, [x, *parameters.values()])
    assert bundle.gradients == "recorded"
    assert list(bundle.parameter_gradients) == list(parameters)
    # the same derivative by the same kernels; only the cotangent takes another way to the outputs
    np.testing.assert_array_equal(bundle.input_gradients["0"], expected[0].numpy())
    for name, value in zip(parameters, expected[1:], strict=True):
        np.testing.assert_array_equal(bundle.parameter_gradients[name], value.numpy(), err_msg=name)


def test_recording_leaves_no_hooks_and_no_gradients(bundle: Bundle, unet: nn.Module) -> None:
    assert all(not module._forward_hooks for module in unet.modules())
    assert all(parameter.grad is None for parameter in unet.parameters())


def test_the_fixed_array_is_what_the_document_says() -> None:
    # by hand: h = 0, 9, 3, 13 are the top four bits of i * 2654435761 mod 2**32
    assert (16 * fixed_array((2, 2))).tolist() == [[-15, 3], [-9, 11]]


def test_the_fixed_array_is_exact_in_bfloat16() -> None:
    values = torch.tensor(fixed_array((1000,)))
    assert torch.equal(values.bfloat16().float(), values)


def test_there_is_no_pickle_in_a_bundle(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        kinds = {Path(name).suffix: archive.read(name)[:6] for name in archive.namelist()}
    assert kinds == {".npy": b"\x93NUMPY", ".json": b'{\n "fo'}


def test_the_same_run_gives_the_same_file(unet: nn.Module, volume: torch.Tensor, tmp_path: Path) -> None:
    for name in ("a", "b"):
        record(unet, volume, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_single_layer_is_a_leaf_without_a_name(tmp_path: Path) -> None:
    manifest = record(nn.ConvTranspose3d(1, 1, 1), np.ones((1, 1, 1, 1, 1), np.float32), tmp_path / "x")
    assert [layer["name"] for layer in manifest["layers"]] == [""]


def test_keyword_inputs_keep_their_names(tmp_path: Path) -> None:
    record(nn.Bilinear(2, 2, 1), {"input1": np.ones((1, 2), "f4"), "input2": np.ones((1, 2), "f4")}, tmp_path / "x")
    with Bundle(tmp_path / "x") as read:
        assert read.by_keyword
        assert list(read.inputs) == ["input1", "input2"]


def test_integer_inputs_have_no_gradient(tmp_path: Path) -> None:
    record(nn.Embedding(5, 2), np.array([1, 4]), tmp_path / "x")
    with Bundle(tmp_path / "x") as read:
        assert read.inputs["0"].dtype == np.int64
        assert list(read.input_gradients) == []
        assert list(read.parameter_gradients) == ["weight"]


def test_frozen_and_unused_parameters_have_no_gradient(tmp_path: Path) -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.frozen, self.unused = (
                nn.Linear(2, 2),
                nn.Linear(2, 2).requires_grad_(False),
                nn.Linear(2, 2),
            )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.frozen(self.used(x))
            return y

    record(Half(), np.ones((1, 2), np.float32), tmp_path / "x")
    with Bundle(tmp_path / "x") as read:
        assert list(read.parameter_gradients) == ["used.weight", "used.bias"]


def test_bfloat16_is_stored_as_float32(tmp_path: Path) -> None:
    record(nn.Linear(2, 2).bfloat16(), torch.ones(1, 2, dtype=torch.bfloat16), tmp_path / "x")
    with Bundle(tmp_path / "x") as read:
        entry = read.state.entries["weight"]
        assert entry.framework_dtype == "bfloat16"
        assert read.state["weight"].dtype == np.float32


def test_gradients_can_be_left_out(tmp_path: Path) -> None:
    manifest = record(nn.ReLU(), np.ones(3, np.float32), tmp_path / "x", gradients=False)
    assert manifest["gradients"] == {"status": "skipped"}


def test_a_backward_that_fails_is_recorded(tmp_path: Path) -> None:
    class OneWay(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

    class Model(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = OneWay.apply(x)  # type: ignore[no-untyped-call]
            return y

    record(Model(), np.ones(3, np.float32), tmp_path / "x")
    with Bundle(tmp_path / "x") as read:
        assert read.gradients == "refused"
        assert read.gradient_error is not None
        assert read.gradient_error["class"] == "NotImplementedError"
        assert list(read.outputs) == ["output"]


def test_a_model_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model.fourfold.zip"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        record(nn.Linear(2, 2), np.ones((1, 3), np.float32), path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_what_is_no_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"model is a builtins\.function; it must be a module \(layer\) of torch"):
        record(fixed_array, np.ones(1), tmp_path / "x")


def test_object_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="object"):
        record(nn.ReLU(), np.array([{}]), tmp_path / "x")


def test_the_manifest_is_returned_as_written(tmp_path: Path) -> None:
    manifest = record(nn.ReLU(), np.ones(3, np.float32), tmp_path / "x")
    with zipfile.ZipFile(tmp_path / "x") as archive:
        assert json.loads(archive.read("manifest.json")) == manifest
