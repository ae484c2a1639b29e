"""How an API says what a layer computes: rows of words, each with the constructor's argument that says it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NoCounterpartError, PortingError
from ..kinds import layer_of
from ..wanted import Wanted, wanted_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

Meaning = dict[str, Any]

# What a layer means by a word that its class has no argument for.
NEUTRAL: Meaning = {
    "act": None,
    "align_mode": None,
    "approximate": "none",
    "axis": None,
    "ceil_mode": False,
    "channels_last": False,
    "divisor": None,
    "frozen": False,
    "inplace": False,
    "max_norm": None,
    "mode": "upscale_in_train",
    "output_size": None,
    "padding_idx": None,
    "padding_mode": "zeros",
    "recompute_scale_factor": None,
    "return_indices": False,
    "return_mask": False,
    "scale_grad_by_freq": False,
    "sparse": False,
    "tracked": False,
    "use_cudnn": True,
    "window_dilation": None,
}

# What to do where an API cannot say a word.
REMEDIES = {
    "act": "apply the activation in your forward",
    "approximate": "apply it in your forward",
    "channels_last": "permute input and output around a layer with the channels second",
    "output_size": "build it without output_size",
    "padding_mode": "pad in your forward",
    "use_cudnn": "build it with use_cudnn=True",
}

# Words that may change, with what a plan says of it.
NOTES = {
    "inplace": "not in place",
    "variance": "in train(), running variances follow the batch's {new} variance, not the {old} one",
}

# The targets that have a class; some share theirs.
TORCH, FLUID = ("torch", "torch.nn"), ("fluid", "fluid_1_8")
PADDLE, MEGENGINE, ONEFLOW = ("paddle",), ("megengine",), ("oneflow",)

ANY = frozenset({0, 1, 2, 3})
PLANES, VOLUMES = frozenset({2}), frozenset({3})


class Says(NamedTuple):
    """How a class says a word.

    Attributes:
        word: what is said, in the words of torch where it has one.
        argument: of the constructor; None where a property of the class or its tensors says it.
        read: from a layer to the word's value.
        write: from what a layer means to the argument's value; it may raise PortingError.
        raw: from a layer to the value that its user gave, for messages.
    """

    word: str
    argument: str | None
    read: Callable[[Any], Any]
    write: Callable[[Meaning], Any]
    raw: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A class of an API.

    Attributes:
        kind: what its layers compute.
        targets: the APIs that have it, by their names as targets of `port_module`.
        type: the class.
        says: its words.
        axes: numbers of spatial axes that its inputs may have.
    """

    kind: str
    targets: tuple[str, ...]
    type: type[nn.Module]
    says: tuple[Says, ...]
    axes: frozenset[int] = ANY

    def read(self, layer: nn.Module) -> Meaning:
        """Return what a layer of this class means."""
        return {one.word: one.read(layer) for one in self.says}

    def write(self, meaning: Meaning, shown: Callable[[str], str]) -> dict[str, Any]:
        """Return the arguments that say it.

        Args:
            meaning: what a layer means.
            shown: from a word to how the source says it, for the message.

        Raises:
            PortingError: no value of an argument does.
            NoCounterpartError: the class is not for such a layer at all.
        """
        known = {**NEUTRAL, **meaning}
        arguments = {}
        for one in self.says:
            if one.argument is not None:
                try:
                    arguments[one.argument] = one.write(known)
                except NoCounterpartError:
                    raise
                except PortingError as error:
                    msg = f"{shown(one.word)}: {error}"
                    raise PortingError(msg) from None
        return arguments

    def shown(self, layer: nn.Module, word: str) -> str:
        """Return the arguments that say a word, with their values, as the layer's user knows them."""
        given = [f"{one.argument}={one.raw(layer)!r}" for one in self.says if one.word == word and one.argument]
        return ", ".join(given) or f"its {word}"


def says(
    word: str,
    argument: str | None = None,
    attribute: str | None = None,
    *,
    read: Callable[[Any], Any] | None = None,
    write: Callable[[Any], Any] | None = None,
) -> Says:
    """Return how a word is said by an argument that the layer keeps as an attribute.

    Args:
        word: the word.
        argument: Default: the word.
        attribute: Default: the argument.
        read: from the attribute's value to the word's. Default: it is the word's.
        write: from the word's value to the argument's. Default: it is the argument's.

    Example:
        >>> from types import SimpleNamespace
        >>> eps = says("eps", "epsilon", "_epsilon")
        >>> eps.argument, eps.read(SimpleNamespace(_epsilon=1e-5)), eps.write({"eps": 1e-3})
        ('epsilon', 1e-05, 0.001)
    """
    said = argument or word
    raw = attrgetter(attribute or said)
    return Says(
        word,
        said,
        raw if read is None else lambda layer: read(raw(layer)),
        (lambda meaning: meaning[word]) if write is None else lambda meaning: write(meaning[word]),
        raw,
    )


def same(*words: str) -> tuple[Says, ...]:
    """Return how words are said that are arguments and attributes by the same name."""
    return tuple(says(word) for word in words)


def tells(
    word: str,
    read: Callable[[Any], Any],
    argument: str | None = None,
    write: Callable[[Meaning], Any] | None = None,
    attribute: str | None = None,
) -> Says:
    """Return how a word is said that is read off the whole layer, or written from all that it means.

    Args:
        word: the word.
        read: from a layer to its value.
        argument: Default: None, no argument says it.
        write: from what a layer means to the argument's value. Default: the word's value.
        attribute: where the layer keeps the argument. Default: nowhere.
    """
    raw = read if attribute is None else attrgetter(attribute)
    return Says(word, argument, read, (lambda meaning: meaning[word]) if write is None else write, raw)


def tensors_of(layer: nn.Module) -> dict[str, Wanted]:
    """Return the tensors of a layer by torch's names of them, with how they lie; none where no kind has a rule.

    Raises:
        PortingError: it has none yet, or one of a shape that its class never makes.
    """
    found = layer_of(layer)
    if found is None:
        return {}
    wanted = wanted_by(layer, {}, source=found.api, target=found.api)
    return {one.source.role: one for one in wanted if one.source is not None and one.tensor is not None}


def shape_of(layer: nn.Module, role: str = "weight") -> tuple[int, ...]:
    """Return the shape that a tensor of a layer has in torch."""
    shape = tensors_of(layer)[role].torch_shape
    assert shape is not None
    return shape


def has(name: str) -> Callable[[Any], bool]:
    """Return whether a layer has a parameter."""
    return lambda layer: getattr(layer, name) is not None


def is_frozen(layer: nn.Module) -> bool:
    """Whether a layer with parameters learns none of them."""
    learned = [one.tensor for role, one in tensors_of(layer).items() if role in ("weight", "bias")]
    needs = any(tensor is not None and tensor.requires_grad for tensor in learned)
    return bool(learned) and (getattr(layer, "freeze", False) or not needs)
