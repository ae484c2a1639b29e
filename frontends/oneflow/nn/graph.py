"""Mirrors `oneflow.nn.Graph`, which runs eagerly here: each call is a call of `build`."""

from __future__ import annotations

from typing import Any

import torch

from ....backend import OperatorError
from ..framework.gradient_modes import no_grad

__all__ = ["Graph"]


class GraphConfig:
    """What a graph would do faster or in less memory: taken, and without effect here, where nothing is compiled.

    What changes numbers is served or refused: accumulated gradients, and mixed precision on a GPU.
    """

    training = False
    mixed = False
    parts = 1

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("allow_", "enable_", "set_")):
            return lambda *args, **kwargs: None
        raise AttributeError(name)

    def enable_amp(self, mode: bool = True, *, dtype: Any = torch.float16) -> None:
        """Compute in a shorter dtype on a GPU, which is refused when it is called with tensors there.

        On the CPU nothing changes, as in the release.
        """
        self.mixed = mode

    def set_gradient_accumulation_steps(self, value: int) -> None:
        """Compute the gradients of so many parts of the inputs, one after the other; the mean of them is used.

        Raises:
            RuntimeError: it is less than 1 (a ValueError too).
        """
        if value < 1:
            msg = f"value={value}; it must be 1 and above."
            raise OperatorError(msg)
        self.parts = value


class Graph:
    """A computation that a class describes in `build`, with an optimizer if it trains.

    In `build`, `loss.backward()` computes gradients; after it the optimizer takes a step, and its schedule too.
    Gradients are zero before each call, and results take no gradients.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> class Double(Graph):
        ...     def build(self, x):
        ...         return 2 * x
        >>> Double()(flow.ones(2))
        tensor([2., 2.], dtype=oneflow.float32)
    """

    def __init__(self) -> None:
        self.config = GraphConfig()
        self._optimizers: list[tuple[Any, Any]] = []
        self._called = False

    def build(self, *args: Any, **kwargs: Any) -> Any:
        """Compute: to be written by who derives a class."""
        msg = "nn.Graph.build() function must be overridden when subclassing the nn.Graph."
        raise NotImplementedError(msg)

    def add_optimizer(self, optim: Any, *, lr_sch: Any = None, is_sparse: bool = False) -> None:
        """Take a step of an optimizer, and of a schedule, after each call.

        Raises:
            NotImplementedError: `is_sparse` is asked for.
        """
        if is_sparse:
            msg = "add_optimizer(is_sparse=True) is not served here; gradients are dense. Leave it out."
            raise NotImplementedError(msg)
        self._optimizers.append((optim, lr_sch))
        self.config.training = True

    def set_grad_scaler(self, grad_scaler: Any = None) -> None:
        """Take a scaler of the loss, which short floats need and nothing here: gradients are the same without."""

    def debug(
        self,
        v_level: int = -1,
        *,
        ranks: Any = None,
        max_py_stack_depth: int = 2,
        only_user_py_stack: bool = True,
        op_repr_with_py_stack: bool = False,
    ) -> None:
        """Print nothing more: there is no compilation to follow."""

    @property
    def name(self) -> str:
        """The name of the class."""
        return f"{type(self).__name__}_0"

    @property
    def training(self) -> bool:
        """Whether it has an optimizer."""
        return self.config.training

    @property
    def is_compiled(self) -> bool:
        """Whether it was called."""
        return self._called

    def state_dict(self, destination: Any = None) -> dict[str, Any]:
        """Return what its modules hold, by their attributes' names."""
        state = {} if destination is None else destination
        for name, module in vars(self).items():
            if isinstance(module, torch.nn.Module):
                state[name] = module.state_dict()
        return state

    def load_state_dict(self, state_dict: Any, strict: bool = True) -> None:
        """Give its modules what `state_dict` returned."""
        for name, module in vars(self).items():
            if isinstance(module, torch.nn.Module) and (strict or name in state_dict):
                module.load_state_dict(state_dict[name], strict=strict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._called = True
        if self.config.mixed and any(getattr(each, "is_cuda", False) for each in (*args, *kwargs.values())):
            msg = "enable_amp(True) is not served here for tensors on a GPU: which operations are short is not known."
            raise NotImplementedError(msg)
        if not self._optimizers:
            with no_grad():
                return self.build(*args, **kwargs)
        for optimizer, _ in self._optimizers:
            optimizer.zero_grad()
        result = self._trained(args, kwargs)
        for optimizer, schedule in self._optimizers:
            if any("clip_grad_max_norm" in group for group in optimizer.param_groups):
                optimizer.clip_grad()
            optimizer.step()
            if schedule is not None:
                schedule.step()
        return _detached(result)

    def _trained(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Compute outputs and gradients: of parts of the inputs where gradients are accumulated."""
        parts = self.config.parts
        if parts == 1:
            return self.build(*args, **kwargs)
        results = [self.build(*each, **named) for each, named in _parts((args, kwargs), parts)]
        for optimizer, _ in self._optimizers:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        parameter.grad.div_(parts)
        return _joined(results)


def _parts(value: Any, count: int) -> list[Any]:
    """Return so many parts of what holds tensors, each split along its first axis.

    Raises:
        RuntimeError: a tensor cannot be split so (a ValueError too).
    """
    if isinstance(value, torch.Tensor):
        if not value.dim() or len(value) % count:
            msg = f"an input of shape {tuple(value.shape)} has no {count} equal parts along its first axis."
            raise OperatorError(msg)
        return list(value.chunk(count))
    if isinstance(value, dict):
        columns = [_parts(each, count) for each in value.values()]
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)] or [{}] * count
    if isinstance(value, (list, tuple)):
        columns = [_parts(each, count) for each in value]
        return [type(value)(row) for row in zip(*columns, strict=True)] or [type(value)()] * count
    return [value] * count


def _joined(results: list[Any]) -> Any:
    """Join what the parts gave: tensors along the first axis, and those without axes to one with a value for each."""
    first = results[0]
    if isinstance(first, torch.Tensor):
        return torch.cat(results) if first.dim() else torch.stack(results)
    if isinstance(first, dict):
        return {key: _joined([each[key] for each in results]) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(_joined(list(each)) for each in zip(*results, strict=True))
    return first


def _detached(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, dict):
        return {key: _detached(each) for key, each in value.items()}
    return type(value)(map(_detached, value)) if isinstance(value, (list, tuple)) else value
