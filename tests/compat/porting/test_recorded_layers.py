"""The layers of all recorded calls, from their framework to each other that has the kind, and back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.porting.recorded import ROOTS, Built, built
from torch import nn
from torch.utils._pytree import tree_leaves

import fourfold
from fourfold.compat.agreement.verify.bounds import bound
from fourfold.compat.porting import PortingError, plan_module
from fourfold.compat.porting.dialects import lookup, rows_for
from fourfold.frontends.kinds import kind_of
from fourfold.frontends.names import Layer
from fourfold.frontends.paddle import unique_name
from fourfold.frontends.paddle.nn.cells import RNNCellBase
from fourfold.frontends.tensor import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourfold.compat.literals import Target

HOMES = {"paddle": "paddle", "fluid": "fluid_1_8", "megengine": "megengine", "oneflow": "oneflow"}
TARGETS = ("torch.nn", "paddle", "fluid_1_8", "megengine", "oneflow")


DIFFERS = {
    ("flow.nn.Flatten(0)", "torch.nn"): pytest.mark.xfail(strict=True, reason="OneFlow leaves a 0-d tensor as it is"),
}


def pairs() -> list[Any]:
    """Each layer of a recorded call with torch's, and three of each class with each target that has its kind.

    The default run has two of each framework's class with torch's, and one with the others.
    """
    found: dict[tuple[str, str, str], tuple[Built, Any]] = {}
    counts: Counter[tuple[Any, str]] = Counter()
    of_class: Counter[tuple[Any, str]] = Counter()
    for framework, home in HOMES.items():
        for one in built(framework):
            kind = lookup.BY_CLASS.get(class_of(one))
            for target in TARGETS:
                key = one.framework, one.layer, target
                if kind is None or target == home or key in found or not rows_for(kind, target):
                    continue
                counts[kind.type, target] += 1
                if target == "torch.nn" or counts[kind.type, target] <= 3:
                    of_class[class_of(one), target] += 1
                    many = of_class[class_of(one), target] > (2 if target == "torch.nn" else 1)
                    found[key] = one, [pytest.mark.thorough] if many else []
    return [
        pytest.param(
            *(one, target),
            id=f"{framework}: {layer} to {target}",
            marks=[*marks, *([DIFFERS[layer, target]] if (layer, target) in DIFFERS else [])],
        )
        for (framework, layer, target), (one, marks) in found.items()
    ]


def class_of(one: Built) -> Any:
    return eval(one.layer.partition("(")[0], dict(ROOTS[one.framework]))


def state_of(layer: nn.Module) -> dict[str, bytes]:
    """Return the values of what is learned and kept, by name; batches are not counted everywhere."""
    found = [*nn.Module.named_parameters(layer), *nn.Module.named_buffers(layer)]
    return {name: one.numpy(force=True).tobytes() for name, one in found if name != "num_batches_tracked"}


def outputs(layer: nn.Module, one: Built) -> list[torch.Tensor]:
    """Return the tensors that a layer gives on the call's inputs; of a cell of Paddle's, the state without the output.

    Raises:
        Exception: whatever the layer raises.
    """
    found = layer(*one.arguments())
    if isinstance(layer, RNNCellBase):
        found = found[1]
    leaves = tree_leaves(found)
    if not all(isinstance(each, torch.Tensor) for each in leaves):
        pytest.skip("it gives packed sequences")
    return [plain(each).detach() for each in leaves]


def constants(one: Built, expected: torch.Tensor) -> Any:
    """Return how far constants in float32, which the kernels of Paddle keep in float64 too, take results."""
    kept = one.framework in ("paddle", "fluid") and expected.dtype == torch.float64
    return float(expected.abs().max()) * 2**-23 if kept and expected.numel() else 0


@pytest.fixture(autouse=True)
def _names_of_its_own() -> Iterator[None]:
    with unique_name.guard():  # a parameter's name is used once in a process
        yield


@pytest.mark.filterwarnings("ignore:Implicit dimension choice:UserWarning", "ignore:reduction:UserWarning")
@pytest.mark.parametrize(("one", "target"), pairs())
def test_it_computes_the_same_there_and_comes_back_or_says_that_it_cannot(one: Built, target: Target) -> None:
    try:
        layer = one.build()
        expected = outputs(layer, one)
    except (ValueError, TypeError, AssertionError, RuntimeError):
        pytest.skip("the call is one that is refused")
    try:
        (planned,) = plan_module(layer, target=target).layers
        ported = fourfold.port_module(layer, target=target)
    except PortingError:
        return  # by name; the tests of dialects look at what is said
    if planned.becomes is None or "volumes alone" in planned.note:
        assert (type(ported) is type(layer)) == (planned.becomes is None)
        return
    try:
        found = outputs(ported, one)
    except (ValueError, TypeError, RuntimeError, NotImplementedError):
        found = None  # the target's class takes fewer inputs, and says so
    for there, here in zip(expected, found or expected, strict=True):
        assert (here.shape, here.dtype) == (there.shape, there.dtype)
        limit = bound(layer, (one.arguments(), {}), there).limit if len(expected) == 1 else None
        allowed = (0 if limit is None else limit) + constants(one, there)
        distance = (here - there).abs().nan_to_num().numpy()
        assert np.all(distance <= allowed)
    home: Any = HOMES[one.framework]
    back = fourfold.port_module(ported, target=home)
    if type(back) is type(layer):
        assert state_of(back) == state_of(layer)


# What stands under torch's name of another thing, or in several frameworks under a name that torch has not.
WITHOUT_KIND = {
    "fluid dygraph.BCELoss": "its results have one axis of one element",
    "fluid dygraph.L1Loss": "its results have one axis of one element",
    "fluid dygraph.MSELoss": "its results have one axis of one element",
    "fluid dygraph.NLLLoss": "its results have one axis of one element",
    "fluid dygraph.Pool2D": "four kinds, of which each has a class below it",
    "oneflow nn.FusedBatchNorm1d": "takes a second input",
    "oneflow nn.FusedBatchNorm2d": "takes a second input",
    "oneflow nn.FusedBatchNorm3d": "takes a second input",
    "paddle nn.AdaptiveLogSoftmaxWithLoss": "its tensors have no layout rules yet",
    "paddle nn.CTCLoss": "labels that do not fit cost nothing, with zero_infinity or without",
    "paddle nn.RNNCellBase": "a base class",
    "paddle nn.RNN": "loops over any cell",
    "paddle nn.BiRNN": "loops over any cells",
    "paddle nn.MultiHeadAttention": "its tensors have no layout rules yet",
    "paddle nn.CrossEntropyLoss": "divides by all labels where ignore_index is negative",
    "megengine module.ConvRelu2d": "a layer and an activation in one",
    "megengine module.ConvTransposeRelu2d": "a layer and an activation in one",
    "megengine module.LinearRelu": "a layer and an activation in one",
    "megengine module.LocalResponseNorm": "another formula: alpha is not divided by the size",
    "megengine module.DequantStub": "quantisation is not ported",
    "megengine module.QuantStub": "quantisation is not ported",
    "megengine module.LocalConv2d": "torch has no such layer",
    "megengine module.RNN": "all weights are in one tensor",
    "megengine module.LSTM": "all weights are in one tensor",
    "megengine module.Pad": "pads batches and channels too, in NumPy's form",
}


def test_every_row_that_says_that_it_has_no_kind_has_a_reason() -> None:
    said = {
        f"{framework} {name}"
        for framework, (names, _) in lookup.FRONT_ENDS.items()
        for name in (*names.rows, *names.given)
        if isinstance(row := getattr(names.get(name), "row", None), Layer) and row.kind == ""
    }
    said = {name.replace("fluid_1_8", "fluid") for name in said}
    assert said == {name for name in WITHOUT_KIND if not name.endswith(".Pad")}


def test_a_name_that_two_frameworks_have_without_a_kind_has_a_reason() -> None:
    places: dict[str, set[str]] = {}
    for framework, (names, _) in lookup.FRONT_ENDS.items():
        for name, row in names.rows.items():
            if (
                isinstance(row, Layer)
                and kind_of(names.get(name)) is None
                and f"{framework} {name}" not in WITHOUT_KIND
            ):
                places.setdefault(name.rpartition(".")[2].lower(), set()).add(framework.removesuffix("_1_8"))
    assert {name: found for name, found in places.items() if len(found - {"fluid"}) > 1} == {}
