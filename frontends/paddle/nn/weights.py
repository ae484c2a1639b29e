"""Mirrors the reparametrisations and clips of `paddle.nn.utils`."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from ...tensor import like, plain
from ..attributes import ParamAttr
from ..names import NAMES
from ..tensor import Parameter, Tensor, to_tensor

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "parameters_to_vector",
    "remove_weight_norm",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]


# -- norms of weights -------------------------------------------------------------------------------------------


class _Hook:
    """Computes a weight of a layer from others before each forward."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, layer: Any, inputs: Any) -> None:
        """Set the weight."""
        setattr(layer, self.name, self.weight(layer))

    def weight(self, layer: Any) -> Any:
        """Return the weight."""
        raise NotImplementedError


class _WeightNorm(_Hook):
    def __init__(self, name: str, dim: int) -> None:
        super().__init__(name)
        self.dim = dim

    def norms(self, direction: torch.Tensor) -> torch.Tensor:
        """Return the norms of slices across `dim`, one each, or of the whole."""
        axes = None if self.dim == -1 else [axis for axis in range(direction.dim()) if axis != self.dim]
        norms: torch.Tensor = torch.linalg.vector_norm(direction, dim=axes)
        return norms

    def weight(self, layer: Any) -> Any:
        direction, size = getattr(layer, f"{self.name}_v"), plain(getattr(layer, f"{self.name}_g"))
        values = plain(direction)
        factors = size / self.norms(values)
        if self.dim != -1:
            factors = factors.reshape([-1 if axis == self.dim else 1 for axis in range(values.dim())])
        return like(values * factors, direction)


class _SpectralNorm(_Hook):
    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int) -> None:
        super().__init__(name)
        self.iterations, self.eps, self.dim = n_power_iterations, eps, dim

    def matrix(self, weight: torch.Tensor) -> torch.Tensor:
        """Return a weight with axis `dim` as rows, and all others as columns."""
        return weight.movedim(self.dim, 0).flatten(1)

    def weight(self, layer: Any) -> Any:
        original = getattr(layer, f"{self.name}_orig")
        u, v = (plain(getattr(layer, f"{self.name}_{each}")) for each in "uv")
        matrix = self.matrix(plain(original))
        if layer.training:
            with torch.no_grad():
                for _ in range(self.iterations):
                    v.copy_(functional.normalize(matrix.T @ u, dim=0, eps=self.eps))
                    u.copy_(functional.normalize(matrix @ v, dim=0, eps=self.eps))
        sigma = torch.dot(u.clone(), matrix @ v.clone())
        return like(plain(original) / sigma, original)


def _hooks(layer: Any, kind: type[_Hook], name: str) -> list[Any]:
    return [key for key, hook in layer._forward_pre_hooks.items() if isinstance(hook, kind) and hook.name == name]


def _begin(layer: Any, kind: type[_Hook], said: str, name: str) -> Any:
    if _hooks(layer, kind, name):
        msg = f"Cannot register two {said} hooks on the same parameter {name}. Remove the first."
        raise RuntimeError(msg)
    return layer._parameters[name]


def _add(layer: Any, name: str, values: torch.Tensor) -> None:
    made = layer.create_parameter(list(values.shape), ParamAttr(), dtype=values.dtype, device=values.device)
    with torch.no_grad():
        plain(made).copy_(values)
    layer.add_parameter(name, made)


