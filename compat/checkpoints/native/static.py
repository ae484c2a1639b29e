"""Paddle's own `static.save` and `static.load`: pickles of arrays, as the releases since 2.0 write them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....frontends.paddle.static import default_main_program
from ....frontends.paddle.static.graph import listed, variables
from ..checkpoint import read_file
from ..listing import Loaded
from ..pickle_writer import PickleWriter
from ..writing import write_binary
from . import fluid
from .nested import cpu, opened, target
from .paddle import PROTOCOLS, NoCheckpointError

if TYPE_CHECKING:
    from ....frontends.paddle.static import Executor, Program

__all__ = [
    "deserialize_persistables",
    "load",
    "load_from_file",
    "load_program_state",
    "save",
    "save_to_file",
    "serialize_persistables",
]


def save(program: Program, model_path: str, protocol: int = 4, **configs: Any) -> None:
    """Write the parameters of a program to `model_path + '.pdparams'`, what an optimizer keeps to `'.pdopt'`.

    What is computed is not written.

    Raises:
        AssertionError: the path names no file.
        ValueError: the protocol is another.
        TypeError: it is no program.
    """
    fluid.check_prefix(model_path)
    protocol = configs.get("pickle_protocol", protocol)
    if not isinstance(protocol, int) or protocol not in PROTOCOLS:
        msg = f"protocol={protocol!r}: Expected 1<'protocol'<5, an int. Leave it out."
        raise ValueError(msg)
    learned, kept = (fluid.chosen(program, None, each) for each in (fluid.is_parameter, fluid.is_optimizers))
    rates = [] if program.update is None else program.update.scheduled()
    # the releases look for the rate of a scheduler in either file, by the kind of their programs
    for suffix, found in ((".pdparams", {**learned, **{each.name: each for each in rates}}), (".pdopt", kept)):
        with target(f"{model_path}{suffix}") as file:
            PickleWriter(file, 4 if protocol == 4 else 2).write({name: cpu(value) for name, value in found.items()})


def load(program: Program, model_path: str, executor: Executor | None = None, var_list: Any = None) -> None:
    """Read into a program's parameters what `save`, or a folder of `save_params` in fluid, holds.

    Raises:
        AssertionError: a parameter is missing, or what the program's optimizer keeps.
        ValueError, FileNotFoundError: there is no such file.
    """
    path = Path(f"{fluid.prefix_of(model_path)}.pdparams")
    if executor is None and not path.exists():
        msg = f"{path} is not there, and executor is required when loading what save_params and its like wrote."
        raise NoCheckpointError(msg)
    fluid.load(program, model_path, executor, var_list)


load_program_state = fluid.load_program_state


def serialize_persistables(
    feed_vars: Any, fetch_vars: Any, executor: Executor | None = None, program: Program | None = None, **kwargs: Any
) -> bytes:
    """Return the parameters that variables are computed from, in Paddle's binary format, sorted by name.

    Raises:
        ValueError: something is no variable.
    """
    file = io.BytesIO()
    for name, value in sorted(needed(program or default_main_program(), feed_vars, fetch_vars).items()):
        write_binary(file, name, cpu(value))
    return file.getvalue()


def needed(program: Program, feed_vars: Any, fetch_vars: Any) -> dict[str, Any]:
    """Return the parameters that variables are computed from, by name.

    Raises:
        ValueError: something is no variable.
    """
    for where, given in (("feed_vars", feed_vars), ("fetch_vars", fetch_vars)):
        if len(variables(listed(given))) != len(listed(given)) or not listed(given):
            msg = f"{where}={given!r} should be a Variable or a list of Variable."
            raise ValueError(msg)
    parameters = fluid.chosen(program, None, fluid.is_parameter)
    return {name: each for name, each in parameters.items() if any(y.needs(each) for y in listed(fetch_vars))}


def deserialize_persistables(program: Program, data: bytes, executor: Executor | None = None) -> None:
    """Read into a program's parameters what `serialize_persistables` returned of as many.

    Raises:
        ValueError: `data` holds no bytes.
        CheckpointError: they are no tensors, or others than the program's.
    """
    if not isinstance(data, bytes):
        msg = f"'data' should be bytes, but received {type(data).__name__}."
        raise ValueError(msg)
    found = fluid.chosen(program, None, fluid.is_parameter)
    with opened(io.BytesIO(data)) as source:
        listing, loaded = read_file(source, order=sorted(found)), Loaded()
        fluid.put(found, {name: loaded[entry] for name, entry in listing.tensors.items()})


def save_to_file(path: str, content: bytes) -> None:
    """Write bytes.

    Raises:
        ValueError: they are none.
    """
    if not isinstance(content, bytes):
        msg = f"'content' type should be bytes; it is a {type(content).__name__}."
        raise ValueError(msg)
    with target(path) as file:
        file.write(content)


def load_from_file(path: str) -> bytes:
    """Return the bytes of a file."""
    return Path(path).read_bytes()
