"""Every row has a recorded call."""

from __future__ import annotations

from fourfold.compat.agreement.names.calls import areas, calls, names_in
from fourfold.frontends.paddle.names import NAMES


def test_every_function_of_paddle_is_called() -> None:
    lines = [call.line for area in areas("paddle") for call in calls("paddle", area)]
    used = {name for line in lines for name in names_in(line)}
    called = {NAMES.signatures.canonical(name.removeprefix("paddle.")) for name in used}
    called |= {f"Tensor.{name.rpartition('.')[2]}" for name in used}
    assert set(NAMES.rows) <= called
