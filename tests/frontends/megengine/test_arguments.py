"""MegEngine's spellings of sizes and devices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends.megengine.arguments import check_output_padding, device_of, triple


@pytest.mark.parametrize("value", [2, 2.0, [2, 2, 2], np.array(2), np.array([2.0, 2.0, 2.0]), torch.tensor(2)])
def test_triple_is_three_ints_of_python(value: Any) -> None:
    result = triple(value, "stride", 1)
    assert result == (2, 2, 2)
    assert {type(item) for item in result} == {int}


def test_value_below_the_least_is_named_with_axis_and_remedy() -> None:
    with pytest.raises(AssertionError) as caught:
        triple((1, 1, 0), "dilation", 1)
    assert str(caught.value) == (
        "dilation=(1, 1, 0) is 0 along width (invalid value: (1, 1, 0)); "
        "legal values there are 1 and above. Correct the argument."
    )


def test_output_padding_below_stride_passes() -> None:
    check_output_padding((0, 1, 2), (1, 2, 3))


def test_output_padding_message_names_axis_value_range_and_remedy() -> None:
    with pytest.raises(AssertionError) as caught:
        check_output_padding((0, 2, 0), (1, 2, 3))
    assert str(caught.value) == (
        "output_padding=(0, 2, 0) is 2 along height; output_padding[1] should be 0 or above and less than stride[1]: "
        "legal values there are 0..1, whatever the dilation. Lower it, or raise stride=(1, 2, 3)."
    )


@pytest.mark.parametrize(
    ("name", "device"),
    [
        pytest.param("cpu0", torch.device("cpu"), id="cpu0"),
        pytest.param("cpux", torch.device("cpu"), id="cpux"),
        pytest.param("cpu3:0", torch.device("cpu"), id="cpu3"),
        pytest.param("gpux", torch.device("cuda"), id="gpux"),
        pytest.param("gpu1", torch.device("cuda:1"), id="gpu1"),
        pytest.param("cuda:1", torch.device("cuda:1"), id="torch-name"),
        pytest.param("meta", torch.device("meta"), id="meta"),
        pytest.param(torch.device("meta"), torch.device("meta"), id="torch-device"),
        pytest.param(None, None, id="none"),
    ],
)
def test_device_names_of_both_frameworks_are_understood(name: Any, device: torch.device | None) -> None:
    assert device_of(name) == device


@pytest.mark.parametrize(
    ("cuda", "device"), [pytest.param(True, "cuda:0", id="gpu"), pytest.param(False, "cpu", id="no-gpu")]
)
def test_numbered_xpu_is_a_gpu_where_there_is_one(cuda: bool, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert device_of("xpu0") == torch.device(device)


def test_xpux_is_torchs_default_device() -> None:
    with torch.device("meta"):
        assert device_of("xpux") == torch.device("meta")


@pytest.mark.parametrize("name", ["float32", "cpu0:1", "gpu", "", 1.5])
def test_other_names_are_a_value_error(name: Any) -> None:
    # class and words measured in MegEngine 1.13.0 for Tensor.to
    with pytest.raises(ValueError, match="invalid device name"):
        device_of(name)
