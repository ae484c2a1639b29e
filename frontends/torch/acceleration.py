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
from .exchange import AROUND, TRANSPOSED, exchange, is_exchanged, refusal, restore
from .layout import ChannelsLast, is_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from typing_extensions import Self

# Another state than ours has to be faster by this factor: times vary.
MARGIN = 1.03


def accelerate(model: torch.nn.Module, example: Any = None) -> Acceleration:
    """Swap every `torch.nn.ConvTranspose3d` in a model, and the layers around them, for fourfold's, in place.

    The layers around are `torch.nn.Conv3d` and `torch.nn.InstanceNorm3d`. Results are the same within rounding.

    The module objects stay, and with them parameters (optimizers, averaged copies and tied weights go on working),
    hooks, parametrizations, training flags, names, dtypes and devices. Lazy transposed convolutions are swapped too.
    Left alone are layers with a forward of their own; the result says which and why. A model without any such layer
    is warned about (`UserWarning`), since it runs as it did before.

    Args:
        model: any module; it may be a `torch.nn.ConvTranspose3d` itself.
        example: an input of the model, or a tuple of them if it takes several. The model is run on it, in the mode
            that it is in (training: with gradients), with torch's layers, with ours, and with ours and volumes stored
            channels last (`torch.channels_last_3d`), four times each; what was fastest is kept. Buffers and random
            numbers are as before; parameters keep their values and may have other strides, so give the example
            before an optimizer is made. Default: None, nothing is run and no format changes.

    Returns:
        What was swapped and what was not. Its `restore()` undoes it, and so does leaving a `with` block.

    Raises:
        TypeError: `model` is not a module.
        ValueError: `example` is given with a model that was compiled or wrapped for distributed training.

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
    for module in layers.values():
        exchange(module)
    swapped = tuple(name for name, module in layers.items() if isinstance(module, TRANSPOSED))
    around = tuple(name for name in layers if name not in swapped)
    acceleration = Acceleration(model, swapped, left, around, layers)
    return acceleration if example is None else _fastest(acceleration, example)


@dataclass(frozen=True, eq=False, repr=False)
class Acceleration:
    """What `accelerate` did to a model, and the way back.

    Attributes:
        model: the model.
        swapped: the names of the layers that run on the engine now; of a layer registered twice, `'first = second'`.
        left: why each other transposed convolution was left alone, by name.
        around: the names of the convolutions and norms that run on fourfold now.
        seconds: the least time of a pass with `"torch"`'s layers, with `"ours"`, and with ours `"channels last"`;
            empty without an example.
    """

    model: torch.nn.Module
    swapped: tuple[str, ...]
    left: Mapping[str, str]
    around: tuple[str, ...]
    _layers: Mapping[str, torch.nn.Module]
    seconds: Mapping[str, float] = field(default_factory=dict)
    _inside: ChannelsLast | None = None

    @property
    def memory_format(self) -> torch.memory_format:
        """How volumes are stored inside the model: `torch.channels_last_3d` if an example showed that to be faster."""
        return torch.contiguous_format if self._inside is None else torch.channels_last_3d

    def restore(self) -> None:
        """Give every layer swapped here its former class, and volumes their format; again does nothing more.

        Raises:
            RuntimeError: a layer was given yet another class since (as `fully_shard` does); the others are restored.
        """
        if self._inside is not None:
            self._inside.undo()
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


def _fastest(acceleration: Acceleration, example: Any) -> Acceleration:
    """Keep the state of a model that is fastest on an example: torch's layers, ours, or ours channels last."""
    model, layers = acceleration.model, acceleration._layers
    inside: list[ChannelsLast] = []

    def contiguous() -> None:
        while inside:
            inside.pop().undo()

    def torchs() -> None:
        contiguous()
        acceleration.restore()

    def ours() -> None:
        contiguous()
        for layer in layers.values():
            if not is_exchanged(layer):
                exchange(layer)

    def channels_last() -> None:
        ours()
        inside.append(ChannelsLast(model))

    states: dict[str, Callable[[], None]] = {"torch": torchs, "ours": ours}
    if is_safe(model):
        states["channels last"] = channels_last
    arguments = example if isinstance(example, tuple) else (example,)
    try:
        with trial.unchanged(model):
            seconds = trial.seconds(states, lambda: trial.work(model, arguments), time.perf_counter)
    except BaseException:
        torchs()
        raise
    best = _best(seconds)
    states[best]()
    if best == "torch":
        left = dict.fromkeys(acceleration.swapped, "torch's own layers are as fast on the example")
        return replace(acceleration, swapped=(), around=(), left={**acceleration.left, **left}, seconds=seconds)
    return replace(acceleration, seconds=seconds, _inside=inside[0] if inside else None)


def _best(seconds: Mapping[str, float]) -> str:
    """The state to keep: ours unless another is faster by more than chance.

    >>> _best({"torch": 1.0, "ours": 1.02, "channels last": 1.01})
    'ours'
    >>> _best({"torch": 1.0, "ours": 0.8, "channels last": 0.7})
    'channels last'
    """
    costs = {name: spent * (1.0 if name == "ours" else MARGIN) for name, spent in seconds.items()}
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
