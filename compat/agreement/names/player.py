"""Play examples: this file, `answers.py` beside it, NumPy and the framework are all it needs (Python 3.7 and above).

An example is run statement by statement in a namespace of its own. What its variables hold is described after each
statement, leaf by leaf (`x`, `pair[0]`, `layer.weight`, `x.grad`), and so is the value of a statement that is only an
expression, and what is printed; `changed` are the leaves that a statement made or changed.

Values that are drawn at random would spread to all that is computed of them. So an example is played a second time,
with other seeds, beside what the first one found: a leaf that comes out otherwise is `drawn`, and is given the value
that it had the first time, after which everything that follows has to come out as it did then. Whoever plays it a third
time says which leaves are drawn, and gives them the same values.

    python player.py FRAMEWORK    reads one request, a line of JSON, at a time from stdin; answers one line each
"""

from __future__ import annotations

import ast
import base64
import contextlib
import importlib
import io
import linecache
import os
import random
import re
import sys
import tempfile
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict  # noqa: UP035, Python 3.7

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# in a release's environment there is only the file beside this one
_answers: Any = importlib.import_module(f"{__package__}.answers" if __package__ else "answers")
Leaves = Dict[str, Any]  # noqa: UP006, Python 3.7

# leaves of more values are described by as many of them
MOST = 1 << 16
# containers that lie deeper in others are passed over
DEPTH = 4
FILE = "<example>"


class Player:
    """Plays examples of one framework, which is imported under its own name.

    Args:
        framework: 'paddle', 'fluid', 'megengine' or 'oneflow'.
    """

    def __init__(self, framework: str) -> None:
        self.answerer = _answers.Answerer(framework)
        self.framework = self.answerer.framework
        self.name = framework
        if framework == "fluid":  # its guard would hold for all examples
            self.framework.leave(former=False)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what playing an example finds.

        Args:
            request: `code`; `seed`; beside what was found before, `changed` as it was found then, the leaves of each
                statement, and `drawn`, the names of those that are given their values; None to find them.
        """
        played: dict[str, Any] = {"changed": [], "drawn": []}
        before, told = Path.cwd(), io.StringIO()
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(told))
            os.chdir(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.callback(os.chdir, before)
            try:
                stack.enter_context(fresh(self.name, self.answerer.modules, request["seed"]))
                self._play(request, played, told)
            except (Exception, SystemExit) as error:
                kinds = [kind.__name__ for kind in type(error).__mro__[:-2]]
                played.update(raised=kinds, message=_answers.said(error, 20000))
        return played

    def _play(self, request: dict[str, Any], played: dict[str, Any], told: io.StringIO) -> None:
        code, given, drawn = request["code"], request.get("changed"), request.get("drawn")
        names: dict[str, Any] = {**self.answerer.modules, "np": np, "__name__": "__main__"}
        if self.name == "megengine":
            names["Tensor"] = names["mge"].Tensor
        there_before = set(names)
        linecache.cache[FILE] = (len(code), None, code.splitlines(True), FILE)  # functions of it can be traced
        tree = ast.parse(code)
        before: Leaves = {}
        latest: Leaves = {}  # as they were in the first play
        for index, statement in enumerate(list(tree.body)):
            self._run(tree, statement, names, told)
            now, fills = self._leaves(names, there_before)
            changed = {path: leaf for path, leaf in now.items() if before.get(path) != leaf}
            if told.getvalue():
                changed["printed"] = {"value": told.getvalue(), "type": "str"}
            played["changed"].append(changed)
            before = now
            if given is None or index >= len(given):
                continue
            latest.update(given[index])
            if drawn is None:
                which = [path for path, leaf in changed.items() if latest.get(path) != leaf]
            else:
                which = drawn[index] if index < len(drawn) else []
            played["drawn"].append(which)
            filled = [self._give(path, latest.get(path), fills, names) for path in which]
            if any(filled):
                before, _ = self._leaves(names, there_before)

    def _run(self, tree: ast.Module, statement: ast.stmt, names: dict[str, Any], told: io.StringIO) -> None:
        names.pop("_", None)
        told.seek(0)
        told.truncate()
        if not isinstance(statement, ast.Expr):
            tree.body = [statement]
            exec(compile(tree, FILE, "exec"), names)
            return
        call: Any = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print":
            plain = not call.keywords and not any(isinstance(each, ast.Starred) for each in call.args)
            if plain and len(call.args) == 1:  # what is printed is a value, and not only its text
                names["_"] = eval(compile(ast.Expression(call.args[0]), FILE, "eval"), names)
                print(names["_"])
                return
        names["_"] = eval(compile(ast.Expression(statement.value), FILE, "eval"), names)

    # -- what the namespace holds ---------------------------------------------------------------------------------

    def _leaves(self, names: dict[str, Any], passed_over: set[str]) -> tuple[Leaves, dict[str, Callable[[Any], None]]]:
        found: Leaves = {}
        fills: dict[str, Any] = {}
        for name, value in list(names.items()):
            if name in passed_over or name.startswith("__"):
                continue
            for path, leaf, fill in self._leaves_of(name, value, 0):
                found[path] = leaf
                if fill is not None:
                    fills[path] = fill
        return found, fills

    def _leaves_of(self, path: str, value: Any, depth: int) -> Iterator[tuple[str, Any, Any]]:
        if isinstance(value, self.framework.kinds):
            yield from self._tensor(path, value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "fciub":
            yield path, {"array": sample(value), "dtype": str(value.dtype), "shape": list(value.shape)}, value
        elif isinstance(value, np.generic) and value.dtype.kind in "fciub":
            yield path, {"number": _answers.packed(np.asarray(value)), "dtype": str(value.dtype)}, None
        elif isinstance(value, (list, tuple, dict)) and depth < DEPTH:
            kind = next(each for each in (list, tuple, dict) if isinstance(value, each)).__name__
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            yield path, {"value": f"{kind} of {keys if kind == 'dict' else len(keys)}"[:2000], "type": "str"}, None
            for key in keys[:100]:
                yield from self._leaves_of(f"{path}[{key!r}]", value[key], depth + 1)
        elif value is None or isinstance(value, (bool, int, float, str)):
            kind = next(each.__name__ for each in type(value).__mro__ if each in _answers._PLAIN)
            yield path, {"value": re.sub("0x[0-9a-f]{6,}", "0x", repr(value)[:2000]), "type": kind}, None
        elif isinstance(value, layers(self.name, self.answerer.modules)):
            yield path, {"type": type(value).__name__}, None
            for name, each in self._state(value):
                yield from self._leaves_of(f"{path}.{name}", each, depth + 1)
        elif not isinstance(value, types.ModuleType):
            yield path, self._other(value), None

    def _other(self, value: Any) -> Any:
        with contextlib.suppress(Exception):  # a variable of a program: -1 stands for a size that is not known yet
            shape = [-1 if each is None else int(each) for each in value.shape]
            dtype = str(value.dtype).split(".")[-1].lower()
            return {"tensor": "", "dtype": re.sub("^fp", "float", dtype), "shape": shape, "symbolic": True}
        return {"type": "object"}

    def _state(self, layer: Any) -> list[tuple[str, Any]]:
        if self.name == "megengine":  # whose state is made of arrays
            return [*layer.named_parameters(), *layer.named_buffers()]
        found: list[tuple[str, Any]] = self.framework.state(layer)
        return found

    def _tensor(self, path: str, value: Any) -> Iterator[tuple[str, Any, Any]]:
        try:
            array, dtype = self.framework.array(value), self.framework.dtype(value)
        except Exception as error:  # sparse ones, others that have no values yet
            yield path, {"value": f"no values: {type(error).__name__}", "type": "str"}, None
            return
        yield path, {"tensor": sample(array), "dtype": dtype, "shape": list(array.shape)}, value
        if path[0] != "_":  # gradients that are looked at say that they take some
            with contextlib.suppress(Exception):
                taken = repr(self.framework.takes_gradients(value))
                yield f"{path} takes gradients", {"value": taken, "type": "bool"}, None
        gradient = None
        with contextlib.suppress(Exception):
            gradient = value.gradient() if self.name == "fluid" else value.grad
        if gradient is not None:
            array = gradient if isinstance(gradient, np.ndarray) else self.framework.array(gradient)
            yield f"{path}.grad", {"array": sample(array), "shape": list(array.shape)}, None

    def _give(self, path: str, leaf: Any, fills: dict[str, Any], names: dict[str, Any]) -> bool:
        """Give a leaf the value that another run had; return whether that could be done."""
        if leaf is None:
            return False
        try:
            if path in names and ("number" in leaf or leaf.get("type") in ("int", "float", "bool")):
                names[path] = unpacked(leaf["number"])[()] if "number" in leaf else ast.literal_eval(leaf["value"])
                return True
            held = fills.get(path)
            if held is None:
                return False
            array = np.resize(unpacked(leaf["array" if "array" in leaf else "tensor"]), leaf["shape"])
            if isinstance(held, np.ndarray):
                held[...] = array
            elif self.framework.fill is not None:
                self.framework.fill(held, array)
            else:
                held[...] = self.framework.root.Tensor(array)
        except Exception:  # then it stays drawn
            return False
        return True


def sample(array: Any) -> str:
    """Return the values of an array as text, of a large one some, evenly spread."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return str(_answers.packed(flat if flat.size <= MOST else flat[:: -(-flat.size // MOST)]))


