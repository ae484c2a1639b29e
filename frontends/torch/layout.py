"""The memory format of a whole network: channels last from the first convolution to the output, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .exchange import is_exchanged

if TYPE_CHECKING:
    from torch.utils.hooks import RemovableHandle

__all__ = ["ChannelsLast", "is_safe"]

_LAST = torch.channels_last_3d


class ChannelsLast:
    """A model whose volumes are stored channels last inside it, until `undo`.

    torch's convolution stores its output as its weight is stored, so the first one brings the volume into the format
    and the others keep it; what the model returns, also in tuples, lists and dicts, is brought
    back by a hook.

    Example:
        >>> import fourfold
        >>> model = torch.nn.Sequential(torch.nn.Conv3d(8, 16, 3), torch.nn.ConvTranspose3d(16, 2, 2))
        >>> volume = torch.zeros(1, 8, 16, 16, 16)
        >>> acceleration = fourfold.accelerate(model)
        >>> inside = ChannelsLast(model)
        >>> model[0](volume).stride()
        (43904, 1, 3136, 224, 16)
        >>> model(volume).is_contiguous()
        True
        >>> inside.undo()
        >>> model[0](volume).is_contiguous()
        True
    """

    def __init__(self, model: torch.nn.Module) -> None:
        weights = (layer.weight for layer in model.modules() if _can_convert(layer))
        self._weights: list[Any] = list(dict.fromkeys(weights))  # two layers may share one
        for weight in self._weights:
            _store(weight, _LAST)
        self._hook: RemovableHandle = model.register_forward_hook(_contiguous)

    def undo(self) -> None:
        """Bring the weights back and take the hook off; again does nothing more."""
        self._hook.remove()
        for weight in self._weights:
            _store(weight, torch.contiguous_format)
        self._weights = []


def _store(weight: torch.nn.Parameter, layout: torch.memory_format) -> None:
    # not contiguous(): that leaves the strides of axes of size 1 as they are, by which torch tells the formats apart
    weight.data = weight.data.clone(memory_format=layout)


def is_safe(model: torch.nn.Module) -> bool:
    """Whether torch's gradients are right inside such a model: not those of an instance norm of torch's own."""
    return all(is_exchanged(each) for each in model.modules() if isinstance(each, torch.nn.InstanceNorm3d))


def _can_convert(layer: torch.nn.Module) -> Any:
    """Whether a layer is a convolution whose weight is a parameter, stored as usual, and that torch computes right.

    With groups and dilation together torch's gradients of channels-last volumes are wrong (`backend.planning.faults`).
    """
    if not isinstance(layer, torch.nn.Conv3d) or not is_exchanged(layer):
        return False
    weight: Any = layer._parameters.get("weight")
    return (
        type(weight) is torch.nn.Parameter
        and weight.dim() == 5
        and weight.is_contiguous()
        and (layer.groups == 1 or max(layer.dilation) == 1)
    )


def _contiguous(model: torch.nn.Module, inputs: Any, output: Any) -> Any:
    return _stored_as_usual(output)


def _stored_as_usual(output: Any) -> Any:
    if isinstance(output, torch.Tensor):
        is_last = output.dim() == 5 and output.is_contiguous(memory_format=_LAST)
        return output.contiguous() if is_last else output
    if type(output) in (tuple, list):
        return type(output)(_stored_as_usual(each) for each in output)
    if type(output) is dict:
        return {name: _stored_as_usual(each) for name, each in output.items()}
    return output
