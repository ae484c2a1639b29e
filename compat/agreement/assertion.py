"""Does a layer agree with a framework? The function behind the pytest plugin, usable without pytest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...backend.arguments import triple
from ...backend.notebook import html_table
from .cases import DATA, Case
from .comparison import Comparison, Verdict
from .data import STORAGE, operands
from .expectation import QUANTITIES, bound_of, define, judge, sums
from .formats import FORMATS
from .frameworks import Frameworks, require
from .reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...backend.arguments import IntOrTriple, Triple
    from ..literals import Dtype, Reference
    from .cases import Data
    from .data import Array, Operands
    from .expectation import Quantity
    from .reading import Reading

INPUT_SIZE = (4, 5, 6)
LARGEST_INPUT = 64


class AgreementError(AssertionError):
    """A layer and a framework do not agree.

    Attributes:
        agreement: what was found.
    """

    def __init__(self, agreement: Agreement) -> None:
        super().__init__(str(agreement))
        self.agreement = agreement


@dataclass(frozen=True, slots=True)
class Outcome:
    """One array of the layer beside the framework's.

    Attributes:
        case: the operator and the data.
        quantity: which array.
        comparison: the layer's value is `actual`, the framework's `expected`.
        definition: the mathematical value at `comparison.index` in the dtype of the case, as text; None if they agree.
        ulp: the distance of the two there, in ULP; None likewise.
        bound: what the two may differ by there; None where they must be equal.
    """

    case: Case
    quantity: Quantity
    comparison: Comparison
    definition: str | None = None
    ulp: float | None = None
    bound: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Agreement:
    """What comparing a layer with a framework gave; true where they agree.

    Attributes:
        layer: its class.
        description: what it says of itself.
        framework: its name.
        version: its release; empty for the definition.
        outcomes: output and gradients on each kind of data.
        problem: why the framework gave no result, else empty.
        cases: what was run.
        given: the operator arguments where they were given.
    """

    layer: str
    description: str
    framework: str
    version: str
    outcomes: tuple[Outcome, ...]
    problem: str
    cases: tuple[Case, ...]
    given: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether every array is identical or, on normal data, within rounding."""
        return not self.problem and all(outcome.comparison.ok for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """The worst of all: refused, different, within rounding, identical."""
        if self.problem:
            return Verdict.REFUSED
        return _worst(self.outcomes)

    @property
    def max_eps(self) -> float:
        """Greatest difference on normal data, in eps of the sums' magnitudes."""
        return max((outcome.comparison.max_eps or 0.0 for outcome in self.outcomes), default=0.0)

    @property
    def of_bound(self) -> float:
        """Greatest difference on normal data, as a share of its bound; at most 1 where they agree."""
        return max((outcome.comparison.of_bound or 0.0 for outcome in self.outcomes), default=0.0)

    def check(self) -> Agreement:
        """Return this if it is an agreement.

        Raises:
            AgreementError: it is none; the message says where, and how to repeat it.
        """
        __tracebackhide__ = True
        if not self.ok:
            raise AgreementError(self)
        return self

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        who = f"<Agreement of {self.layer} with {self._name}: "
        if self.problem:
            return f"{who}none, {_shortened(self.problem)}>"
        worst = next((outcome for outcome in self.outcomes if not outcome.comparison.ok), None)
        if worst is None:
            verdicts = {case.data: _worst(self._of(case)).value for case in self.cases}
            share = f" ({self.of_bound:.2g} of the bound)" if self.verdict is Verdict.WITHIN_ROUNDING else ""
            return f"{who}{', '.join(f'{data} {verdict}' for data, verdict in verdicts.items())}{share}>"
        where = worst.comparison
        what = where.reason or f"{list(where.index or ())} is {where.actual} for {where.expected}, {worst.ulp:g} ULP"
        return f"{who}different, {worst.quantity} {what}, {worst.case.data}>"

    def __str__(self) -> str:
        if self.ok:
            return repr(self)
        lines = [f"{self.layer} and {self._name} do not agree"]
        for case in self.cases:
            outcomes = self._of(case)
            if self.problem or not all(outcome.comparison.ok for outcome in outcomes):
                lines += ["", *_described(case), *self._lines(outcomes), "  repeat", *self._snippet(case)]
            if self.problem:
                break
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        headers = ("data", "array", "verdict", "differing", "worst at", "layer", self._name, "ULP", "of the bound")
        outcomes = sorted(self.outcomes, key=lambda outcome: outcome.comparison.ok)
        rows = (_cells(outcome) for outcome in outcomes)
        bad = [not outcome.comparison.ok for outcome in outcomes]
        return html_table(repr(self)[1:-1], headers, rows, len(outcomes), bad)

    @property
    def _name(self) -> str:
        return f"{self.framework} {self.version}".rstrip()

    def _of(self, case: Case) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.case is case]

    def _lines(self, outcomes: Sequence[Outcome]) -> list[str]:
        if self.problem:
            return [f"  {self.framework:<11} {self.problem}"]
        lines = []
        for outcome in outcomes:
            found = outcome.comparison
            if found.ok or found.reason is not None:
                lines.append(f"  {outcome.quantity:<11} {found}")
                continue
            bound = "none, integers must be equal"
            if outcome.bound is not None:
                bound = f"{outcome.bound:.3g}; found {found.of_bound:.3g} times that"
            facts = {
                "index": found.index,
                "layer": found.actual,
                self.framework: found.expected,
                "definition": outcome.definition,
                "distance": f"{outcome.ulp:g} ULP; in all of {outcome.quantity} at most {found.max_abs:.3g}",
                "bound": bound,
            }
            lines.append(f"  {outcome.quantity:<11} different: {found.differing} of {found.elements}, the worst at")
            lines += [f"    {name:<11} {fact}" for name, fact in facts.items()]
        return lines

    def _snippet(self, case: Case) -> list[str]:
        operator = "" if self.given is None else f"operator={dict(self.given)!r}, "
        return [
            "    from fourfold.compat.agreement.assertion import compare_layer",
            f"    layer = ...  # {self.description}",
            f"    compare_layer(layer, {self.framework!r}, {operator}input_size={case.input_size}, batch={case.batch},",
            f"                  dtype={case.dtype!r}, data={case.data!r}, seed={case.seed}).check()",
        ]


