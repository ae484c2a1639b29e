"""What recorded calls cannot say of devices and flags."""

from __future__ import annotations

import pytest
import torch

from fourfold.frontends import paddle


def test_the_cpu_is_no_default_device_of_torchs_that_slows_its_functions() -> None:
    modes = torch.overrides._get_current_function_mode_stack()  # type: ignore[no-untyped-call]
    paddle.set_device("cpu")
    assert torch.overrides._get_current_function_mode_stack() == modes  # type: ignore[no-untyped-call]


def test_a_flag_that_changes_what_happens_is_refused_with_a_way_out() -> None:
    with pytest.raises(NotImplementedError, match=r"FLAGS_check_nan_inf=True is not served: .*isfinite"):
        paddle.set_flags({"FLAGS_check_nan_inf": True})
    assert paddle.get_flags("FLAGS_check_nan_inf") == {"FLAGS_check_nan_inf": False}


def test_streams_are_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="no 'Stream'"):
        paddle.device.Stream()  # type: ignore[attr-defined]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_tensors_are_made_where_the_device_is() -> None:
    try:
        assert str(paddle.set_device("gpu:0")) == "Place(gpu:0)"
        assert paddle.get_device() == "gpu:0"
        made = [paddle.to_tensor([1.0]), paddle.ones([2]), paddle.nn.Linear(2, 2).weight]
        assert [each.place.is_gpu_place() for each in made] == [True, True, True]
    finally:
        paddle.set_device("cpu")
