"""Rows of layers: what they keep, what they learn, and the function that they apply."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .....backend.arguments import integer
from ....names import Kept, Learned, kept
from ....names import Layer as Row
from ...attributes import ParamAttr, check_weight_attr
from ...nn.initializer import Constant
from ...rows.windows import check_sizes
from ..convolutions import convolution, convolved_back, spread
from ..names import NAMES
from ..norms import (
    batch_normalized,
    check_layout,
    group_normalized,
    instance_normalized,
    layer_normalized,
)
from ..windows import pooled, sizes_of
from .layers import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["added", "count", "layer"]

NAMES.base = Layer
layer = NAMES.layer
UNUSED = Kept(None, None, reason="static graphs alone know it")


def count(name: str) -> Kept:
    """Keep a number of channels or groups, checked to be an integer."""
    return kept(f"_{name}", None, lambda value: integer(value, name))


def added(layer: Any, name: str, shape: list[int], attr: Any, *, is_bias: bool = False, initial: Any = None) -> None:
    """Make a parameter of a layer."""
    layer.add_parameter(name, layer.create_parameter(shape, attr, is_bias=is_bias, default_initializer=initial))


# -- convolutions -------------------------------------------------------------------------------------------------


def filters(axes: int) -> Callable[..., None]:
    """Return what makes the weight of a convolution of so many axes."""

    def made(layer: Any, param_attr: Any) -> None:
        check_weight_attr(param_attr, "param_attr", "here")
        check_groups(layer)
        taps = sizes_of(layer._filter_size, axes, "filter_size")
        check_sizes(filter_size=taps, num_channels=[layer._num_channels])
        shape = [layer._num_filters, layer._num_channels // layer._groups, *taps]
        added(layer, "weight", shape, param_attr, initial=spread(taps, layer._num_channels))

    return made


def filters_back(layer: Any, param_attr: Any) -> None:
    """Make the weight of a transposed convolution."""
    check_weight_attr(param_attr, "param_attr", "here")
    check_groups(layer)
    taps = sizes_of(layer._filter_size, 2, "filter_size")
    check_sizes(filter_size=taps, num_channels=[layer._num_channels])
    added(layer, "weight", [layer._num_channels, layer._num_filters // layer._groups, *taps], param_attr)


def check_groups(layer: Any) -> None:
    """Raise ValueError unless groups divide both channel counts."""
    channels, kernels, groups = layer._num_channels, layer._num_filters, layer._groups
    if groups < 1 or channels % groups or kernels % groups:
        msg = (
            f"num_channels must be divisible by groups, and so must num_filters; they are {channels} and {kernels}, "
            f"groups={groups}. Choose a divisor of both."
        )
        raise ValueError(msg)


def bias_of(size: str) -> Callable[..., None]:
    """Return what makes a bias whose size an attribute tells."""

    def made(layer: Any, bias_attr: Any) -> None:
        added(layer, "bias", [getattr(layer, size)], bias_attr, is_bias=True)

    return made


CONVOLUTION: Any = {
    "num_channels": count("num_channels"),
    "num_filters": count("num_filters"),
    "filter_size": kept("_filter_size", None),
    "groups": kept("_groups", read=lambda groups: 1 if groups is None else integer(groups, "groups")),
}
BIAS = Learned("bias", bias_of("_num_filters"), ("bias_attr",), role="bias")

for _axes in (2, 3):
    layer(
        f"dygraph.Conv{_axes}D",
        convolution,
        learned=(Learned("weight", filters(_axes), ("param_attr",), role="weight"), BIAS),
        stride=kept("_stride"),
        padding=kept("_padding"),
        dilation=kept("_dilation"),
        act=kept("_act"),
        **CONVOLUTION,
    )
layer(
    "dygraph.Conv2DTranspose",
    convolved_back,
    learned=(Learned("weight", filters_back, ("param_attr",), role="weight"), BIAS),
    **CONVOLUTION,
)


def images(
    input: Tensor,
    pool_size: Any,
    pool_type: str,
    pool_stride: Any,
    pool_padding: Any,
    global_pooling: bool,
    ceil_mode: bool,
    exclusive: bool,
) -> Tensor:
    """Pool images."""
    return pooled(input, 2, pool_size, pool_type, pool_stride, pool_padding, global_pooling, ceil_mode, exclusive)


def pool_type(value: Any) -> Any:
    """Return a kind of pool.

    Raises:
        ValueError: there is none of that name.
    """
    if value not in ("max", "avg"):
        msg = f"Unknown pool_type: {value!r}. It can only be 'max' or 'avg'."
        raise ValueError(msg)
    return value


class Pool(Layer):
    """Base of `Pool2D`, whose layers are of the class below it that their arguments name."""

    _pool_type: str
    _global_pooling: bool

    def reset_parameters(self) -> None:
        """Become what the arguments say, for whoever asks what the layer is."""
        self.__class__ = POOLS[self._pool_type, bool(self._global_pooling)]  # type: ignore[assignment]


layer("dygraph.Pool2D", images, kind="", base=Pool, pool_type=kept("_pool_type", read=pool_type))
Pool2D: Any = NAMES.get("dygraph.Pool2D")


class MaxPool2D(Pool2D):  # type: ignore[misc]
    """`Pool2D` of the greatest values."""

    row = Row("dygraph.Pool2D", kind="MaxPool2d")


class AvgPool2D(Pool2D):  # type: ignore[misc]
    """`Pool2D` of means."""

    row = Row("dygraph.Pool2D", kind="AvgPool2d")


class GlobalMaxPool2D(Pool2D):  # type: ignore[misc]
    """`Pool2D` of the greatest value of all."""

    row = Row("dygraph.Pool2D", kind="AdaptiveMaxPool2d")


class GlobalAvgPool2D(Pool2D):  # type: ignore[misc]
    """`Pool2D` of the mean of all."""

    row = Row("dygraph.Pool2D", kind="AdaptiveAvgPool2d")


POOLS = {
    ("max", False): MaxPool2D,
    ("avg", False): AvgPool2D,
    ("max", True): GlobalMaxPool2D,
    ("avg", True): GlobalAvgPool2D,
}
Pool2D.variants = tuple(POOLS.values())


# -- normalisation ------------------------------------------------------------------------------------------------


def factors(name: str, size: str) -> Callable[..., None]:
    """Return what makes factors that are ones at first, as many as an attribute tells."""

    def made(layer: Any, param_attr: Any) -> None:
        added(layer, name, [getattr(layer, size)], param_attr, initial=Constant(1.0))

    return made


def shifts(kind: str, size: str) -> Callable[..., None]:
    """Return what makes a bias that there must be."""

    def made(layer: Any, bias_attr: Any) -> None:
        if bias_attr is False:
            msg = f"bias_attr should not be False in {kind}. Leave it out for the default bias."
            raise AssertionError(msg)
        added(layer, "bias", [getattr(layer, size)], bias_attr, is_bias=True)

    return made


def statistic(name: str, argument: str, value: float) -> Learned:
    """Keep a running statistic: a parameter that is not learned."""

    def made(layer: Any, do_model_average_for_mean_and_var: bool, **names: Any) -> None:
        averaged = do_model_average_for_mean_and_var
        attr = ParamAttr(names[argument], Constant(value), trainable=False, do_model_average=averaged)
        added(layer, name, [layer._num_channels], attr)

    return Learned(
        name, made, (argument, "do_model_average_for_mean_and_var"), means=name.removeprefix("_"), role=f"running{name}"
    )


layer(
    "dygraph.BatchNorm",
    batch_normalized,
    kind="BatchNormNd",
    learned=(
        Learned("weight", factors("weight", "_num_channels"), ("param_attr",), role="scale"),
        Learned("bias", shifts("batch_norm", "_num_channels"), ("bias_attr",), role="shift"),
        statistic("_mean", "moving_mean_name", 0.0),
        statistic("_variance", "moving_variance_name", 1.0),
    ),
    extra={"training": "self.training"},
    num_channels=count("num_channels"),
    data_layout=kept("_data_layout", read=check_layout),
    is_test=UNUSED,
    in_place=kept("_in_place", None),
    trainable_statistics=kept("_trainable_statistics", None),
)
layer(
    "dygraph.InstanceNorm",
    instance_normalized,
    kind="InstanceNormNd",
    learned=(
        Learned("scale", factors("scale", "_num_channels"), ("param_attr",), role="scale"),
        Learned("bias", shifts("instance_norm", "_num_channels"), ("bias_attr",), role="shift"),
    ),
    num_channels=count("num_channels"),
)


def flat_factor(layer: Any, scale: bool, param_attr: Any) -> None:
    """Make the factor of a normalisation over the last axes, or none."""
    size = [math.prod(layer._shape)]
    layer.add_parameter(
        "weight", layer.create_parameter(size, param_attr, default_initializer=Constant(1.0)) if scale else None
    )


def flat_bias(layer: Any, shift: bool, bias_attr: Any) -> None:
    """Make the bias of a normalisation over the last axes, or none."""
    size = [math.prod(layer._shape)]
    layer.add_parameter("bias", layer.create_parameter(size, bias_attr, is_bias=True) if shift else None)


layer(
    "dygraph.LayerNorm",
    layer_normalized,
    learned=(
        Learned("weight", flat_factor, ("scale", "param_attr"), role="scale"),
        Learned("bias", flat_bias, ("shift", "bias_attr"), role="shift"),
    ),
    normalized_shape=kept("_shape", "shape", lambda shape: [shape] if isinstance(shape, int) else list(shape)),
    scale=kept("_scale", None),
    shift=kept("_shift", None),
)


def where_asked(make: Callable[..., None], argument: str) -> Callable[..., None]:
    """Return what makes a parameter where an attr says how alone; None is False in GroupNorm."""

    def made(layer: Any, **attrs: Any) -> None:
        make(layer, **{argument: attrs[argument] or False})

    return made


layer(
    "dygraph.GroupNorm",
    group_normalized,
    kind="GroupNorm2d",
    learned=(
        Learned("weight", where_asked(factors("weight", "_channels"), "param_attr"), ("param_attr",), role="scale"),
        Learned("bias", where_asked(bias_of("_channels"), "bias_attr"), ("bias_attr",), role="shift"),
    ),
    channels=count("channels"),
)
