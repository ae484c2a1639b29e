"""An author's class or function gets what it takes, and is asked what it can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from fourfold.compat.agreement import agree
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.subjects import InProcess
from fourfold.compat.agreement.subjects.author import APIS
from fourfold.compat.agreement.subjects.own import own, place_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

F = nn.functional


class Narrow(nn.Module):
    """It takes no groups, dilation or output padding, its parameters are those of a layer inside, its dtype too."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0
    ) -> None:
        super().__init__()
        self.inner = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
        self.weight = self.inner.weight

    def forward(self, x: torch.Tensor) -> Any:
        return self.inner(x)


def function(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
    return F.conv_transpose3d(x, weight, bias, stride, padding)


def without_bias(x: Any, weight: Any, **options: Any) -> Any:
    return F.conv_transpose3d(x, weight, None, **options)


def made(in_channels: int, out_channels: int, kernel_size: Any, **options: Any) -> nn.Module:
    return nn.ConvTranspose3d(in_channels, out_channels, kernel_size, **options)


class Raises(nn.ConvTranspose3d):
    def forward(self, x: Any) -> Any:  # type: ignore[override]
        return spread(x)


def spread(x: Any) -> Any:
    return x.no_such_attribute


@pytest.mark.parametrize(
    ("found", "form"),
    [
        pytest.param(Narrow, "layer", id="class"),
        pytest.param(made, "layer", id="factory"),
        pytest.param(function, "functional", id="function"),
        pytest.param(F.conv_transpose3d, "functional", id="function in C"),
    ],
)
def test_what_makes_layers_is_told_from_what_computes(found: Any, form: str) -> None:
    assert own(found, "torch").form == form


@pytest.mark.parametrize(
    ("found", "case", "reason"),
    [
        pytest.param(Narrow, "stride-2", None, id="stride"),
        pytest.param(Narrow, "groups-2", "it takes no groups", id="groups"),
        pytest.param(Narrow, "dilation-2", "it takes no dilation", id="dilation"),
        pytest.param(Narrow, "output-size-mixed", "its forward takes no output_size", id="output size"),
        pytest.param(nn.ConvTranspose3d, "output-size-mixed", None, id="output size of forward"),
        pytest.param(function, "output-padding-1", "it takes no output_padding", id="function"),
        pytest.param(made, "groups-dilation", None, id="whatever"),
    ],
)
def test_what_it_does_not_take_is_not_asked_and_all_else_is(found: Any, case: str, reason: str | None) -> None:
    driver = own(found, "torch")
    (asked,) = select([f"option/{case}"])
    assert driver.lacking(APIS["torch"].spell(asked, driver.form)) == reason


@pytest.mark.parametrize(
    ("found", "dtype"),
    [(Narrow, "float32"), (Narrow, "float64"), (function, "float32"), (without_bias, "float32"), (made, "float64")],
    ids=["class", "class in float64", "function", "function without bias", "factory"],
)
def test_it_gets_only_arguments_that_are_off_their_defaults(found: Any, dtype: str) -> None:
    driver = own(found, "torch")
    (case,) = select(["option/padding-stride"])
    subject = InProcess("own", APIS["torch"].only(driver.form), driver, bitwise=False)
    (result,) = agree([case.replace(bias=driver.bias, dtype=dtype)], [subject])
    assert result.outcome == "agrees", result.reason


def test_megengine_s_own_defaults_are_not_passed_to_what_does_not_take_them() -> None:
    def narrow(inp: Any, weight: Any, bias: Any, stride: Any = 1, output_padding: Any = 0) -> Any:
        return None

    (case,) = select(["option/output-padding-1"])
    assert own(narrow, "megengine").lacking(APIS["megengine"].spell(case, "functional")) is None


def test_the_last_line_of_the_author_s_file_that_raised_is_told() -> None:
    told: dict[str, Any] = {}
    report: Callable[..., None] = lambda event, value, **more: told.update(more)  # noqa: E731
    (case,) = select(["option/stride-2"])
    driver = own(Raises, "torch")
    with pytest.raises(AttributeError):
        driver.run(APIS["torch"].spell(case, "layer"), {"input": case_input(case)}, report)
    line = spread.__code__.co_firstlineno + 1
    assert told["place"] == f"test_own.py:{line} in spread: return x.no_such_attribute"


def case_input(case: Any) -> Any:
    return torch.ones(case.input_shape).numpy()


def test_a_line_of_a_file_beside_the_author_s_is_told_where_none_of_that_is(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def fail():\n    raise KeyError('x')\n", encoding="utf-8")
    code = compile((tmp_path / "helper.py").read_text(encoding="utf-8"), str(tmp_path / "helper.py"), "exec")
    names: dict[str, Any] = {}
    exec(code, names)
    with pytest.raises(KeyError) as caught:
        names["fail"]()
    assert place_of(caught.value, str(tmp_path / "layer.py")) == "helper.py:2 in fail: raise KeyError('x')"
    assert place_of(caught.value, str(tmp_path / "elsewhere" / "layer.py")) == ""
