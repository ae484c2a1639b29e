"""The example of the documentation, as it stands there but for the import of fluid."""

from __future__ import annotations

from typing import Any

EXAMPLE = """
import paddle.fluid as fluid
import numpy

with fluid.dygraph.guard():
    data = numpy.random.random((5, 3, 12, 32, 32)).astype('float32')

    conv3dTranspose = fluid.dygraph.nn.Conv3DTranspose(
           'Conv3DTranspose',
           num_filters=12,
           filter_size=12,
           use_cudnn=False)
    ret = conv3dTranspose(fluid.dygraph.base.to_variable(data))
"""


def test_the_example_of_the_documentation_runs() -> None:
    names: dict[str, Any] = {}
    exec(EXAMPLE.replace("import paddle.fluid as fluid", "from fourfold.frontends.paddle import fluid"), names)
    assert names["ret"].shape == (5, 12, 23, 43, 43)
    assert names["conv3dTranspose"].weight.shape == (3, 12, 12, 12, 12)
