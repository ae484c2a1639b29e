"""Rows of methods that are no functions, and what makes `paddle.Tensor` of rows."""

from __future__ import annotations

import functools
import inspect
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ...names import Function, several
from ..dtype import BY_NAME, dtype_name
from ..names import NAMES
from ..tensor import Tensor as PaddleTensor
from ..values import refuse_leaf
from . import indexing, indices, matrices, operators, shapes
from .operands import integers, number, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["add"]

fn = NAMES.function

# What torch's methods of these names do is what Paddle's do.
TORCHS = """
    clone coalesce contiguous copy_ cuda data data_ptr dense_dim detach device dim dtype element_size get_device
    grad_fn indices is_coalesced is_contiguous is_cuda is_leaf is_sparse itemsize layout ndim ndimension
    pin_memory register_hook requires_grad requires_grad_ set_ sparse_dim stride to to_dense values
"""
CASTS = {
    **{name: name for name in BY_NAME},
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "int": "int32",
    "long": "int64",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "cfloat": "complex64",
    "cdouble": "complex128",
}


def method(name: str, target: Callable[..., Any], **words: Any) -> None:
    """Serve a method that is no function; `target` takes the tensor first."""
    fn(f"Tensor.{name}", target, **words)


def castable(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """Return a method that casts to one dtype; what has it is returned."""

    def cast(self: Tensor) -> Tensor:
        return torch.Tensor.to(self, dtype)

    return cast


for name, kind in CASTS.items():
    if f"Tensor.{name}" in NAMES.signatures:
        method(name, castable(BY_NAME[kind]))


# -- in place ---------------------------------------------------------------------------------------------------


def put(tensor: Tensor, values: Tensor) -> Tensor:
    """Put what was computed into a tensor, whose shape it has; a tensor takes its dtype."""
    if values.shape != tensor.shape:
        msg = (
            f"The shape of broadcast output {list(values.shape)} is different from that of inplace tensor "
            f"{list(tensor.shape)} in the Inplace operation. Use the operation that makes a new tensor."
        )
        raise OperatorError(msg)
    if values.dtype is not tensor.dtype:
        if values.requires_grad or tensor.requires_grad:
            kinds = f"{dtype_name(values.dtype)} values cannot be put into a {dtype_name(tensor.dtype)} tensor"
            msg = f"{kinds} that takes gradients. Use the operation that makes a new tensor."
            raise OperatorError(msg)
        tensor.data = values.clone() if values is tensor else values
        return tensor
    return torch.Tensor.copy_(tensor, values)


def written(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that puts what another computes of a tensor into it."""
    computes = getattr(target, "__wrapped__", target)
    native = None
    if isinstance(computes, BuiltinFunctionType) and not computes.__name__.startswith(COMPARING):
        native = getattr(torch.Tensor, f"{computes.__name__}_", None)

    @functools.wraps(computes)
    def in_place(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_leaf(tensor)
        traced = torch.compiler.is_dynamo_compiling()
        if (
            native is not None
            and not traced
            and tensor.is_floating_point()
            and all(_fits(tensor, each) for each in (*args, *kwargs.values()))
        ):
            return native(tensor, *args, **kwargs)
        # what its gradient needs is not written into
        operand = torch.clone(tensor) if tensor.requires_grad and torch.is_grad_enabled() else tensor
        return put(tensor, target(operand, *args, **kwargs))

    return in_place


COMPARING = ("eq", "ne", "less", "greater", "logical", "is")  # beginnings of names whose results are bools


def _fits(tensor: Tensor, operand: Any) -> bool:
    """Return whether an operand leaves a tensor its dtype and shape."""
    if not isinstance(operand, torch.Tensor):
        return True
    with quiet():
        return operand.dtype is tensor.dtype and operand.size() == tensor.size()


RESHAPING = ("reshape", "flatten", "squeeze", "unsqueeze", "transpose", "t")


def reshaping(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives a tensor the shape of a view that another makes of it."""

    @functools.wraps(target)
    def in_place(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_leaf(tensor)
        with torch.no_grad():
            # fluid's detach() copies
            view = target(torch.Tensor.detach(tensor), *args, **kwargs)
            moved = view.data_ptr() != tensor.data_ptr()
        if moved:
            msg = "a tensor whose memory is in another order cannot be given this shape in place; use reshape()."
            raise OperatorError(msg)
        return torch.Tensor.as_strided_(
            tensor, torch.Tensor.size(view), torch.Tensor.stride(view), torch.Tensor.storage_offset(view)
        )

    return in_place


def in_place_rows() -> None:
    """Serve the functions in place, `exp_` of `exp`, where the release has them."""
    for name in list(NAMES.signatures):
        if not name.endswith("_") or name.startswith("Tensor.") or NAMES.serves(name):
            continue
        row = NAMES.rows.get(NAMES.signatures.canonical(name[:-1]))
        if not isinstance(row, Function) or not NAMES.signatures.lines[name].startswith("def "):
            continue
        last = name.rpartition(".")[2][:-1]
        make = reshaping if last in RESHAPING else written
        parameters = NAMES.signatures.signature(name).parameters
        words = {word: what for word, what in row.words.items() if word in parameters and what.gather is None}
        fn(name, make(row.target), **words)


def sinc_written(x: Tensor) -> Tensor:
    """Write sin(pi x) / (pi x) into a tensor; what the release returns is another one with the same values."""
    return torch.clone(written(torch.sinc)(x))


def filled(self: Tensor, value: Any) -> Tensor:
    """Write one value everywhere."""
    refuse_leaf(self)
    if not isinstance(value, (int, float)):
        msg = f"The type of 'value'  must be int or float, but received {type(value)}. Use item()."
        raise TypeError(msg)
    return torch.Tensor.fill_(self, value if self.dtype.is_floating_point or self.dtype.is_complex else int(value))


def diagonal_filled(self: Tensor, value: Any, offset: int = 0, wrap: bool = False) -> Tensor:
    """Write one value to the diagonal; with `wrap` to those below it in a tall matrix, too."""
    refuse_leaf(self)
    if not offset:
        return torch.Tensor.fill_diagonal_(self, value, wrap)
    torch.Tensor.fill_(torch.diagonal(self, offset), value)
    return self


def drawn(draw: Callable[..., Any], order: str) -> Callable[..., Any]:
    """Return a method that fills a tensor at random; `order` has the parameters, as torch's method wants them."""

    def computed(self: Tensor, **arguments: Any) -> Tensor:
        given = [arguments[name] for name in order.split()]
        if draw is torch.Tensor.bernoulli_ and isinstance(given[0], torch.Tensor):
            return draw(self, given[0].detach().expand(list(self.shape)))  # a chance for each
        return draw(self, *map(number, given))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in ("self", *order.split())]
    computed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return computed


method("fill_", filled, value="")
fn("sinc_", sinc_written)
method("zero_", lambda self: filled(self, 0))
method("fill_diagonal_", diagonal_filled, value="")


def with_diagonal(self: Tensor, y: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return a copy with another diagonal, which gets no gradient in Paddle."""
    return torch.diagonal_scatter(self, y.detach(), offset, dim1, dim2)


def uniform(self: Tensor, min: Any = 0, max: Any = 1.0) -> Tensor:
    """Fill with uniform values from [min, max)."""
    low, high = number(min), number(max)
    if low >= high:
        msg = f"The uniform_random's min must less then max. But received min = {low} great than or equal max = {high}."
        raise OperatorError(msg)
    return torch.Tensor.uniform_(self, low, high)


def scattered(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Write slices to their places; `index, updates, overwrite=True` follow the tensor."""
    kwargs.pop("name", None)
    return written(indexing.scattered)(x, *args, **kwargs)


def chosen(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Write values of `y` into `x` where a condition does not hold."""
    return put(x, indexing.where(condition, x, y))


fn("scatter_", scattered)
fn("where_", chosen)
method("fill_diagonal_tensor", with_diagonal)
method("fill_diagonal_tensor_", written(with_diagonal))
for place, draw, order in (
    ("normal_", torch.Tensor.normal_, "mean std"),
    ("cauchy_", torch.Tensor.cauchy_, "loc scale"),
    ("geometric_", torch.Tensor.geometric_, "probs"),
    ("log_normal_", torch.Tensor.log_normal_, "mean std"),
    ("bernoulli_", torch.Tensor.bernoulli_, "p"),
):
    fn(place, drawn(draw, order))
    method(place, drawn(draw, order))
method("uniform_", uniform)
method("exponential_", drawn(torch.Tensor.exponential_, "lam"))
method("random_", lambda self, from_=0, to=None: torch.Tensor.random_(self, from_, to))


# -- what is no function ----------------------------------------------------------------------------------------


def applied(self: Tensor, func: Callable[[Tensor], Tensor]) -> Tensor:
    """Return what a function makes of the tensor, which must stop gradients."""
    if self.requires_grad:
        msg = "Cannot apply function on a tensor that required gradient. Use detach() first."
        raise OperatorError(msg)
    return func(self)


def pieces(self: Tensor, split_sizes: Any, dim: int = 0) -> list[Tensor]:
    """Take copies apart, of these sizes."""
    copied: Any = torch.split_with_sizes_copy
    return list(copied(self, integers(split_sizes), dim))


def made_of(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a method that makes another tensor of this one's dtype."""

    def computed(
        self: Tensor, size: Any, *values: Any, dtype: Any = None, requires_grad: bool = False, **options: Any
    ) -> Tensor:
        return make(self, integers(size), *values, dtype=dtype, requires_grad=requires_grad, **options)

    return computed


method("apply", applied)
method("apply_", lambda self, func: put(self, applied(self, func)))
for name in ("new_zeros", "new_ones", "new_empty"):
    method(name, made_of(getattr(torch.Tensor, name)), size=several())
method(
    "new_full",
    lambda self, size, fill_value, dtype=None, requires_grad=False: torch.Tensor.new_full(
        self, integers(size), fill_value, dtype=dtype, requires_grad=requires_grad
    ),
    size="",
    fill_value="",
)
method("repeat", shapes.tiled, repeats=several("repeat_times"))
method("split_with_sizes", pieces)
method("cpu", torch.Tensor.cpu)
method("rank", shapes.rank)
method("value", lambda self: self)
method("is_tensor", lambda self: True)
method("type_as", lambda self, other: torch.Tensor.to(self, other.dtype), other="")
method("inverse", matrices.inverted)


def add() -> None:
    """Give the class its methods, operators and indices, and refuse by name what the release has beyond them."""
    kind: Any = PaddleTensor
    in_place_rows()
    NAMES.add_methods(
        kind, "Tensor", ("", "nn.functional.", "linalg.", "signal."), written, numbers="y", otherwise=True
    )
    operators.add()
    indices.add()
    NAMES.refuse_methods(kind, "Tensor", TORCHS)
