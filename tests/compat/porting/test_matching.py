from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.porting import PortingError, Renames, load_state, match_state
from fourfold.frontends.megengine import module as megengine


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


PADDLE = {
    "0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "0.bias": np.array([1, 2, 3], np.float32),
    "1.weight": np.array([4, 5, 6], np.float32),
    "1.bias": np.array([7, 8, 9], np.float32),
    "1._mean": np.array([1, 0, 1], np.float32),
    "1._variance": np.array([2, 3, 4], np.float32),
}


def test_paddle_state_lands_in_torch_layers() -> None:
    module = model()
    matches = load_state(module, PADDLE, source="paddle")
    state = module.state_dict()
    assert state["0.weight"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert state["1.running_var"].tolist() == [2, 3, 4]
    assert state["1.num_batches_tracked"].item() == 0
    assert {match.source: match.rule for match in matches}["0.weight"] == "transposed -> as is"


def test_megengine_arrays_land_in_its_front_end_as_they_are() -> None:
    layer = megengine.ConvTranspose3d(4, 6, 3, groups=2)
    weight = np.random.default_rng(0).standard_normal((2, 2, 3, 3, 3, 3)).astype(np.float32)
    load_state(layer, {"weight": weight, "bias": np.ones((1, 6, 1, 1, 1), np.float32)}, source="megengine")
    assert np.array_equal(layer.weight.numpy(), weight)


def test_megengine_gradients_of_batch_norm_may_have_four_axes() -> None:
    (weight, *_) = match_state(nn.BatchNorm3d(2), ["weight", "bias", "running_mean", "running_var"], source="megengine")
    assert weight.convert(np.array([[[[1]], [[2]]]], np.float32)).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("without", "extra", "message"),
    [
        pytest.param("1._mean", (), r"the source lacks 1\._mean\.$", id="missing"),
        pytest.param(None, ("2.weight",), r"nothing in the model takes 2\.weight of the source\.$", id="unexpected"),
        pytest.param("0.bias", ("0.b",), r"lacks 0\.bias \(nearest: 0\.b\); nothing .* renames \(OLD=NEW\)", id="both"),
    ],
)
def test_names_that_do_not_fit_are_listed(without: str | None, extra: tuple[str, ...], message: str) -> None:
    names = [name for name in PADDLE if name != without]
    with pytest.raises(PortingError, match=message):
        match_state(model(), [*names, *extra], source="paddle")


def test_nothing_is_reshaped_by_guess() -> None:
    state = PADDLE | {"0.weight": np.zeros((3, 2), np.float32)}
    message = r"'0\.weight' has shape \(3, 2\); '0\.weight' \(linear\) needs \(2, 3\) there"
    with pytest.raises(PortingError, match=message):
        load_state(model(), state, source="paddle")


def test_values_that_the_dtype_cannot_hold_are_refused() -> None:
    state = {"weight": np.array([[0.1]])}
    with pytest.raises(PortingError, match=r"'weight' is float64, and its values change in the torch\.float32"):
        load_state(nn.Linear(1, 1, bias=False), state, source="torch")


def test_nan_is_a_value_like_others() -> None:
    layer = nn.Linear(1, 1, bias=False)
    load_state(layer, {"weight": np.array([[np.nan]], np.float32)}, source="torch")
    assert layer.weight.isnan().all()


def test_a_layer_without_a_rule_is_named() -> None:
    with pytest.raises(PortingError, match=r"no layout rule for 0\.weight \(Bilinear\)"):
        match_state(nn.Sequential(nn.Bilinear(1, 1, 1)), [], source="paddle")


def test_passthrough_takes_such_tensors_as_they_are() -> None:
    module = nn.Bilinear(1, 1, 1)
    state = {name: torch.full_like(one, 3).numpy() for name, one in module.state_dict().items()}
    matches = load_state(module, state, source="paddle", passthrough=["*"])
    assert {match.rule for match in matches} == {"passed through"}
    assert all((one == 3).all() for one in module.parameters())


def test_a_subclass_with_a_tensor_more_has_no_rule_for_it() -> None:
    class Scaled(nn.Linear):
        def __init__(self) -> None:
            super().__init__(1, 1)
            self.scale = nn.Parameter(torch.ones(1))

    with pytest.raises(PortingError, match=r"no layout rule for scale \(Scaled\)"):
        match_state(Scaled(), ["weight", "bias", "scale"], source="torch")


def test_renames_move_layers_and_single_tensors() -> None:
    names = [f"net.{name}".replace("1._mean", "1.average") for name in PADDLE]
    renames = Renames({"net": "", "net.1.average": "1.running_mean"})
    matches = match_state(model(), names, source="paddle", renames=renames)
    assert {match.target: match.source for match in matches}["1.running_mean"] == "net.1.average"


def test_a_rename_that_fits_nothing_is_refused() -> None:
    with pytest.raises(PortingError, match=r"renames of \['encoder'\] fit no name .* Its layers are \['0', '1'\]"):
        match_state(model(), list(PADDLE), source="paddle", renames=Renames({"encoder": "0"}))


def test_two_names_must_not_become_one() -> None:
    with pytest.raises(PortingError, match=r"'0\.weight' and 'x\.weight' of the source would both be '0\.weight'"):
        match_state(model(), [*PADDLE, "x.weight"], source="paddle", renames=Renames({"x": "0"}))


@pytest.mark.parametrize("names", [["0.weight"], ["1.weight"], ["0.weight", "1.weight"]], ids="+".join)
def test_a_shared_layer_is_found_under_any_of_its_names(names: list[str]) -> None:
    shared = nn.Linear(1, 1, bias=False)
    matches = match_state(nn.Sequential(shared, shared), names, source="torch")
    assert [match.source for match in matches] == names


def test_statistics_that_matter_must_be_there() -> None:
    layer = nn.InstanceNorm3d(2, affine=True, track_running_stats=True)
    with pytest.raises(PortingError, match="the source lacks running_mean, running_var"):
        match_state(layer, ["scale", "bias"], source="paddle")


def test_unknown_source_is_refused() -> None:
    with pytest.raises(PortingError, match="'keras' is not a framework with layout rules"):
        match_state(model(), [], source="keras")  # type: ignore[arg-type]