def weight_norm(layer: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Make a weight of a layer from a direction and norms, which are learned in its place; return the layer.

    Args:
        layer: it gets the parameters `weight_v` and `weight_g`.
        name: of the weight. Default: 'weight'.
        dim: the axis along which each slice has a norm of its own. Default: 0; None or -1: one norm for all.
    """
    weight = _begin(layer, _WeightNorm, "weight_norm", name)
    axes = weight.dim()
    if dim is None:
        dim = -1
    if not -axes <= dim < axes:
        msg = f"dim must set between [-R, R), R means the dimension of weight; it is {dim}, and R is {axes}."
        raise AssertionError(msg)
    if dim < -1:
        dim += axes
    hook = _WeightNorm(name, dim)
    values = plain(weight).detach()
    del layer._parameters[name]
    _add(layer, f"{name}_v", values)
    _add(layer, f"{name}_g", hook.norms(values))
    hook(layer, None)
    layer.register_forward_pre_hook(hook)
    return layer


def remove_weight_norm(layer: Any, name: str = "weight") -> Any:
    """Undo `weight_norm`: the weight is a parameter again, with the values that it has; return the layer.

    Raises:
        ValueError: the layer's weight has none.
    """
    keys = _hooks(layer, _WeightNorm, name)
    if not keys:
        msg = f"weight_norm of {name!r} not found in {layer!r}. Apply weight_norm first."
        raise ValueError(msg)
    values = plain(layer._forward_pre_hooks[keys[0]].weight(layer)).detach()
    del layer._forward_pre_hooks[keys[0]]
    del layer._parameters[f"{name}_g"], layer._parameters[f"{name}_v"]
    delattr(layer, name)
    _add(layer, name, values)
    return layer


def spectral_norm(
    layer: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight of a layer by an estimate of its largest singular value; return the layer.

    Args:
        layer: it gets the parameter `weight_orig` and the buffers `weight_u` and `weight_v`.
        name: of the weight. Default: 'weight'.
        n_power_iterations: refinements of the estimate in each forward in training. Default: 1.
        eps: the least norm of a vector. Default: 1e-12.
        dim: the axis of the rows. Default: None, the outputs: 1 of transposed convolutions and `Linear`, 0 of others.

    Raises:
        ValueError: `n_power_iterations` is not above 0.
        RuntimeError: the weight has such a norm already.
    """
    if n_power_iterations <= 0:
        msg = f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}."
        raise ValueError(msg)
    weight = _begin(layer, _SpectralNorm, "spectral_norm", name)
    if dim is None:
        turned = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Linear")
        dim = 1 if isinstance(layer, tuple(NAMES.get(f"nn.{each}") for each in turned)) else 0
    hook = _SpectralNorm(name, n_power_iterations, eps, dim)
    values = plain(weight).detach()
    matrix = hook.matrix(values)
    del layer._parameters[name]
    layer.add_parameter(f"{name}_orig", weight)
    layer.register_buffer(name, values.clone().as_subclass(Tensor).requires_grad_(), persistable=False)
    for each, size in zip("uv", matrix.shape, strict=True):
        drawn = functional.normalize(torch.randn(size, dtype=values.dtype, device=values.device), dim=0, eps=eps)
        layer.register_buffer(f"{name}_{each}", drawn.as_subclass(Tensor))
    layer.register_forward_pre_hook(hook)
    return layer


# -- gradients and vectors --------------------------------------------------------------------------------------


def _listed(parameters: Any) -> list[Any]:
    return [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)


def clip_grad_norm_(parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Any:
    """Scale gradients in place until their norm together is at most `max_norm`; return the norm before.

    Args:
        parameters: one or several.
        max_norm: the largest norm.
        norm_type: 0, 1, 2 or inf. Default: 2.0.
        error_if_nonfinite: whether a norm that is no number or infinite is an error. Default: False.

    Raises:
        ValueError: another kind of norm.
        RuntimeError: as asked for.
    """
    if norm_type not in (float("inf"), 0, 1, 2):
        msg = f"norm_type only support [inf, 0, 1, 2]; it is {norm_type!r}."
        raise ValueError(msg)
    given = _listed(parameters)
    gradients = [plain(each.grad) for each in given if each.grad is not None]
    if not gradients:
        return to_tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(each.detach(), norm_type) for each in gradients])
    total = torch.linalg.vector_norm(norms, norm_type)
    if error_if_nonfinite and not bool(torch.isfinite(total)):
        msg = (
            f"The total norm of {norm_type} order of the gradients from `parameters` is non-finite, so it cannot be "
            f"clipped. In any case, disable this error and scale the gradient by non-finite norm, set "
            f"`error_if_nonfinite=False`."
        )
        raise RuntimeError(msg)
    factor = torch.clamp(max_norm / (total + 1e-6), max=1.0)
    with torch.no_grad():
        for gradient in gradients:
            gradient.mul_(factor)
    return plain(total).detach().as_subclass(Tensor)


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Limit each value of gradients, in place, to at most `clip_value` from 0.

    Raises:
        ValueError: it is negative.
    """
    limit = float(clip_value)
    if limit < 0:
        msg = f"clip_value={clip_value} must be greater than or equal to 0."
        raise ValueError(msg)
    with torch.no_grad():
        for parameter in _listed(parameters):
            if parameter.grad is not None:
                plain(parameter.grad).clamp_(-limit, limit)


def parameters_to_vector(parameters: Any, name: str | None = None) -> Any:
    """Return the values of parameters one after the other in a vector, through which no gradients go.

    Raises:
        IndexError: there are none.
    """
    given = list(parameters)
    if not given:
        msg = "parameters is empty; give one at least."
        raise IndexError(msg)
    return torch.cat([plain(each).detach().reshape(-1) for each in given]).as_subclass(Tensor).requires_grad_()


def vector_to_parameters(vec: Any, parameters: Any, name: str | None = None) -> None:
    """Write a vector's values into parameters, one after the other.

    Raises:
        ValueError: there are fewer values than the parameters have.
    """
    given: list[Parameter] = list(parameters)
    sizes = [plain(each).numel() for each in given]
    if vec.shape[0] < sum(sizes):
        msg = (
            f"The total_elements of vec should be equal to or larger than the number of elements in parameters: "
            f"{vec.shape[0]} is less than {sum(sizes)}."
        )
        raise ValueError(msg)
    with torch.no_grad():
        for parameter, values in zip(given, torch.split(plain(vec)[: sum(sizes)], sizes), strict=True):
            plain(parameter).copy_(values.reshape(plain(parameter).shape))
