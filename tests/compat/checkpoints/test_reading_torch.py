"""Files of torch and of the safetensors library come out as these libraries read them."""

from __future__ import annotations

import json
import struct
from collections import OrderedDict
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold import CheckpointError, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

STATE = OrderedDict(
    a=torch.arange(24.0).reshape(2, 3, 4).transpose(0, 2),
    b=torch.arange(5, dtype=torch.bfloat16),
    c=torch.tensor([1 + 2j]),
    scalar=torch.tensor(3),
    empty=torch.zeros(0, 2),
    parameter=torch.nn.Parameter(torch.ones(2)),
    expanded=torch.ones(1).expand(3),
)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_torch_files_give_what_torch_load_gives(tmp_path: Path, legacy: bool) -> None:
    file = tmp_path / "state.pt"
    torch.save({"model": STATE, "epoch": 2}, file, _use_new_zipfile_serialization=not legacy)
    checkpoint = load_checkpoint(file)
    expected = torch.load(file, weights_only=True)["model"]
    assert checkpoint.format == ("torch-legacy" if legacy else "torch")
    assert list(checkpoint.tensors) == [f"model.{name}" for name in STATE]
    assert [name for name in STATE if not torch.equal(checkpoint.tensors[f"model.{name}"], expected[name])] == []
    assert checkpoint.others == {"epoch": 2}


NUMBERS = torch.tensor([[1 + 2j, 3 - 4j], [5j, -6 + 0j]])
SIGNED = {
    "conj": NUMBERS.conj(),
    "conj of a transposed": NUMBERS.t().conj(),
    "neg": NUMBERS.conj().imag,
    "conj and neg": torch._neg_view(NUMBERS.conj()),
    "plain": NUMBERS,
    "real": NUMBERS.real,
}


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", SIGNED)
def test_conjugates_and_negatives_are_the_numbers_that_were_saved(tmp_path: Path, name: str, legacy: bool) -> None:
    torch.save({"x": SIGNED[name]}, tmp_path / "x", _use_new_zipfile_serialization=not legacy)
    loaded = load_checkpoint(tmp_path / "x").tensors["x"]
    assert loaded.tolist() == SIGNED[name].tolist()
    save_checkpoint({"x": loaded}, tmp_path / "y", format="paddle" if loaded.is_complex() else "safetensors")
    assert load_checkpoint(tmp_path / "y").tensors["x"].tolist() == SIGNED[name].tolist()


def test_a_conjugate_goes_on_sharing_with_its_numbers(tmp_path: Path) -> None:
    torch.save({"x": NUMBERS, "y": NUMBERS.conj()}, tmp_path / "x")
    tensors = load_checkpoint(tmp_path / "x").tensors
    tensors["x"].mul_(2)
    assert tensors["y"].tolist() == (2 * NUMBERS.conj()).tolist()


def test_tensors_that_share_a_storage_go_on_sharing_it(tmp_path: Path) -> None:
    whole = torch.arange(6.0)
    torch.save({"whole": whole, "part": whole[2:]}, tmp_path / "state.pt")
    tensors = load_checkpoint(tmp_path / "state.pt").tensors
    tensors["whole"][2] = 9
    assert tensors["part"][0] == 9


def test_a_torch_optimizer_is_readable(tmp_path: Path) -> None:
    layer = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    torch.save(optimizer.state_dict(), tmp_path / "optimizer.pt")
    checkpoint = load_checkpoint(tmp_path / "optimizer.pt")
    assert torch.equal(checkpoint.tensors["state.0.exp_avg"], optimizer.state_dict()["state"][0]["exp_avg"])
    assert checkpoint.others["param_groups.0.lr"] == 0.001


def test_safetensors_files_of_their_own_library(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch")
    state = {"x": torch.arange(6.0).reshape(2, 3), "half": torch.ones(2, dtype=torch.bfloat16), "s": torch.tensor(1)}
    library.save_file(state, tmp_path / "state.safetensors", metadata={"made by": "hand"})
    checkpoint = load_checkpoint(tmp_path / "state.safetensors")
    assert checkpoint.metadata == {"made by": "hand"}
    assert sorted(checkpoint.tensors) == ["half", "s", "x"]
    assert torch.equal(checkpoint.tensors["x"], state["x"])
    assert checkpoint.tensors["half"].dtype == torch.bfloat16


FLOATS = [
    name
    for name in ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu")
    if hasattr(torch, name)
] + (["float4_e2m1fn_x2"] if hasattr(torch, "float4_e2m1fn_x2") else [])


def bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().view(torch.uint8)


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("shape", [(4, 6), (1,), (0, 2)], ids=str)
def test_small_floats_are_read_and_written_as_the_safetensors_library_does(
    tmp_path: Path, name: str, shape: tuple[int, ...]
) -> None:
    library = pytest.importorskip("safetensors.torch")
    if getattr(torch, name) not in library._SIZE:
        pytest.skip("this release of the safetensors library lacks the dtype")
    state = {"x": torch.arange(torch.Size(shape).numel(), dtype=torch.uint8).reshape(shape).view(getattr(torch, name))}
    library.save_file(state, tmp_path / "theirs")
    save_checkpoint(state, tmp_path / "ours", format="safetensors")
    for loaded in (load_checkpoint(tmp_path / "theirs").tensors["x"], library.load_file(tmp_path / "ours")["x"]):
        assert (loaded.dtype, loaded.shape) == (state["x"].dtype, state["x"].shape)
        assert torch.equal(bits(loaded), bits(state["x"]))


@pytest.mark.parametrize("name", FLOATS)
def test_small_floats_of_torch_s_files(tmp_path: Path, name: str) -> None:
    tensor = torch.arange(6, dtype=torch.uint8).view(getattr(torch, name))
    torch.save({"x": tensor}, tmp_path / "x")
    loaded = load_checkpoint(tmp_path / "x").tensors["x"]
    assert loaded.dtype == tensor.dtype
    assert torch.equal(bits(loaded), bits(tensor))


@pytest.mark.skipif(not hasattr(torch, "float4_e2m1fn_x2"), reason="this torch has no float4")
@pytest.mark.parametrize("shape", [[3], []], ids=["odd", "scalar"])
def test_pairs_of_numbers_in_a_byte_need_an_even_size(tmp_path: Path, shape: list[int]) -> None:
    header = json.dumps({"x": {"dtype": "F4", "shape": shape, "data_offsets": [0, 1]}}).encode()
    (tmp_path / "x").write_bytes(struct.pack("<Q", len(header)) + header + bytes(1))
    with pytest.raises(CheckpointError, match="two numbers in a byte"):
        load_checkpoint(tmp_path / "x")
