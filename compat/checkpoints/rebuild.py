"""What the globals of checkpoints mean. A global that is not here is refused by name; none is ever imported."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from .dtypes import BY_NAME, BY_NUMPY, BY_STORAGE
from .errors import CheckpointError, RefusedGlobalError
from .listing import checked_shape
from .shown import shown, visible
from .values import Array, Dtype, Global, Instance, OrderedMap, Piece, StorageKey, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch

Arguments = tuple[Any, ...]
SCALARS = {"b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f2": "e"}
SCALARS |= {"f4": "f", "f8": "d"}
# Classes below these are kept as plain data, so that a whole module can be read.
PLAIN = (
    "megengine.module.",
    "megengine.tensor.",
    "megengine.quantization.",
    "oneflow.nn.modules.",
    "torch.nn.modules.",
)
PLAIN_NAMES = {
    "oneflow.nn.Parameter",
    "oneflow.Tensor",
    "oneflow.nn.parameter.Parameter",
    "oneflow._oneflow_internal.Tensor",
}
TENSOR_CLASSES = "fourfold.frontends."
LETTERS = 200  # of a class with its module


def _reject(what: str, arguments: object) -> CheckpointError:
    return CheckpointError(f"{what} is called with arguments that no writer gives it ({type(arguments).__name__}).")


def _ordered(arguments: Arguments) -> OrderedMap:
    if arguments not in ((), ([],)):
        msg = "collections.OrderedDict"
        raise _reject(msg, arguments)
    return OrderedMap()


def _defaultdict(arguments: Arguments) -> dict[Any, Any]:
    return {}


def _tuple(arguments: Arguments) -> Arguments:
    if len(arguments) != 1 or not isinstance(arguments[0], (list, tuple)):
        msg = "tuple"
        raise _reject(msg, arguments)
    return tuple(arguments[0])


def _encode(arguments: Arguments) -> bytes | Piece:
    if len(arguments) != 2 or arguments[1] not in ("latin1", "latin-1"):
        msg = "_codecs.encode"
        raise _reject(msg, arguments)
    text = arguments[0]
    if isinstance(text, Piece) and text.text:
        return Piece(text.offset, text.length, latin1=True)
    if not isinstance(text, str):
        msg = "_codecs.encode"
        raise _reject(msg, arguments)
    return text.encode("latin1")


def _bytes(arguments: Arguments) -> bytes:
    if arguments:
        msg = "bytes"
        raise _reject(msg, arguments)
    return b""


def _reconstruct(arguments: Arguments) -> Array:
    if len(arguments) != 3 or arguments[0] != Global("numpy", "ndarray"):
        msg = "numpy's _reconstruct"
        raise _reject(msg, arguments)
    return Array()


def _frombuffer(arguments: Arguments) -> Array:
    data, dtype, shape, order = arguments
    if not isinstance(dtype, Dtype) or not isinstance(data, (bytes, Piece)) or order not in ("C", "F"):
        msg = "numpy's _frombuffer"
        raise _reject(msg, arguments)
    array = Array(dtype.torch, checked_shape(shape, "array"), data, dtype.big, order == "F")
    array.check()
    return array


def _dtype(arguments: Arguments) -> Dtype:
    code = arguments[0] if arguments else None
    if not isinstance(code, str) or code.lstrip("<>|=") not in BY_NUMPY:
        msg = f"arrays of NumPy dtype {shown(code)} are no tensors; readable are {', '.join(BY_NUMPY)}."
        raise CheckpointError(msg)
    return Dtype(BY_NUMPY[code.lstrip("<>|=")], code.startswith(">"))


def _scalar(arguments: Arguments) -> Any:
    dtype, data = arguments
    if not isinstance(dtype, Dtype) or not isinstance(data, bytes) or dtype.torch.is_complex:
        msg = "numpy's scalar"
        raise _reject(msg, arguments)
    code = next(code for code, each in BY_NUMPY.items() if each == dtype.torch)
    return struct.unpack((">" if dtype.big else "<") + SCALARS[code], data)[0]


def _evaluated(arguments: Arguments) -> Array:
    # Paddle pickles a DenseTensor as eval("data", {"data": array}); that one form has a meaning, and it is the array
    if len(arguments) == 2 and arguments[0] == "data" and isinstance(arguments[1], dict):
        array = arguments[1].get("data")
        if isinstance(array, Array) and len(arguments[1]) == 1:
            return array
    msg = "refused: builtins.eval, which would run code from the file."
    raise CheckpointError(msg)


def _view(arguments: Arguments, dtype: torch.dtype | None, metadata: Arguments) -> View:
    storage, offset, shape, stride = arguments[:4]
    dtype = dtype or (storage.dtype if isinstance(storage, StorageKey) else None)
    if not isinstance(storage, StorageKey) or dtype is None or type(offset) is not int or offset < 0:
        msg = "torch's _rebuild_tensor"
        raise _reject(msg, arguments)
    shape, stride = checked_shape(shape, "tensor"), checked_shape(stride, "tensor's strides")
    if len(shape) != len(stride):
        msg = f"a tensor of shape {shape} has strides {stride}."
        raise CheckpointError(msg)
    return View(storage, dtype, offset, shape, stride, **_signs(dtype, metadata))


def _signs(dtype: torch.dtype, metadata: Arguments) -> dict[str, bool]:
    """Return whether a tensor's numbers are the conjugates or negatives of those stored; it may be nothing else."""
    if metadata in ((), (None,)):
        return {}
    flags = metadata[0]
    if (
        len(metadata) > 1
        or not isinstance(flags, dict)
        or not set(flags) <= {"conj", "neg"}
        or any(type(each) is not bool for each in flags.values())
        or (flags.get("conj") and not dtype.is_complex)
    ):
        msg = f"a tensor of {dtype} says of itself {shown(metadata)}; known are conj of complex numbers, and neg."
        raise CheckpointError(msg)
    return flags