def unpacked(text: str) -> Any:
    """Return the array that `answers.packed` wrote."""
    dtype, _, data = text.partition(" ")
    return np.frombuffer(base64.b64decode(data), dtype)


def layers(framework: str, modules: dict[str, Any]) -> Any:
    """Return the class of a framework's layers."""
    if framework == "fluid":
        return modules["fluid"].dygraph.Layer
    if framework == "megengine":
        return modules["M"].Module
    return modules[framework].nn.Layer if framework == "paddle" else modules[framework].nn.Module


@contextlib.contextmanager
def fresh(framework: str, modules: dict[str, Any], seed: int) -> Iterator[None]:
    """Begin anew what a process has one of: seeds, modes, programs, names."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002, examples draw from it
    with contextlib.ExitStack() as stack:
        if framework == "megengine":
            modules["megengine"].random.seed(seed)
        elif framework == "oneflow":
            modules["oneflow"].manual_seed(seed)
        elif framework == "paddle":
            paddle = modules["paddle"]
            paddle.disable_static()
            stack.callback(paddle.disable_static)
            paddle.set_default_dtype("float32")
            paddle.seed(seed)
            stack.enter_context(paddle.utils.unique_name.guard())
            static = paddle.static
            stack.enter_context(static.program_guard(static.Program(), static.Program()))
        else:
            fluid = modules["fluid"]
            if fluid.in_dygraph_mode():
                fluid.disable_dygraph()
            if getattr(fluid.framework, "_dygraph_tracer_", None) is not None:  # what 1.8.5 may leave behind
                fluid.framework._dygraph_tracer_ = None
            stack.enter_context(fluid.unique_name.guard())
            stack.enter_context(fluid.program_guard(fluid.Program(), fluid.Program()))
            fluid.default_main_program().random_seed = seed
            fluid.default_startup_program().random_seed = seed
        yield


if __name__ == "__main__":
    _answers.serve(Player(sys.argv[1]))
