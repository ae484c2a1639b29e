"""Read from a layer which operator it is, and run it with other parameters, whosever class it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ...backend.arguments import triple
from ..porting.dialects import meaning_of, said
from ..porting.errors import PortingError
from ..porting.forms import SAME, Form
from ..porting.kinds import Kind, Layer, layer_of
from ..porting.layouts import layout
from .data import STORAGE
from .recorder import from_last, to_last
from .subjects.drivers import array

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .cases import Case
    from .data import Array, Operands
    from .expectation import Quantity

# Those of a `Case` that say what the operator is; the first three have no default.
ARGUMENTS = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "bias",
    "output_size",
    "data_format",
)
REQUIRED = ARGUMENTS[:3]
ATTRIBUTES = ARGUMENTS[:8]
LAYERS = "torch.nn.ConvTranspose3d, a layer of a front end, a subclass of one of them, or a module around one"


class UnreadableLayerError(TypeError):
    """What a layer computes cannot be read off it; the message says what is needed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a module: its name there, and its layout."""

    name: str
    form: Form


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer and what it is.

    Attributes:
        layer: the module, or a function of input, weight and bias.
        arguments: the operator, as keywords of `Case`.
        dtype: of its parameters; float32 for a function.
        device: where its parameters are.
        kind: its layout rules, or None: torch's.
        parameters: `weight` and `bias` of a module; empty for a function.
    """

    layer: Callable[..., Any]
    arguments: dict[str, Any]
    dtype: str
    device: torch.device
    kind: Layer
    parameters: dict[str, Parameter]

    @property
    def name(self) -> str:
        """The class of a module, or the name of a function."""
        return type(self.layer).__name__ if isinstance(self.layer, nn.Module) else _name(self.layer)

    @property
    def description(self) -> str:
        """What the layer says of itself, in one line; its name if that is an address in memory."""
        text = " ".join(str(self.layer).split())
        return self.name if " at 0x" in text else text

    def run(self, case: Case, operands: Operands) -> dict[Quantity, Array]:
        """Return the output and, where it has the shape that the case says, the gradients; the layer stays as it is.

        Raises:
            TypeError: the layer returns no tensor. What the layer raises passes through.
        """

        def tensor(values: Array) -> torch.Tensor:
            return torch.from_numpy(values).to(self.device, getattr(torch, case.dtype))

        def leaf(values: Array) -> torch.Tensor:
            return tensor(values).detach().requires_grad_()

        last = case.data_format == "NDHWC"
        input = leaf(to_last(operands.input, last))
        arrays = {"weight": operands.weight, "bias": operands.bias}
        own = {role: one for role, one in self.parameters.items() if arrays[role] is not None}
        if isinstance(self.layer, nn.Module):
            leaves = {role: leaf(one.form.from_torch(_array(arrays[role]), self.kind)) for role, one in own.items()}
            state = {one.name: leaves[role] for role, one in own.items()}
            # a call with other parameters: training state, hooks and the user's own values are left alone
            output = torch.func.functional_call(self.layer, state, (input,))
        else:
            leaves = {role: leaf(values) for role, values in arrays.items() if values is not None}
            output = self.layer(input, leaves["weight"], leaves.get("bias"))
        if not isinstance(output, torch.Tensor):
            msg = f"{self.name} returned a {type(output).__name__}; a transposed convolution returns one tensor."
            raise TypeError(msg)
        found: dict[Quantity, Array] = {"output": from_last(_values(output), last)}
        if found["output"].shape != case.output_shape or not output.requires_grad:
            return found
        upstream = tensor(to_last(operands.upstream, last)).to(output)
        gradients = torch.autograd.grad(output, [input, *leaves.values()], upstream, allow_unused=True)
        shapes = {"weight": case.weight_shape, "bias": (case.out_channels,)}
        if gradients[0] is not None:
            found["grad_input"] = from_last(_values(gradients[0]), last)
        for role, gradient in zip(leaves, gradients[1:], strict=True):
            if gradient is not None:
                form = own[role].form if role in own else SAME
                found["grad_weight" if role == "weight" else "grad_bias"] = form.to_torch(
                    _values(gradient), shapes[role]
                )
        return found


