"""Rows of layers that normalise."""

from __future__ import annotations

import functools
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from ....backend.arguments import integer
from ...names import Learned, kept
from ..activation import activation_of
from ..attributes import ParamAttr
from ..names import NAMES
from ..nn.initializer import Constant
from ..nn.layer import Layer
from ..nn.mapped import is_channel_last
from .layers_volumes import shows
from .norms import batch_norm, group_norm, instance_norm, layer_norm
from .operands import integers
from .windows import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

layer: Any = NAMES.layer
TRAINING = {"training": "self.training"}


def affine(sizes: str, weight_attr: str = "weight_attr", *, name: str = "weight", flags: str = "") -> Any:
    """Return the factor, which begins at one, and the bias, which begins at zero.

    Args:
        sizes: the argument that says how many there are of each.
        weight_attr: the argument that is the factor's attribute. Default: 'weight_attr'.
        name: the factor's name. Default: 'weight'.
        flags: arguments without which there is neither, and, if two, those without which there is no bias.
    """

    def make(layer: Any, *, name: str, attr: str, **given: Any) -> None:
        size = math.prod(integers(given[sizes]))
        wanted = given[attr] if all(given[flag] for flag in given if flag in flags.split()) else False
        rule = None if name == "bias" else Constant(1.0)
        layer.add_parameter(
            name, layer.create_parameter([size], wanted, is_bias=rule is None, default_initializer=rule)
        )

    both = tuple(flags.split())
    return (
        Learned(name, partial(make, name=name, attr=weight_attr), (sizes, weight_attr, *both[:1]), "weight", "scale"),
        Learned("bias", partial(make, name="bias", attr="bias_attr"), (sizes, "bias_attr", *both), role="shift"),
    )


def statistics(sizes: str, *names: str) -> tuple[Learned, ...]:
    """Return the running mean and variance, in Paddle parameters that are not learned.

    Args:
        sizes: the argument that says how many there are of each.
        *names: arguments that name the two, if there are.
    """

    def make(layer: Any, *, attribute: str, value: float, **given: Any) -> None:
        name = next((given[each] for each in names if each in given), None)
        averaged = given.get("do_model_average_for_mean_and_var", True)
        attr = ParamAttr(name=name, initializer=Constant(value), trainable=False, do_model_average=averaged)
        layer.add_parameter(attribute, layer.create_parameter([given[sizes]], attr))

    reads = (sizes, "do_model_average_for_mean_and_var") if names else (sizes,)
    mean, variance = partial(make, attribute="_mean", value=0.0), partial(make, attribute="_variance", value=1.0)
    return (
        Learned("_mean", mean, (*reads, *names[:1]), "running_mean", "mean"),
        Learned("_variance", variance, (*reads, *names[1:]), "running_var", "var"),
    )


def of_axes(function: Callable[..., Tensor], legal: tuple[int, ...]) -> Callable[..., Tensor]:
    """Return a normalisation of tensors with so many axes."""

    @functools.wraps(function)
    def computed(input: Tensor, **options: Any) -> Tensor:
        if input.dim() not in legal:
            wanted = " or ".join(f"{count}D" for count in legal)
            msg = f"expected {wanted} input (got {input.dim()}D input). Reshape it."
            raise ValueError(msg)
        return function(input, **options)

    return computed


def format_of(legal: tuple[str, ...], value: Any) -> Any:
    """Return a data format that there is."""
    if value not in legal:
        msg = f"data_format={value!r}; expected one of {', '.join(legal)} input."
        raise ValueError(msg)
    return value


def batch_norm_shown(layer: Any) -> str:
    """Return the arguments of a batch normalisation."""
    shown = f"num_features={layer._num_features}, momentum={layer._momentum}, epsilon={layer._epsilon}"
    return shown if layer._data_format == "NCHW" else f"{shown}, data_format={layer._data_format}"


def both_or_none(layer: Any, weight_attr: Any, bias_attr: Any) -> None:
    """Refuse one attribute of False without the other."""
    if (weight_attr is False) != (bias_attr is False):
        msg = "weight_attr and bias_attr must be set to False at the same time in InstanceNorm. Set both, or none."
        raise AssertionError(msg)


FEATURES = kept("_num_features", None, partial(integer, name="num_features"))

for axes in FORMATS:
    formats = ("NC", *FORMATS[1]) if axes == 1 else FORMATS[axes]
    counts = (2, 3) if axes == 1 else (axes + 2,)
    layer(
        f"nn.BatchNorm{axes}D",
        of_axes(batch_norm, counts),
        shown=batch_norm_shown,
        extra=TRAINING,
        learned=(*affine("num_features"), *statistics("num_features")),
        num_features=FEATURES,
        momentum=kept("_momentum"),
        epsilon=kept("_epsilon"),
        use_global_stats=kept("_use_global_stats"),
        data_format=kept("_data_format", read=partial(format_of, formats)),
    )
    layer(
        f"nn.InstanceNorm{axes}D",
        of_axes(instance_norm, counts),
        shown=shows("num_features:_num_features epsilon:_epsilon"),
        learned=(
            Learned("both", both_or_none, ("weight_attr", "bias_attr"), means=None),
            *affine("num_features", name="scale"),
        ),
        num_features=FEATURES,
        epsilon=kept("_epsilon", means="eps"),
        momentum=kept("_momentum", means=None),
        data_format=kept("_data_format", means=None, read=partial(format_of, formats)),
    )


