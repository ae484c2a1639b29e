"""A verification as a table, as sentences, as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...checkpoints.shown import visible
from ...cli.environment import environment
from ...cli.table import Row
from ..comparison import Verdict
from ..rounding import ODDS
from .status import Status

if TYPE_CHECKING:
    from ..comparison import Comparison
    from .result import LayerResult, TensorResult, Verification

FORMAT = "fourfold verification 2"
LAYER_HEADERS = ("layer", "class", "verdict", "output", "eps", "rule")
END_HEADERS = ("model", "verdict", "largest difference", "sensitivity")
# What a narrow terminal goes without, the last first.
OPTIONAL = ("largest difference", "sensitivity", "output", "eps", "rule")
LEGEND = (
    "  identical    equal bit for bit",
    "  within 0.38  only rounding: the worst element is at 0.38 of its bound; --json has ULP",
)


def layer_rows(result: Verification) -> list[Row]:
    """Return a row per call of a layer, in the order of the recording."""
    rows = []
    for layer in result.layers:
        comparison = layer.comparison
        cells = (
            (layer.name or "(model)") + (f" #{layer.call + 1}" if layer.call else ""),
            _classes(layer),
            ("> " if layer is result.first else "") + _verdict(layer.verdict, comparison),
            " x ".join(str(size) for size in layer.shape),
            f"{comparison.max_eps:.2f}" if comparison is not None and comparison.max_eps is not None else "",
            layer.rule,
        )
        style = "dim" if layer.ok and layer.status is not Status.COMPARED else ""
        rows.append(Row(cells, style, (style, style, _style(layer.ok, layer.verdict) or style)))
    return rows


def end_rows(result: Verification, *, every: bool = False) -> list[Row]:
    """Return a row per output, one for all gradients that differ and one for those that agree.

    Args:
        result: of the verification.
        every: give each gradient a row of its own.
    """
    rows = [_free_row(one) for one in result.free]
    rows += [_end_row(one.name, one) for one in result.outputs]
    bad = [one for one in result.gradients if not one.comparison.ok]
    good = [one for one in result.gradients if one.comparison.ok]
    for group in (bad, good):
        if group and (every or len(group) == 1):
            rows += [_end_row(f"gradient of {one.name}", one) for one in group]
        elif group:
            worst = max(group, key=lambda one: one.comparison.of_bound or 0.0)
            rows.append(_end_row(f"{len(group)} gradients, worst of {worst.name}", worst))
    return rows


def divergence(result: Verification) -> list[str]:
    """Return sentences about the first layer that diverges, or about what else does."""
    layer = result.first
    if layer is None:
        bad = [one.name for one in (*result.outputs, *result.gradients) if not one.comparison.ok]
        if bad and all(one.comparison.ok for one in result.outputs):
            return [f"Every layer agrees, but gradients do not: {', '.join(bad[:5])}."]
        if bad:
            return [
                f"Every layer agrees, but the model does not: {', '.join(bad[:5])}.",
                "  Compare what happens between and after the layers: functions, skip connections, their order.",
            ]
        return []
    others = sum(not one.ok for one in result.layers) - 1
    lines = [f"First divergence: {_where(layer)}{f', and {others} more below' if others else ''}."]
    if layer.comparison is not None:
        lines.append(f"  {_statistics(layer, layer.comparison)}")
    if layer.status is Status.NOT_CALLED:
        lines.append("  The recorded model called it; this one has it and does not.")
    lines += [f"  {note}" for note in layer.notes]
    before = _before(result, layer)
    if layer.status is Status.COMPARED:
        fed = f"after {before.name!r}" if before is not None else "on the model's input"
        lines.append(f"  It ran on recorded values: the layer itself, or a function {fed} that feeds it, differs.")
    return lines


def summary(result: Verification) -> str:
    """Return one line about everything."""
    compared = [layer for layer in result.layers if layer.comparison is not None]
    word = "agreement" if result.ok else "DIFFERENCE"
    differing = sum(not layer.ok for layer in result.layers)
    ends = (*result.outputs, *result.gradients)
    parts = [
        f"{word} with {visible(result.framework, 40)}: {len(compared)} layer call{'s' * (len(compared) != 1)}, "
        + (f"{differing} differ" if differing else "all within their bounds"),
        f"{len(result.outputs)} output{'s' * (len(result.outputs) != 1)} and {len(result.gradients)} gradients, "
        + (f"{bad} differ" if (bad := sum(not one.comparison.ok for one in ends)) else "all agree")
        if ends
        else "outputs and gradients not compared",
    ]
    if result.largest_rounding and not differing:
        share = f"{result.largest_share:.2f} of its bound"
        parts.append(f"largest rounding of a layer {result.largest_rounding:.2f} eps, {share}")
    return "; ".join(parts)


def as_json(result: Verification) -> dict[str, Any]:
    """Return everything, ready for `json.dumps(allow_nan=False)`: infinities are strings."""
    first = result.first
    return {
        "format": FORMAT,
        "environment": environment(),
        "bundle": result.bundle,
        "framework": result.framework,
        "training": result.training,
        "ok": result.ok,
        "complete": result.complete,
        "odds": ODDS,
        "first_divergence": None if first is None else {"name": first.name, "call": first.call},
        "layers": [_layer_json(layer) for layer in result.layers],
        "end_to_end": [_end_json(one) for one in result.free],
        "outputs": [_end_json(one) for one in result.outputs],
        "gradients": [_end_json(one) for one in result.gradients],
        "loaded": {match.source: match.target for match in result.matches},
        "notes": list(result.notes),
    }


def _classes(layer: LayerResult) -> str:
    """Return the class of a layer, or where it has another here, both."""
    there, here = layer.there or "-", layer.here or "-"
    return here if there == here else f"{there} > {here}"


def _verdict(verdict: str, comparison: Comparison | None) -> str:
    if comparison is None or verdict != Verdict.WITHIN_ROUNDING.value or comparison.of_bound is None:
        return verdict
    return f"within {comparison.of_bound:.2f}"


def _style(ok: bool, verdict: str) -> str:
    looks = {Verdict.IDENTICAL.value: "good", Verdict.WITHIN_ROUNDING.value: "fair"}
    return looks.get(verdict, "") if ok else "bad"


def _end_row(name: str, one: TensorResult) -> Row:
    comparison = one.comparison
    verdict = comparison.verdict.value
    cells = (
        name,
        _verdict(verdict, comparison),
        comparison.reason or f"{comparison.max_abs:.3g}",
        f"{one.sensitivity:.3g} eps",
    )
    return Row(cells, "", ("", _style(comparison.ok, verdict)))


def _free_row(one: TensorResult) -> Row:
    comparison = one.comparison
    verdict = comparison.verdict.value if comparison.index is None else "no bound"
    return Row((f"{one.name}, end to end", verdict, comparison.reason or f"{comparison.max_abs:.3g}", ""), "dim")


def _where(layer: LayerResult) -> str:
    name = f"layer {layer.name!r}" if layer.name else "the model, which is one layer"
    call = f", call {layer.call + 1}" if layer.call else ""
    there, here = layer.there or "not recorded", layer.here or "not here"
    return f"{name}{call} ({there} there, {here} here) is {layer.verdict}"


def _statistics(layer: LayerResult, comparison: Comparison) -> str:
    if comparison.reason is not None:
        return f"{comparison.reason}."
    times = "" if comparison.of_bound is None else f", {comparison.of_bound:.3g} times the bound"
    return (
        f"{layer.beyond} of {comparison.elements} values ({layer.share:.1%}) are beyond the bound; worst at "
        f"{comparison.index}: {comparison.actual} for {comparison.expected}; at most {comparison.max_abs:.3g} "
        f"absolute, {comparison.max_ulp:g} ULP{times}."
    )


def _before(result: Verification, layer: LayerResult) -> LayerResult | None:
    position = result.layers.index(layer)
    return result.layers[position - 1] if position else None


def _layer_json(layer: LayerResult) -> dict[str, Any]:
    fields = asdict(layer)
    fields.update(status=layer.status.value, ok=layer.ok, verdict=layer.verdict, share=layer.share)
    fields["comparison"] = None if layer.comparison is None else _comparison_json(layer.comparison)
    return fields


def _end_json(one: TensorResult) -> dict[str, Any]:
    return {
        "name": one.name,
        "beyond": one.beyond,
        "sensitivity": one.sensitivity,
        **_comparison_json(one.comparison),
    }


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    fields = {**asdict(comparison), "verdict": comparison.verdict.value, "ok": comparison.ok}
    return {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
