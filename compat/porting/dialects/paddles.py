"""What the classes of Paddle and fluid have in common: attributes of parameters, and data formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .words import Says, has, says, tells

if TYPE_CHECKING:
    from .words import Meaning


def attribute_for(meaning: Meaning, word: str = "bias") -> bool | None:
    """Return Paddle's attribute of a parameter: None for one with default values, False for none."""
    return None if meaning[word] else False


def weight_as(argument: str, name: str = "weight") -> Says:
    """Return how it is said whether there is a weight.

    Args:
        argument: of the weight's attribute.
        name: of the weight. Default: 'weight'.
    """
    there = has(name)
    said = tells("weight", there, argument, lambda meaning: attribute_for(meaning, "weight"))
    return said._replace(raw=lambda layer: attribute_for({"weight": there(layer)}, "weight"))


def channels(
    attribute: str, argument: str = "data_format", formats: tuple[str | None, str] = ("NCDHW", "NDHWC")
) -> Says:
    """Return how Paddle says whether the channels are last.

    Args:
        attribute: where the layer keeps it.
        argument: Default: 'data_format'.
        formats: what is written, for the channels second and last. Default: those of volumes.
    """
    return says("channels_last", argument, attribute, read=is_last, write=lambda last: formats[last])


def is_last(data_format: str | None) -> bool:
    """Whether a data format of Paddle has the channels last; None has them second."""
    return data_format is not None and data_format.endswith("C") and data_format != "NC"


BIAS = tells("bias", has("bias"), "bias_attr", attribute_for)
CHANNELS = channels("_data_format")
CHANNELS_OF_ANY = channels("_data_format", formats=("NCHW", "NHWC"))
EPSILON = says("eps", "epsilon", "_epsilon")
