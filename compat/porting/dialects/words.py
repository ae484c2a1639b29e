"""What a class says of its layers: words, most of them torch's, each with the constructor's argument that says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ....frontends.kinds import ANY
from ..errors import NoCounterpartError, PortingError
from ..kinds import layer_of
from ..wanted import Wanted, wanted_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

Meaning = dict[str, Any]

# What a layer means by a word that its class has no argument for, where that is not what others have by default.
NEUTRAL: Meaning = {
    "channels_last": False,
    "dropout_mode": "upscale_in_train",
    "frozen": False,
    "inplace": False,
    "max_norm": None,
    "pad_value": 0.0,
    "proj_size": 0,
    "padding_idx": None,
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


class _Missing:
    """Stands for a value that there is not: of an argument without default, or of a word that has none."""


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Sense:
    """What an argument means, whatever the layer calls the attribute that keeps it.

    Attributes:
        word: what it says, in the words of torch where it has one; after a `_` what others have to know to say theirs.
        read: from what is kept, or from the whole layer, to the word's value; None where it is the same.
        write: from the word's value, or from all that a layer means, to the argument's; None where it is the same. It
            may raise PortingError.
        whole: whether it is read off the whole layer, and written from all that it means.
        attribute: where the layer keeps the argument, where that is not the framework's rule.
        raw: from a layer to the value that its user gave, for messages. Default: what it keeps.
    """

    word: str
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any], Any] | None = None
    whole: bool = False
    attribute: str | None = None
    raw: Callable[[Any], Any] | None = None


# What a table says of an argument: nothing by it, a word of the same value, or how.
Entry = str | Sense | tuple[Sense, ...] | None


class Says(NamedTuple):
    """How a class says a word.

    Attributes:
        word: what is said.
        argument: of the constructor; None where a property of the class or its tensors says it.
        read: from a layer to the word's value.
        write: from what a layer means to the argument's value; it may raise PortingError.
        raw: from a layer to the value that its user gave, for messages.
        default: the word's value where the argument is not given; MISSING where it has to be, or where it depends.
    """

    word: str
    argument: str | None
    read: Callable[[Any], Any]
    write: Callable[[Meaning], Any]
    raw: Callable[[Any], Any]
    default: Any = MISSING


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

    def neutral(self) -> Meaning:
        """Return what a layer means by words that another class does not have."""
        return {**{one.word: one.default for one in self.says if one.default is not MISSING}, **NEUTRAL}

    def write(self, meaning: Meaning, shown: Callable[[str], str]) -> dict[str, Any]:
        """Return the arguments that say it; those of words that the source has not stay at their defaults.

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
            if one.argument is not None and one.word in known:
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


def tells(
    word: str,
    read: Callable[[Any], Any],
    write: Callable[[Meaning], Any] | None = None,
    attribute: str | None = None,
    raw: Callable[[Any], Any] | None = None,
) -> Sense:
    """Return what is read off the whole layer, or written from all that it means.

    Args:
        word: the word.
        read: from a layer to its value.
        write: from what a layer means to the argument's value. Default: the word's value.
        attribute: where the layer keeps the argument. Default: where the framework's rule has it.
        raw: from a layer to the argument's value. Default: what is kept.

    Example:
        >>> width = tells("width", lambda layer: layer.high - layer.low, lambda meaning: meaning["width"])
        >>> width.word, width.whole
        ('width', True)
    """
    return Sense(word, read, write or (lambda meaning: meaning[word]), whole=True, attribute=attribute, raw=raw)


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


def has(role: str) -> Callable[[Any], bool]:
    """Return whether a layer has a parameter, by torch's name of it."""
    return lambda layer: role in tensors_of(layer)


def is_frozen(layer: nn.Module) -> bool:
    """Whether a layer with parameters learns none of them."""
    learned = [one.tensor for role, one in tensors_of(layer).items() if role in ("weight", "bias")]
    needs = any(tensor is not None and tensor.requires_grad for tensor in learned)
    return bool(learned) and (getattr(layer, "freeze", False) or not needs)


def affine() -> tuple[Sense, Sense]:
    """Return how one flag says both parameters."""

    def together(word: str, other: str) -> Sense:
        def write(meaning: Meaning) -> bool:
            if meaning[other] and not meaning[word]:
                msg = f"there, a {other} comes with a {word}"
                raise PortingError(msg)
            return bool(meaning[word])

        return tells(word, has(word), write, raw=has(word))

    return together("weight", "bias"), together("bias", "weight")
