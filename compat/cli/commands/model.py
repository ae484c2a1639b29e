"""`--model package.module:build`: the user's own code, imported and run as asked; what fails in it is shown there.

And `--device`, where it runs.
"""

from __future__ import annotations

import importlib.util
import inspect
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ...agreement.importing import NotNamedError, import_named
from ...checkpoints.shown import reason
from ...suggestion import did_you_mean
from .command import UsageError

if TYPE_CHECKING:
    from types import TracebackType

FRAMEWORKS = ("paddle", "megengine", "oneflow")
OURS = Path(__file__).resolve().parents[2]  # compat/
SHOWN = 4


def check_device(name: str) -> None:
    """Raise if torch cannot use a device.

    Raises:
        UsageError: it cannot.
    """
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        msg = f"--device={name}: torch cannot use it: {str(error).splitlines()[0]}"
        raise UsageError(msg) from error


def model_of(name: str) -> nn.Module:
    """Import `package.module:attribute` and make the model.

    Raises:
        UsageError: there is no such thing, it makes no model, or the user's code raises; then its traceback is in the
            message, from the user's file on.
    """
    found = _found(name)
    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        msg = f"--model={name} is a {type(found).__name__}; it must be a torch module, or what makes one when called."
        raise UsageError(msg)
    _check_without_arguments(name, found)
    try:
        made = found()
    except Exception as error:
        msg = f"--model={name} raised {reason(error)}\n{_trace(error)}"
        raise UsageError(msg) from error
    if not isinstance(made, nn.Module):
        msg = f"--model={name} made a {type(made).__name__}; it must make a torch module."
        raise UsageError(msg)
    return made


def _found(name: str) -> Any:
    _check_no_file(name)
    try:
        return import_named(name)
    except NotNamedError as error:
        msg = f"--model={name}: name a module and what is in it, such as package.module:build.{_colon(name)}"
        raise UsageError(msg) from error
    except ModuleNotFoundError as error:
        if _is_asked_for(error, name):
            msg = f"--model={name}: {error}. The module must be importable from this folder or the Python path."
            raise UsageError(msg) from error
        msg = f"--model={name}: the module imports {error.name}, which is not here. {_remedy(error)}\n{_trace(error)}"
        raise UsageError(msg) from error
    except AttributeError as error:
        if not _is_ours(error.__traceback__):
            msg = f"--model={name}: the module raised {reason(error)}\n{_trace(error)}"
            raise UsageError(msg) from error
        msg = f"--model={name}: {error}.{_offered(error.obj, str(error.name))}"
        raise UsageError(msg) from error
    except Exception as error:
        msg = f"--model={name}: the module raised {reason(error)}\n{_trace(error)}"
        raise UsageError(msg) from error


def _check_no_file(name: str) -> None:
    """Raise if a file is named in place of a module."""
    module, _, attribute = name.partition(":")
    slashed = module.replace("\\", "/")
    if not module.endswith(".py") and "/" not in slashed:
        return
    path = Path(slashed)
    if not attribute and path.suffix != ".py":
        path, attribute = path.parent, path.name
    where = f" with {path.parent} on PYTHONPATH" if path.is_absolute() or ".." in path.parts else ""
    dotted = path.stem if where else ".".join(path.with_suffix("").parts)
    msg = (
        f"--model={name}: {module} is a path, and a module is named as `import` names it: "
        f"--model {dotted}:{attribute or 'build'}{where}."
    )
    raise UsageError(msg)


def _colon(name: str) -> str:
    """Return what is said of `port.UNet`, and of a module alone."""
    module, _, attribute = name.rpartition(".")
    for parent, rest in ((name, "build"), (module, attribute)):
        try:
            known = bool(parent) and importlib.util.find_spec(parent) is not None
        except (ImportError, ValueError):
            known = False
        if known:
            return f" Did you mean {parent}:{rest}?" if rest == attribute else f" What of {name} is the model?"
    return ""


def _is_asked_for(error: ModuleNotFoundError, name: str) -> bool:
    """Whether the module that is not there is the one that was named, or a package that it would be in."""
    module = name.partition(":")[0]
    return error.name is not None and f"{module}.".startswith(f"{error.name}.") and _is_ours(error.__traceback__)


def _remedy(error: ModuleNotFoundError) -> str:
    package = str(error.name).partition(".")[0]
    if package in FRAMEWORKS:
        return (
            f"fourfold serves it: put `import fourfold; fourfold.activate({package!r})` before that import, or build "
            "the model of torch's layers."
        )
    return "Install it, or name a module that does without."


def _check_without_arguments(name: str, make: Any) -> None:
    """Raise if it cannot be called without arguments."""
    try:
        signature = inspect.signature(make)
    except (TypeError, ValueError):  # of some that are written in C it is not known
        return
    try:
        signature.bind()
    except TypeError as error:
        needed = [
            one.name
            for one in signature.parameters.values()
            if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        ]
        called = name.partition(":")[2]
        given = ", ".join(f"{each}=..." for each in needed)
        msg = (
            f"--model={name} needs {', '.join(needed)}, and is called without arguments. Name a function that gives "
            f"them, such as `def build(): return {called}({given})`."
        )
        raise UsageError(msg) from error


def _offered(home: Any, asked: str) -> str:
    """Return which name of a module was probably meant, or which it has that are a model or make one."""
    names = [
        name
        for name, value in (vars(home) if hasattr(home, "__dict__") else {}).items()
        if not name.startswith("_")
        and (isinstance(value, nn.Module) or getattr(value, "__module__", None) == getattr(home, "__name__", ""))
    ]
    if near := did_you_mean(asked, names):
        return near
    return f" It has {', '.join(names[:SHOWN])}{', ...' * (len(names) > SHOWN)}." if names else ""


def _is_ours(trace: TracebackType | None) -> bool:
    """Whether what was raised was raised here, in looking for the module, and not in the user's code."""
    return not _frames(trace)


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """Return the frames from the first of the user's file on."""
    frames = traceback.extract_tb(trace)
    users = (place for place, frame in enumerate(frames) if not _is_machinery(frame.filename))
    return list(frames[next(users, len(frames)) :])


def _is_machinery(file: str) -> bool:
    """Whether a file is this package's, or Python's that imports modules."""
    path = Path(file).resolve()
    return (
        file.startswith("<frozen importlib") or path == Path(importlib.__file__).resolve() or path.is_relative_to(OURS)
    )


def _trace(error: BaseException) -> str:
    """Return a traceback that begins in the user's file."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error)).rstrip("\n")
    shown = traceback.format_list(_frames(error.__traceback__))
    return "".join(["Traceback (most recent call last):\n", *shown, *traceback.format_exception_only(error)]).rstrip()
