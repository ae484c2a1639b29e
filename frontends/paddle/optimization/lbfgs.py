"""Mirrors `paddle.optimizer.LBFGS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch

from ....backend import OperatorTypeError
from ...tensor import plain
from ..names import NAMES
from ..tensor import Tensor
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LBFGS"]

# what one step leaves to the next, under the release's names and in its order
KNOWN = ("d", "alpha", "old_yk", "old_sk", "ro", "H_diag", "prev_flat_grad", "prev_loss")


class LBFGS(Optimizer):
    """A quasi-Newton method, which computes the loss several times in a step.

    Args:
        learning_rate: a number. Default: 1.0.
        max_iter: iterations in a step. Default: 20.
        max_eval: losses in a step. Default: None, a quarter more.
        tolerance_grad: gradients not above it end a step. Default: 1e-7.
        tolerance_change: neither do changes. Default: 1e-9.
        history_size: of how many iterations the method remembers. Default: 100.
        line_search_fn: 'strong_wolfe', or None for steps of the learning rate. Default: None.
        parameters: what is optimized.
        weight_decay: only None: the release takes it without effect.
        grad_clip: likewise.
        name: has no effect.

    Raises:
        AttributeError: there are no parameters.
        TypeError: the parameters are no list of tensors, or the learning rate is no number.
        NotImplementedError: something is given that the release takes without effect.
    """

    def __init__(
        self,
        learning_rate: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-07,
        tolerance_change: float = 1e-09,
        history_size: int = 100,
        line_search_fn: str | None = None,
        parameters: Any = None,
        weight_decay: Any = None,
        grad_clip: Any = None,
        name: str | None = None,
    ) -> None:
        for option, value in (("weight_decay", weight_decay), ("grad_clip", grad_clip)):
            if value is not None:
                msg = f"{option}={value!r} has no effect on LBFGS in Paddle, and is refused here. Leave it out."
                raise NotImplementedError(msg)
        if not isinstance(learning_rate, (int, float)):
            msg = f"learning_rate={learning_rate!r} is a {type(learning_rate).__name__}; LBFGS takes a number."
            raise OperatorTypeError(msg)
        listed = parameters if parameters is None or isinstance(parameters, torch.Tensor) else list(parameters)
        if isinstance(listed, list) and any(isinstance(each, dict) for each in listed):
            msg = "LBFGS: groups of parameters are not served here, since Paddle optimizes the last alone. Give a list."
            raise NotImplementedError(msg)
        # the base's learning rate is 1.0, as in the release
        super().__init__(1.0, listed)
        self._parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        if line_search_fn not in (None, "strong_wolfe"):
            msg = f"line_search_fn={line_search_fn!r}: only 'strong_wolfe' is supported, and None."
            raise RuntimeError(msg)
        self._rate, self._searches = learning_rate, line_search_fn is not None
        self._most = max_iter, max_iter * 5 // 4 if max_eval is None else max_eval
        self._flat, self._still, self._size = tolerance_grad, tolerance_change, history_size
        self._memory: dict[str, Any] = {}

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make a step.

        Args:
            closure: computes the loss and the gradients, and returns the loss.

        Returns:
            the loss before the step.

        Raises:
            TypeError: it is no function.
        """
        if not callable(closure):
            msg = f"LBFGS.step: {closure!r} is no function; it takes one that computes the loss and the gradients."
            raise OperatorTypeError(msg)
        with torch.no_grad():
            evaluate, memory = torch.enable_grad()(closure), self._memory
            first = evaluate()
            memory["func_evals"] = memory.get("func_evals", 0) + 1
            memory.setdefault("n_iter", 0)
            gradient = self._gradient()
            if not gradient.abs().max() <= self._flat:
                self._iterate(evaluate, float(first), gradient)
        return first

    def _iterate(self, evaluate: Callable[[], Any], loss: float, gradient: torch.Tensor) -> None:
        memory, evaluated = self._memory, 1
        known = {name: memory.get(name) for name in KNOWN}
        for iteration in range(1, self._most[0] + 1):
            memory["n_iter"] += 1
            direction = self._direction(gradient, known)
            before: Any = loss
            alpha: Any = self._rate
            if memory["n_iter"] == 1:
                first: Any = 1.0 / gradient.abs().sum()
                alpha = min(1.0, first) * self._rate
            slope = (gradient * direction).sum()
            known.update(d=direction, alpha=alpha, prev_flat_grad=gradient, prev_loss=before)
            if slope > -self._still:
                break
            tried = 0
            if self._searches:
                start = Point(0, loss, gradient, slope)
                found, tried = strong_wolfe(self._line(evaluate, direction), start, alpha, direction.abs().max())
                loss, gradient, alpha = found.loss, found.gradient, found.step
                self._move(alpha * direction)
            else:
                self._move(alpha * direction)
                if iteration != self._most[0]:
                    loss, gradient, tried = float(evaluate()), self._gradient(), 1
            known["alpha"] = alpha
            memory["func_evals"] += tried
            evaluated += tried
            if (
                gradient.abs().max() <= self._flat
                or (direction * alpha).abs().max() <= self._still
                or abs(loss - before) < self._still
                or evaluated >= self._most[1]
            ):
                break
        memory.update(known)

    def _direction(self, gradient: torch.Tensor, known: dict[str, Any]) -> torch.Tensor:
        """Return the gradient, downwards, times the inverse of the matrix of second derivatives, as far as known."""
        if self._memory["n_iter"] == 1:
            known.update(old_yk=[], old_sk=[], ro=[], H_diag=torch.ones((), dtype=gradient.dtype))
            return -gradient
        # y: how the gradient changed; s: by what step
        change, moved = gradient - known["prev_flat_grad"], known["d"] * known["alpha"]
        changes, moves, inverses = (known[name] for name in ("old_yk", "old_sk", "ro"))
        product = (change * moved).sum()
        if product > 1e-10:
            for listed, new in ((changes, change), (moves, moved), (inverses, 1.0 / product)):
                del listed[: max(0, len(listed) - self._size + 1)]
                listed.append(new)
            known["H_diag"] = product / (change * change).sum()
        parts = self._memory.setdefault("al", [None] * self._size)
        found = -gradient
        for index in reversed(range(len(changes))):
            parts[index] = (moves[index] * found).sum() * inverses[index]
            found = found + changes[index] * -parts[index]
        found *= known["H_diag"]
        for index in range(len(changes)):
            found = found + moves[index] * (parts[index] - (changes[index] * found).sum() * inverses[index])
        return found

    def _line(self, evaluate: Callable[[], Any], direction: torch.Tensor) -> Callable[[Any], Point]:
        """Return what computes a point of the line through the parameters, and leaves them where they are."""
        here = [plain(each).clone() for each in self._parameters]

        def at(step: Any) -> Point:
            self._move(step * direction)
            loss, gradient = float(evaluate()), self._gradient()
            for parameter, values in zip(self._parameters, here, strict=True):
                plain(parameter).copy_(values)
            return Point(step, loss, gradient, (gradient * direction).sum())

        return at

    def _gradient(self) -> torch.Tensor:
        """Return all gradients in one vector, 0 where there is none."""
        found = [torch.zeros_like(plain(each)) if each.grad is None else plain(each.grad) for each in self._parameters]
        return torch.cat([each.reshape(-1) for each in found])

    def _move(self, step: torch.Tensor) -> None:
        sizes = [plain(each).numel() for each in self._parameters]
        for parameter, part in zip(self._parameters, torch.split(step, sizes), strict=True):
            values = plain(parameter)
            values.add_(part.reshape(values.shape))

    def state_dict(self) -> dict[str, Any]:
        """Return what the method remembers, under Paddle's names."""
        return {"state": {name: _paddle(value) for name, value in self._memory.items()}}

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> NoReturn:
        """Refuse: the release takes no state back, and says nothing.

        Raises:
            NotImplementedError: in any case.
        """
        msg = "LBFGS takes no state back in Paddle, without a word; it is refused here. Begin anew."
        raise NotImplementedError(msg)

    set_dict = set_state_dict

    def set_lr(self, value: float) -> NoReturn:
        """Refuse: the release goes on with the learning rate of the beginning.

        Raises:
            NotImplementedError: in any case.
        """
        msg = "LBFGS keeps the learning rate that it was made with in Paddle; to set one is refused here."
        raise NotImplementedError(msg)

    def minimize(
        self, loss: Any, startup_program: None = None, parameters: None = None, no_grad_set: None = None
    ) -> NoReturn:
        """Refuse, as the release: a step computes the loss itself.

        Raises:
            NotImplementedError: in any case.
        """
        msg = "LBFGS optimizer does not use this way to minimize loss. Call step(closure)."
        raise NotImplementedError(msg)


def _paddle(value: Any) -> Any:
    if isinstance(value, list):
        return [_paddle(each) for each in value]
    return value.as_subclass(Tensor) if isinstance(value, torch.Tensor) else value


NAMES.function("incubate.optimizer.LBFGS", LBFGS)
