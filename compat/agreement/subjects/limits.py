"""The things that some APIs cannot say, each written once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..cases import is_symmetric

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that an API cannot say."""

    applies: Callable[[Case], bool]
    reason: str


ASYMMETRIC = Limit(lambda case: not is_symmetric(case), "padding is symmetric in this API")
UNBATCHED = Limit(lambda case: case.batch is None, "a batch axis is required in this API")
CHANNELS_LAST = Limit(lambda case: case.data_format == "NDHWC", "no data_format in this API")
NEGATIVE_PADDING = Limit(
    lambda case: any(pad < 0 for pads in case.geometry().padding for pad in pads), "padding is 0 and above in this API"
)
OUTPUT_PADDING = Limit(
    lambda case: any(case.geometry().output_padding), "neither output_padding nor output_size in this API"
)
BEYOND_STRIDE = Limit(
    lambda case: any(extra >= step for extra, step in zip(case.geometry().output_padding, case.stride, strict=True)),
    "output_padding is below stride in this API",
)
BEYOND_STRIDE_AND_DILATION = Limit(
    lambda case: any(
        extra >= max(step, spread)
        for extra, step, spread in zip(
            case.geometry().output_padding, case.stride, case.geometry().dilation, strict=True
        )
    ),
    "output_padding is below stride or dilation in this API",
)
NEGATIVE_OUTPUT_PADDING = Limit(
    lambda case: any(extra < 0 for extra in case.geometry().output_padding), "output_padding is 0 and above in this API"
)
