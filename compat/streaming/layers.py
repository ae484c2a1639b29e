"""The stages of a decoder: what each layer is, or why its result cannot be made in slabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrize import is_parametrized

from ...backend import ConvTranspose3dSpec
from ...frontends.kinds import kind_of
from ...frontends.tensor import plain
from ..porting import PortingError, port_module
from ..porting.dialects.lookup import meaning_of
from .stages import Convolution, Pointwise, Repeated, Stage, Transposed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["stages_of"]

# by torch's names, for torch's classes and the front ends' alike
POINTWISE = {
    *("ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh"),
    *("Softplus", "Softsign", "Hardtanh", "Hardswish", "Hardsigmoid", "LogSigmoid", "Threshold", "Identity"),
}
DROPOUTS = {"Dropout", "DropoutNd", "AlphaDropout", "FeatureAlphaDropout"}
SERVED = (
    "transposed and ordinary 3-D convolutions, pointwise activations, nearest upsampling by whole factors, "
    "and in evaluation mode batch norm and dropout"
)
# Above, torch's own float32 arithmetic takes some voxels from the neighbour: 41 is the first of those factors.
LARGEST_FACTOR = 40


def stages_of(module: nn.Module) -> list[Stage]:
    """Return the layers of a decoder, in the order in which they run.

    Args:
        module: one layer of torch or of a front end, or a Sequential of them, nested or not.

    Raises:
        NotImplementedError: the result of a layer depends on more than the planes near by, or nobody knows on what.
        ValueError: it has no parameters yet, or no layers.
        TypeError: it is no module.

    Example:
        >>> [type(stage).__name__ for stage in stages_of(nn.Sequential(nn.ConvTranspose3d(2, 2, 2), nn.ReLU()))]
        ['Transposed', 'Pointwise']
    """
    if not isinstance(module, nn.Module):
        msg = f"layer is a {type(module).__name__}; it must be a layer or a Sequential of layers (torch.nn.Module)."
        raise TypeError(msg)
    stages = [_stage(name, layer) for name, layer in _layers(module, "")]
    if not stages:
        msg = f"{type(module).__name__} has no layers; give one at the least."
        raise ValueError(msg)
    return stages


def _layers(module: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers of nested Sequentials, with names such as `layer 0.1 (ReLU)`."""
    if type(module).__name__ == "Sequential" and _is_known(module) and not _hooks(module):
        for name, child in module._modules.items():
            if child is not None:
                yield from _layers(child, f"{path}.{name}" if path else name)
    else:
        yield f"layer {path} ({type(module).__name__})" if path else type(module).__name__, module


def _stage(name: str, layer: nn.Module) -> Stage:
    if any(is_lazy(each) for each in layer._parameters.values() if each is not None):
        msg = f"{name} has no weight yet; call it once, or load its state."
        raise ValueError(msg)
    if _hooks(layer):
        raise _refused(name, "has hooks, which would see slabs and not the volume; remove them")
    kind = kind_of(layer)
    if kind is None or not _is_known(layer):
        raise _refused(name, f"is none of the layers whose reach is known; those are {SERVED}")
    if kind.name in POINTWISE:
        return Pointwise(name, layer)
    maker = _MAKERS.get(kind.name)
    if maker is None:
        raise _refused(name, f"may need the whole volume for one voxel; split the decoder there. Served are {SERVED}")
    return maker(name, layer)


def _is_known(module: nn.Module) -> bool:
    """Whether a layer computes what its class in torch or a front end does, and no subclass of somebody's."""
    home = getattr(type(module).forward, "__module__", None) or ""
    return home.startswith(("torch.nn.", "fourfold.frontends.")) and "forward" not in vars(module)


def _hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _refused(name: str, reason: str) -> NotImplementedError:
    return NotImplementedError(f"{name} {reason}.")


