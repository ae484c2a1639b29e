"""What rows make of recorded signatures."""

from __future__ import annotations

import importlib
import inspect
import pickle
import re
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from fourfold.frontends.names import Kept, Names, Signatures, Word, kept, nothing, reads

SIGNATURES = Signatures("paddle", "3.3.1")


@pytest.fixture
def names() -> Names:
    words: dict[str, str | Word] = {"x": "input", "y": "other", "axis": "dim", "name": nothing("it has no effect")}
    made = Names("paddle", "fourfold.frontends.made", SIGNATURES, words, options={"name": Kept(None)})
    made.base = torch.nn.Module
    return made


def test_a_function_has_the_release_s_parameters_and_calls_its_target(names: Names) -> None:
    names.function("concat", torch.cat, x="tensors")
    concat = names.get("concat")
    assert str(inspect.signature(concat)) == str(SIGNATURES.signature("cat"))
    assert concat([torch.ones(1), torch.zeros(1)], axis=0, name="joined").tolist() == [1, 0]


def test_what_is_another_name_in_the_release_is_the_same_object(names: Names) -> None:
    names.function("concat", torch.cat, x="tensors")
    assert names.get("cat") is names.get("concatenate") is names.get("concat")
    assert names.served() == ["cat", "concat", "concatenate"]


def test_an_argument_that_is_not_mapped_is_refused_off_its_default(names: Names) -> None:
    names.function("add", lambda x, y: x + y)
    add = names.get("add")
    assert add(1, 2, alpha=1) == 3
    with pytest.raises(NotImplementedError, match=r"paddle\.add: alpha=2 is not served here; only 1 is"):
        add(1, 2, alpha=2)


def test_a_tensor_for_such_an_argument_is_named_not_printed(names: Names) -> None:
    names.function("exp", lambda x: x)
    with pytest.raises(NotImplementedError, match="out=Tensor is not served"):
        names.get("exp")(1, out=torch.ones(1))


def test_a_value_is_read_first(names: Names) -> None:
    names.function("nn.functional.gelu", F.gelu, approximate=reads(lambda how: "tanh" if how else "none"))
    x = torch.tensor([0.5])
    assert torch.equal(names.get("nn.functional.gelu")(x, True), F.gelu(x, approximate="tanh"))


def test_the_line_that_was_generated_is_in_the_traceback(names: Names) -> None:
    names.function("concat", torch.cat, x="tensors")
    assert "return _target(x, dim=axis, out=out)" in inspect.getsource(names.get("concat"))


@pytest.mark.parametrize(
    ("row", "error", "match"),
    [
        pytest.param(lambda n: n.function("cat_", torch.cat), LookupError, "has no 'cat_'", id="unknown"),
        pytest.param(lambda n: [n.function("cat", torch.cat) for _ in "12"], ValueError, "a row already", id="twice"),
        pytest.param(
            lambda n: [n.function("cat", torch.cat), n.function("concat", torch.cat)], ValueError, "row", id="alias"
        ),
        pytest.param(lambda n: n.function("cat", torch.cat, z="dim"), ValueError, "no parameter z", id="word"),
        pytest.param(lambda n: n.layer("nn.ReLU", "nn.functional.relu"), LookupError, "no row serves", id="function"),
    ],
)
def test_a_wrong_row_is_named(row: Any, error: type[Exception], match: str, names: Names) -> None:
    with pytest.raises(error, match=match):
        row(names)


def test_a_layer_keeps_its_arguments_and_applies_its_function(names: Names) -> None:
    names.function("nn.functional.leaky_relu", F.leaky_relu)
    names.layer("nn.LeakyReLU", "nn.functional.leaky_relu", negative_slope=kept("_negative_slope"))
    layer = names.get("nn.LeakyReLU")(0.5, name="a")
    assert (layer._negative_slope, layer(torch.tensor([-2.0])).item()) == (0.5, -1.0)
    assert str(inspect.signature(type(layer))) == str(SIGNATURES.signature("nn.LeakyReLU"))


