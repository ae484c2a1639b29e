"""Mirrors how fluid compiles programs, which nothing is done for here, and the names around programs."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import plain
from ..static.graph import gradients
from ..static.program import Program, found
from ..values import fitting
from .names import NAMES, RELEASED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BuildStrategy", "CompiledProgram", "ExecutionStrategy"]


class _Strategy:
    """Options of how a program is computed, without effect: what is computed stays the same."""

    options: frozenset[str]

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.options:
            msg = f"{type(self).__name__} has no option {name!r}; it has {', '.join(sorted(self.options))}."
            raise AttributeError(msg, name=name, obj=self)
        super().__setattr__(name, value)


def _options(kind: str) -> frozenset[str]:
    prefix = f"{kind}."
    return frozenset(name[len(prefix) :] for name in RELEASED if name.startswith(prefix))


class BuildStrategy(_Strategy):
    """Options of how a program is compiled."""

    options = _options("BuildStrategy")


class ExecutionStrategy(_Strategy):
    """Options of how a program is run."""

    options = _options("ExecutionStrategy")


class CompiledProgram:
    """A program, to be given to `Executor.run`.

    Args:
        program_or_graph: the program.
        build_strategy: has no effect.

    Raises:
        TypeError: it is no program.
    """

    def __init__(self, program_or_graph: Program, build_strategy: BuildStrategy | None = None) -> None:
        if not isinstance(program_or_graph, Program):
            msg = (
                f"The type of program_to_graph parameter is wrong, expected Program, but received {program_or_graph!r}."
            )
            raise TypeError(msg)
        self.compiled_from = program_or_graph

    def with_data_parallel(
        self,
        loss_name: str | None = None,
        build_strategy: BuildStrategy | None = None,
        exec_strategy: ExecutionStrategy | None = None,
        share_vars_from: Any = None,
        places: Any = None,
    ) -> CompiledProgram:
        """Return this, which runs on one device.

        Raises:
            NotImplementedError: there are several places.
        """
        if isinstance(places, (list, tuple)) and len(places) > 1:
            msg = f"with_data_parallel: {len(places)} places are not served here, one is."
            raise NotImplementedError(msg)
        return self


@contextlib.contextmanager
def name_scope(prefix: str | None = None) -> Iterator[None]:
    """Do nothing: a prefix is shown with the operations of a static graph, and parameters do not have it."""
    yield


@contextlib.contextmanager
def device_guard(device: str | None = None) -> Iterator[None]:
    """Make tensors of the block on the CPU, or on the GPU; a graph's go where its executor is.

    Raises:
        ValueError: it is neither.
    """
    if device not in (None, "cpu", "gpu"):
        msg = f"The Attr(device) should be 'cpu' or 'gpu', and it can also be empty string or None; it is {device!r}."
        raise ValueError(msg)
    with torch.device({"cpu": "cpu", "gpu": "cuda"}[device]) if device else contextlib.nullcontext():
        yield


class _Found:
    """A parameter, as `global_scope().find_var(name)` gives it."""

    def __init__(self, parameter: Any) -> None:
        self._parameter = parameter

    def get_tensor(self) -> _Found:
        """Return this: what holds the values."""
        return self

    def shape(self) -> list[int]:
        """Return the shape."""
        return [int(size) for size in self._parameter.shape]

    def set(self, array: Any, place: Any = None) -> None:
        """Copy an array into the parameter, wherever that is."""
        with torch.no_grad():
            self._parameter.copy_(fitting(array, self._parameter))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(plain(self._parameter).detach().cpu().numpy(), dtype)


class _GlobalScope:
    """Where the parameters of programs are found."""

    def find_var(self, name: str) -> _Found | None:
        """Return the parameter of a name, or None."""
        parameter = found(name)
        return None if parameter is None else _Found(parameter)


_scope = _GlobalScope()


def global_scope() -> _GlobalScope:
    """Return where parameters are found by their names."""
    return _scope


def require_version(min_version: str, max_version: str | None = None) -> None:
    """Raise unless the release is one of those, both included; missing numbers are 0.

    Raises:
        TypeError: a version is no str.
        ValueError: it is none of four numbers at most.
        Exception: the release is another one.
    """
    for name, version in (("min_version", min_version), ("max_version", max_version)):
        if not isinstance(version, str) and (name == "min_version" or version is not None):
            msg = f"The type of {name!r} in require_version must be str, but received {type(version)}."
            raise TypeError(msg)
        if version is not None and not re.fullmatch(r"\d+(\.\d+){0,3}", version):
            msg = f"The value of {name!r} in require_version must be like '1.5.2.0', but received {version}."
            raise ValueError(msg)
    installed = RELEASED.release
    low, high = _numbers(min_version), _numbers(max_version or "99")
    if not low <= _numbers(installed) <= high:
        msg = f"VersionError: PaddlePaddle {min_version} to {max_version or 'now'} is required; this is {installed}."
        raise Exception(msg)


def _numbers(version: str) -> list[int]:
    parts = [int(part) for part in version.split(".")]
    return parts + [0] * (4 - len(parts))


for _function in (name_scope, device_guard, global_scope, require_version):
    NAMES.function(_function.__name__, _function)
NAMES.function("gradients", gradients)