def compare_layer(
    layer: Callable[..., Any],
    framework: Reference,
    *,
    operator: Mapping[str, Any] | None = None,
    input_size: IntOrTriple | None = None,
    batch: int | None = 2,
    dtype: Dtype | None = None,
    data: Data | None = None,
    seed: int = 0,
    frameworks: Frameworks | None = None,
) -> Agreement:
    """Compare output and gradients of a layer with those of a framework, given the same operands.

    Input, weight, bias and upstream gradient are drawn; the layer's own values are neither used nor changed.

    Args:
        layer: a 3-D transposed convolution; `reading.read` says which.
        framework: `'definition'`, `'torch'` (PyTorch's own operator), or the name of an environment.
        operator: what the layer computes, where it does not say so itself; see `reading.read`. Default: None.
        input_size: one int or (D, H, W), 1 and above. Default: (4, 5, 6), or what the layer needs.
        batch: number of volumes, 0 and above, or None for an unbatched input. Default: 2.
        dtype: of all operands, one of the six of `Case`. Default: that of the layer's weight.
        data: `'integers'` (equality is demanded), `'normal'` (the componentwise bound), or None for both.
            Default: None.
        seed: of the data, 0..2**32 - 1. Default: 0.
        frameworks: processes to use and keep. Default: one is started for this call.

    Raises:
        UnreadableLayerError: the layer is no transposed convolution that can be understood (a TypeError).
        MissingEnvironmentError: the environment is not there.
        ValueError: an argument is out of range, or the output would be empty.
        WorkerError: the framework does not start. What the layer raises passes through.

    Example:
        >>> import torch
        >>> compare_layer(torch.nn.ConvTranspose3d(4, 6, 3, stride=2), "definition", data="integers")
        <Agreement of ConvTranspose3d with definition: integers identical>
    """
    require(framework)
    if data is not None and data not in DATA:
        msg = f"data={data!r} is not legal; choose from {', '.join(map(repr, DATA))}, or None for both."
        raise ValueError(msg)
    if dtype is not None and dtype not in STORAGE:
        msg = f"dtype={dtype!r} is not legal; choose from {', '.join(map(repr, STORAGE))}."
        raise ValueError(msg)
    reading = read(layer, operator)
    cases = tuple(_case(reading, kind, input_size, batch, dtype, seed) for kind in (DATA if data is None else (data,)))
    if frameworks is None:
        with Frameworks() as own:
            return _compare(reading, framework, cases, operator, own)
    return _compare(reading, framework, cases, operator, frameworks)


