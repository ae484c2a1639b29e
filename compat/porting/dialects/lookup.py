"""The rows of all classes that are ported, made of their recorded signatures; and the class that says the same."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import nn

from ....frontends.kinds import ANY, kind_of, owner_of
from ....frontends.megengine.names import NAMES as MEGENGINE
from ....frontends.names import Layer, kept_by
from ....frontends.oneflow.names import NAMES as ONEFLOW
from ....frontends.paddle.fluid.names import NAMES as FLUID
from ....frontends.paddle.fluid_1_8.names import NAMES as FLUID_1_8
from ....frontends.paddle.names import NAMES as PADDLE
from ....frontends.torch import nn as accelerated
from . import apis, common, fluid
from .words import MISSING, Meaning, Row, Says, Sense

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ....frontends.kinds import LayerKind
    from ....frontends.names import Names

VOLUMES = frozenset({3})
FRONT_ENDS: dict[str, tuple[Names, apis.Table]] = {
    "paddle": (PADDLE, apis.PADDLE),
    "fluid": (FLUID, fluid.FLUID),
    "fluid_1_8": (FLUID_1_8, fluid.FLUID),
    "megengine": (MEGENGINE, apis.MEGENGINE),
    "oneflow": (ONEFLOW, apis.ONEFLOW),
}
# the one layer that fourfold's front end of torch has of its own
OWN = {accelerated.ConvTranspose3d: ("torch",), nn.ConvTranspose3d: ("torch.nn",)}
TARGETS = ("torch", "torch.nn", *FRONT_ENDS)


class _Class(NamedTuple):
    """A class, and what is known of its arguments."""

    type: type[nn.Module]
    kind: LayerKind
    targets: tuple[str, ...]
    signature: inspect.Signature
    table: apis.Table
    names: Names | None


def _classes() -> Iterator[_Class]:
    """Yield the classes of torch and of the front ends that have a kind."""
    for one in (accelerated.ConvTranspose3d, *vars(nn).values()):
        if (kind := _kind(one)) is not None:
            targets = OWN.get(one, ("torch", "torch.nn"))
            stated = _stated(kind, inspect.signature(getattr(nn, one.__name__)))
            yield _Class(one, kind, targets, stated, apis.TORCH, None)
    found: dict[type[nn.Module], _Class] = {}
    for target, (names, table) in FRONT_ENDS.items():
        for name in (*names.rows, *names.given):
            if names.signatures.kind(name) != "class":
                continue
            whole = names.get(name)
            # a class whose layers are several things has one below it for each
            for one in (whole, *vars(whole).get("variants", ())):
                if (kind := _kind(one)) is None:
                    continue
                if one in found:
                    found[one] = found[one]._replace(targets=(*found[one].targets, target))
                    continue
                own = _table(target, kind, table)
                stated = _stated(kind, names.signatures.signature(name))
                found[one] = _Class(one, kind, (target,), stated, own, names)
    yield from found.values()


def _stated(kind: LayerKind, signature: inspect.Signature) -> inspect.Signature:
    """Return a class's parameters; torch's recurrent layers state those that they share in their base alone."""
    if kind.name not in ("RNN", "LSTM", "GRU") or "kwargs" not in signature.parameters:
        return signature
    shared = inspect.signature(nn.RNNBase).parameters
    left_out = {"mode", *(() if kind.name == "LSTM" else ("proj_size",))}
    own = [one for name, one in shared.items() if name not in left_out]
    if kind.name == "RNN":
        own.append(inspect.Parameter("nonlinearity", inspect.Parameter.KEYWORD_ONLY, default="tanh"))
    return signature.replace(parameters=own)


def _kind(one: Any) -> LayerKind | None:
    """Return the kind that a class has by itself, not by a base."""
    if not isinstance(one, type) or not issubclass(one, nn.Module) or owner_of(one) is not one:
        return None
    return kind_of(one)


def _table(target: str, kind: LayerKind, table: apis.Table) -> apis.Table:
    if target == "paddle" and kind.axes != ANY:
        return {**table, **apis.PADDLE_BY_AXES}
    if kind.axes == VOLUMES:
        own = {"oneflow": apis.ONEFLOW_VOLUMES, "fluid": fluid.FLUID_VOLUMES}.get(target.removesuffix("_1_8"), {})
        return {**table, **own, **(fluid.FLUID_1_8 if target == "fluid_1_8" else {})}
    return table


def _row(one: _Class) -> Row:
    said: list[Says] = []
    for parameter in one.signature.parameters.values():
        said += _says(one, parameter)
    for table in (one.table, common.SAYS):
        facts = table.get(f"{one.kind.name}.", ())
        told = {each.word for each in said}
        assert isinstance(facts, tuple)
        said += [_bound(one, None, fact, (), MISSING) for fact in facts if fact.word not in told]
    return Row(one.kind.name, one.targets, one.type, tuple(said), one.kind.axes)


def _says(one: _Class, parameter: inspect.Parameter) -> Iterator[Says]:
    argument = parameter.name
    default = MISSING if parameter.default is parameter.empty else parameter.default
    means = argument
    attributes: tuple[str, ...] = (argument,)
    row = one.type.__dict__.get("row")
    if one.names is not None:
        attributes = (argument, one.names.attribute(argument))
        if isinstance(row, Layer) and row.function is not None:
            how = kept_by(row, argument, one.names.attribute, one.names.options)
            read = {each for learned in row.learned for each in learned.arguments}
            if (how is None and argument not in read) or (how is not None and how.reason and how.attribute is None):
                return
            if how is not None and how.attribute is not None:
                attributes = (how.attribute,)
                means = how.means or argument
    entry = _entry(one, argument, means)
    if callable(entry):
        entry = entry(one.kind, default)
    if entry is None:
        return
    if argument == "affine" and "bias" in one.signature.parameters:
        entry = entry[:1]  # torch's newer ones say the bias by itself
    senses = (Sense(entry),) if isinstance(entry, str) else (entry,) if isinstance(entry, Sense) else entry
    for sense in senses:
        yield _bound(one, argument, sense, attributes, default)


def _entry(one: _Class, argument: str, means: str) -> Any:
    """Return what a table says of an argument, or a word: the argument's name, or that of the function's parameter."""
    for key in (f"{one.kind.name}.{argument}", argument):
        for table in (one.table, common.SAYS):
            if key in table:
                return table[key]
    if one.kind.name.endswith("Loss") and argument in ("weight", "pos_weight"):
        return Sense(argument, common.unweighted)
    common_word = one.names.words.get(argument) if one.names is not None else None
    words = (argument, means, (common_word.keyword if common_word is not None else None) or argument)
    return next((word for word in words if word in _WORDS.get(one.kind.name, ())), argument)


def _bound(one: _Class, argument: str | None, sense: Sense, attributes: tuple[str, ...], default: Any) -> Says:
    """Return how a class says a word: where the layer keeps it, and what it is there."""
    word, kind = sense.word, one.kind
    places = attributes if sense.attribute is None else (sense.attribute, *attributes)
    if one.names is not None:
        places = (*places, one.names.attribute(word), word)
    written = one.targets[0] in ("paddle", "fluid")

    def raw(layer: Any) -> Any:
        return _kept(layer, places, default) if sense.raw is None else sense.raw(layer)

    read, write = sense.read, sense.write

    def value(layer: Any) -> Any:
        found = read(layer if sense.whole else raw(layer)) if read is not None else raw(layer)
        return common.ordinary(kind, word, found)

    def argue(meaning: Mapping[str, Any]) -> Any:
        found = meaning if sense.whole else meaning[word]
        found = write(found) if write is not None else found
        return list(found) if written and isinstance(found, tuple) else found

    by_tensors = common.BY_TENSORS.get((kind.name, word))
    if by_tensors is not None and not sense.whole:
        return Says(word, argument, by_tensors, argue, by_tensors)
    usual = MISSING
    if default is not MISSING and not sense.whole:
        usual = common.ordinary(kind, word, default if read is None else read(default))
    return Says(word, argument, value, argue, raw if argument is not None else value, usual)


def _kept(layer: Any, places: tuple[str, ...], default: Any) -> Any:
    """Return what a layer keeps under the first of the names that it has."""
    for place in places:
        if hasattr(layer, place):
            return getattr(layer, place)
    options = getattr(layer, "_options", {})
    return next((options[place] for place in places if place in options), default)


_WORDS: dict[str, set[str]] = {}
for _one in vars(nn).values():
    if (_kind_of := _kind(_one)) is not None:
        _WORDS.setdefault(_kind_of.name, set()).update(inspect.signature(_one).parameters)
# Of several that fit, the first is taken.
ROWS = tuple(_row(one) for one in _classes())
BY_CLASS: dict[type[nn.Module], Row] = {}
for _row_of_class in ROWS:
    BY_CLASS.setdefault(_row_of_class.type, _row_of_class)


def nearest(module: nn.Module) -> Row | None:
    """Return the row of a module's class, or of the nearest of its bases that has one; None where none has.

    >>> from torch import nn
    >>> row = nearest(nn.Linear(1, 1))
    >>> row.type.__name__, nearest(nn.Sequential())
    ('Linear', None)
    """
    return next((BY_CLASS[kind] for kind in type(module).__mro__ if kind in BY_CLASS), None)


def meaning_of(module: nn.Module) -> Meaning:
    """Return what a layer of torch or of a front end means, in words that are mostly torch's; nothing of others.

    Raises:
        PortingError: it cannot be said apart from an input.

    >>> meaning_of(nn.AvgPool2d(3))["stride"]
    (3, 3)
    """
    row = nearest(module)
    return {} if row is None else row.read(module)


def said(module: nn.Module, word: str, default: Any = None) -> Any:
    """Return one word of what a layer means, or the default where its class has no such word.

    >>> from fourfold.frontends.paddle import nn as paddle
    >>> said(paddle.BatchNorm3D(2, epsilon=0.5), "eps"), said(nn.ReLU(), "eps")
    (0.5, None)
    """
    row = nearest(module)
    found = () if row is None else (one for one in row.says if one.word == word)
    return next((one.read(module) for one in found), default)


def rows_for(source: Row, target: str) -> list[Row]:
    """Return the rows of a target that may take the place of a source's class, the likeliest first.

    Inputs may have all the numbers of axes that the source's may. Where there is no such class for a source that takes
    any number, the one for volumes takes its place.

    Args:
        source: a row of the same kind.
        target: one of `TARGETS`.
    """
    found = [row for row in ROWS if row.kind == source.kind and target in row.targets]
    general = sorted((row for row in found if row.axes >= source.axes), key=lambda row: row.axes != source.axes)
    return general or [row for row in found if row.axes == VOLUMES and row.axes <= source.axes][:1]
