"""fluid's own `save` and `load` of programs: a file for each variable, one for all, or a pickle of arrays."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ....frontends.paddle.static import Executor, Program, default_main_program
from ....frontends.paddle.tensor import Parameter
from ....frontends.paddle.values import fitting
from .. import load_checkpoint, save_checkpoint
from ..writing import write_binary
from .nested import cpu, target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np

__all__ = [
    "load",
    "load_params",
    "load_persistables",
    "load_program_state",
    "load_vars",
    "save",
    "save_params",
    "save_persistables",
    "save_vars",
]

SUFFIXES = (".pdparams", ".pdopt", ".pdmodel")


def persistable(variable: Any) -> bool:
    """Whether a variable of a program is a parameter, or what an optimizer keeps: the others are computed."""
    return isinstance(variable, torch.Tensor)


def is_parameter(variable: Any) -> bool:
    """Whether a variable of a program is a parameter, learned or not."""
    return isinstance(variable, Parameter)


def is_optimizers(variable: Any) -> bool:
    """Whether a variable of a program is what an optimizer keeps."""
    return persistable(variable) and not is_parameter(variable)


def chosen(main_program: Any, vars: Iterable[Any] | None, predicate: Callable[[Any], bool] | None) -> dict[str, Any]:
    """Return parameters of a program by name: those listed, or those that a predicate holds of, or all.

    Raises:
        TypeError: it is no program.
    """
    program = default_main_program() if main_program is None else getattr(main_program, "compiled_from", main_program)
    if not isinstance(program, Program):
        msg = f"The type of input main_program is invalid, expected type is fluid.Program, but received {program!r}."
        raise TypeError(msg)
    listed = filter(predicate, program.list_vars()) if vars is None else vars
    return {each.name: each for each in listed if persistable(each)}


def save_vars(
    executor: Executor,
    dirname: str | None,
    main_program: Program | None = None,
    vars: Iterable[Any] | None = None,
    predicate: Callable[[Any], bool] | None = None,
    filename: str | None = None,
) -> None:
    """Write parameters of a program: a file for each, or one for all with a `filename`.

    Raises:
        NotImplementedError: there is neither folder nor file, which returns bytes in fluid.
    """
    if dirname is None:
        msg = "dirname=None: bytes in place of a folder are not served here. Give a folder."
        raise NotImplementedError(msg)
    found = chosen(main_program, vars, predicate)
    if not found:
        warnings.warn(
            "no variable in your model, please ensure there are any variables in your model to save", stacklevel=3
        )
        return
    if filename is None:
        for name, value in found.items():
            with target(Path(dirname, name)) as file:
                write_binary(file, name, cpu(value))
        return
    with target(Path(dirname, filename)) as file:
        for name in sorted(found):
            write_binary(file, name, cpu(found[name]))


def load_vars(
    executor: Executor,
    dirname: str,
    main_program: Program | None = None,
    vars: Iterable[Any] | None = None,
    predicate: Callable[[Any], bool] | None = None,
    filename: str | None = None,
) -> None:
    """Read into parameters of a program what `save_vars` wrote of them; nothing is copied unless all of them fit.

    Raises:
        RuntimeError: a shape differs.
    """
    found = chosen(main_program, vars, predicate)
    if filename is not None:
        read = load_checkpoint(Path(dirname, filename), order=sorted(found)).tensors
    else:
        read = {name: next(iter(load_checkpoint(Path(dirname, name)).tensors.values())) for name in found}
    put(found, read)


def put(parameters: dict[str, Any], read: dict[str, Any]) -> None:
    """Copy values into the parameters of their names."""
    for name, value in parameters.items():
        if tuple(read[name].shape) != tuple(value.shape):
            msg = (
                f"Variable's shape does not match, the Program requires a parameter with the shape of "
                f"({tuple(value.shape)}), while the loaded parameter (namely [ {name} ]) has a shape of "
                f"({tuple(read[name].shape)})."
            )
            raise RuntimeError(msg)
    values = {name: fitting(read[name], value, name) for name, value in parameters.items()}
    with torch.no_grad():
        for name, value in values.items():
            parameters[name].copy_(value)


def save_params(executor: Any, dirname: str, main_program: Any = None, filename: str | None = None) -> None:
    """Write all parameters of a program, running statistics included."""
    save_vars(executor, dirname, main_program, None, is_parameter, filename)


def load_params(executor: Any, dirname: str, main_program: Any = None, filename: str | None = None) -> None:
    """Read what `save_params` wrote."""
    load_vars(executor, dirname, main_program, None, is_parameter, filename)


def save_persistables(executor: Any, dirname: str, main_program: Any = None, filename: str | None = None) -> None:
    """Write all parameters of a program, running statistics included, and what an optimizer keeps."""
    save_vars(executor, dirname, main_program, None, persistable, filename)


def load_persistables(executor: Any, dirname: str, main_program: Any = None, filename: str | None = None) -> None:
    """Read what `save_persistables` wrote."""
    load_vars(executor, dirname, main_program, None, persistable, filename)


def prefix_of(model_path: str) -> str:
    """Return a path without the suffix of one of the files that belong together."""
    for suffix in SUFFIXES:
        if model_path.endswith(suffix):
            return model_path[: -len(suffix)]
    return model_path


def check_prefix(model_path: str) -> None:
    """Check that a path names a file.

    Raises:
        AssertionError: it does not.
    """
    if not Path(model_path).name or model_path.endswith(("/", "\\")):
        msg = f"model_path={model_path!r}: The input model_path MUST be format of dirname/filename."
        raise AssertionError(msg)


def save(program: Program, model_path: str) -> None:
    """Write the parameters of a program to `model_path + '.pdparams'`, what an optimizer keeps to `'.pdopt'`.

    What is computed is not written.

    Raises:
        AssertionError: the path names no file.
    """
    check_prefix(model_path)
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    for suffix, belongs in zip(SUFFIXES, (is_parameter, is_optimizers), strict=False):
        found = chosen(program, None, belongs)
        if found or suffix == ".pdparams":
            state = {name: cpu(value) for name, value in found.items()}
            save_checkpoint(state, f"{model_path}{suffix}", format="paddle-fluid")


def load(program: Program, model_path: str, executor: Any = None, var_list: Any = None) -> None:
    """Read into a program's parameters what `save`, or `save_params` and its like, wrote.

    Raises:
        AssertionError: a parameter is missing, or what the program's optimizer keeps.
        ValueError: there is no such file, and no executor; or one file of `save_params` and no `var_list`.
    """
    path = Path(f"{prefix_of(model_path)}.pdparams")
    parameters = chosen(program, None, persistable)
    if path.exists():
        read = dict(load_checkpoint(path).tensors)
        kept = path.with_suffix(".pdopt")
        if program.update is not None:
            if not kept.exists():
                msg = f"Optimizer file [{kept}] not exits: it was saved before minimize(). Load before that, too."
                raise AssertionError(msg)
            read |= load_checkpoint(kept).tensors
        missing = [name for name in parameters if name not in read]
        if missing:
            msg = f"Can not find [{missing[0]}] in model file [{path}]"
            raise AssertionError(msg)
        put(parameters, dict(read))
        return
    if executor is None:
        msg = f"{path} is not there, and executor is required when loading what save_params and its like wrote."
        raise ValueError(msg)
    if Path(model_path).is_dir():
        there = [value for name, value in parameters.items() if Path(model_path, name).exists()]
        load_vars(executor, model_path, program, there)
        return
    if var_list is None:
        msg = f"{model_path}: var_list is required when loading the one file that save_params and its like wrote."
        raise ValueError(msg)
    load_vars(executor, str(Path(model_path).parent), program, var_list, filename=Path(model_path).name)


def load_program_state(model_path: str, var_list: Any = None) -> dict[str, np.ndarray[Any, Any]]:
    """Return arrays by the names of parameters, of what `save`, or `save_params` and its like, wrote.

    Raises:
        ValueError: it is one file without names, and there is no `var_list`.
    """
    prefix = prefix_of(model_path)
    paths = [path for suffix in SUFFIXES[:2] if (path := Path(f"{prefix}{suffix}")).exists()]
    if paths and paths[0].suffix == ".pdparams":
        return {name: value.numpy() for path in paths for name, value in load_checkpoint(path).tensors.items()}
    if Path(model_path).is_file():
        if var_list is None:
            msg = f"{model_path}: var_list can not be None when model_path is a file type."
            raise ValueError(msg)
        order = sorted(each.name for each in var_list)
        return {name: value.numpy() for name, value in load_checkpoint(model_path, order=order).tensors.items()}
    wanted = None if var_list is None else {each.name for each in var_list}
    return {name: value.numpy() for name, value in load_checkpoint(model_path, wanted).tensors.items()}
