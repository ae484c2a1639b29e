"""Rows of what scripts begin with: which version they need, what is deprecated, readers of batches, imports."""

from __future__ import annotations

import functools
import importlib
import itertools
import re
import warnings
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorTypeError
from ..names import NAMES
from ..progress import say
from ..version import full_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

fn = NAMES.function


def require_version(min_version: Any, max_version: Any = None) -> None:
    """Raise where the release that is mirrored here is not of these versions.

    Raises:
        TypeError: a version is no string.
        ValueError: it is no version.
        Exception: the release is another, as in the release.
    """
    for name, given in (("min_version", min_version), ("max_version", max_version)):
        if not isinstance(given, str) and (given is not None or name == "min_version"):
            msg = f"The type of {name!r} in require_version must be str, but received {type(given)}."
            raise OperatorTypeError(msg)
        if given is not None and not re.fullmatch(r"\d+(\.\d+){0,3}", given):
            msg = f"The value of {name!r} in require_version must be like '1.5.2.0', but received {given}."
            raise ValueError(msg)
    installed = _numbers(full_version)
    if installed < _numbers(min_version) or (max_version is not None and installed > _numbers(max_version)):
        wanted = f"{min_version} or higher" if max_version is None else f"in [{min_version}, {max_version}]"
        msg = f"VersionError: PaddlePaddle version {wanted} is required, but {full_version} is mirrored here."
        raise Exception(msg)


def _numbers(version: str) -> list[int]:
    numbers = [int(each) for each in version.split(".")]
    return numbers + [0] * (4 - len(numbers))


def deprecated(update_to: str = "", since: str = "", reason: str = "", level: int = 0) -> Callable[..., Any]:
    """Return a decorator that says of a function what is to be used in its place.

    Args:
        update_to: that, of the release.
        since: the version since when.
        reason: why.
        level: 0 adds it to the documentation alone, 1 warns in each call, 2 raises there.
    """

    def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
        texts = {"update_to": update_to, "since": since, "reason": reason}
        for name, text in texts.items():
            if not isinstance(text, str):
                msg = f"{name}={text!r} is a {type(text).__name__}; type of {name!r} must be str."
                raise AssertionError(msg)
        if not isinstance(level, int) or not 0 <= level <= 2:
            msg = f'type of "level" must be int and must be one of 0, 1, 2. But received: {level}.'
            raise AssertionError(msg)
        if update_to.strip() and not update_to.strip().startswith("paddle."):
            msg = f'Argument update_to must start with "paddle.", your value is "{update_to}".'
            raise AssertionError(msg)
        return _deprecated(func, {name: text.strip() for name, text in texts.items()}, level)

    return decorator


def _deprecated(func: Callable[..., Any], texts: dict[str, str], level: int) -> Callable[..., Any]:
    name = f"{func.__module__}.{func.__name__}"
    said = f'API "{name}" is deprecated{" since " * bool(texts["since"])}{texts["since"]}.'
    said += f' Use "{texts["update_to"]}".' if texts["update_to"] else ""
    said += f" Reason: {texts['reason']}." if texts["reason"] else ""
    if func.__doc__:
        func.__doc__ = f"Warning: {said}\n\n{func.__doc__}"
    if level == 0:
        return func

    @functools.wraps(func)
    def told(*args: Any, **kwargs: Any) -> Any:
        if level == 2:
            msg = f'API "{name}" has been deprecated.'
            raise RuntimeError(msg)
        parts = [int(each) for each in texts["since"].split(".") if each.isdigit()]
        if _numbers(full_version) >= parts + [0] * (4 - len(parts)):
            warnings.warn(said, DeprecationWarning, stacklevel=2)
        return func(*args, **kwargs)

    return told


def run_check() -> None:
    """Compute a sum with its gradient, and say that it went well."""
    weight = torch.ones(2, 2, requires_grad=True)
    torch.autograd.backward((weight @ torch.ones(2, 2)).sum())
    found = f"{torch.cuda.device_count()} GPU" if torch.cuda.is_available() else "1 CPU"
    say(f"PaddlePaddle's names work on {found} here: torch {torch.__version__} computes them.", "\n")


def batch(reader: Callable[[], Any], batch_size: int, drop_last: bool = False) -> Callable[[], Iterator[list[Any]]]:
    """Return a reader of lists of what a reader gives."""
    if int(batch_size) <= 0:
        msg = f"batch_size should be a positive integer value, but got batch_size={batch_size}."
        raise ValueError(msg)

    def batched() -> Iterator[list[Any]]:
        samples = iter(reader())
        while found := list(itertools.islice(samples, int(batch_size))):
            if len(found) == batch_size or not drop_last:
                yield found

    return batched


def try_import(module_name: str, err_msg: str | None = None) -> Any:
    """Import a module.

    Raises:
        ImportError: there is none.
    """
    try:
        return importlib.import_module(module_name)
    except ImportError:
        msg = err_msg or f"Failed importing {module_name}: install what has it."
        raise ImportError(msg) from None


fn("utils.require_version", require_version)
fn("utils.deprecated", deprecated)
fn("utils.run_check", run_check)
fn("batch", batch)
fn("utils.try_import", try_import)