def _meaning(name: str, layer: nn.Module) -> dict[str, Any]:
    """Return a convolution's arguments: what is not the same for slabs is refused."""
    if is_parametrized(layer):
        raise _refused(name, "is parametrized; call torch.nn.utils.parametrize.remove_parametrizations() on it")
    try:
        meaning = dict(meaning_of(layer))
    except PortingError as error:
        raise _refused(name, f"cannot be read: {error}") from error
    if meaning.get("channels_last"):
        raise _refused(name, "stores channels last; build it with channels first")
    if meaning.get("padding_mode", "zeros") != "zeros":
        raise _refused(name, f"has padding_mode={meaning['padding_mode']!r}; only 'zeros' is served")
    if meaning.get("act") is not None:
        raise _refused(name, f"has act={meaning['act']!r}; put the activation behind it as a layer of its own")
    if any(size is not None for size in meaning.get("output_size") or ()):
        raise _refused(name, "states an output_size; state its padding instead")
    if len(meaning["kernel_size"]) != 3:
        raise _refused(name, f"is for {len(meaning['kernel_size'])} axes; volumes have three")
    return meaning


def _learned(layer: Any, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return weight and bias in torch's layout; MegEngine has an axis for groups, and biases of five."""
    bias = None if layer.bias is None else plain(layer.bias).detach().reshape(-1)
    return plain(layer.weight).detach().reshape(shape), bias


def _transposed(name: str, layer: nn.Module) -> Stage:
    meaning = _meaning(name, layer)
    words = ("in_channels", "out_channels", "kernel_size", "stride", "dilation", "groups")
    # `sides` has the output padding deducted from the high ones
    spec = ConvTranspose3dSpec(**{word: meaning[word] for word in words}, padding=meaning["sides"])
    return Transposed(name, spec, *_learned(layer, spec.weight_shape))


def _convolution(name: str, layer: nn.Module) -> Stage:
    meaning = _meaning(name, layer)
    groups, pads = meaning["groups"], meaning["pads"]
    shape = (meaning["out_channels"], meaning["in_channels"] // groups, *meaning["kernel_size"])
    return Convolution(name, *_learned(layer, shape), tuple(meaning["stride"]), pads, meaning["dilation"], groups)


def _batch_norm(name: str, layer: nn.Module) -> Stage:
    remedy = "takes its statistics over the whole volume; call eval() on it"
    if layer.training:
        raise _refused(name, remedy)
    try:
        norm = port_module(layer, target="torch").eval()
    except PortingError as error:
        raise _refused(name, f"cannot be read: {error}") from error
    if norm.running_mean is None:
        raise _refused(name, "keeps no statistics, and takes them over the whole volume; train it with those it keeps")
    return Pointwise(name, norm)


def _dropout(name: str, layer: nn.Module) -> Stage:
    if layer.training:
        raise _refused(name, "drops at random, in slabs other voxels than in the whole; call eval() on it")
    return Pointwise(name, layer)


def _upsample(name: str, layer: Any) -> Stage:
    if not isinstance(layer, nn.Upsample):
        raise _refused(name, "can be read of torch's class alone; fourfold.port_module(layer, target='torch') makes it")
    factors: tuple[Any, ...] = (
        layer.scale_factor if isinstance(layer.scale_factor, tuple) else (layer.scale_factor,) * 3
    )
    whole = all(each is not None and each == int(each) and 1 <= each <= LARGEST_FACTOR for each in factors)
    if layer.mode not in ("nearest", "nearest-exact") or not whole or len(factors) != 3:
        given = f"mode={layer.mode!r}, scale_factor={layer.scale_factor}"
        raise _refused(name, f"has {given}; served are 'nearest' and whole factors of 1..{LARGEST_FACTOR}")
    depth, height, width = map(int, factors)
    return Repeated(name, (depth, height, width))


_MAKERS: dict[str, Callable[[str, Any], Stage]] = {
    "ConvTransposeNd": _transposed,
    "ConvNd": _convolution,
    "BatchNormNd": _batch_norm,
    "Upsample": _upsample,
    **dict.fromkeys(DROPOUTS, _dropout),
}
