"""What a subject calls inexpressible is refused by its API as well."""

from __future__ import annotations

from typing import Any

import pytest

from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.data import operands
from fourfold.compat.agreement.subjects import SUBJECTS
from fourfold.frontends.paddle.fluid.core import EnforceNotMet

REFUSED = [
    ("torch", "functional", "option/output-padding-large", "output_padding=.* legal values"),
    ("torch", "layer", "option/output-padding-equals-stride", "output_padding=.* legal values"),
    ("torch", "functional", "option/padding-negative", "padding=.* legal values"),
    ("torch", "layer", "option/padding-negative", "padding=.* legal values"),
    ("paddle", "layer", "option/output-padding-equals-stride", "output_padding"),
    ("paddle", "functional", "option/output-padding-large", "output_padding"),
    ("paddle", "static", "option/output-padding-below-dilation", "output_size"),
    ("paddle", "layer", "option/padding-negative", "padding"),
    ("paddle", "functional", "option/unbatched", "5D"),
    ("fluid", "layer", "option/unbatched", "dimension"),
    ("fluid", "layer", "option/output-padding-below-dilation", "output_size"),
    ("fluid", "functional", "option/output-padding-large", "output_size"),
    ("megengine", "layer", "option/padding-negative", "padding"),
    ("megengine", "functional", "option/output-padding-below-dilation", "output_padding"),
]


@pytest.mark.parametrize(("name", "form", "id", "match"), REFUSED)
def test_api_refuses_what_the_subject_declines(name: str, form: str, id: str, match: str) -> None:
    subject, (case,) = SUBJECTS[name], select([id])
    assert subject.unsupported(case, form) is not None
    with pytest.raises((ValueError, RuntimeError, AssertionError, EnforceNotMet), match=match):
        subject.run(case, operands(case), form)


def test_reason_names_the_dtype_that_an_api_lacks() -> None:
    (case,) = select(["option/complex64"])
    assert SUBJECTS["megengine"].unsupported(case, "layer") == "no complex64 in this API"


def test_symmetric_padding_by_keyword_is_expressible_with_numbers() -> None:
    (case,) = select(["option/same"])
    assert SUBJECTS["torch"].unsupported(case, "layer") is None


@pytest.mark.parametrize(
    ("data_format", "expected"),
    [("NCDHW", [0, 1, 1, 0, 0, 2]), ("NDHWC", [[0, 0], [0, 1], [1, 0], [0, 2], [0, 0]])],
)
def test_paddle_writes_asymmetric_padding_in_the_order_of_its_data_format(data_format: Any, expected: Any) -> None:
    (case,) = select(["option/padding-asymmetric-ndhwc"])
    paddle = SUBJECTS["paddle"]
    asked = paddle.api.spell(case.replace(data_format=data_format), "layer")
    assert paddle.driver.options(asked)["padding"] == expected
