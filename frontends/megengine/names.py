"""MegEngine's names: the recorded signatures of 1.13.0, the words that its functions share, and the rows they make."""

from __future__ import annotations

from typing import Any

from ..names import Kept, Names, Signatures, reads
from .arguments import ArgumentError, device_of
from .operands import tensor_of

__all__ = ["NAMES"]


def checked_name(name: Any) -> str | None:
    """Return the name of a module.

    Raises:
        AssertionError: it is no string, or blank (a ValueError and RuntimeError too).
    """
    if name is not None and not (isinstance(name, str) and name.strip()):
        msg = f"name={name!r}: Module's name must be a non-empty string, or None. Give one, or leave it out."
        raise ArgumentError(msg)
    return name


def name_among(options: dict[str, Any]) -> str | None:
    """Return the name among the `**kwargs` of a layer, which are the base class's.

    Raises:
        TypeError: there is another one.
    """
    others = [option for option in options if option != "name"]
    if others:
        msg = f"unexpected keyword argument {others[0]!r}; of others than those in the signature there is only name."
        raise TypeError(msg)
    return checked_name(options.get("name"))


SIGNATURES = Signatures(
    "megengine",
    "1.13.0",
    # functional.nn imports them, and does not list them
    typed={
        f"functional.nn.{name}": f"is functional.{module}.{name}"
        for module, names in (
            ("vision", ("correlation", "cvt_color", "interpolate", "nms", "roi_align", "roi_pooling")),
            ("loss", ("binary_cross_entropy", "cross_entropy", "ctc_loss", "hinge_loss", "l1_loss", "square_loss")),
        )
        for name in names
    },
)
NAMES = Names(
    "megengine",
    __name__.rpartition(".")[0],
    SIGNATURES,
    words={"inp": reads(tensor_of, "input"), "axis": "dim", "keepdims": "keepdim", "device": reads(device_of)},
    options={"name": Kept("name", None, checked_name), "kwargs": Kept("name", None, name_among)},
)
