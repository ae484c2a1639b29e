"""The package, its names, dtypes, places and counters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle import unique_name
from fourfold.frontends.paddle.dtype import dtype_name, to_torch_dtype
from fourfold.frontends.paddle.place import CPUPlace, CUDAPlace, Place, to_device


@pytest.mark.parametrize("module", [paddle, paddle.nn, paddle.static, paddle.nn.initializer, paddle.regularizer])
def test_all_names_exist(module: Any) -> None:
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("d", ["float64", np.float64, torch.float64, np.dtype("float64")], ids=repr)
def test_default_dtype_is_set_by_any_name_and_leaves_torchs(d: Any) -> None:
    paddle.set_default_dtype(d)
    assert paddle.get_default_dtype() == "float64"
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize("d", ["int32", "complex64", "foo", None, 3], ids=repr)
def test_default_dtype_is_floating(d: Any) -> None:
    with pytest.raises(TypeError, match=r"set_default_dtype only supports .*, but received"):
        paddle.set_default_dtype(d)


def test_default_dtype_of_none_is_not_numpys_float64() -> None:
    with pytest.raises(TypeError, match="received None"):
        to_torch_dtype(None)


def test_unknown_dtypes_keep_torchs_name() -> None:
    assert dtype_name(torch.quint8) == "quint8"


def test_seed_takes_what_int_takes() -> None:
    assert paddle.seed(np.int64(3)).initial_seed() == 3
    with pytest.raises(ValueError, match="invalid literal"):
        paddle.seed("x")


def test_names_count_per_prefix() -> None:
    assert [unique_name.generate(key) for key in ("x", "x", "y")] == ["x_0", "x_1", "y_0"]


def test_guard_frees_names_and_gives_them_back() -> None:
    paddle.nn.Conv3DTranspose(1, 1, 1, weight_attr="foo")
    with unique_name.guard("new_"):
        layer = paddle.nn.Conv3DTranspose(1, 1, 1, weight_attr="foo")
        assert layer.full_name() == "new_conv3d_transpose_0"
    assert paddle.nn.Conv3DTranspose(1, 1, 1).full_name() == "conv3d_transpose_1"


def test_switch_returns_what_it_replaced() -> None:
    unique_name.generate("x")
    old = unique_name.switch()
    assert unique_name.generate("x") == "x_0"
    unique_name.switch(*old)
    assert unique_name.generate("x") == "x_1"


@pytest.mark.parametrize(
    ("place", "device"),
    [
        pytest.param("cpu", "cpu", id="cpu"),
        pytest.param("Place(cpu)", "cpu", id="repr"),
        pytest.param("meta", "meta", id="meta"),
        pytest.param(CPUPlace(), "cpu", id="CPUPlace"),
        pytest.param(torch.device("meta"), "meta", id="device"),
    ],
)
def test_places_are_devices(place: Any, device: str) -> None:
    assert to_device(place) == torch.device(device)


def test_gpu_places() -> None:
    place = CUDAPlace(1)
    assert (repr(place), place.is_gpu_place(), place.is_cpu_place(), place.gpu_device_id()) == (
        "Place(gpu:1)",
        True,
        False,
        1,
    )
    assert Place(torch.device("cuda")).gpu_device_id() == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_a_value_error() -> None:
    # measured in paddlepaddle 3.3.1 without CUDA
    with pytest.raises(ValueError, match="The device should not be 'gpu:0'"):
        to_device("gpu:0")


@pytest.mark.parametrize("place", ["foo", 3, "gpu:x"], ids=repr)
def test_no_place_is_a_value_error(place: Any) -> None:
    with pytest.raises(ValueError, match="Paddle supports CPUPlace"):
        to_device(place)
