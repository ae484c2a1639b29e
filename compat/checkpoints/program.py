"""Paddle's programs, read for one thing: the names of the tensors of a combined file, which that file lacks."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from .errors import CheckpointError
from .json_text import parsed
from .listing import checked_shape
from .protobuf import description, fields
from .shown import reason
from .source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Shapes = dict[str, tuple[int, ...]]

PROGRAM = "__model__"
LARGEST = 1 << 28
# VarType.Type in framework.proto
LOD_TENSOR = 7
# a program has any name. ProgramDesc.blocks = 1, whose first has idx = 0, and then its parent; or the JSON of Paddle 3
START = re.compile(rb'\x0a[\x80-\xff]{0,9}[\x00-\x7f]\x08\x00\x10|\{\s*"base_code"\s*:')
STARTS_WITHIN = 64
VERSION = bytes(4)
# what a folder holds at most in which programs of any name are looked for
BESIDE = 1000


def is_program(source: Source) -> bool:
    """Whether a file starts as Paddle's programs do."""
    return START.match(source.read(0, min(source.size, STARTS_WITHIN))) is not None


def starts_tensors(source: Source) -> bool:
    """Whether a file starts as Paddle's binary tensors do: with a version, 0."""
    return source.read(0, min(source.size, len(VERSION))) == VERSION


def program_beside(source: Source) -> Source | None:
    """Open the program that stands beside a combined file: `__model__`, or `net.pdmodel` of `net.pdiparams`.

    Programs and parameters may have any names. Where a folder holds one of either by content, they belong together.
    """
    path = source.path
    found = [path.with_name(PROGRAM)]
    if path.suffix == ".pdiparams":
        found = [path.with_suffix(".pdmodel"), path.with_suffix(".json"), *found]
    program = next((each for each in found if each.is_file()), None) or _only_program(source)
    return None if program is None else Source(program, source.folder)


def _only_program(combined: Source) -> Path | None:
    programs = []
    try:
        others = list(islice(combined.path.parent.iterdir(), BESIDE + 1))
        for other in others if len(others) <= BESIDE else ():
            if other.name == combined.path.name or not other.is_file():
                continue
            with Source(other, combined.folder) as source:
                if starts_tensors(source):
                    return None
                programs += [other] if is_program(source) else []
    except (OSError, CheckpointError):  # what may not be read names nothing
        return None
    return programs[0] if len(programs) == 1 else None


def saved_order(program: Source) -> Shapes:
    """Return the shapes of a program's persistable tensors by name, in the order in which Paddle saves them: sorted.

    Raises:
        CheckpointError: it is no program.
    """
    with program as source:
        if source.size > LARGEST:
            msg = f"has {source.size} bytes; a program has at most {LARGEST}."
            raise source.error(msg)
        data = source.read(0, source.size)
        try:
            found = dict(_of_json(source, data) if data[:1] == b"{" else _of_protobuf(source, memoryview(data)))
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            msg = f"no program of Paddle ({reason(error)}). Move it away, or state order=."
            raise source.error(msg) from error
    return dict(sorted(found.items()))


def _of_protobuf(source: Source, program: memoryview) -> Iterator[tuple[str, tuple[int, ...]]]:
    # ProgramDesc.blocks = 1, BlockDesc.vars = 3
    for block in _messages(source, program, 1):
        for variable in _messages(source, block, 3):
            parts = dict(fields(source, variable))
            name, kind, persistable = parts.get(1), parts.get(2), parts.get(3)
            if not isinstance(name, memoryview) or not isinstance(kind, memoryview):
                msg = "a program with a variable that has no name or type."
                raise source.error(msg)
            kinds = dict(fields(source, kind))
            if persistable != 1 or kinds.get(1) != LOD_TENSOR:
                continue
            # VarType.lod_tensor = 3, LoDTensorDesc.tensor = 1
            for each in _messages(source, kind, 3):
                for tensor in _messages(source, each, 1):
                    _, shape = description(source, tensor)
                    yield bytes(name).decode(), checked_shape(shape, "variable")


def _messages(source: Source, data: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, value in fields(source, data):
        if number == wanted:
            if isinstance(value, int):
                msg = "no program of Paddle: a number stands where a message should."
                raise source.error(msg)
            yield value


def _of_json(source: Source, data: bytes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Read the programs of Paddle 3: operations called `p` are the parameters."""
    program: Any = parsed(data)["program"]
    for region in program["regions"]:
        for block in region["blocks"]:
            for operation in block["ops"]:
                if operation["#"] == "p":
                    name, shape = operation["A"][3], operation["O"]["TT"]["D"][1]
                    if not isinstance(name, str):
                        msg = "a program with a parameter whose name is no text."
                        raise source.error(msg)
                    yield name, checked_shape(shape, "parameter")


def names_of(source: Source, shapes: list[tuple[int, ...]], order: list[str] | None) -> tuple[list[str] | None, str]:
    """Return the names of a combined file's tensors, if they can be told, and what tells them.

    Args:
        source: the file.
        shapes: of its tensors, in file order.
        order: names as the caller states them, or None: those of a program beside the file.

    Raises:
        CheckpointError: the stated names are not as many as the tensors, or not different.
    """
    if order is not None:
        if len(order) != len(shapes) or len(set(order)) != len(order):
            msg = (
                f"{source.path}: order= has {len(order)} names, {len(set(order))} of them different; the file has "
                f"{len(shapes)} tensors. Give one name for each; Paddle saves them sorted by name."
            )
            raise CheckpointError(msg)
        return order, "as stated"
    program = program_beside(source)
    if program is None:
        return None, "not in the file: tensors are named by their position, 0 and up; order= states them"
    found = saved_order(program)
    if list(found.values()) != shapes:
        return None, (
            f"not in the file, and {program.path.name} beside it lists other shapes: tensors are named by their "
            "position; order= states them"
        )
    return list(found), f"of the program {program.path.name} beside the file"