def read(layer: Callable[..., Any], operator: Mapping[str, Any] | None = None) -> Reading:
    """Read which operator a layer is.

    Args:
        layer: `torch.nn.ConvTranspose3d`, a layer of a front end, a module that holds exactly one of them and no other
            parameters, or a module of your own: with parameters `weight` (torch's layout) and maybe `bias`, and
            torch's attributes unless `operator` is given. Or a function of input, weight and bias (or None), which
            needs `operator`.
        operator: keywords of `Case` that say what the operator is, in place of the layer's attributes:
            `in_channels`, `out_channels`, `kernel_size`, and what is not at torch's default.

    Raises:
        UnreadableLayerError: it is none of these; the message says what is missing.

    Example:
        >>> read(nn.ConvTranspose3d(16, 8, 3, stride=2)).arguments["stride"]
        (2, 2, 2)
    """
    if operator is not None:
        _check_operator(operator)
    if not isinstance(layer, nn.Module):
        if not callable(layer) or isinstance(layer, type):
            msg = f"{layer!r} is not a layer; give {LAYERS}, or a function of input, weight and bias."
            raise UnreadableLayerError(msg)
        if operator is None:
            msg = (
                f"{_name(layer)} is a function, which does not say what it computes; give operator={{'in_channels': "
                f"..., 'out_channels': ..., 'kernel_size': ...}} and what is not at torch's default."
            )
            raise UnreadableLayerError(msg)
        return Reading(layer, dict(operator), "float32", torch.device("cpu"), Layer(Kind.CONV_TRANSPOSE), {})
    path, owner, kind = _convolution(layer)
    parameters = _parameters(layer, path, owner, kind)
    weight = getattr(owner, "weight", None)
    assert isinstance(weight, torch.Tensor)  # _parameters has seen it
    dtype = str(weight.dtype).removeprefix("torch.")
    if dtype not in STORAGE:
        msg = f"the weight of {type(layer).__name__} is {weight.dtype}; legal are {', '.join(STORAGE)}."
        raise UnreadableLayerError(msg)
    arguments = dict(operator) if operator is not None else _arguments(owner, kind)
    has_bias = "bias" in parameters
    if arguments.setdefault("bias", has_bias) is not has_bias:
        msg = (
            f"operator says bias={arguments['bias']!r}, and {type(layer).__name__} has {'a' if has_bias else 'no'} "
            f"parameter 'bias'. Leave it out of operator, or build the layer accordingly."
        )
        raise UnreadableLayerError(msg)
    _check_weight(layer, parameters, kind, weight, arguments)
    rules = kind or Layer(Kind.CONV_TRANSPOSE, axes=3, groups=arguments.get("groups", 1))
    return Reading(layer, arguments, dtype, weight.device, rules, parameters)


def _check_operator(operator: Mapping[str, Any]) -> None:
    unknown, missing = [name for name in operator if name not in ARGUMENTS], set(REQUIRED) - set(operator)
    if unknown or missing:
        wrong = f"has no meaning for {', '.join(unknown)}" if unknown else f"lacks {', '.join(sorted(missing))}"
        legal = f"{', '.join(REQUIRED)} and any of {', '.join(ARGUMENTS[3:])}"
        msg = f"operator={dict(operator)!r} {wrong}; it holds {legal}."
        raise UnreadableLayerError(msg)


def _convolution(layer: nn.Module) -> tuple[str, nn.Module, Layer | None]:
    """Return the one module in it whose class has layout rules, or the layer itself without rules."""
    found = [
        (path, module, kind)
        for path, module in nn.Module.named_modules(layer)
        if (kind := layer_of(module)) is not None and kind.kind is Kind.CONV_TRANSPOSE and kind.axes == 3
    ]
    if len(found) > 1:
        names = ", ".join(repr(path) for path, _, _ in found)
        msg = f"{type(layer).__name__} holds {len(found)} transposed convolutions ({names}). Give them one at a time."
        raise UnreadableLayerError(msg)
    if found:
        return found[0]
    if layer_of(layer) is not None:
        msg = f"{type(layer).__name__} is not a 3-D transposed convolution; give {LAYERS}."
        raise UnreadableLayerError(msg)
    return "", layer, None


