"""What a layer is in any framework: torch's name of it, and along how many axes.

A class of a front end is what its row says (`kind="ConvTranspose3d"`), and what torch calls by the same name where the
row says nothing: `nn.MaxPool2D` is torch's `MaxPool2d`, `nn.Silu` its `SiLU`. Classes written by hand say it by a class
attribute of the same form: `row = Layer("module.GroupNorm", kind="GroupNorm2d")`, which is one for planes alone. A kind
ends in `Nd` where it is for any number of axes, and is '' where the same name means something else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from torch import nn

from .names import Layer

__all__ = ["ANY", "LayerKind", "kind_named", "kind_of", "owner_of"]

ANY = frozenset({0, 1, 2, 3})
_AXES = re.compile(r"(\d|N)[dD]")
# containers, and what computes with the layers in it
_HOLDERS = r"Module|Container|Sequential|\w+(List|Dict)|Transformer\w*|Lazy\w+|Sync\w+"
# classes that differ by what others say with an argument
_SAME = {
    **{f"{mode}PadNd": "PadNd" for mode in ("Constant", "Zero", "Reflection", "Replication", "Circular")},
    "NLLLoss2d": "NLLLoss",
}


class LayerKind(NamedTuple):
    """What a layer is.

    Attributes:
        name: torch's, with `Nd` for a number of axes, such as 'ConvTransposeNd', 'GroupNorm', 'ReLU'.
        axes: numbers of spatial axes that its inputs may have.
    """

    name: str
    axes: frozenset[int] = ANY


def kind_named(name: str) -> LayerKind | None:
    """Return what a class of this name is, or None where torch has no layer of the same name.

    >>> kind_named("Conv3DTranspose")
    LayerKind(name='ConvTransposeNd', axes=frozenset({3}))
    >>> kind_named("Silu").name, kind_named("BatchNormNd").axes == ANY, kind_named("Maxout")
    ('SiLU', True, None)
    """
    said = _AXES.search(name)
    found = _NAMES.get(_general(name).lower()) or _NAMES.get(_AXES.sub("", name).lower())
    if found is None:
        return None
    digit = said[1] if said else "N"
    return LayerKind(_SAME.get(found, found), ANY if digit == "N" else frozenset({int(digit)}))


def kind_of(layer: nn.Module | type[nn.Module]) -> LayerKind | None:
    """Return what a layer of torch or of a front end is; a subclass is what its base is. None for all others.

    >>> kind_of(nn.AvgPool1d(2))
    LayerKind(name='AvgPoolNd', axes=frozenset({1}))
    >>> kind_of(nn.Sequential()) is None
    True
    """
    owner = owner_of(layer)
    return None if owner is None else _said(owner)


def owner_of(layer: nn.Module | type[nn.Module]) -> type[nn.Module] | None:
    """Return the class of torch or of a front end by which a layer has its kind: its own, or the nearest base."""
    bases = (layer if isinstance(layer, type) else type(layer)).__mro__
    return next((base for base in bases if _said(base) is not None), None)


def _said(kind: type) -> LayerKind | None:
    row = kind.__dict__.get("row")
    if isinstance(row, Layer) and row.kind is not None:
        return kind_named(row.kind)
    return kind_named(kind.__name__) if isinstance(row, Layer) or kind.__module__.startswith((_TORCH, _OURS)) else None


def _general(name: str) -> str:
    bare = _AXES.sub("", name)
    return f"{bare}Nd" if bare != name else bare


_NAMES = {
    _general(name).lower(): _general(name)
    for name, one in vars(nn).items()
    if isinstance(one, type) and issubclass(one, nn.Module) and not re.fullmatch(_HOLDERS, name)
}
# torch's bases, of all axes and of those that synchronise; and what others have one class of
_NAMES |= {"_batchnorm": "BatchNormNd", "_instancenorm": "InstanceNormNd", "padnd": "PadNd"}
_TORCH, _OURS = "torch.nn.modules.", f"{__name__.rpartition('.')[0]}."
