"""The executor of programs that are written before their data, and what it computes parameters with."""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from ..place import to_device
from ..tensor import Parameter
from .graph import Variable, listed, recording, value_of, variables
from .program import Program, default_main_program
from .scopes import check_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Executor"]


class Executor:
    """Computes what a program was written to compute.

    Args:
        place: where. Default: None, torch's default device.
    """

    def __init__(self, place: Any = None) -> None:
        self._device = to_device(place)

    def run(
        self,
        program: Any = None,
        feed: Any = None,
        fetch_list: Any = None,
        feed_var_name: str = "feed",
        fetch_var_name: str = "fetch",
        scope: Any = None,
        return_numpy: bool = True,
        use_program_cache: bool = False,
        return_merged: bool = True,
        use_prune: bool = False,
    ) -> list[Any]:
        """Return the arrays of `fetch_list`, computed from those in `feed`.

        A program whose loss an optimizer minimizes makes a step of that, too: parameters are fetched after it.

        Args:
            program: None, or a program, also one that was compiled; a variable knows what it is computed from, whatever
                the program, which says whether dropout and batch normalisation behave as in tests.
            feed: arrays by the names of `data()`, or a list of one such dictionary. Default: None.
            fetch_list: what to compute, or its names, or those of parameters. Default: None, nothing.
            feed_var_name: has no effect: nothing is named here.
            fetch_var_name: likewise.
            scope: None, or `global_scope()`: parameters are the programs'.
            return_numpy: whether to return arrays, or else tensors. Default: True.
            use_program_cache: has no effect: nothing is compiled.
            return_merged: has no effect: there is one device.
            use_prune: whether only what is fetched is computed, which the step of an optimizer is not. Default: False.

        Raises:
            ValueError: an array is missing or does not fit.
            TypeError: `program` is no program, or something in `fetch_list` no variable.
            NotImplementedError: another scope is given, or feeds of several devices.
        """
        if scope is not None:
            check_scope(scope, "Executor.run")
        program = getattr(program, "compiled_from", program)
        if not isinstance(program, (Program, type(None))):
            msg = f"program={program!r} is a {type(program).__name__}; it must be a static.Program or None."
            raise TypeError(msg)
        program = program or default_main_program()
        program.initialise()
        update = None if use_prune else program.update
        arrays, wanted = _one_feed(feed), [_named(each, program) for each in listed(fetch_list)]
        computed = [*variables(wanted), *([] if update is None else [update.loss])]
        placeholders = {id(each): each for variable in computed for each in variable.placeholders()}
        differentiated = any(variable.is_gradient() for variable in computed)
        with torch.set_grad_enabled(differentiated or update is not None), _tested(program.for_test):
            known: dict[int, torch.Tensor] = {}
            for key, each in placeholders.items():
                fed = each.fed(arrays).to(self._device).detach()
                known[key] = fed.requires_grad_(differentiated and fed.is_floating_point())
            for each in computed:
                each.compute(known, self._device)
        if update is not None:
            update.apply(known[id(update.loss)])
        found = [
            update.rate() if update is not None and each is update.schedule else value_of(each, known, self._device)
            for each in wanted
        ]
        return [plain(each).detach().cpu().numpy().copy() for each in found] if return_numpy else found

    def close(self) -> None:
        """Do nothing: there is nothing to be given back."""


def _one_feed(feed: Any) -> Mapping[str, Any]:
    feeds = listed(feed) or [{}]
    if len(feeds) > 1:
        msg = f"Executor.run: feeds of {len(feeds)} devices are not served here, one is. Join them along the batch."
        raise NotImplementedError(msg)
    return feeds[0]  # type: ignore[no-any-return]


def _named(wanted: Any, program: Program) -> Any:
    """Return what is wanted: a variable or parameter, or one by its name.

    Raises:
        TypeError: there is none.
    """
    found = program.state_dict().get(wanted, program.variables.get(wanted)) if isinstance(wanted, str) else wanted
    is_rate = program.update is not None and found is program.update.schedule
    if not isinstance(found, (Variable, Parameter)) and not is_rate:
        msg = "fetch_list must hold what static.data() or functions of it returned, parameters, or their names."
        raise TypeError(msg)
    for each in variables([found]):
        each.check()
    return found


_testing = False


def is_tested() -> bool:
    """Whether an executor runs a program that was cloned for tests."""
    return _testing


def trained_by_run(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with an argument `training` whose whole call a program records.

    So every run draws anew, and keeps statistics; one of a program that was cloned for tests does neither.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def computed(*operands: Any, **options: Any) -> Any:
        if not is_tested():
            return function(*operands, **options)
        given = signature.bind(*operands, **options)
        given.arguments["training"] = False
        return function(*given.args, **given.kwargs)

    return recording(computed)


@contextlib.contextmanager
def _tested(testing: bool) -> Iterator[None]:
    global _testing  # noqa: PLW0603
    outer, _testing = _testing, testing
    try:
        yield
    finally:
        _testing = outer
