"""`paddle.summary` prints the release's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourfold.frontends import paddle

if TYPE_CHECKING:
    import pytest

# printed by Paddle 3.3.1 for the same network
TABLE = """\
---------------------------------------------------------------------------
 Layer (type)       Input Shape          Output Shape         Param #    
===========================================================================
   Linear-1           [[1, 3]]              [1, 2]               8       
===========================================================================
Total params: 8
Trainable params: 8
Non-trainable params: 0
---------------------------------------------------------------------------
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.00
Estimated Total Size (MB): 0.00
---------------------------------------------------------------------------

"""  # noqa: W291, the release ends lines so


def test_the_table_is_the_release_s(capsys: pytest.CaptureFixture[str]) -> None:
    with paddle.unique_name.guard():
        paddle.summary(paddle.nn.Linear(3, 2), (1, 3))
    assert capsys.readouterr().out == TABLE