def test_a_layer_passes_on_any_number_of_operands() -> None:
    made = Names("megengine", "fourfold.frontends.megengine", Signatures("megengine", "1.13.0"), {})
    made.base = torch.nn.Module
    made.layer("module.Elemwise", lambda *inps, method: (method, inps), kwargs=kept(None))
    assert made.get("module.Elemwise")("ADD")(1, 2) == ("ADD", (1, 2))


def test_methods_are_the_functions_of_their_names(names: Names) -> None:
    class Tensor(torch.Tensor):
        def exp(self) -> Any:
            return "by hand"

    names.functions(torch, "exp sum square")
    names.add_methods(Tensor)
    x: Any = torch.tensor([[1.0, 2.0]]).as_subclass(Tensor)
    assert x.exp() == "by hand"
    assert x.sum(axis=1, keepdim=True).tolist() == [[3.0]]
    assert list(inspect.signature(Tensor.sum).parameters)[:2] == ["self", "axis"]


def test_a_method_refuses_keywords_that_only_torch_has(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.functions(torch, "sum")
    names.add_methods(Tensor)
    with pytest.raises(TypeError, match="unexpected keyword argument 'dim'"):
        torch.ones(2, 3).as_subclass(Tensor).sum(dim=1)


def test_a_method_hands_keywords_that_only_torch_has_to_torch_where_asked(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.functions(torch, "sum")
    names.add_methods(Tensor, otherwise=True)
    assert torch.ones(2, 3).as_subclass(Tensor).sum(dim=1).tolist() == [3.0, 3.0]


def test_a_method_in_place_writes_what_the_function_gives(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.functions(torch, "square")
    names.add_methods(Tensor)
    x = torch.tensor([3.0]).as_subclass(Tensor)
    y = x
    x.square_()
    assert y.item() == 9.0


class OurError(ValueError, RuntimeError):
    pass


@pytest.fixture
def strict() -> Names:
    """Yield names that say what a tensor is, and in which classes errors are raised."""
    return Names(
        "paddle",
        "fourfold.frontends.made",
        SIGNATURES,
        {"x": "input", "y": "other", "axis": "dim", "name": nothing("it has no effect")},
        tensors="x y",
        refuse=lambda where, name, position, value: OurError(f"{where}: {name} at {position} is {value!r}"),
        errors={RuntimeError: OurError},
    )


def test_what_is_no_tensor_is_refused_in_the_framework_s_words(strict: Names) -> None:
    strict.function("add", torch.add)
    with pytest.raises(OurError, match=r"paddle\.add: y at 1 is 3"):
        strict.get("add")(torch.ones(1), 3)


def test_a_parameter_that_a_row_says_something_of_takes_what_the_target_takes(strict: Names) -> None:
    strict.function("add", torch.add, y="other")
    assert strict.get("add")(torch.ones(1), 3).item() == 4


def test_what_stands_for_a_tensor_gets_the_whole_call(strict: Names) -> None:
    class Symbol:
        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return func, kwargs

    strict.function("add", torch.add)
    symbol = Symbol()
    called, given = strict.get("add")(torch.ones(1), symbol, alpha=2)
    assert called is strict.get("add")
    assert (given["y"], given["alpha"]) == (symbol, 2)


def test_torch_s_errors_are_raised_again_in_the_framework_s_class(strict: Names) -> None:
    strict.function("add", torch.add)
    with pytest.raises(OurError, match=r"paddle\.add: The size of tensor a"):
        strict.get("add")(torch.ones(2), torch.ones(3))


def test_an_error_of_a_class_that_is_not_listed_stays(strict: Names) -> None:
    def fails(x: Any) -> None:
        raise NotImplementedError

    strict.function("exp", fails)
    with pytest.raises(NotImplementedError):
        strict.get("exp")(torch.ones(1))


def test_a_method_with_torch_s_keywords_is_torch_s(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.function("max", lambda x, axis=None, keepdim=False: torch.amax(x, axis, keepdim))
    names.add_methods(Tensor, otherwise=True)
    x: Any = torch.tensor([[1.0, 2.0]]).as_subclass(Tensor)
    assert x.max(1).tolist() == [2.0]
    assert x.max(dim=1).indices.tolist() == [1]


def test_a_method_may_take_numbers_where_its_function_does_not(strict: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    strict.function("mul", torch.mul)
    strict.add_methods(Tensor, numbers="y")
    x: Any = torch.tensor([2.0]).as_subclass(Tensor)
    assert x.mul(3.0).tolist() == [6.0]
    with pytest.raises(OurError, match="y at 1 is 3"):
        strict.get("mul")(x, 3.0)


def test_a_method_that_is_no_function_has_a_row_of_its_own(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.function("Tensor.dim", lambda self: 7)
    names.add_methods(Tensor)
    assert torch.ones(1).as_subclass(Tensor).dim() == 7


def test_a_listed_method_that_is_not_served_says_so(names: Names) -> None:
    class Tensor(torch.Tensor):
        pass

    names.functions(torch, "square")
    names.add_methods(Tensor)
    names.refuse_methods(Tensor, "Tensor", kept="sum")
    x: Any = torch.ones(2).as_subclass(Tensor)
    assert float(x.sum()) == 2
    with pytest.raises(AttributeError, match=r"paddle\.Tensor\.sqrt is not served .*square"):
        x.sqrt()
    assert not hasattr(x, "sqrt")


def test_functions_and_layers_are_pickled_by_name() -> None:
    from fourfold.frontends import paddle

    assert pickle.loads(pickle.dumps(paddle.concat)) is paddle.concat
    assert type(pickle.loads(pickle.dumps(paddle.nn.ReLU()))) is paddle.nn.ReLU


def test_names_below_a_module_are_relative_to_it() -> None:
    below = Signatures("paddle", "1.8.5", below="fluid")
    assert "layers.relu" in below
    assert "fluid.layers.relu" not in below
    assert below.canonical("dygraph.nn.Conv3D") == "dygraph.Conv3D"
    assert below.kind("io.batch") == "def"  # another name of paddle.batch, which is not below it


def test_a_variant_shares_what_is_made_but_for_rooms_of_its_own(names: Names) -> None:
    names.functions(torch, "exp square")
    room: Any = ModuleType("room")
    room.__all__, room.square = ["square"], lambda x: x
    other = names.variant("fourfold.frontends.other", SIGNATURES, ("", room))
    assert other.get("exp") is names.get("exp")
    assert other.get("square") is room.square
    assert other.served() == ["exp", "square"]


def test_an_object_may_stand_under_two_names_by_hand(names: Names) -> None:
    room: Any = ModuleType("room")
    room.__all__, room.concat, room.cat = ["cat", "concat"], torch.cat, torch.cat
    names.by_hand("", room)
    assert names.get("concat") is torch.cat
    room.concat = torch.stack
    with pytest.raises(ValueError, match=r"paddle\.concat has a row already"):
        names.by_hand("", room)


def test_parameters_may_be_called_name_and_target(names: Names) -> None:
    names.function("exp", torch.exp, name=nothing("none"))
    assert names.get("exp")(torch.zeros(1), name="a").item() == 1


@pytest.mark.parametrize("front_end", ["paddle", "paddle.fluid", "megengine", "oneflow"])
def test_what_a_row_says_that_it_refuses_is_what_its_code_refuses(front_end: str) -> None:
    importlib.import_module(f"fourfold.frontends.{front_end}")
    names: Names = importlib.import_module(f"fourfold.frontends.{front_end}.names").NAMES
    made = {name: names.get(name) for name in names.rows}
    code = {name: vars(each)["__init__"] if isinstance(each, type) else each for name, each in made.items()}
    refused = {name: set(re.findall(r"_refuse\('(\w+)'", inspect.getsource(each))) for name, each in code.items()}
    assert {name: set(names.refused(name)) for name in refused} == refused
    assert any(refused.values())