def _compare(
    reading: Reading, framework: str, cases: tuple[Case, ...], given: Mapping[str, Any] | None, frameworks: Frameworks
) -> Agreement:
    outcomes: list[Outcome] = []
    problem = ""
    for case in cases:
        values = operands(case)
        theirs, problem = frameworks.ask(framework, case, values)
        if problem:
            break
        outcomes += _outcomes(case, values, reading.run(case, values), theirs, defined=framework == "definition")
    return Agreement(
        reading.name,
        reading.description,
        framework,
        frameworks.version(framework),
        tuple(outcomes),
        problem,
        cases,
        given,
    )


def _outcomes(
    case: Case, values: Operands, ours: dict[Quantity, Array], theirs: dict[Quantity, Array], *, defined: bool
) -> list[Outcome]:
    added = sums(case, values) if case.data == "normal" else {}
    outcomes = []
    for quantity in QUANTITIES:
        if quantity == "grad_bias" and not case.bias:
            continue
        pair = [side.get(quantity) for side in (ours, theirs)]
        if pair[0] is None or pair[1] is None:
            side = "layer" if pair[0] is None else "framework"
            found = Comparison(Verdict.DIFFERENT, reason=f"the {side} gave none")
            outcomes.append(Outcome(case, quantity, found))
            continue
        found = judge(case, added.get(quantity), pair[0], pair[1], defined=defined)
        definition = ulp = bound = None
        if found.index is not None and not found.ok:
            kind = FORMATS[case.dtype]
            here, there, exact = (
                kind.round(np.asarray(side[found.index])) for side in (*pair, getattr(define(case, values), quantity))
            )
            definition, ulp = str(exact[()]), float(kind.ulp_distance(here, there))
            if quantity in added:
                bound = float(
                    bound_of(case, added[quantity]._replace(stored=None), pair[1], defined=defined)[found.index]
                )
        outcomes.append(Outcome(case, quantity, found, definition, ulp, bound))
    return outcomes


def _cells(outcome: Outcome) -> tuple[str, ...]:
    """Return a line of the table in a notebook; empty is what equal arrays do not have."""
    found = outcome.comparison
    return (
        outcome.case.data,
        outcome.quantity,
        found.verdict.value if found.reason is None else f"{found.verdict.value}: {found.reason}",
        f"{found.differing:,} of {found.elements:,}",
        "" if found.index is None else str(found.index),
        found.actual or "",
        found.expected or "",
        f"{found.max_ulp:g}",
        "" if found.of_bound is None else f"{found.of_bound:.2g}",
    )


def _worst(outcomes: Sequence[Outcome]) -> Verdict:
    found = {outcome.comparison.verdict for outcome in outcomes}
    return next(one for one in (Verdict.DIFFERENT, Verdict.WITHIN_ROUNDING, Verdict.IDENTICAL) if one in found)


def _case(
    reading: Reading, data: Data, input_size: IntOrTriple | None, batch: int | None, dtype: str | None, seed: int
) -> Case:
    case = Case(
        id=f"{reading.name}/{data}",
        source="a user's layer",
        input_size=INPUT_SIZE if input_size is None else triple(input_size, "input_size"),
        batch=batch,
        dtype=dtype or reading.dtype,
        data=data,
        seed=seed,
        **reading.arguments,
    )
    if input_size is None:
        case = case.replace(input_size=_fitting(case))
    if min(case.geometry().output_size) < 1:
        msg = (
            f"an input of {case.input_size} gives an output of {case.geometry().output_size}, which is empty. "
            f"Give a larger input_size, or reduce padding."
        )
        raise ValueError(msg)
    return case


def _fitting(case: Case) -> Triple:
    """Return an input size that gives the fixed output size of a layer, or else an output that is not empty."""
    plain = case.replace(output_size=None)
    sizes = list(case.input_size)
    for axis in range(3):
        for size in range(1 if case.output_size is not None else sizes[axis], LARGEST_INPUT):
            length = plain.replace(input_size=size).geometry().output_size[axis]
            wanted = 1 if case.output_size is None else case.output_size[axis] - case.stride[axis] + 1
            if length >= wanted:
                sizes[axis] = size
                break
    depth, height, width = sizes
    return (depth, height, width)


def _described(case: Case) -> list[str]:
    operator = {name: value for name, value in case.operator().items() if "channels" not in name}
    operator["bias"] = case.bias
    return [
        f"  case        {case.id}: {case.input_shape} -> {case.output_shape}, {case.dtype}, seed {case.seed}",
        f"  operator    {', '.join(f'{name}={value}' for name, value in operator.items())}",
    ]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}..."
