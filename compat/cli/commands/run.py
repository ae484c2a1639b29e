"""`fourfold run`: a script that imports another framework, unmodified, on the front end."""

from __future__ import annotations

import argparse
import builtins
import contextlib
import importlib.util
import io
import math
import shlex
import sys
import zipfile
import zipimport
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ....frontends.names.missing import is_missing
from ...activation.activation import ActivationError, activate
from ...activation.served import FRAMEWORKS
from ...sharding import processes
from ..arguments.run import add_options
from ..console import print_exception, say
from .checking import print_check
from .command import OK, UsageError

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import CodeType, TracebackType

    import torch

FAILED = 1


def run(arguments: argparse.Namespace) -> int:
    """Run the script as `__main__`; the exit code is the script's own, 1 after an exception."""
    script = arguments.script
    if arguments.check and arguments.shard:
        msg = "--shard runs the script, and --check does not; leave one out."
        raise UsageError(msg)
    if not arguments.check and (arguments.json or not (arguments.framework or arguments.shard)):
        msg = "--json goes with --check." if arguments.json else f"required: --as, one of {', '.join(FRAMEWORKS)}."
        raise UsageError(msg)
    if not arguments.module and not Path(script).is_file():
        msg = f"{script}: there is no such file. Name a Python script, or a module after -m."
        raise UsageError(msg)
    if arguments.check:
        return _check(arguments)
    if arguments.shard:
        count = processes.launched()
        if count is None:
            return processes.launch(math.prod(arguments.shard), shlex.split(arguments.line)[1:])
    framework, fluid = _served(arguments)
    with contextlib.ExitStack() as stack:
        try:
            if framework:
                stack.enter_context(activate(framework, fluid=fluid))
        except (ActivationError, ValueError) as error:
            raise UsageError(str(error)) from error
        models = _sharded(arguments.shard, arguments.timeout, stack) if arguments.shard else None
        stack.callback(_put_back, sys.argv, list(sys.path), sys.modules["__main__"])
        try:
            check = f"fourfold run --check --as {arguments.framework}"
            check += f" --fluid {arguments.fluid}" * bool(arguments.fluid) + " -m" * arguments.module
            return _run(script, arguments.arguments, module=arguments.module, check=f"{check} {script}")
        finally:
            if models == []:
                say("fourfold: no model was given a volume, (N, C, D, H, W): nothing was sharded", error=True)
            if arguments.is_program:
                # The script's threads, and what it left to atexit, run after it: they find what it found.
                stack.pop_all()


def _check(arguments: argparse.Namespace) -> int:
    # what follows the script is not the script's here, which does not run
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    add_options(parser)
    try:
        parser.parse_known_args(arguments.arguments, arguments)
    except argparse.ArgumentError as error:
        raise UsageError(str(error)) from error
    framework, fluid = _served(arguments)
    return print_check(arguments.script, framework, fluid=fluid, module=arguments.module, json=arguments.json)


def _sharded(sizes: tuple[int, ...], timeout: float, stack: contextlib.ExitStack) -> list[torch.nn.Module]:
    """Join the other processes until the stack is closed; return the models whose volumes are sharded."""
    from torch.distributed.device_mesh import init_device_mesh

    from ...sharding.files import saved_once
    from ...sharding.models import models_sharded

    if processes.launched() != math.prod(sizes):
        given = "x".join(map(str, sizes))
        msg = f"--shard {given} in one of {processes.launched()} processes; give the number that torchrun has started."
        raise UsageError(msg)
    processes.join(timeout)
    stack.enter_context(saved_once())
    return stack.enter_context(models_sharded(init_device_mesh("cpu", sizes)))


def _served(arguments: argparse.Namespace) -> tuple[Any, Any]:
    """Return the framework, '' where none is named, and the fluid."""
    if arguments.framework == "fluid":
        return "paddle", arguments.fluid or "1.8"
    return arguments.framework or "", arguments.fluid or "documented"


def _put_back(argv: list[str], path: list[str], main: ModuleType) -> None:
    sys.argv, sys.path[:], sys.modules["__main__"] = argv, path, main


def _run(script: str, arguments: list[str], *, module: bool, check: str) -> int:
    sys.argv = [script, *arguments]
    # where Python itself would look first
    sys.path.insert(0, str(Path.cwd() if module else Path(script).resolve().parent))
    main = ModuleType("__main__")
    try:
        code, names = _of_module(script) if module else _of_file(script)
        main.__dict__.update(names, __builtins__=builtins)
        # runpy would take it away at the script's end
        sys.modules["__main__"] = main
        exec(code, main.__dict__)
    except SystemExit as stop:
        return _exit_code(stop)
    except Exception as error:
        print_exception(type(error), error, _theirs(error.__traceback__))
        if is_missing(error):
            say(f"All that is missing: {check}", error=True)
        return FAILED
    return OK


def _of_file(script: str) -> tuple[CodeType, dict[str, Any]]:
    """Return a script's code, and what its module has before that runs."""
    if zipfile.is_zipfile(script):
        sys.path[0] = script
        return _of_spec("__main__", zipimport.zipimporter(script).find_spec("__main__"))
    with io.open_code(script) as file:
        code = compile(file.read(), script, "exec", dont_inherit=True)
    return code, {"__file__": script, "__cached__": None}


def _of_module(name: str) -> tuple[CodeType, dict[str, Any]]:
    """Return the code of a module, or of a package's `__main__`, and what it has before that runs."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name = f"{name}.__main__"
        spec = importlib.util.find_spec(name)
    code, names = _of_spec(name, spec)
    sys.argv[0] = str(names["__file__"])
    return code, names


def _of_spec(name: str, spec: ModuleSpec | None) -> tuple[CodeType, dict[str, Any]]:
    loader: Any = None if spec is None else spec.loader
    code = loader.get_code(name) if hasattr(loader, "get_code") else None
    if spec is None or code is None:
        msg = f"No module named {name!r} that has code of Python's"
        raise ImportError(msg, name=name)
    names = {"__file__": spec.origin, "__cached__": spec.cached, "__spec__": spec}
    return code, {**names, "__loader__": loader, "__package__": spec.parent}


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return OK
    if isinstance(stop.code, int):
        return stop.code
    say(*str(stop.code).split("\n"), error=True)
    return FAILED


def _theirs(trace: TracebackType | None) -> TracebackType | None:
    # a traceback starts at the user's own code
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
