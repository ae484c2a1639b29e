"""A case is asked in the words of an API, through the drivers of the real frameworks."""

from __future__ import annotations

import pytest
import torch

from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.data import operands
from fourfold.compat.agreement.subjects import InProcess, api
from fourfold.compat.agreement.subjects.own import own
from fourfold.compat.agreement.subjects.release import release


@pytest.mark.parametrize(("data_format", "expected"), [("NCDHW", False), ("NDHWC", True)])
def test_channels_last_is_the_memory_of_torch_s_input(data_format: str, expected: bool) -> None:
    seen = []

    class Seeing(torch.nn.ConvTranspose3d):
        def forward(self, input: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
            seen.append(input.is_contiguous(memory_format=torch.channels_last_3d))
            return super().forward(input, output_size)

    (case,) = select(["option/stride-2"])
    case = case.replace(data_format=data_format)
    InProcess("seeing", api.TORCH, own(Seeing, "torch")).run(case, operands(case), "layer")
    assert seen == [expected]


@pytest.mark.parametrize(
    ("id", "layer"),
    [("option/stride-2", True), ("option/output-padding-1", False), ("option/padding-asymmetric", False)],
)
def test_fluid_s_function_can_say_more_than_its_layer(id: str, layer: bool) -> None:
    (case,) = select([id])
    subject = release("fluid")
    assert [subject.unsupported(case, form) is None for form in subject.forms] == [layer, True]


def test_the_release_of_oneflow_has_no_channels_last() -> None:
    (case,) = select(["option/ndhwc"])
    assert api.ONEFLOW.unsupported(case, "functional") is None
    assert release("oneflow").unsupported(case, "functional") == "no data_format in this API"
