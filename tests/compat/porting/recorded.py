"""The layers that recorded calls build, with what they are called on: `paddle.nn.AvgPool2D(3, 2)(T(1, 2, 6, 6))`."""

from __future__ import annotations

import ast
import functools
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from fourfold.compat.agreement.names.calls import areas, calls
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid_1_8

ROOTS: dict[str, dict[str, Any]] = {
    "paddle": {"paddle": paddle},
    "fluid": {"fluid": fluid_1_8},
    "megengine": {"megengine": megengine, "mge": megengine, "M": megengine.module, "F": megengine.functional},
    "oneflow": {"oneflow": oneflow, "flow": oneflow, "nn": oneflow.nn},
}


@dataclass(frozen=True)
class Built:
    """A layer of a recorded call.

    Attributes:
        framework: whose call it is.
        layer: the expression that builds it.
        inputs: the expression of a tuple of what it is called on.
    """

    framework: str
    layer: str
    inputs: str

    def build(self) -> nn.Module:
        """Return the layer, its parameters and statistics small integers, variances positive; in eval()."""
        layer: nn.Module = eval(self.layer, {**ROOTS[self.framework], "np": np, "filled": lambda one: one})
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for name, tensor in [*nn.Module.named_parameters(layer), *nn.Module.named_buffers(layer)]:
                if torch.is_floating_point(tensor):
                    low = 1 if "var" in name else -4
                    torch.Tensor.copy_(tensor, torch.randint(low, 5, tuple(tensor.shape), generator=generator))
        return layer.eval()

    def arguments(self) -> tuple[Any, ...]:
        """Return what the layer is called on: plain tensors of integers; of eighths where they are between 0 and 1."""
        random = np.random.RandomState(zlib.crc32(self.inputs.encode()))

        def made(
            *shape: int, dtype: str = "float32", low: Any = None, high: Any = None, values: Any = None, **_: Any
        ) -> Any:
            if values is not None:
                return torch.tensor(values, dtype=getattr(torch, dtype))
            least, most = (-4 if low is None else low, 5 if high is None else high)
            drawn = random.randint(1, 8, shape) / 8 if (least, most) == (0, 1) else random.randint(least, most, shape)
            return torch.tensor(np.asarray(drawn), dtype=getattr(torch, dtype))

        found: tuple[Any, ...] = eval(self.inputs, {**ROOTS[self.framework], "np": np, "T": made, "A": made})
        return found


@functools.cache
def built(framework: str) -> list[Built]:
    """Return the layers that a framework's recorded calls build and call, without those that are built to fail."""
    found: dict[Built, None] = {}
    for area in areas(framework):
        for call in calls(framework, area):
            for node in ast.walk(ast.parse(call.line)):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Call) or node.keywords:
                    continue
                inner = node.func
                if ast.unparse(inner.func) == "filled":
                    if not isinstance(inner.args[0], ast.Call):
                        continue
                    inner = inner.args[0]
                if class_of(framework, ast.unparse(inner.func)) is None:
                    continue
                known = {*ROOTS[framework], "T", "A", "np"}
                names = {one.id for each in node.args for one in ast.walk(each) if isinstance(one, ast.Name)}
                if not names <= known or {"T", "A"} & {one.id for one in ast.walk(inner) if isinstance(one, ast.Name)}:
                    continue  # of variables of the line, or a layer with tensors of the user's
                given = f"({''.join(f'{ast.unparse(one)}, ' for one in node.args)})"
                found[Built(framework, ast.unparse(inner), given)] = None
    return list(found)


def class_of(framework: str, name: str) -> type[nn.Module] | None:
    """Return the layer class of a dotted name of a call, or None."""
    if not name.replace(".", "").isidentifier():  # itself the result of a call
        return None
    try:
        value = eval(name, dict(ROOTS[framework]))
    except (AttributeError, NameError, SyntaxError):
        return None
    return value if isinstance(value, type) and issubclass(value, nn.Module) else None
