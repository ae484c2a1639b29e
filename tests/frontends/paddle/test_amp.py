"""What would compute in a shorter dtype warns on the CPU, and refuses where the release would compute otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.frontends import paddle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def enter_auto_cast() -> None:
    with paddle.amp.auto_cast():
        pass


def enter_autocast() -> None:
    with paddle.autocast("cuda"):
        pass


CALLS = [
    pytest.param(enter_auto_cast, "auto_cast", id="auto_cast"),
    pytest.param(enter_autocast, "auto_cast", id="autocast"),
    pytest.param(lambda: paddle.amp.decorate([], level="O2"), "decorate(level='O2')", id="decorate"),
    pytest.param(paddle.amp.GradScaler, "GradScaler", id="GradScaler"),
]


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Iterator[None]:
    """Make tensors elsewhere than on the CPU: 'meta' does for a GPU, which is not there."""
    torch.set_default_device("meta")
    yield
    torch.set_default_device(None)


@pytest.fixture
def program() -> Iterator[None]:
    """Write a program."""
    paddle.enable_static()
    yield
    paddle.disable_static()


@pytest.mark.parametrize(("call", "name"), CALLS)
def test_the_cpu_is_said_to_compute_as_before(call: Callable[[], Any], name: str) -> None:
    with pytest.warns(UserWarning, match=re.escape(f"{name} can only be enabled on a GPU")):
        call()


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(("call", "name"), CALLS)
def test_a_gpu_is_refused(call: Callable[[], Any], name: str) -> None:
    with pytest.raises(NotImplementedError, match=re.escape(f"{name} changes dtypes on a GPU")):
        call()


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(("call", "name"), CALLS)
def test_a_program_is_refused(call: Callable[[], Any], name: str) -> None:
    with pytest.raises(NotImplementedError, match=re.escape(f"{name} changes dtypes in a program")):
        call()


@pytest.mark.usefixtures("device")
def test_what_is_not_enabled_goes_on_a_gpu_too() -> None:
    with paddle.amp.auto_cast(enable=False), paddle.amp.auto_cast(level="O0"):
        assert paddle.amp.decorate(3, level="O1") == 3
    assert not paddle.amp.GradScaler(enable=False).is_enable()
