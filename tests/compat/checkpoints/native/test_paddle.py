"""What Paddle's `save` and `load` keep; what the real frameworks load is in tests/compat/activation/test_unet.py."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold import load_checkpoint
from fourfold.compat.checkpoints import CheckpointError
from fourfold.compat.checkpoints.native.paddle import load as load_paddle
from fourfold.compat.checkpoints.native.paddle import load_dygraph, save_dygraph
from fourfold.compat.checkpoints.native.paddle import save as save_paddle
from fourfold.frontends import paddle

if TYPE_CHECKING:
    from pathlib import Path


def named(values: list[float], name: str) -> paddle.Tensor:
    tensor = paddle.to_tensor(values)
    tensor.name = name
    return tensor


def trained() -> tuple[Any, Any]:
    with paddle.unique_name.guard():
        layer = paddle.nn.Linear(2, 1)
        optimizer = paddle.optimizer.Adam(paddle.optimizer.lr.StepDecay(0.5, 2), parameters=layer.parameters())
        layer(paddle.ones([1, 2])).sum().backward()
        optimizer.step()
    return layer, optimizer


def test_an_optimizer_s_state_is_flat_with_its_scheduler(tmp_path: Path) -> None:
    _, optimizer = trained()
    save_paddle(optimizer.state_dict(), tmp_path / "x.pdopt")
    checkpoint = load_checkpoint(tmp_path / "x.pdopt")
    assert list(checkpoint.tensors)[:2] == ["linear_0.w_0_moment1_0", "linear_0.b_0_moment1_0"]
    assert checkpoint.name_table["linear_0.w_0_moment1_0"] == "linear_0.w_0_moment1_0"
    loaded = load_paddle(tmp_path / "x.pdopt")
    assert loaded["LR_Scheduler"] == {"last_epoch": 0, "last_lr": 0.5}
    # beta 0.9 after one step, one power ahead as in Paddle
    assert loaded["linear_0.b_0_beta1_pow_acc_0"].item() == pytest.approx(0.81, rel=1e-6)


def test_a_nested_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    layer, optimizer = trained()
    both = {"model": layer.state_dict(), "opt": optimizer.state_dict(), "epoch": 3, "notes": ["a", 2.5, None]}
    save_paddle({**both, "array": np.arange(3)}, tmp_path / "new" / "all")
    loaded = load_paddle(tmp_path / "new" / "all")
    assert type(loaded["model"]) is OrderedDict
    assert torch.equal(loaded["model"]["weight"], layer.weight)
    assert (type(loaded["model"]["weight"]), loaded["model"]["weight"].name) == (paddle.Tensor, "linear_0.w_0")
    assert (loaded["epoch"], loaded["notes"], loaded["opt"]["LR_Scheduler"]["last_lr"]) == (3, ["a", 2.5, None], 0.5)
    # arrays stay arrays beside tensors, measured in Paddle 3.3.1
    assert isinstance(loaded["array"], np.ndarray)


def test_arrays_alone_come_back_as_tensors(tmp_path: Path) -> None:
    # measured in Paddle 3.3.1
    save_paddle({"a": np.ones(2), "b": 3}, tmp_path / "x")
    loaded = load_paddle(tmp_path / "x")
    assert (type(loaded["a"]), loaded["b"]) == (paddle.Tensor, 3)


def test_the_file_holds_what_paddle_writes(tmp_path: Path) -> None:
    # measured in Paddle 3.3.1: tensors with their names where something else stands beside them
    save_paddle({"epoch": 3, "w": named([1.0], "eager_tmp_2")}, tmp_path / "x")
    with (tmp_path / "x").open("rb") as file:
        assert pickle.load(file) == {"epoch": 3, "w": ("eager_tmp_2", np.ones(1, "float32"))}


def test_bfloat16_is_stored_as_its_bits(tmp_path: Path) -> None:
    save_paddle({"w": paddle.to_tensor([1.5], dtype="bfloat16"), "epoch": 1}, tmp_path / "x")
    with (tmp_path / "x").open("rb") as file:
        bits = pickle.load(file)["w"][1]
    assert (bits.dtype, bits.tolist()) == (np.dtype("uint16"), [16320])


def test_dygraph_tells_layers_and_optimizers_apart(tmp_path: Path) -> None:
    layer, optimizer = trained()
    prefix = str(tmp_path / "model")
    save_dygraph(layer.state_dict(), prefix)
    assert load_dygraph(prefix)[1] is None
    save_dygraph(optimizer.state_dict(), prefix)
    parameters, state = load_dygraph(f"{prefix}.pdparams")
    assert parameters is not None
    assert state is not None
    np.testing.assert_array_equal(parameters["weight"], layer.weight.numpy())
    assert isinstance(state["linear_0.w_0_moment1_0"], np.ndarray)
    assert state["LR_Scheduler"]["last_epoch"] == 0


@pytest.mark.parametrize(
    ("save", "error", "match"),
    [
        pytest.param(lambda path: save_paddle(torch.nn.ReLU(), path), TypeError, "given is a ReLU", id="layer"),
        pytest.param(lambda path: save_paddle({"a": object()}, path), TypeError, "given is a object", id="object"),
        pytest.param(lambda path: save_dygraph({"epoch": 1}, path), TypeError, "only states", id="dygraph"),
        pytest.param(lambda path: save_dygraph({}, path), AssertionError, "state_dict is empty", id="empty"),
        pytest.param(load_dygraph, CheckpointError, "neither a .pdparams nor", id="no file"),
    ],
)
def test_wrong_use_says_what_is_wrong(save: Any, error: type[Exception], match: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=match):
        save(str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [3, 2.5, "text", [1, 2], None], ids=repr)
def test_a_file_that_holds_no_state_is_no_state_of_dygraph(tmp_path: Path, value: Any) -> None:
    (tmp_path / "x.pdparams").write_bytes(pickle.dumps(value, protocol=4))
    with pytest.raises(CheckpointError, match=f"holds a {type(value).__name__}, not a state"):
        load_dygraph(str(tmp_path / "x"))
    assert load_paddle(tmp_path / "x.pdparams") == value


TABLE_NAMES = ["StructuredToParameterName@@", "UnpackBigParamInfor@@"]


@pytest.mark.parametrize("name", TABLE_NAMES)
@pytest.mark.parametrize("save", [save_paddle, save_dygraph])
def test_a_tensor_with_the_name_of_a_table_is_refused_and_not_lost(tmp_path: Path, name: str, save: Any) -> None:
    with pytest.raises(CheckpointError, match=f"'{name}' cannot be the name of a tensor.*Rename"):
        save({"w": paddle.ones([1]), name: paddle.ones([2])}, str(tmp_path / "x"))


def test_a_tensor_with_the_name_of_the_table_is_read(tmp_path: Path) -> None:
    state = {"w": np.ones(1), TABLE_NAMES[0]: np.zeros(2), "epoch": 3}
    (tmp_path / "x").write_bytes(pickle.dumps(state, protocol=4))
    assert list(load_paddle(tmp_path / "x")) == list(state)
    assert list(load_checkpoint(tmp_path / "x").tensors) == ["w", TABLE_NAMES[0]]


class _Evil:
    def __reduce__(self) -> Any:
        return print, ("executed",)


def test_nothing_in_a_file_is_executed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(pickle.dumps({"w": _Evil()}, protocol=4))
    with pytest.raises(CheckpointError, match="print"):
        load_paddle(tmp_path / "x")
    assert capsys.readouterr().out == ""
