# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.nets import glu as glu
from fourfold.frontends.paddle.fluid.nets import img_conv_group as img_conv_group
from fourfold.frontends.paddle.fluid.nets import scaled_dot_product_attention as scaled_dot_product_attention
from fourfold.frontends.paddle.fluid.nets import simple_img_conv_pool as simple_img_conv_pool

__all__ = ['glu', 'img_conv_group', 'scaled_dot_product_attention', 'simple_img_conv_pool']


def __getattr__(name: str) -> Any: ...
