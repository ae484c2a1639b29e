"""How an author's own class or function is driven: as that of its API, as far as it goes.

It gets the arguments that are off their defaults, and no others, so that one that lacks an argument can be asked
everything that needs none.
"""

from __future__ import annotations

import inspect
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .. import recorder
from ..cases import REQUIRED
from .drivers import Here, MegEngine, OneFlow, Paddle, Torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..data import Array

    Call = dict[str, Any]

LAYER, FUNCTION = "layer", "functional"
KINDS: dict[str, type[Here]] = {"torch": Torch, "paddle": Paddle, "megengine": MegEngine, "oneflow": OneFlow}
EVERYTHING = None


class Own(Here):
    """Mixed into the driver of an API: what is called is the author's, with the arguments that it has.

    Attributes:
        found: the author's class or function.
        form: `layer` or `functional`.
        takes: names of the arguments that it takes; None where nothing is known of them.
        call_takes: those of the call of a layer.
        bias: whether `bias` can be said: True for a function that takes one, and a class that is told of it.
    """

    def __init__(self, found: Callable[..., Any]) -> None:
        super().__init__()
        self.found = found
        self.form = LAYER if makes_layers(found) else FUNCTION
        self.takes = names_of(found)
        self.call_takes = names_of(getattr(found, "forward", None))
        positions = positional(found)
        of_function = positions is EVERYTHING or positions > 2
        self.bias = of_function if self.form == FUNCTION else accepted(self.bias_option, self.takes)

    def find(self, name: str) -> Any:
        """Return the author's class or function for that of the API."""
        if name == self.layer_name:
            return self.made_with_bias
        return self.found if name == self.function_name else super().find(name)

    def options(self, case: Call, *without: str) -> Call:
        """Return the options of a call; those at their defaults are never passed to what does not take them."""
        given = super().options(case, *without)
        if not self.bias:
            given.pop(self.bias_option, None)
        defaults = recorder.OPTIONS
        return {
            name: value
            for name, value in given.items()
            if accepted(name, self.takes) or not recorder.is_default(value, defaults.get(name))
        }

    def lacking(self, call: Call) -> str | None:
        """Return which arguments of a call it does not take, or None where it takes all."""
        left_out = "output_size" if self.form == LAYER else "bias"
        names = [name for name in self.options(call, left_out) if not accepted(name, self.takes)]
        if names:
            return f"it takes no {' and no '.join(names)}"
        if self.form == LAYER and call.get("output_size") is not None and not accepted("output_size", self.call_takes):
            return "its forward takes no output_size"
        return None

    def made_with_bias(self, *arguments: Any, **options: Any) -> Any:
        """Return a layer, which has the attribute `bias` even where its class knows none."""
        dtype = None if accepted("dtype", self.takes) else options.pop("dtype", None)
        layer = self.found(*arguments, **options)
        if not hasattr(layer, "bias"):
            layer.bias = None
        return layer if dtype is None else layer.to(dtype)

    def function(self, case: Call, x: Any, weight: Any, bias: Any) -> Any:
        """Call the function; without a bias where it takes none."""
        if self.bias:
            return super().function(case, x, weight, bias)
        return self.found(x, weight, **self.options(case, "bias"))

    def load(self, layer: Any, case: Call, values: dict[str, Array]) -> None:
        """Load weight and bias: by the layer's own method, or where its state has other names, into its attributes."""
        if set(layer.state_dict()) == set(values):
            super().load(layer, case, values)
            return
        with torch.no_grad():
            for name, value in values.items():
                parameter = getattr(layer, name)
                parameter.copy_(torch.from_numpy(value.copy()).to(parameter.dtype).reshape(parameter.shape))

    def run(self, case: Call, arrays: dict[str, Array], report: Callable[..., None]) -> dict[str, Array]:
        """Run one case; where the author's code raises, say where in it."""
        try:
            return super().run(case, arrays, report)
        except Exception as error:
            report("raised", {}, place=place_of(error, inspect.getsourcefile(inspect.unwrap(self.found))))
            raise


def own(found: Callable[..., Any], api: str) -> Own:
    """Return the driver of an author's class or function.

    >>> own(torch.nn.functional.conv_transpose3d, "torch").form
    'functional'
    """
    driver = type("OwnDriver", (Own, KINDS[api]), {})(found)
    assert isinstance(driver, Own)  # it is its first base
    return driver


def makes_layers(found: Callable[..., Any]) -> bool:
    """Return whether it is a class, or a function that returns layers: one whose first arguments are a layer's."""
    first = [each.name for each in (_parameters(found) or [])[:2]]
    return inspect.isclass(found) or first == list(REQUIRED[:2])


def names_of(function: Callable[..., Any] | None) -> list[str] | None:
    """Return the names of the arguments of a function, in order; None where it takes any, or nothing is known of it."""
    parameters = _parameters(function)
    if parameters is None or any(each.kind is each.VAR_KEYWORD for each in parameters):
        return EVERYTHING
    return [each.name for each in parameters if each.kind is not each.VAR_POSITIONAL]


def positional(function: Callable[..., Any]) -> int | None:
    """Return how many arguments can be given by position; None where it is any number, or unknown."""
    parameters = _parameters(function)
    if parameters is None or any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return None
    return sum(each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) for each in parameters)


def accepted(name: str, names: list[str] | None) -> bool:
    """Return whether an argument is among names that `names_of` gave."""
    return names is EVERYTHING or name in names


def place_of(error: BaseException, file: str | None) -> str:
    """Return the last line of an author's file that an error went through, or of a file beside it; else nothing."""
    if file is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    folder = Path(file).parent
    here = [frame for frame in frames if frame.filename == file] or [
        frame for frame in frames if folder in Path(frame.filename).parents
    ]
    if not here:
        return ""
    frame = here[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}"


def _parameters(function: Callable[..., Any] | None) -> list[inspect.Parameter] | None:
    if function is None:
        return None
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # nothing is known of what is written in C
        return None
