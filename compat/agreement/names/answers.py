"""Answer calls: this file, NumPy and the framework are all it needs (Python 3.7 and above).

A call is a line of the framework's own code, statements separated by `;`, whose last expression is what is answered:

    paddle.split(T(6, 4), 3)
    x = T(2, 3); y = x; y += 1; (x, y)

Beside the framework's modules (`paddle`, `fluid`, `megengine` with `F`, `M`, `flow`) and `np`, a line may use

    T(2, 3)                                  a tensor that takes gradients: normal float32 values
    T(2, 3, dtype="int64", low=0, high=5)    integers from low to high - 1 (-4 to 4 where nothing is said), no gradients
    T(4, low=0, high=1)                      uniform values
    T(values=[[1, 2]], dtype="float32")      these values; `grad=False` for no gradients
    A(...)                                   the same as a NumPy array
    filled(layer)                            the layer, its parameters and buffers filled with seeded values
    both_modes(layer, T(2, 3))               a filled layer's output in training, which gradients of its parameters are
                                             of as well, the state that this leaves, and its output in evaluation
    ten_steps(lambda p: SGD(0.1, p))         a weight and a bias after each of ten steps of an optimizer, and
                                             the optimizer's state; `after=schedule.step` is called after each step,
                                             `halfway=True` makes a new optimizer of the state of the old after five

The values come from the line's own text, so that they are the same wherever it is answered. An answer is JSON: the kind
of what came out, dtypes and shapes and values of tensors and arrays, what lies in containers, and the gradients of all
T with respect to a seeded sum of the results; or the classes of what was raised.

    python answers.py FRAMEWORK    reads one line of JSON, a call, at a time from stdin; answers one line each on stdout
"""

from __future__ import annotations

import ast
import base64
import contextlib
import importlib
import json
import os
import re
import sys
import zlib
from typing import TYPE_CHECKING, Any, Dict  # noqa: UP035, Python 3.7

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Answer = Dict[str, Any]  # noqa: UP006, Python 3.7

NAMES = {
    "paddle": {"paddle": "paddle"},
    "fluid": {"paddle": "paddle", "fluid": "paddle.fluid"},
    "megengine": {"megengine": "megengine", "mge": "megengine", "F": "megengine.functional", "M": "megengine.module"},
    "oneflow": {"oneflow": "oneflow", "flow": "oneflow", "nn": "oneflow.nn"},
}


