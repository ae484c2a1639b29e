"""Cases for workers, and what torch's own operator makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray


def arranged(case: dict[str, Any]) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Integer operands of a case and what torch.nn.functional.conv_transpose3d makes of them."""
    source = np.random.default_rng(0)
    dtype = getattr(torch, case.get("dtype", "float32"))
    storage = "float64" if dtype == torch.float64 else "float32"

    def integers(*shape: int) -> NDArray[Any]:
        return source.integers(-2, 3, shape).astype(storage)

    shape = (4, 6 // case.get("groups", 1), 3, 2, 3)
    arrays = {"input": integers(1, 4, 2, 3, 2), "weight": integers(*shape)}
    if case.get("bias", True):
        arrays["bias"] = integers(6)
    leaves = {name: torch.tensor(value).to(dtype).requires_grad_() for name, value in arrays.items()}
    names = ("stride", "output_padding", "dilation", "groups")
    options = {name: case[name] for name in names if name in case}
    padding = case.get("padding", 0)
    if isinstance(padding, list):
        padding = [pad[0] if isinstance(pad, list) else pad for pad in padding]
    output = torch.nn.functional.conv_transpose3d(
        leaves["input"], leaves["weight"], leaves.get("bias"), padding=padding, **options
    )
    arrays["grad_output"] = integers(*output.shape)
    gradients = torch.autograd.grad(output, list(leaves.values()), torch.tensor(arrays["grad_output"]).to(dtype))
    found = {"output": output, **{f"grad_{name}": value for name, value in zip(leaves, gradients, strict=True)}}
    return arrays, {name: value.detach().to(getattr(torch, storage)).numpy() for name, value in found.items()}
