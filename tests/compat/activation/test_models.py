"""Scripts that train whole models, unmodified, come here to what they came to in their releases."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.compat.activation.model_scripts import EPS, PAGE, SCRIPTS, Distance, Script, allowed, distance, title

import fourfold
from fourfold.compat.agreement.verify import verify
from fourfold.frontends import megengine, paddle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a script writes says nothing if its last digits decide everything.
CONDITION = 1e-4

# the release says it too
pytestmark = pytest.mark.filterwarnings("ignore:(GradScaler|auto_cast) can only be enabled on a GPU:UserWarning")
every = pytest.mark.parametrize("script", [pytest.param(script, id=script.name) for script in SCRIPTS])


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Scripts set a default device and a mode, which `fourfold run` leaves them: they end with the process."""
    yield
    megengine.set_default_device()
    paddle.disable_static()


def beyond(result: dict[str, Any], expected: dict[str, Any], bound: Distance) -> dict[str, tuple[float, float]]:
    """Return the parts that are further from the expected ones than they may be: how far, and the bound."""
    parts = zip(Distance._fields, distance(result, expected), bound, strict=True)
    return {part: (found, limit) for part, found, limit in parts if found > limit}


@every
def test_a_script_comes_to_what_it_came_to_in_its_release(script: Script, tmp_path: Path) -> None:
    recorded = script.recorded()
    assert beyond(script.here(tmp_path), recorded, allowed(recorded)) == {}


@every
def test_the_recorded_result_is_of_this_script_and_depends_on_little(script: Script) -> None:
    recorded = script.recorded()
    assert recorded["sha256"] == script.sha256
    assert max(recorded["spread"].values()) < CONDITION


@every
def test_training_moves_the_recorded_losses_beyond_the_bound(script: Script) -> None:
    recorded = script.recorded()
    assert np.ptp(recorded["losses"]) > 100 * allowed(recorded).losses * np.max(np.abs(recorded["losses"]))


@every
def test_the_page_lists_the_script_with_its_recorded_loss(script: Script) -> None:
    line = f"| {title(script)} | {script.recorded()['losses'][-1]:.7g} |"
    assert line in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "of_the_release", "another"),
    [
        pytest.param("paddle/unet3d", "epsilon=1e-4", "epsilon=1.01e-4", id="epsilon"),
        pytest.param("paddle/nnunet", "use_nesterov=True", "use_nesterov=False", id="momentum"),
        pytest.param("megengine/unet2d", "align_corners=False", "align_corners=True", id="upsampling"),
        pytest.param("oneflow/unet3d", "negative_slope=0.01", "negative_slope=0.0101", id="slope"),
        pytest.param("oneflow/gpt", "nn.GELU()", "nn.GELU(approximate='tanh')", id="approximation"),
    ],
)
def test_another_convention_is_beyond_the_bound(name: str, of_the_release: str, another: str, tmp_path: Path) -> None:
    script, changed = Script(name), Script(name, folder=tmp_path)
    changed.path.parent.mkdir()
    changed.path.write_text(script.path.read_text(encoding="utf-8").replace(of_the_release, another), encoding="utf-8")
    recorded = script.recorded()
    assert set(beyond(changed.here(tmp_path), recorded, allowed(recorded))) >= {"losses", "output"}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        pytest.param("losses", [1.0, 2.0001], id="loss"),
        pytest.param("metrics", {"accuracy": 0.75}, id="metric"),
        pytest.param("output", [1.0, 2.001], id="output"),
    ],
)
def test_what_is_beyond_the_bound_is_named(part: str, value: Any) -> None:
    expected = {"losses": [1.0, 2.0], "metrics": {"accuracy": 0.5}, "output": [1.0, 2.0]}
    bound = allowed({"release": "paddle 3.3.1", "spread": dict.fromkeys(Distance._fields, EPS)})
    assert list(beyond({**expected, part: value}, expected, bound)) == [part]


@pytest.mark.live
@every
def test_a_script_runs_in_its_release_and_each_side_loads_the_other_s_checkpoint(
    script: Script, tmp_path: Path
) -> None:
    ours, theirs, resumed = (tmp_path / name for name in ("ours", "theirs", "resumed"))
    for folder in (ours, theirs, resumed):
        folder.mkdir()
    bound = allowed(script.recorded())
    real, here = script.there(theirs), script.here(ours)
    assert beyond(here, real, bound) == {}
    # the rest of the script, from the checkpoint of the other side
    untrained = {**real, "losses": []}
    assert beyond(script.here(resumed, theirs), untrained, bound) == {}
    assert beyond(script.there(resumed, ours), {**here, "losses": []}, bound) == {}


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "model", "shape"),
    [
        pytest.param("paddle/vnet", "VNet", (2, 1, 8, 8, 8), id="paddle"),
        pytest.param("fluid/unet3d", "UNet3D", (2, 1, 8, 8, 8), id="fluid"),
        pytest.param("megengine/segmentation3d", "Net", (2, 1, 8, 8, 8), id="megengine"),
        pytest.param("oneflow/unet3d", "UNet3d", (2, 1, 8, 8, 8), id="oneflow"),
    ],
)
def test_every_layer_of_a_script_s_model_agrees_with_its_release(
    name: str, model: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    script, bundle = Script(name), tmp_path / "model.fourfold.zip"
    script.record_layers(model, shape, bundle)
    options: list[Any] = script.activation
    with fourfold.activate(options[0], fluid=options[-1] if options[1:] else "documented"):
        result = verify(bundle, runpy.run_path(str(script.path))[model]())
    assert (result.ok, result.first) == (True, None)
