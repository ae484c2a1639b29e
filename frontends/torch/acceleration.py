"""Let an existing torch model run on the engine, in place, and undo it.

A layer changes its class and nothing else (`exchange`): the module object, its parameters, hooks, flags and names stay
the very same, so whatever refers to them goes on working. With an example of its input the model is also stored the
way it is fastest in (`layout`, `trial`).
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from ...backend.notebook import html_table
from . import trial
from .exchange import AROUND, TRANSPOSED, exchange, is_exchanged, kind_of, refusal, restore
from .folding import Folding, norms_behind
from .layout import ChannelsLast, is_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from typing_extensions import Self

# What replaces torch's layers, or fewer of ours, has to be faster by this factor: times vary.
MARGIN = 1.03
# Why a layer is left alone that an example was slower with.
_AS_FAST = "torch's own layers are as fast on the example"


def accelerate(model: torch.nn.Module, example: Any = None, *, fold_batch_norm: bool = False) -> Acceleration:
    """Swap every `torch.nn.ConvTranspose3d` in a model, and the layers around them, for fourfold's, in place.

    The layers around are `torch.nn.Conv3d` and `torch.nn.InstanceNorm3d`. Results are the same within rounding.

    The module objects stay, and with them parameters (optimizers, averaged copies and tied weights go on working),
    hooks, parametrizations, training flags, names, dtypes and devices. Lazy transposed convolutions are swapped too.
    Left alone are layers with a forward of their own; the result says which and why. A model without any such layer
    is warned about (`UserWarning`), since it runs as it did before.

    Args:
        model: any module; it may be a `torch.nn.ConvTranspose3d` itself.
        example: an input of the model, or a tuple of them if it takes several. The model is run on it, in the mode
            that it is in (training: with gradients), with torch's layers, with ours, with ours and volumes stored
            channels last (`torch.channels_last_3d`), and with each kind of layer left to torch; what was fastest is
            kept, and torch's own where ours gain nothing. Buffers and random numbers are as before; parameters keep
            their values and may have other strides, so give the example before an optimizer is made. Default: None,
            nothing is run and no format changes.
        fold_batch_norm: whether convolutions compute the `torch.nn.BatchNorm3d` right behind them, in evaluation:
            one pass less over the volume, and another rounding. A model that is trained afterwards raises
            RuntimeError. Default: False.

    Returns:
        What was swapped and what was not. Its `restore()` undoes it, and so does leaving a `with` block.

    Raises:
        TypeError: `model` is not a module.
        ValueError: `example` is given with a model that was compiled or wrapped for distributed training, or
            `fold_batch_norm` with a model that is in training or that `torch.fx` cannot trace.

    Example:
        >>> import torch, fourfold
        >>> model = torch.nn.Sequential(torch.nn.ConvTranspose3d(8, 4, 2, stride=2), torch.nn.ReLU())
        >>> acceleration = fourfold.accelerate(model)
        >>> print(acceleration)
        1 of 1 transposed convolutions swapped
          0: ConvTranspose3d(8, 4, kernel_size=(2, 2, 2), stride=(2, 2, 2))
        >>> type(model[0]) is fourfold.frontends.torch.nn.ConvTranspose3d
        True
        >>> acceleration.restore()
        >>> type(model[0]) is torch.nn.ConvTranspose3d
        True
    """
    if not isinstance(model, torch.nn.Module):
        msg = f"model is a {type(model).__name__}; it must be a torch.nn.Module. Pass the model that holds the layers."
        raise TypeError(msg)
    kinds: tuple[type[torch.nn.Module], ...] = (TRANSPOSED, *AROUND)
    if example is not None:
        _check_unwrapped(model)
    named: dict[torch.nn.Module, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        if isinstance(module, kinds):
            named.setdefault(module, []).append(name)
    layers, left = {}, {}
    for module, names in named.items():
        reason = refusal(module)
        if reason is None:
            layers[" = ".join(names)] = module
        elif isinstance(module, TRANSPOSED):
            left[" = ".join(names)] = reason
    if not layers and not left:
        warnings.warn(_nothing_to_swap(model), stacklevel=2)
    plan = _Plan(model, layers, left, norms_behind(model) if fold_batch_norm else {})
    if fold_batch_norm and not plan.norms:
        msg = (
            f"fold_batch_norm=True: this {type(model).__name__} has no torch.nn.BatchNorm3d right behind a convolution."
        )
        warnings.warn(msg, stacklevel=2)
    if example is None:
        return plan.carry_out(layers)
    return _fastest(plan, example if isinstance(example, tuple) else (example,))


@dataclass(frozen=True, eq=False, repr=False)
class Acceleration:
    """What `accelerate` did to a model, and the way back.

    Attributes:
        model: the model.
        swapped: the names of the layers that run on the engine now; of a layer registered twice, `'first = second'`.
        left: why each other transposed convolution was left alone, by name.
        around: the names of the convolutions and norms that run on fourfold now.
        folded: how many batch norms the convolutions before them compute.
        seconds: the least time of a pass with `"torch"`'s layers, with `"ours"`, with ours `"channels last"`, and of
            the faster of these without a kind of layer (`"ours without Conv3d"`); empty without an example.
    """

    model: torch.nn.Module
    swapped: tuple[str, ...]
    left: Mapping[str, str]
    around: tuple[str, ...]
    _layers: Mapping[str, torch.nn.Module]
    seconds: Mapping[str, float] = field(default_factory=dict)
    folded: int = 0
    _changes: tuple[ChannelsLast | Folding, ...] = ()

    @property
    def memory_format(self) -> torch.memory_format:
        """How volumes are stored inside the model: `torch.channels_last_3d` if an example showed that to be faster."""
        is_last = any(isinstance(change, ChannelsLast) for change in self._changes)
        return torch.channels_last_3d if is_last else torch.contiguous_format

    def restore(self) -> None:
        """Give every layer swapped here its former class, and volumes their format; again does nothing more.

        Raises:
            RuntimeError: a layer was given yet another class since (as `fully_shard` does); the others are restored.
        """
        for change in self._changes:
            change.undo()
        exchanged = {name: module for name, module in self._layers.items() if is_exchanged(module)}
        stuck = {name: type(module).__name__ for name, module in exchanged.items() if not restore(module)}
        if stuck:
            wrapped = ", ".join(f"{name or 'the model itself'} is a {kind} now" for name, kind in stuck.items())
            msg = (
                f"cannot restore layers whose class was changed after accelerate(): {wrapped}. Undo that change first."
            )
            raise RuntimeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()

    def __repr__(self) -> str:
        return f"<Acceleration: {self._head()}>"

    def _head(self) -> str:
        total = len(self.swapped) + len(self.left)
        return f"{len(self.swapped)} of {total} transposed convolutions swapped"

    def __str__(self) -> str:
        rows = [f"{name}: {self._layers[name]}" for name in self.swapped]
        rows += [f"{name}: left alone; {reason}" for name, reason in self.left.items()]
        kinds = Counter(type(self._layers[name]).__name__ for name in self.around)
        if kinds:
            rows.append(f"around them: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
        devices = {each.device.type for name in self.swapped for each in self._layers[name].parameters()} - {"cpu"}
        if devices:
            where = " and ".join(sorted(devices))
            rows.append(f"on {where}: torch's own operator as before, unless fourfold.autotune() finds a faster one")
        if self.folded:
            rows.append(f"folded into the convolutions before them: {self.folded} BatchNorm3d")
        if self.seconds:
            rows.append("a pass: " + ", ".join(f"{name} {1e3 * spent:.0f} ms" for name, spent in self.seconds.items()))
        return "\n  ".join([self._head(), *(row.removeprefix(": ") for row in rows)])

    def _repr_html_(self) -> str:
        rows = [(name, str(self._layers[name]), "swapped") for name in self.swapped]
        rows += [(name, "", f"left alone; {reason}") for name, reason in self.left.items()]
        rows += [(name, str(self._layers[name]), "swapped, around them") for name in self.around]
        spent = ", ".join(f"{name} {1e3 * spent:.0f} ms" for name, spent in self.seconds.items())
        caption = self._head() + (f"; a pass: {spent}" if spent else "")
        return html_table(caption, ("name", "layer", "what was done"), rows, len(rows))


def _check_unwrapped(model: torch.nn.Module) -> None:
    if isinstance(model, torch.nn.parallel.DistributedDataParallel) or hasattr(model, "_orig_mod"):
        msg = (
            f"example is given with a {type(model).__name__}, in which no memory format can be tried; it must come "
            f"with the model inside. Call accelerate(model, example) first, and compile or wrap the model afterwards."
        )
        raise ValueError(msg)


@dataclass(frozen=True)
class _Plan:
    """The layers of a model that may be swapped, and the norm behind each convolution that may compute it."""

    model: torch.nn.Module
    layers: Mapping[str, torch.nn.Module]
    left: Mapping[str, str]
    norms: Mapping[torch.nn.Module, torch.nn.Module]

    def carry_out(self, names: Collection[str], is_last: bool = False) -> Acceleration:
        """Swap the layers of these names, and store volumes channels last if asked."""
        chosen = {name: layer for name, layer in self.layers.items() if name in names}
        for layer in chosen.values():
            exchange(layer)
        norms = {layer: self.norms[layer] for layer in chosen.values() if layer in self.norms}
        changes = (*((ChannelsLast(self.model),) if is_last else ()), *((Folding(norms),) if norms else ()))
        transposed = [name for name, layer in self.layers.items() if isinstance(layer, TRANSPOSED)]
        return Acceleration(
            self.model,
            tuple(name for name in transposed if name in chosen),
            {**self.left, **{name: _AS_FAST for name in transposed if name not in chosen}},
            tuple(name for name in chosen if name not in transposed),
            self.layers,
            folded=len(norms),
            _changes=changes,
        )

    def without_kinds(self, is_last: bool) -> dict[str, list[str]]:
        """The names of all layers but those of a kind, for each kind that may be left to torch."""
        kinds = {name: kind_of(layer) for name, layer in self.layers.items()}
        optional = {TRANSPOSED} if is_last else set(kinds.values())  # channels last needs the others
        if len(set(kinds.values())) < 2:
            return {}
        return {
            kind.__name__: [name for name, each in kinds.items() if each is not kind]
            for kind in dict.fromkeys(kinds.values())
            if kind in optional
        }


def _fastest(plan: _Plan, example: tuple[Any, ...]) -> Acceleration:
    """Leave a model in the state that is fastest on an example."""
    present: list[Acceleration] = []

    def leave() -> None:
        while present:
            present.pop().restore()

    def state(names: Collection[str], is_last: bool = False) -> Callable[[], None]:
        def enter() -> None:
            leave()
            present.append(plan.carry_out(names, is_last))

        return enter

    def measured(states: Mapping[str, Callable[[], None]]) -> dict[str, float]:
        return trial.seconds(states, lambda: trial.work(plan.model, example), time.perf_counter)

    states = {"torch": state(()), "ours": state(plan.layers)}
    try:
        states["ours"]()
        if is_safe(plan.model):
            states["channels last"] = state(plan.layers, is_last=True)
        with trial.unchanged(plan.model):
            seconds = measured(states)
            best = _best(seconds, "torch")
            if best != "torch":
                is_last = best == "channels last"
                fewer = {
                    f"{best} without {kind}": state(names, is_last)
                    for kind, names in plan.without_kinds(is_last).items()
                }
                states |= fewer
                if fewer:
                    again = measured({best: states[best], **fewer})
                    seconds, best = {**seconds, **again}, _best(again, best)
    except BaseException:
        leave()
        raise
    states[best]()
    return replace(present[0], seconds=seconds)


def _best(seconds: Mapping[str, float], usual: str) -> str:
    """The state to keep: the usual one unless another is faster by more than chance.

    >>> _best({"torch": 1.0, "ours": 0.98, "channels last": 0.99}, "torch")
    'torch'
    >>> _best({"torch": 1.0, "ours": 0.8, "channels last": 0.7}, "torch")
    'channels last'
    """
    costs = {name: spent * (1.0 if name == usual else MARGIN) for name, spent in seconds.items()}
    return min(costs, key=costs.__getitem__)


def _nothing_to_swap(model: torch.nn.Module) -> str:
    modules = dict(model.named_modules())
    alike = [f"{name or 'the model itself'} ({kind})" for name, kind in _lookalikes(modules)]
    others = f"Others are left as they are: {', '.join(alike[:3])}{', ...' * (len(alike) > 3)}. " if alike else ""
    return (
        f"accelerate() swaps nothing in this {type(model).__name__}: of its {len(modules)} "
        f"module{'s' * (len(modules) != 1)} none is a torch.nn.ConvTranspose3d or of a subclass, which it looks for. "
        f"{others}Upsampling by torch.nn.Upsample or interpolate(), and calls of functional.conv_transpose3d, are "
        "no such layers."
    )


def _lookalikes(modules: Mapping[str, torch.nn.Module]) -> Iterator[tuple[str, str]]:
    """Transposed convolutions of fewer axes, and layers that TorchScript has compiled."""
    for name, module in modules.items():
        if isinstance(module, torch.jit.ScriptModule):
            kind = str(getattr(module, "original_name", ""))
            if kind.startswith("ConvTranspose"):
                yield name, f"a scripted {kind}"
        elif isinstance(module, (torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d)):
            yield name, type(module).__name__
