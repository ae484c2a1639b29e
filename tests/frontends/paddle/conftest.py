from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.frontends import paddle

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def fresh_state() -> Iterator[None]:
    """Every test starts with counters at zero, seed 0 and the defaults of a new process."""
    paddle.seed(0)
    with paddle.unique_name.guard(), paddle.static.program_guard(paddle.static.Program()):
        yield
    paddle.set_default_dtype("float32")
    paddle.nn.initializer.set_global_initializer(None)