def _tensor(arguments: Arguments) -> View:
    return _view(arguments, None, ())


def _tensor_2(arguments: Arguments) -> View:
    return _view(arguments, None, arguments[6:])


def _tensor_3(arguments: Arguments) -> View:
    dtype = arguments[6]
    if not isinstance(dtype, Global) or dtype.module != "torch" or dtype.name not in BY_NAME:
        msg = "torch's _rebuild_tensor_v3"
        raise _reject(msg, arguments)
    return _view(arguments, BY_NAME[dtype.name], arguments[7:])


def _parameter(arguments: Arguments) -> View:
    if not arguments or not isinstance(arguments[0], View):
        msg = "torch's _rebuild_parameter"
        raise _reject(msg, arguments)
    return arguments[0]


def _front_end_parameter(arguments: Arguments) -> View:
    if len(arguments) != 4 or not isinstance(arguments[1], View):
        msg = "fourfold's rebuild_parameter"
        raise _reject(msg, arguments)
    return arguments[1]


def _set(arguments: Arguments) -> Arguments:
    # modules that torch pickles whole have sets of names; nothing here needs them to be sets
    return _tuple(arguments) if arguments else ()


def _subclass(arguments: Arguments) -> Any:
    function, _, inner, _ = arguments
    if not isinstance(function, Global) or function.text not in VIEWS or not isinstance(inner, tuple):
        msg = "torch's _rebuild_from_type_v2"
        raise _reject(msg, arguments)
    return CALLS[function.text](inner)


def _device(arguments: Arguments) -> str:
    return ":".join(str(part) for part in arguments if isinstance(part, (str, int)))


