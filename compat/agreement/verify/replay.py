"""Run the model with every layer on the recorded outputs of the layers before it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from ....frontends.tensor import plain
from ..comparison import Comparison, Verdict
from ..formats import FORMATS
from .arrays import array, dtype_name, is_view, replace, tensor, tensors
from .bounds import bound
from .diagnosis import describe, misshapen
from .judge import judge
from .result import LayerResult
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch.utils.hooks import RemovableHandle

    from ..bundle import LayerCall
    from .arrays import Array
    from .bounds import Arguments

Key = tuple[str, int]


class _Substituted(torch.autograd.Function):
    """Another value with the derivatives of this one."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return other.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0], None


class Replay:
    """Hooks on the layers of a model that judge each call and hand the recorded output on.

    Each layer thus sees what the recorded one saw, up to the functions between the layers, and a layer that diverges
    does not make those after it diverge.

    Args:
        model: the model, parameters loaded.
        recorded: the recorded calls by the layer's name here and the number of the call, in execution order.
    """

    def __init__(self, model: nn.Module, recorded: dict[Key, LayerCall]) -> None:
        self.model = model
        self.recorded = recorded
        self.results: dict[Key, LayerResult] = {}
        self._names = _names(model)
        self._layers = _layers(model, {name for name, _ in recorded})
        self._first_names = {id(module): name for name, module in self._layers.items()}
        self._counts: dict[str, int] = {}
        self._entered: list[tuple[str, Arguments]] = []
        self._muted = False

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Judge every layer for a while, and hand the recorded outputs on."""
        with self._hooked() as hook:
            for module in self._layers.values():
                # torch's own methods: a front end's may have another signature
                hook(nn.Module.register_forward_pre_hook(module, self._enter, with_kwargs=True))
                hook(nn.Module.register_forward_hook(module, self._leave, with_kwargs=True))
            yield
        self._entered.clear()

    @contextmanager
    def substituting(self, *, all_layers: bool) -> Iterator[None]:
        """Hand recorded outputs on for a while, with the derivatives of the layers here.

        Args:
            all_layers: False: of the random layers only.
        """
        with self._hooked() as hook:
            for module in self._layers.values():
                if all_layers or is_random(module):
                    hook(nn.Module.register_forward_hook(module, self._substitute))
            yield

    @contextmanager
    def _hooked(self) -> Iterator[Callable[[RemovableHandle], None]]:
        handles: list[RemovableHandle] = []
        self._counts.clear()
        try:
            yield handles.append
        finally:
            for handle in handles:
                handle.remove()

    def has(self, name: str) -> bool:
        """Whether the model has a layer of this name."""
        return name in self._names

    def failed(self, error: Exception) -> bool:
        """Record an exception as the result of the layer that raised it; False if none did."""
        if not self._entered:
            return False
        name, _ = self._entered[-1]
        key = (name, self._counts.get(name, 0))
        call = self.recorded.get(key)
        self.results[key] = LayerResult(
            *key,
            there="" if call is None else _short(call.kind),
            here=type(self._names[name]).__name__,
            status=Status.RAISED,
            notes=(f"{type(error).__name__}: {error}",),
        )
        return True

    def _enter(self, module: nn.Module, positional: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if not self._muted:
            # Copies: the layer may work in place.
            copied = (replace(positional, "", _copy), replace(keywords, "", _copy))
            self._entered.append((self._first_names[id(module)], copied))

    def _leave(self, module: nn.Module, positional: tuple[Any, ...], keywords: dict[str, Any], output: Any) -> Any:
        if self._muted:
            return output
        name, arguments = self._entered.pop()
        key = (name, self._counts.get(name, 0))
        self._counts[name] = key[1] + 1
        call = self.recorded.get(key)
        if call is None:
            self.results[key] = LayerResult(*key, here=type(module).__name__, status=Status.NOT_RECORDED)
            return output
        if is_random(module):
            self.results[key] = _result(key, call, module, Status.RANDOM)
        else:
            self._muted = True
            try:
                self.results[key] = self._judge(key, call, module, arguments, output)
            finally:
                self._muted = False
        return self._recorded_output(call, output)

    def _substitute(self, module: nn.Module, positional: tuple[Any, ...], output: Any) -> Any:
        name = self._first_names[id(module)]
        key = (name, self._counts.get(name, 0))
        self._counts[name] = key[1] + 1
        if key not in self.recorded:
            return output
        return self._recorded_output(self.recorded[key], output)

    def _recorded_output(self, call: LayerCall, output: Any) -> Any:
        def recorded(name: str, value: torch.Tensor) -> torch.Tensor:
            if name not in call.outputs:
                return value
            result = tensor(call.outputs, name, value.device)
            if is_view(tuple(result.shape), tuple(value.shape)):
                result = result.reshape(value.shape)
            result = result.to(value.dtype)
            if not (torch.is_grad_enabled() and value.requires_grad):
                return result
            substituted: torch.Tensor = _Substituted.apply(plain(value), result)  # type: ignore[no-untyped-call]
            return substituted

        return replace(output, "output", recorded)

    def _judge(self, key: Key, call: LayerCall, module: nn.Module, arguments: Arguments, output: Any) -> LayerResult:
        found = [_judge_tensor(key, call, module, arguments, name, value) for name, value in tensors(output).items()]
        absent = call.outputs.keys() - tensors(output).keys()
        if absent:
            reason = f"it returns {sorted(tensors(output))}, the recorded one {sorted(call.outputs)}"
            return _result(key, call, module, comparison=Comparison(Verdict.DIFFERENT, reason=reason))
        if not found:
            return _result(key, call, module, Status.NOT_RECORDED)
        return next((result for result in found if not result.ok), max(found, key=_largest))


def is_random(module: nn.Module) -> bool:
    """Whether a layer draws numbers: a dropout or RReLU in training mode."""
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return module.training and module.p > 0
    return isinstance(module, nn.RReLU) and module.training


def _judge_tensor(
    key: Key, call: LayerCall, module: nn.Module, arguments: Arguments, name: str, value: torch.Tensor
) -> LayerResult:
    if name not in call.outputs:
        reason = f"the recorded layer returned {sorted(call.outputs)}, this one {name} too"
        return _result(key, call, module, comparison=Comparison(Verdict.DIFFERENT, reason=reason))
    entry = call.outputs.entries[name]
    notes = []
    if entry.shape != tuple(value.shape):
        if not is_view(entry.shape, tuple(value.shape)):
            reason = f"shape {tuple(value.shape)} for {entry.shape}"
            different = Comparison(Verdict.DIFFERENT, elements=value.numel(), reason=reason)
            return _result(key, call, module, comparison=different, notes=(misshapen(module),))
        notes.append(f"recorded as {entry.shape}")
    recorded = tensor(call.outputs, name, value.device).reshape(value.shape)
    allowed = bound(module, arguments, recorded)
    expected, dtypes = array(recorded), (dtype_name(value), _dtype(entry.framework_dtype))
    comparison, beyond = judge(array(value), expected, dtypes, allowed.limit, allowed.magnitude)
    if not comparison.ok and comparison.reason is None:
        notes += describe(module, _first(arguments), expected, beyond)
    return _result(
        key,
        call,
        module,
        rule=allowed.rule,
        comparison=comparison,
        beyond=int(beyond.sum()),
        coarseness=_coarseness(comparison, expected, dtype_name(value)),
        notes=tuple(notes),
    )


def _coarseness(comparison: Comparison, expected: Array, dtype: str) -> float:
    scale = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    if not comparison.ok or dtype not in FORMATS or scale == 0:
        return 0.0
    return comparison.max_abs / (FORMATS[dtype].eps * scale)


def _result(key: Key, call: LayerCall, module: nn.Module, status: Status = Status.COMPARED, **more: Any) -> LayerResult:
    shape = next((entry.shape for entry in call.outputs.entries.values()), ())
    return LayerResult(*key, _short(call.kind), type(module).__name__, shape, status, **more)


def _names(model: nn.Module) -> dict[str, nn.Module]:
    """Return all modules under all their names."""
    return dict(nn.Module.named_modules(model, remove_duplicate=False))


def _layers(model: nn.Module, recorded: set[str]) -> dict[str, nn.Module]:
    """Return what to hook: leaves, and whatever was recorded, each once, under its recorded name if it has one."""
    found: dict[int, tuple[str, nn.Module]] = {}
    for name, module in _names(model).items():
        leaf = next(module.children(), None) is None
        if name in recorded or (leaf and id(module) not in found):
            found[id(module)] = (name, module)
    return dict(found.values())


def _copy(name: str, value: torch.Tensor) -> torch.Tensor:
    return plain(value).detach().clone()


def _first(arguments: Arguments) -> torch.Tensor | None:
    positional, keywords = arguments
    return next((one for one in (*positional, *keywords.values()) if isinstance(one, torch.Tensor)), None)


def _largest(result: LayerResult) -> float:
    return 0.0 if result.comparison is None else result.comparison.of_bound or 0.0


def _dtype(framework_dtype: str) -> str:
    return "bool" if framework_dtype in ("bool", "bool_") else framework_dtype


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]
