"""A 3-D transposed convolution's arguments, read off a layer of one API and said in the words of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import nn

from ...backend import ConvTranspose3dSpec
from ...frontends.megengine.module import ConvTranspose3d as MegEngineConvTranspose3d
from ...frontends.oneflow.nn import ConvTranspose3d as OneFlowConvTranspose3d
from ...frontends.oneflow.nn.functional import specify
from ...frontends.paddle.fluid.dygraph import Conv3DTranspose as FluidConv3DTranspose
from ...frontends.paddle.fluid_1_8.dygraph import Conv3DTranspose as Fluid18Conv3DTranspose
from ...frontends.paddle.nn import Conv3DTranspose as PaddleConv3DTranspose
from ...frontends.paddle.nn.functional import spec_of
from ...frontends.paddle.nn.padding import pads_of, same_pads
from ...frontends.torch.nn import ConvTranspose3d as TorchConvTranspose3d
from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from ...backend.arguments import Pads, Triple


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a layer computes, and what else was asked of it.

    Attributes:
        spec: the operator.
        bias: the bias that is added, in the layer's own shape, or None.
        channels_last: whether input and output have their channels last.
        output_size: the size that every output must have, or None.
        act: the name of an activation that follows, or None.
        use_cudnn: whether cuDNN may run it.
    """

    spec: ConvTranspose3dSpec
    bias: torch.Tensor | None
    channels_last: bool = False
    output_size: tuple[int, ...] | None = None
    act: str | None = None
    use_cudnn: bool = True


class Dialect(NamedTuple):
    """An API's layer.

    Attributes:
        api: whose layout its tensors have.
        type: the class.
        read: what a layer of it computes.
        write: the arguments to build it with.
    """

    api: str
    type: type[nn.Module]
    read: Callable[[Any], Arguments]
    write: Callable[[Arguments], dict[str, Any]]


def _read_torch(layer: Any) -> Arguments:
    spec = ConvTranspose3dSpec(
        in_channels=layer.in_channels,
        out_channels=layer.out_channels,
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        padding=layer.padding,
        output_padding=layer.output_padding,
        dilation=layer.dilation,
        groups=layer.groups,
    )
    return Arguments(spec, layer.bias)


def _read_oneflow(layer: Any) -> Arguments:
    channels = layer.weight.shape[0]
    spec = specify(
        channels,
        layer.filters,
        layer.kernel_size,
        layer.stride,
        layer.padding,
        layer.output_padding,
        layer.groups,
        layer.dilation,
    )
    return Arguments(spec, layer.bias)


def _read_paddle(layer: Any) -> Arguments:
    spec = spec_of(
        layer._in_channels,
        layer._out_channels,
        layer._kernel_size,
        layer._stride,
        layer._padding,
        layer.output_padding,
        layer._dilation,
        layer._groups,
        layer._data_format,
    )
    if pads_of(layer._padding, layer._data_format) is None:
        spec = replace(spec, padding=_fixed_pads(spec))
    return Arguments(spec, layer.bias, channels_last=layer._data_format == "NDHWC")


def _fixed_pads(spec: ConvTranspose3dSpec) -> Pads:
    """Return the pads of 'SAME' if they are the same for every input; they depend on its size modulo the stride."""
    sizes = range(1, max(spec.stride) + 1)
    found = {same_pads((size, size, size), spec.kernel_size, spec.stride) for size in sizes}
    if len(found) > 1:
        msg = (
            f"padding='SAME' with kernel_size={list(spec.kernel_size)} and stride={list(spec.stride)} cuts what "
            f"depends on the size of each input. State the padding in numbers; for inputs of a multiple of the stride "
            f"it is {_as_paddle(same_pads(spec.stride, spec.kernel_size, spec.stride))}"
        )
        raise PortingError(msg)
    return found.pop()


def _as_paddle(pads: Pads) -> list[int]:
    return [pad for pair in pads for pad in pair]


def _read_fluid(layer: Any) -> Arguments:
    return Arguments(
        layer._spec(layer._num_channels, layer._filter_size),
        layer._added_bias(),
        output_size=None if layer._output_size is None else tuple(layer._output_size),
        act=layer._act,
        use_cudnn=layer._use_cudnn,
    )


def _cut_and_extra(spec: ConvTranspose3dSpec) -> tuple[Triple, Triple]:
    """Return the pads and the output padding that say the same with the same pad on both sides."""
    low = tuple(pair[0] for pair in spec.padding)
    # out = full - low - high + output_padding = full - 2 * low + extra
    extra = tuple(low - high + added for (low, high), added in zip(spec.padding, spec.output_padding, strict=True))
    return low, extra  # type: ignore[return-value]