class OneFlow:
    """How tensors, layers and optimizers are made and read in OneFlow; the others derive from it what is the same."""

    package = "oneflow"
    clear = "zero_grad"  # what an optimizer calls it

    def __init__(self) -> None:
        self.root: Any = importlib.import_module(self.package)
        self.kinds: Any = (self.root.Tensor,)

    def tensor(self, array: Any, grad: bool) -> Any:
        made = self.root.tensor(array)
        return made.requires_grad_(True) if grad else made

    def array(self, tensor: Any) -> Any:
        return np.array(tensor.detach().numpy())

    def dtype(self, tensor: Any) -> str:
        return str(tensor.dtype).split(".")[-1].lower()

    def takes_gradients(self, tensor: Any) -> bool:
        return bool(tensor.requires_grad)

    def gradients(self, outputs: Sequence[Any], weights: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
        total = sum((output * self.tensor(weight, False)).sum() for output, weight in zip(outputs, weights))  # noqa: B905, Python 3.7
        total.backward()
        return [None if each.grad is None else self.array(each.grad) for each in inputs]

    def state(self, layer: Any) -> list[tuple[str, Any]]:
        return list(layer.state_dict().items())

    def fill(self, tensor: Any, array: Any) -> None:
        tensor.data.copy_(self.root.tensor(array))

    def trainable(self, layer: Any) -> list[Any]:
        return [each for each in layer.parameters() if self.takes_gradients(each)]

    def parameters(self, weight: Any, bias: Any) -> list[Any]:
        return [self.root.nn.Parameter(self.root.tensor(each)) for each in (weight, bias)]

    def names(self) -> Any:
        """Begin the names of parameters, which Paddle's optimizers show in their state, anew."""
        return contextlib.nullcontext()

    def step(self, optimizer: Any, parameters: Sequence[Any], weights: Sequence[Any]) -> None:
        """Make a step down the weighted sum of the squares of parameters."""
        self.gradients([each * each for each in parameters], weights, parameters)
        optimizer.step()
        getattr(optimizer, self.clear)()

    def load(self, optimizer: Any, state: Any) -> None:
        optimizer.load_state_dict(state)


class Paddle(OneFlow):
    """Today's Paddle."""

    package = "paddle"
    left: Any = None

    def tensor(self, array: Any, grad: bool) -> Any:
        return self.root.to_tensor(array, stop_gradient=not grad)

    def takes_gradients(self, tensor: Any) -> bool:
        return not tensor.stop_gradient

    def fill(self, tensor: Any, array: Any) -> None:
        tensor.set_value(array)

    def parameters(self, weight: Any, bias: Any) -> list[Any]:
        owner = self.root.nn.Layer() if self.package == "paddle" else self.root.dygraph.Layer()
        made = [owner.create_parameter(list(each.shape), is_bias=each is bias) for each in (weight, bias)]
        for parameter, values in zip(made, (weight, bias)):  # noqa: B905, Python 3.7
            parameter.set_value(values)
        return made

    @property
    def programs(self) -> Any:
        """What programs are written with."""
        return self.root.static

    def leave(self, former: bool) -> None:
        """Leave dygraph until the end of the call, so that a program can be written.

        Args:
            former: whether it is one of the former kind, which is all that half of `static.nn` knows.
        """
        kinds = getattr(self.root, "pir_utils", None) if former else None
        self.left = contextlib.nullcontext() if kinds is None else kinds.OldIrGuard()
        self.left.__enter__()
        self.root.enable_static()

    def end(self) -> None:
        if self.left is not None:
            self.left.__exit__(None, None, None)
            self.root.disable_static()
            self.left = None

    def names(self) -> Any:
        return self.root.utils.unique_name.guard()

    def load(self, optimizer: Any, state: Any) -> None:
        optimizer.set_state_dict(state)


class Fluid(Paddle):
    """Paddle 1.8, under `fluid.dygraph.guard()`."""

    package = "paddle.fluid"

    def __init__(self) -> None:
        self.root = importlib.import_module(self.package)
        self.guard: Any = None
        self.begin()
        self.kinds = (type(self.root.dygraph.to_variable(np.zeros(1, "float32"))),)

    def begin(self) -> None:
        # a guard for each call ends what one leaves behind, such as `layer.eval()`, which stops all gradients
        if self.guard is not None:
            self.guard.__exit__(None, None, None)
        self.guard = self.root.dygraph.guard()
        self.guard.__enter__()

    @property
    def programs(self) -> Any:
        return self.root

    def leave(self, former: bool) -> None:
        self.guard.__exit__(None, None, None)
        self.guard = None

    def end(self) -> None:
        """Do nothing: the next call begins with a guard of its own."""

    def tensor(self, array: Any, grad: bool) -> Any:
        made = self.root.dygraph.to_variable(array)
        made.stop_gradient = not grad
        return made

    def array(self, tensor: Any) -> Any:
        return np.array(tensor.numpy())

    def dtype(self, tensor: Any) -> str:
        return str(self.array(tensor).dtype)

    def gradients(self, outputs: Sequence[Any], weights: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
        layers = self.root.layers
        total: Any = None
        for output, weight in zip(outputs, weights):  # noqa: B905, Python 3.7
            part = layers.reduce_sum(layers.elementwise_mul(output, self.tensor(weight, False)))
            total = part if total is None else layers.elementwise_add(total, part)
        total.backward()
        return [each.gradient() for each in inputs]

    def names(self) -> Any:
        return self.root.unique_name.guard()

    def step(self, optimizer: Any, parameters: Sequence[Any], weights: Sequence[Any]) -> None:
        self.gradients([each * each for each in parameters], weights, parameters)
        optimizer.minimize(self.tensor(np.zeros(1, "float32"), True))  # which is no more than asked for
        for each in parameters:
            each.clear_gradient()

    def load(self, optimizer: Any, state: Any) -> None:
        optimizer.set_dict(state)


class MegEngine(OneFlow):
    """MegEngine; gradients come from a GradManager that watches from the beginning."""

    package = "megengine"
    fill: Any = None  # a state is loaded whole

    def __init__(self) -> None:
        super().__init__()
        self.autodiff: Any = importlib.import_module("megengine.autodiff")
        self.manager: Any = None

    def begin(self) -> None:
        for _ in range(2):
            with contextlib.suppress(Exception):
                self.settle()

    def settle(self) -> None:
        # the release raises an error when something waits for values: that is to be here, and not in the next call
        getattr(self.root, "_full_sync", lambda: None)()

    def tensor(self, array: Any, grad: bool) -> Any:
        made = self.root.Tensor(array)
        if grad:
            self.watch([made])
        return made

    def watch(self, tensors: Sequence[Any]) -> None:
        if self.manager is None:
            self.manager = self.autodiff.GradManager()
            self.manager.__enter__()
        self.manager.attach(list(tensors))

    def array(self, tensor: Any) -> Any:
        return np.array(tensor.numpy())

    def dtype(self, tensor: Any) -> str:
        return str(self.array(tensor).dtype)

    def takes_gradients(self, tensor: Any) -> bool:
        return self.manager is not None

    def gradients(self, outputs: Sequence[Any], weights: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
        self.manager.backward(list(outputs), [self.root.Tensor(weight) for weight in weights])
        return [None if each.grad is None else self.array(each.grad) for each in inputs]

    def trainable(self, layer: Any) -> list[Any]:
        found = list(layer.parameters())
        if found:
            self.watch(found)
        return found

    def parameters(self, weight: Any, bias: Any) -> list[Any]:
        return [self.root.Parameter(weight), self.root.Parameter(bias)]

    def step(self, optimizer: Any, parameters: Sequence[Any], weights: Sequence[Any]) -> None:
        self.watch(parameters)
        self.gradients([each * each for each in parameters], weights, parameters)
        self.end()
        optimizer.step()
        optimizer.clear_grad()

    def end(self) -> None:
        if self.manager is not None:
            self.manager.release()
            self.manager = None


FRAMEWORKS: dict[str, Any] = {"paddle": Paddle, "fluid": Fluid, "megengine": MegEngine, "oneflow": OneFlow}


class Answerer:
    """Answers calls of one framework, which is imported under its own name.

    Args:
        framework: 'paddle', 'fluid', 'megengine' or 'oneflow'.
    """

    def __init__(self, framework: str) -> None:
        self.framework = FRAMEWORKS[framework]()
        self.modules = {name: importlib.import_module(path) for name, path in NAMES[framework].items()}

    def answer(self, line: str) -> Answer:
        """Return what a call gives, as JSON."""
        self.random = np.random.RandomState(zlib.crc32(line.encode()))
        self.leaves: list[Any] = []
        if hasattr(self.framework, "begin"):
            self.framework.begin()
        names = {**self.modules, "np": np, "T": self._tensor, "A": self._array, "filled": self._filled}
        names.update(both_modes=self._both_modes, ten_steps=self._ten_steps, in_program=self._in_program)
        tree = ast.parse(line)
        last = tree.body.pop()
        assert isinstance(last, ast.Expr), f"the last statement is no expression: {line}"
        try:
            exec(compile(tree, "<call>", "exec"), names)
            result = eval(compile(ast.Expression(last.value), "<call>", "eval"), names)
            self.outputs: list[Any] = []
            answer = {"result": self._described(result)}
            if hasattr(self.framework, "settle"):
                self.framework.settle()
        except Exception as error:
            return {"raised": [kind.__name__ for kind in type(error).__mro__[:-2]], "message": said(error)}
        finally:
            if hasattr(self.framework, "end") and not self.leaves:
                self.framework.end()
        if self.leaves:
            try:
                answer["gradients"] = self._gradients()
            except Exception as error:
                answer["gradients"] = {"raised": [kind.__name__ for kind in type(error).__mro__[:-2]]}
            finally:
                if hasattr(self.framework, "end"):
                    self.framework.end()
        return answer

    # -- what a line may use ------------------------------------------------------------------------------------

    def _array(self, *shape: int, dtype: str = "float32", low: Any = None, high: Any = None, values: Any = None) -> Any:
        if values is not None:
            return np.array(values, dtype=dtype)
        if dtype == "bool":
            return self.random.rand(*shape) < 0.5
        if np.dtype(dtype).kind in "iu":
            least = -4 if np.dtype(dtype).kind == "i" else 0
            return np.array(
                self.random.randint(least if low is None else low, 5 if high is None else high, shape), dtype
            )
        if low is not None or high is not None:
            low, high = low or 0, 1 if high is None else high
            return np.array(low + (high - low) * self.random.rand(*shape), dtype)
        drawn = self.random.standard_normal(shape)
        if np.dtype(dtype).kind == "c":
            drawn = drawn + 1j * self.random.standard_normal(shape)
        return np.array(drawn, dtype)

    def _tensor(self, *shape: int, grad: Any = None, **options: Any) -> Any:
        array = self._array(*shape, **options)
        wanted = array.dtype.kind == "f" if grad is None else grad
        made = self.framework.tensor(array, wanted)
        if wanted:
            self.leaves.append(made)
        return made

    def _filled(self, layer: Any) -> Any:
        state = {}
        for name, value in self.framework.state(layer):
            array = value if isinstance(value, np.ndarray) else self.framework.array(value)
            if array.dtype.kind == "f":
                # variances among them: none may be negative
                array = np.array(self.random.uniform(0.25, 1.25, array.shape), array.dtype)
            if self.framework.fill is not None:
                self.framework.fill(value, array)
            state[name] = array
        if self.framework.fill is None:
            layer.load_state_dict(state)
        return layer

    def _both_modes(self, layer: Any, *inputs: Any) -> Any:
        layer = self._filled(layer)
        self.leaves += self.framework.trainable(layer)
        found = {"train": layer(*inputs), "state": self._state(layer)}
        layer.eval()
        found["eval"] = self.framework.array(layer(*inputs))
        layer.train()
        return found

    def _state(self, layer: Any) -> dict[str, Any]:
        return {
            name: np.array(value) if isinstance(value, np.ndarray) else self.framework.array(value)
            for name, value in self.framework.state(layer)
        }

    def _in_program(
        self, build: Any, *arrays: Any, gradients: bool = True, then: Any = None, former: bool = False
    ) -> Any:
        """Return what a program computes of arrays, and the gradients of those of floating-point numbers.

        With `then` it returns what that gives of the executor and the program that ran.
        """
        static = self.framework.programs
        self.framework.leave(former)
        main, startup = static.Program(), static.Program()
        with static.program_guard(main, startup), self.framework.names():
            data = [static.data(f"x{i}", list(each.shape), str(each.dtype)) for i, each in enumerate(arrays)]
            inputs = [each for each, array in zip(data, arrays) if array.dtype.kind == "f"]  # noqa: B905, Python 3.7
            for each in inputs:
                each.stop_gradient = False
            built = build(*data)
            outputs = list(built) if isinstance(built, (list, tuple)) else [built]
            feed = {f"x{i}": each for i, each in enumerate(arrays)}
            wanted: Any = []
            if gradients and inputs and then is None:
                starts = []
                for i, each in enumerate(outputs):
                    starts.append(static.data(f"g{i}", [int(size) for size in each.shape]))
                    feed[f"g{i}"] = self._array(*[int(size) for size in each.shape])
                wanted = static.gradients(outputs, inputs, starts)
            executor = static.Executor(self.framework.root.CPUPlace())
            executor.run(startup)
            found = executor.run(main, feed=feed, fetch_list=outputs + [each for each in wanted if each is not None])
            if then is not None:
                return then(executor, main)
        return {"outputs": found[: len(outputs)], "gradients": found[len(outputs) :], "of": [g is None for g in wanted]}

    def _ten_steps(self, make: Any, after: Any = None, halfway: bool = False) -> Any:
        steps = []
        with contextlib.ExitStack() as names:
            names.enter_context(self.framework.names())
            parameters = self.framework.parameters(self._array(3, 2), self._array(2))
            optimizer = make(parameters)
            for step in range(10):
                if halfway and step == 5:
                    state = optimizer.state_dict()
                    names.enter_context(self.framework.names())
                    optimizer = make(parameters)
                    self.framework.load(optimizer, state)
                self.framework.step(optimizer, parameters, [self._array(3, 2), self._array(2)])
                if after is not None:
                    after()
                steps.append([self.framework.array(each) for each in parameters])
            return {"steps": steps, "state": optimizer.state_dict()}

    # -- what came out ------------------------------------------------------------------------------------------

    def _described(self, value: Any) -> Any:  # noqa: PLR0911, one for each kind
        if isinstance(value, self.framework.kinds):
            array = self.framework.array(value)
            dtype = self.framework.dtype(value)
            if dtype.startswith("float") and self.framework.takes_gradients(value):
                self.outputs.append(value)
            return {"tensor": packed(array), "dtype": dtype, "shape": [int(size) for size in tuple(value.shape)]}
        if isinstance(value, np.ndarray):
            return {"array": packed(value), "dtype": str(value.dtype), "shape": list(value.shape)}
        if isinstance(value, np.generic):
            return {"number": packed(np.asarray(value)), "dtype": str(value.dtype)}
        if isinstance(value, dict):
            return {"dict": [[str(key), self._described(each)] for key, each in value.items()]}
        if isinstance(value, (list, tuple)):
            kind = "list" if isinstance(value, list) else "tuple"
            return {kind: [self._described(each) for each in value]}
        if value is None or isinstance(value, (bool, int, float, str)):
            return {"value": repr(value), "type": next(k.__name__ for k in type(value).__mro__ if k in _PLAIN)}
        return {"type": type(value).__name__}

    def _gradients(self) -> Any:
        if not self.outputs:
            return None
        weights = []
        for output in self.outputs:
            array = self.framework.array(output)
            weights.append(np.array(self.random.standard_normal(array.shape), array.dtype))
        found = self.framework.gradients(self.outputs, weights, self.leaves)
        return [
            None if each is None else {"array": packed(np.asarray(each)), "shape": list(each.shape)} for each in found
        ]


_PLAIN = (type(None), bool, int, float, str)


def said(error: BaseException, most: int = 300) -> str:
    """Return the end of a message, `most` characters, without addresses and paths that native stacks list."""
    place = r"site-packages|\.pyenv|0x[0-9a-f]{6,}|/(?:bin|lib|home|tmp)/"
    return "\n".join(line for line in str(error).splitlines() if line.strip() and not re.search(place, line))[-most:]


def packed(array: Any) -> str:
    """Return the bytes of an array in C order as text, after its dtype."""
    array = np.ascontiguousarray(array)
    return f"{array.dtype.str} {base64.b64encode(array.tobytes()).decode()}"


def serve(answerer: Any) -> None:
    """Answer what is asked on stdin, on stdout, until there is no more."""
    # frameworks print: what they print goes to stderr, and the answers to what was stdout
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    out.write("ready\n")
    out.flush()
    for request in sys.stdin:
        out.write(json.dumps(answerer.answer(json.loads(request))) + "\n")
        out.flush()


if __name__ == "__main__":
    serve(Answerer(sys.argv[1]))
