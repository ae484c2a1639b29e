"""The example of the brain, on a small volume; CI runs it on the real one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from examples import brain as example
from tests.environments import ready

from fourfold.compat.agreement.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"
WEIGHTS = {
    "torch": ("ConvTranspose3d", "3 x 1 x 4 x 4 x 4"),
    "paddle": ("Conv3DTranspose", "3 x 1 x 4 x 4 x 4"),
    "fluid": ("Conv3DTranspose", "3 x 1 x 4 x 4 x 4"),
    "megengine": ("ConvTranspose3d", "3 x 1 x 1 x 4 x 4 x 4"),
    "oneflow": ("ConvTranspose3d", "3 x 1 x 4 x 4 x 4"),
}


def eight_bit() -> Any:
    return np.random.default_rng(0).integers(0, 256, (1, 3, 5, 6, 7)).astype(np.float32)


@pytest.mark.parametrize("name", example.FRONT_ENDS)
def test_eight_bits_come_out_as_torch_interpolates_them(name: str) -> None:
    volume = eight_bit()
    _, output = example.FRONT_ENDS[name](volume)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(volume), scale_factor=2, mode="trilinear", align_corners=False
    ).numpy()
    assert output.shape == (1, 3, 10, 12, 14)
    np.testing.assert_array_equal(output[..., 1:-1, 1:-1, 1:-1], expected[..., 1:-1, 1:-1, 1:-1])


@pytest.mark.parametrize("name", example.FRONT_ENDS)
def test_the_border_sees_zeros(name: str) -> None:
    _, output = example.FRONT_ENDS[name](np.ones((1, 3, 2, 2, 2), np.float32))
    # 3/4 along each axis in a corner, nothing lost in the middle
    assert output[0, 0, 0, 0, 0] == 27 / 64
    assert output[0, 0, 1, 1, 1] == 1


def test_every_api_holds_the_kernel_in_its_own_layout() -> None:
    assert example.upsample(eight_bit()).layers == WEIGHTS


def test_floats_differ_by_rounding_from_interpolation_and_not_among_front_ends() -> None:
    volume = np.random.default_rng(1).uniform(0, 1, (1, 3, 6, 7, 8)).astype(np.float32)
    found = example.upsample(volume)
    assert found.same == dict.fromkeys(WEIGHTS, True)
    assert found.comparison.verdict.value == "within rounding"


@pytest.mark.parametrize(("factor", "code"), [pytest.param(1, 0, id="agrees"), pytest.param(2, 1, id="differs")])
def test_the_command_prints_draws_and_tells_by_its_exit_code(
    factor: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paddle = example.upsample_paddle
    monkeypatch.setattr(example, "brain", lambda: eight_bit() / 255)
    monkeypatch.setitem(example.FRONT_ENDS, "paddle", lambda volume: (paddle(volume)[0], factor * paddle(volume)[1]))
    assert example.main(["--figure", str(tmp_path / "brain.png")]) == code
    assert ("OTHER BITS" in capsys.readouterr().out) is bool(code)
    assert (tmp_path / "brain.png").read_bytes().startswith(PNG)


def test_without_nilearn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nilearn.datasets", None)
    with pytest.raises(SystemExit, match=r"needs nilearn, which is not installed: pip install '\.\[examples\]'"):
        example.main([])


def test_a_figure_without_matplotlib_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    found = example.upsample(eight_bit())
    with pytest.raises(SystemExit, match=r"needs matplotlib, which is not installed: pip install '\.\[examples\]'"):
        example.draw(eight_bit(), found, tmp_path / "brain.png")


@pytest.mark.live
@pytest.mark.parametrize("name", ["paddle", "fluid", "megengine", "oneflow"])
def test_the_real_framework_doubles_eight_bits_to_the_same_bits(name: str) -> None:
    found = ready(name)
    # the functional form: MegEngine 1.13 refuses groups in its layer
    case = {"in_channels": 3, "out_channels": 3, "kernel_size": [4, 4, 4], "stride": 2, "padding": 1, "groups": 3}
    volume = eight_bit()
    with Worker(found.specification.framework, found) as worker:
        answer = worker.run(
            {**case, "bias": False, "form": "functional"}, {"input": volume, "weight": example.trilinear(3)}
        )
    assert str(answer) == "ok"
    np.testing.assert_array_equal(answer.arrays["output"], example.FRONT_ENDS[name](volume)[1])