VIEWS = {
    f"torch._utils.{name}"
    for name in (
        "_rebuild_tensor",
        "_rebuild_tensor_v2",
        "_rebuild_tensor_v3",
        "_rebuild_parameter",
        "_rebuild_parameter_with_state",
    )
}
CALLS: dict[str, Callable[[Arguments], Any]] = {
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": _defaultdict,
    "_codecs.encode": _encode,
    "numpy.dtype": _dtype,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor_2,
    "torch._utils._rebuild_tensor_v3": _tensor_3,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": _subclass,
    f"{TENSOR_CLASSES}tensor.rebuild_parameter": _front_end_parameter,
    "torch.Size": _tuple,
    "torch.device": _device,
}
for _module in ("builtins", "__builtin__"):
    CALLS |= {f"{_module}.tuple": _tuple, f"{_module}.bytes": _bytes, f"{_module}.eval": _evaluated}
    CALLS[f"{_module}.set"] = _set
for _core in ("numpy.core", "numpy._core"):  # NumPy 1 and NumPy 2
    CALLS |= {f"{_core}.multiarray._reconstruct": _reconstruct, f"{_core}.multiarray.scalar": _scalar}
    CALLS |= {f"{_core}.numeric._frombuffer": _frombuffer}
NAMES = {"numpy.ndarray", "builtins.dict", "__builtin__.dict", "torch.nn.parameter.Parameter", "torch.Tensor"}
NAMES |= {f"torch.{name}" for name in (*BY_NAME, *BY_STORAGE)}
NAMES |= {"torch.storage.UntypedStorage", "torch.UntypedStorage", "torch.storage.TypedStorage"}


class Rebuilder:
    """Decides what globals mean.

    Args:
        allow: further classes, as `module.name`, that are kept as plain data.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self.allow = frozenset(allow)
        self.seen: set[str] = set()
        self.known: dict[tuple[str, str], Global] = {}

    def allowed(self, module: str, name: str) -> Global:
        """Return a global, or raise if it is not on the list."""
        known = self.known.get((module, name))
        if known is not None:
            return known
        found = Global(module, name)
        text = found.text
        if len(text) > LETTERS or (text not in CALLS and text not in NAMES and not self.is_plain(text)):
            raise RefusedGlobalError(visible(text, LETTERS))
        self.seen.add(text)
        self.known[module, name] = found
        return found

    def is_plain(self, text: str) -> bool:
        """Whether objects of the class are kept as plain data."""
        return text.startswith((*PLAIN, TENSOR_CLASSES)) or text in PLAIN_NAMES or text in self.allow

    def call(self, function: Global, arguments: Arguments, *, new: bool) -> Any:
        """Return what a call of a global stands for."""
        text = function.text
        if text in CALLS and not new:
            return CALLS[text](arguments)
        if self.is_plain(text):
            return Instance(function, arguments)
        msg = f"refused: the file makes an object of {text}, which is not what checkpoints do with it."
        raise CheckpointError(msg)

    def build(self, target: Any, state: Any) -> None:
        """Give an object its state."""
        if isinstance(target, Array):
            _build_array(target, state)
        elif isinstance(target, Dtype):
            if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", ">", "|", "="):
                msg = "numpy.dtype's state"
                raise _reject(msg, state)
            target.big = state[1] == ">"
        elif isinstance(target, Instance):
            target.state = state
        elif not isinstance(target, (OrderedMap, View)):  # of these, attributes are left aside
            msg = f"a state for an object of type {type(target).__name__}, which has none."
            raise CheckpointError(msg)


def _build_array(target: Array, state: Any) -> None:
    if not isinstance(state, tuple) or len(state) != 5:
        msg = "numpy.ndarray's state"
        raise _reject(msg, state)
    _, shape, dtype, fortran, data = state
    if not isinstance(dtype, Dtype) or not isinstance(data, (bytes, Piece)) or getattr(data, "text", False):
        msg = "numpy.ndarray's state"
        raise _reject(msg, state)
    target.dtype, target.big, target.data = dtype.torch, dtype.big, data
    target.shape, target.fortran = checked_shape(shape, "array"), fortran is True
    target.check()