def _parameters(layer: nn.Module, path: str, owner: nn.Module, kind: Layer | None) -> dict[str, Parameter]:
    slots = layout(Kind.CONV_TRANSPOSE, "torch" if kind is None else kind.api)
    prefix = f"{path}." if path else ""
    weight = owner._parameters.get("weight")
    if weight is None or isinstance(weight, nn.parameter.UninitializedParameter):
        if kind is not None:
            msg = f"{type(layer).__name__} has no parameters yet. Call it once on an input, then compare it."
        else:
            msg = (
                f"{type(layer).__name__} has no parameter 'weight' of its own; give {LAYERS}, or a module of your own "
                f"with a parameter 'weight' in torch's layout and maybe 'bias'."
            )
        raise UnreadableLayerError(msg)
    # the released fluid layer makes a bias that it does not always add
    has_bias = said(owner, "bias", owner._parameters.get("bias") is not None)
    parameters = {
        role: Parameter(prefix + slot.name, slot.forms[0] if kind is not None else SAME)
        for role, slot in slots.items()
        if role == "weight" or has_bias
    }
    named = {one.name for one in parameters.values()} | {f"{prefix}bias"}
    others = [name for name, _ in nn.Module.named_parameters(layer) if name not in named]
    if others:
        msg = (
            f"{type(layer).__name__} has parameters besides those of one transposed convolution: {', '.join(others)}. "
            f"Give the layer alone; `fourfold verify` compares whole models."
        )
        raise UnreadableLayerError(msg)
    return parameters


def _check_weight(
    layer: nn.Module,
    parameters: Mapping[str, Parameter],
    kind: Layer | None,
    weight: torch.Tensor,
    arguments: Mapping[str, Any],
) -> None:
    rules = kind or Layer(Kind.CONV_TRANSPOSE)
    to_torch = parameters["weight"].form.torch_shape
    assert to_torch is not None  # only flattened tensors have none
    found = to_torch(tuple(weight.shape), rules)
    wanted = (
        arguments["in_channels"],
        arguments["out_channels"] // arguments.get("groups", 1),
        *triple(arguments["kernel_size"], "kernel_size"),
    )
    if found != wanted:
        msg = (
            f"the weight of {type(layer).__name__} is {tuple(weight.shape)}, and these arguments ask for {wanted}: "
            f"(in_channels, out_channels / groups, kD, kH, kW), not flipped. Correct operator, or give a function of "
            f"input, weight and bias that takes this layout."
        )
        raise UnreadableLayerError(msg)


def _arguments(owner: nn.Module, kind: Layer | None) -> dict[str, Any]:
    if kind is None:
        return _of_torch(owner)
    try:
        meaning = meaning_of(owner)
    except PortingError:  # 'SAME', where it depends on the size of each input
        words = ("in_channels", "out_channels", "kernel_size", "stride", "groups", "channels_last")
        meaning = {word: said(owner, word) for word in words} | {"padding": "SAME"}
    if meaning.get("act") is not None:
        act = f"act={meaning['act']!r}"
        msg = f"{type(owner).__name__} applies {act} to the result. Build it with act=None to compare it."
        raise UnreadableLayerError(msg)
    found = {name: meaning[name] for name in ARGUMENTS if name in meaning and name not in ("bias", "output_size")}
    if meaning.get("channels_last"):
        found["data_format"] = "NDHWC"
    if set(meaning.get("output_size", ())) - {None}:
        found["output_size"] = meaning["output_size"]
    return found if "sides" not in meaning else found | _cuts(meaning)


def _cuts(meaning: Mapping[str, Any]) -> dict[str, Any]:
    """Return padding and output padding, which is what makes up for a lower pad on the high side where it can be."""
    padding, output_padding = [], []
    for (low, high), step, spread in zip(meaning["sides"], meaning["stride"], meaning["dilation"], strict=True):
        is_extra = high < 0 or 0 <= low - high < max(step, spread)
        padding.append((low, low if is_extra else high))
        output_padding.append(low - high if is_extra else 0)
    return {"padding": padding, "output_padding": output_padding}


def _of_torch(owner: nn.Module) -> dict[str, Any]:
    missing = [name for name in ATTRIBUTES if not hasattr(owner, name)]
    if missing:
        msg = (
            f"{type(owner).__name__} has no attribute {', '.join(missing)}, by which torch's layer says what it "
            f"computes. Give operator={{'in_channels': ..., 'out_channels': ..., 'kernel_size': ...}} and what is not "
            f"at torch's default, or set the attributes."
        )
        raise UnreadableLayerError(msg)
    return {name: getattr(owner, name) for name in ATTRIBUTES}


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _array(values: Array | None) -> Array:
    assert values is not None  # the caller leaves those out
    return values


def _values(values: torch.Tensor) -> Array:
    return array(values.cpu())
