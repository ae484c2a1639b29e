"""A case: one operator, one input size, one kind of data. Pure data, the same for every front end and framework."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from ...backend.arguments import IntOrPads, IntOrTriple, Pads, Triple, pads, triple

Data: TypeAlias = Literal["integers", "normal"]
DataFormat: TypeAlias = Literal["NCDHW", "NDHWC"]
Keyword: TypeAlias = Literal["SAME", "VALID"]

DATA: tuple[Data, ...] = ("integers", "normal")
# Of an operator, what has no default.
REQUIRED = ("in_channels", "out_channels", "kernel_size")


class Geometry(NamedTuple):
    """What the arguments of a case come to: numbers only, no keywords and no alternatives."""

    stride: Triple
    padding: Pads
    output_padding: Triple
    dilation: Triple
    output_size: Triple


@dataclass(frozen=True, slots=True, init=False)
class Case:
    """One operator with the data to run it on, in neutral terms (torch's words and layouts).

    Args:
        id: its name in reports, `family/what`.
        source: where it comes from.
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one int or (depth, height, width).
        input_size: one int or (D, H, W).
        stride: one int or three. Default: 1.
        padding: one int, three, three (low, high) pairs, `'SAME'` or `'VALID'` (Paddle's keywords). Default: 0.
        output_padding: one int or three. Default: 0.
        dilation: one int or three. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether there is one. Default: True.
        batch: number of volumes, 0 and above, or None for an unbatched input. Default: 2.
        output_size: the spatial size asked for in place of output padding, or None. Default: None.
        data_format: how the front end that can choose stores the volume. Operands are NCDHW always. Default: `'NCDHW'`.
        dtype: `'float16'`, `'bfloat16'`, `'float32'`, `'float64'`, `'complex64'` or `'complex128'`.
            Default: `'float32'`.
        data: `'integers'` (every summation order gives the same bits) or `'normal'`. Default: `'integers'`.
        seed: of the data, 0..2**32 - 1. Default: 0.

    Example:
        >>> case = Case(id="demo/k3s2", source="example", in_channels=2, out_channels=4, kernel_size=3, stride=2,
        ...             padding="SAME", input_size=4)
        >>> case.geometry().padding, case.output_shape
        (((0, 1), (0, 1), (0, 1)), (2, 4, 8, 8, 8))
        >>> Case.from_json(case.to_json()) == case
        True
    """

    id: str
    source: str
    in_channels: int
    out_channels: int
    kernel_size: Triple
    input_size: Triple
    stride: Triple
    padding: Pads | Keyword
    output_padding: Triple
    dilation: Triple
    groups: int
    bias: bool
    batch: int | None
    output_size: Triple | None
    data_format: DataFormat
    dtype: str
    data: Data
    seed: int

    def __init__(
        self,
        *,
        id: str,
        source: str,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTriple,
        input_size: IntOrTriple,
        stride: IntOrTriple = 1,
        padding: IntOrPads | Keyword = 0,
        output_padding: IntOrTriple = 0,
        dilation: IntOrTriple = 1,
        groups: int = 1,
        bias: bool = True,
        batch: int | None = 2,
        output_size: IntOrTriple | None = None,
        data_format: DataFormat = "NCDHW",
        dtype: str = "float32",
        data: Data = "integers",
        seed: int = 0,
    ) -> None:
        values: dict[str, Any] = {
            "id": id,
            "source": source,
            "in_channels": in_channels,
            "out_channels": out_channels,
            "kernel_size": triple(kernel_size, "kernel_size"),
            "input_size": triple(input_size, "input_size"),
            "stride": triple(stride, "stride"),
            "padding": padding if isinstance(padding, str) else pads(padding),
            "output_padding": triple(output_padding, "output_padding"),
            "dilation": triple(dilation, "dilation"),
            "groups": groups,
            "bias": bias,
            "batch": batch,
            "output_size": None if output_size is None else triple(output_size, "output_size"),
            "data_format": data_format,
            "dtype": dtype,
            "data": data,
            "seed": seed,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def key(self) -> str:
        """The id with the kind of data: unique in a run."""
        return f"{self.id}[{self.data}]"

    @property
    def weight_shape(self) -> tuple[int, int, int, int, int]:
        """`(in_channels, out_channels / groups, kD, kH, kW)`."""
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """`(N, C_in, D, H, W)`, or `(C_in, D, H, W)` where the case is unbatched."""
        return (*self._leading, self.in_channels, *self.input_size)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """`(N, C_out, D_out, H_out, W_out)`, or `(C_out, D_out, H_out, W_out)`."""
        return (*self._leading, self.out_channels, *self.geometry().output_size)

    @property
    def multiplications(self) -> int:
        """Products in one forward pass, before padding cuts any."""
        total = self.in_channels * (self.batch if self.batch is not None else 1)
        for factor in (*self.input_size, *self.weight_shape[1:]):
            total *= factor
        return total

    def geometry(self) -> Geometry:
        """Resolve padding keywords and `output_size` into numbers.

        SAME is Paddle's: it goes by the *input* size and sets dilation to 1. It is written here a second time on
        purpose, so that a case does not take its expected geometry from the front end under test.
        """
        dilation = self.dilation
        padding = self.padding
        if padding == "VALID":
            padding = pads(0)
        elif padding == "SAME":
            dilation = (1, 1, 1)
            padding = pads([_same(*axis) for axis in zip(self.input_size, self.kernel_size, self.stride, strict=True)])
        low_high = [
            (n - 1) * s + d * (k - 1) + 1 - low - high
            for n, s, d, k, (low, high) in zip(
                self.input_size, self.stride, dilation, self.kernel_size, padding, strict=True
            )
        ]
        extra = self.output_padding
        if self.output_size is not None:
            extra = _triple(wanted - least for wanted, least in zip(self.output_size, low_high, strict=True))
        size = _triple(least + more for least, more in zip(low_high, extra, strict=True))
        return Geometry(self.stride, padding, extra, dilation, size)

    def operator(self) -> dict[str, Any]:
        """Return the operator in numbers alone, under the names of `ConvTranspose3dSpec`."""
        geometry = self.geometry()._asdict()
        del geometry["output_size"]
        shape = {name: getattr(self, name) for name in REQUIRED}
        return {**shape, **geometry, "groups": self.groups}

    def stated(self) -> dict[str, Any]:
        """Return the fields that have no default, and those that are not at it."""
        fields = self.to_json()
        plain = Case(id="", source="", in_channels=1, out_channels=1, kernel_size=1, input_size=1).to_json()
        needed = ("id", "source", *REQUIRED, "input_size")
        return {name: value for name, value in fields.items() if name in needed or value != plain[name]}

    def replace(self, **changes: Any) -> Case:
        """Return the case with some fields changed."""
        return Case(**{**self.to_json(), **changes})

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict that `json.dumps` takes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Case:
        """Make the case again from `to_json()`, also after a trip through JSON text."""
        return cls(**fields)

    @property
    def _leading(self) -> tuple[int, ...]:
        return () if self.batch is None else (self.batch,)


def is_symmetric(case: Case) -> bool:
    """Whether padding is the same on both sides of every axis."""
    return all(low == high for low, high in case.geometry().padding)


def _same(size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + kernel_size - size, 0)
    return (total // 2, total - total // 2)


def _triple(values: Any) -> Triple:
    depth, height, width = values
    return (depth, height, width)
