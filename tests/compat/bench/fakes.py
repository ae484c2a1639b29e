"""Subjects whose times are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fourfold.compat.agreement.cases import Case
from fourfold.compat.bench import NATIVE, Result, Timing, Variant, Workload
from fourfold.compat.bench.subjects import Operands, Prepared, UnavailableError

if TYPE_CHECKING:
    import torch


def variant(
    id: str = "one/k2s2",
    mode: str = "forward",
    dtype: str = "float32",
    *marks: str,
    layout: str = "contiguous",
    groups: int = 1,
) -> Variant:
    case = Case(
        id=id,
        source="test",
        in_channels=2,
        out_channels=2,
        kernel_size=2,
        stride=2,
        input_size=2,
        batch=1,
        groups=groups,
    )
    return Variant(Workload(case, marks), mode, dtype, layout)


def result(of: Variant, **seconds: float) -> Result:
    return Result(of, {name: Timing(value, value, 5, 1) for name, value in seconds.items()})


@dataclass
class Fake:
    """Computes what torch does, but for an error; takes the seconds it is told; writes down its turns."""

    name: str
    turns: list[str] = field(default_factory=list)
    error: float = 0.0
    time: float = 0.01
    refuses: str = ""
    fails_at: int = 10**9
    closed: bool = False

    def prepare(self, variant: Variant, operands: Operands) -> Prepared:
        if self.refuses:
            raise UnavailableError(self.refuses)
        self.given = NATIVE.prepare(variant, operands)
        return self

    def results(self) -> list[torch.Tensor]:
        found = self.given.results()
        found[-1].view(-1)[-1] += self.error
        return found

    def seconds(self, calls: int) -> float:
        self.turns.append(self.name)
        if self.turns.count(self.name) > self.fails_at:
            msg = "died"
            raise UnavailableError(msg)
        return self.time

    def close(self) -> None:
        self.closed = True