class Synchronised(Layer):
    """A base of batch normalisation over all processes, of which there is one here."""

    _use_global_stats: bool | None = None  # the release has no such argument: statistics in eval() alone

    @classmethod
    def convert_sync_batchnorm(cls, layer: Any) -> Any:
        """Return a layer whose batch normalisations, itself among them, are synchronised; they share their state."""
        made = layer
        kinds = tuple(
            NAMES.get(f"nn.{name}") for name in ("BatchNorm1D", "BatchNorm2D", "BatchNorm3D", "SyncBatchNorm")
        )
        if isinstance(layer, kinds):
            attrs = (False if layer.weight is None else None, False if layer.bias is None else None)
            made = kinds[-1](layer._num_features, layer._momentum, layer._epsilon, *attrs, layer._data_format)
            if layer.weight is not None and layer.bias is not None:
                made.weight, made.bias = layer.weight, layer.bias
            made._mean, made._variance = layer._mean, layer._variance
        for name, below in list(layer.named_children()):
            made.add_sublayer(name, cls.convert_sync_batchnorm(below))
        return made


def fixed(layer: Any, num_features: int, **attrs: Any) -> None:
    """Make a factor or bias whose attribute is False, which this layer has all the same and does not learn."""
    for name, value in (("weight", 1.0), ("bias", 0.0)):
        if attrs[f"{name}_attr"] is False:
            del layer._parameters[name]
            parameter = layer.create_parameter([num_features], default_initializer=Constant(value))
            parameter.stop_gradient = True
            layer.add_parameter(name, parameter)


layer(
    "nn.SyncBatchNorm",
    batch_norm,
    kind="BatchNormNd",
    shown=batch_norm_shown,
    extra=TRAINING,
    base=Synchronised,
    learned=(
        *affine("num_features"),
        *statistics("num_features"),
        Learned("fixed", fixed, ("num_features", "weight_attr", "bias_attr"), means=None),
    ),
    num_features=FEATURES,
    momentum=kept("_momentum"),
    epsilon=kept("_epsilon"),
    data_format=kept(
        "_data_format", read=partial(format_of, ("NC", *(each for two in FORMATS.values() for each in two)))
    ),
)


def activated(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    epsilon: float,
    data_format: str,
    use_global_stats: bool,
    act: Any,
) -> Tensor:
    """Normalise by the batch or by running statistics, and apply an activation; the layer that fluid had."""
    used = use_global_stats or None
    found = batch_norm(x, running_mean, running_var, weight, bias, training, momentum, epsilon, data_format, used)
    return activation_of(act)(found)


def checked_activation(act: Any) -> Any:
    """Return the name of an activation that there is."""
    activation_of(act)
    return act


def begin(layer: Any, is_test: bool) -> None:
    """Begin in `eval()`, for one who only tests."""
    layer.training = not is_test


layer(
    "nn.BatchNorm",
    activated,
    kind="BatchNormNd",
    shown=lambda layer: "",
    extra={"training": "self.training or self._trainable_statistics"},
    learned=(
        *affine("num_channels", "param_attr"),
        *statistics("num_channels", "moving_mean_name", "moving_variance_name"),
        Learned("is_test", begin, ("is_test",), means=None),
    ),
    num_channels=kept("_num_features", None, partial(integer, name="num_channels")),
    act=kept("_act", read=checked_activation),
    is_test=kept("_is_test", None),
    momentum=kept("_momentum"),
    epsilon=kept("_epsilon"),
    data_layout=kept("_data_layout", "data_format", partial(format_of, ("NCHW", "NHWC"))),
    use_global_stats=kept("_use_global_stats"),
    trainable_statistics=kept("_trainable_statistics", None),
    in_place=kept("_in_place", None),
)


def check_groups(layer: Any, num_groups: int, num_channels: int) -> None:
    """Refuse groups that do not divide the channels."""
    if num_groups < 1 or num_channels % num_groups:
        msg = f"num_groups={num_groups} does not divide num_channels={num_channels}. Choose a divisor of it."
        raise ValueError(msg)


def any_format(value: Any) -> Any:
    """Return a data format that there is, of any number of axes."""
    is_channel_last(value, "group_norm")
    return value


layer(
    "nn.GroupNorm",
    group_norm,
    shown=shows("num_groups:_num_groups num_channels:_num_channels epsilon:_epsilon"),
    learned=(
        Learned("groups", check_groups, ("num_groups", "num_channels"), means=None),
        *affine("num_channels", flags="affine"),
    ),
    num_groups=kept("_num_groups", read=partial(integer, name="num_groups")),
    num_channels=kept("_num_channels", None, partial(integer, name="num_channels")),
    data_format=kept("_data_format", read=any_format),
)
layer(
    "nn.LayerNorm",
    layer_norm,
    shown=shows("normalized_shape:_normalized_shape epsilon:_epsilon"),
    learned=affine("normalized_shape", flags="elementwise_affine bias"),
    normalized_shape=kept("_normalized_shape", read=integers),
    bias=kept(None),
)