def _symmetric(arguments: Arguments, limits: tuple[int, ...] | None, *, least: int | None = 0) -> dict[str, Any]:
    """Return padding and output_padding, each three numbers, for an API that has no other.

    Args:
        arguments: what to say.
        limits: what each output padding must be below, or None where there is no limit.
        least: the least legal pad, or None.
    """
    spec = arguments.spec
    padding, extra = _cut_and_extra(spec)
    if least is not None and min(padding) < least:
        msg = f"padding={padding} is negative, which adds zeros; there, pads are {least} and above"
        raise PortingError(msg)
    if limits is not None and any(not 0 <= one < limit for one, limit in zip(extra, limits, strict=True)):
        given = ", ".join(f"{low} and {high}" for low, high in spec.padding)
        legal = ", ".join("0" if limit == 1 else f"0..{limit - 1}" for limit in limits)
        msg = (
            f"pads of {given} (low and high per axis) and output_padding={spec.output_padding} would need "
            f"padding={padding} with output_padding={extra}; there, pads are equal on both sides and legal output "
            f"paddings are {legal}. Slice the output of a layer with less padding instead"
        )
        raise PortingError(msg)
    return {"padding": padding, "output_padding": extra}


def _refuse_extras(arguments: Arguments) -> None:
    for wrong, what, remedy in (
        (arguments.channels_last, "data_format='NDHWC'", "permute input and output around an NCDHW layer"),
        (arguments.output_size is not None, f"output_size={arguments.output_size}", "build it without output_size"),
        (arguments.act is not None, f"act={arguments.act!r}", "apply the activation in your forward"),
        (not arguments.use_cudnn, "use_cudnn=False", "build it with use_cudnn=True"),
    ):
        if wrong:
            msg = f"{what} cannot be said there; {remedy}"
            raise PortingError(msg)


def _common(arguments: Arguments) -> dict[str, Any]:
    spec = arguments.spec
    return {
        "in_channels": spec.in_channels,
        "out_channels": spec.out_channels,
        "kernel_size": spec.kernel_size,
        "stride": spec.stride,
        "dilation": spec.dilation,
        "groups": spec.groups,
    }


def _write_torch(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(arguments)
    spec = arguments.spec
    limits = tuple(map(max, spec.stride, spec.dilation))
    return {**_common(arguments), **_symmetric(arguments, limits), "bias": arguments.bias is not None}


def _write_megengine(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(arguments)
    return {
        **_common(arguments),
        **_symmetric(arguments, arguments.spec.stride),
        "bias": arguments.bias is not None,
    }


def _write_oneflow(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(arguments)
    return {**_common(arguments), **_symmetric(arguments, None, least=None), "bias": arguments.bias is not None}


def _write_paddle(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(replace(arguments, channels_last=False))
    spec = arguments.spec
    limits = tuple(map(max, spec.stride, spec.dilation))
    padding, extra = _cut_and_extra(spec)
    said: dict[str, Any] = {"padding": list(padding), "output_padding": list(extra)}
    if any(not 0 <= one < limit for one, limit in zip(extra, limits, strict=True)):
        said = {"padding": _as_paddle(spec.padding), "output_padding": list(spec.output_padding)}
    if min(said["padding"]) < 0:
        msg = f"padding={said['padding']} is negative, which adds zeros; there, pads are 0 and above"
        raise PortingError(msg)
    return {
        **_common(arguments),
        **said,
        "bias_attr": None if arguments.bias is not None else False,
        "data_format": "NDHWC" if arguments.channels_last else "NCDHW",
    }


def _fluid_arguments(arguments: Arguments) -> dict[str, Any]:
    spec = arguments.spec
    padding = _symmetric(arguments, (1, 1, 1), least=None)["padding"]
    return {
        "num_channels": spec.in_channels,
        "num_filters": spec.out_channels,
        "filter_size": list(spec.kernel_size),
        "padding": list(padding),
        "stride": list(spec.stride),
        "dilation": list(spec.dilation),
        "groups": spec.groups,
        "act": arguments.act,
        "use_cudnn": arguments.use_cudnn,
    }


def _write_fluid(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(replace(arguments, output_size=None, act=None, use_cudnn=True))
    size = None if arguments.output_size is None else list(arguments.output_size)
    return {
        **_fluid_arguments(arguments),
        "output_size": size,
        "bias_attr": None if arguments.bias is not None else False,
    }


def _write_fluid_1_8(arguments: Arguments) -> dict[str, Any]:
    _refuse_extras(replace(arguments, act=None, use_cudnn=True))
    # there, a bias without an attribute exists and is not added
    return {**_fluid_arguments(arguments), "bias_attr": arguments.bias is not None}


DIALECTS = {
    "torch": Dialect("torch", TorchConvTranspose3d, _read_torch, _write_torch),
    "torch.nn": Dialect("torch", nn.ConvTranspose3d, _read_torch, _write_torch),
    "paddle": Dialect("paddle", PaddleConv3DTranspose, _read_paddle, _write_paddle),
    "fluid": Dialect("fluid", FluidConv3DTranspose, _read_fluid, _write_fluid),
    "fluid_1_8": Dialect("fluid", Fluid18Conv3DTranspose, _read_fluid, _write_fluid_1_8),
    "megengine": Dialect("megengine", MegEngineConvTranspose3d, _read_torch, _write_megengine),
    "oneflow": Dialect("oneflow", OneFlowConvTranspose3d, _read_oneflow, _write_oneflow),
}
TARGETS = tuple(DIALECTS)
BY_CLASS = {dialect.type: name for name, dialect in DIALECTS.items()}
