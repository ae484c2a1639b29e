"""Files that the real frameworks wrote (tests/data/checkpoints/README.md) come out as what was put in."""

from __future__ import annotations

import pickle
import shutil
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tests.compat.checkpoints.frameworks import OF_DTYPES, values
from tests.compat.checkpoints.memory import measure

from fourfold import CheckpointError, load_checkpoint
from fourfold.compat.checkpoints import open_checkpoint

if TYPE_CHECKING:
    from fourfold.compat.literals import Format

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
TABLE = {"weight": "conv3d_transpose_0.w_0", "bias": "conv3d_transpose_0.b_0"}


def check(found: torch.Tensor, name: str, dtype: torch.dtype = torch.float32) -> None:
    expected = torch.from_numpy(values(name)).to(dtype)
    assert found.dtype == dtype
    assert torch.equal(found, expected)


@pytest.mark.parametrize(
    ("file", "protocol"),
    [
        ("fluid-1.8.pdparams", 2),
        ("paddle-3.3-flat-p2.pdparams", 2),
        ("paddle-3.3-flat-p3.pdparams", 3),
        ("paddle-3.3-flat-p4.pdparams", 4),
    ],
)
def test_paddle_state_dicts_have_tensors_and_the_name_table(file: str, protocol: int) -> None:
    checkpoint = load_checkpoint(DATA / file)
    assert (checkpoint.format, checkpoint.protocol) == ("paddle", protocol)
    assert list(checkpoint.tensors) == ["weight", "bias"]
    assert checkpoint.name_table == TABLE
    check(checkpoint.tensors["weight"], "weight")
    check(checkpoint.tensors["bias"], "bias")


@pytest.mark.parametrize("protocol", [2, 4])
def test_nested_paddle_files_give_dotted_names_and_the_other_values(protocol: int) -> None:
    checkpoint = load_checkpoint(DATA / f"paddle-3.3-nested-p{protocol}.pdparams")
    assert list(checkpoint.tensors) == ["model.weight", "model.bias"]
    assert checkpoint.name_table == {f"model.{name}": parameter for name, parameter in TABLE.items()}
    assert checkpoint.others == {"epoch": 3, "history.0": 0.5, "history.1": 0.25}
    check(checkpoint.tensors["model.weight"], "weight")


def test_a_bare_paddle_tensor_has_its_parameter_s_name() -> None:
    checkpoint = load_checkpoint(DATA / "paddle-3.3-bare.pdtensor")
    check(checkpoint.tensors["conv3d_transpose_0.w_0"], "weight")


def test_paddle_s_bfloat16_is_uint16_until_it_is_asked_for() -> None:
    file = DATA / "paddle-3.3-bfloat16.pdparams"
    assert load_checkpoint(file).tensors["weight"].dtype == torch.uint16
    check(load_checkpoint(file, bfloat16=True).tensors["weight"], "weight", torch.bfloat16)
    mixed = load_checkpoint(file, bfloat16=["bias"]).tensors
    assert (mixed["weight"].dtype, mixed["bias"].dtype) == (torch.uint16, torch.bfloat16)


def test_only_uint16_is_reinterpreted() -> None:
    with pytest.raises(CheckpointError, match=r"bfloat16 names 'bias', which is torch\.float32"):
        load_checkpoint(DATA / "fluid-1.8.pdparams", bfloat16=["bias"])


@pytest.mark.parametrize(("file", "count"), [("fluid-1.8.pdopt", 4), ("paddle-3.3-adam.pdopt", 8)])
def test_optimizer_states_are_readable(file: str, count: int) -> None:
    checkpoint = load_checkpoint(DATA / file)
    assert len(checkpoint.tensors) == count
    # after one step of Adam: beta1, to the power of steps + 1
    power = checkpoint.tensors["conv3d_transpose_0.w_0_beta1_pow_acc_0"]
    assert power == pytest.approx(0.9**2, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("file", "dtype"), [("paddle-3.3-binary", torch.float32), ("paddle-3.3-bf16-binary", torch.bfloat16)]
)
def test_a_binary_tensor_is_named_after_its_file(file: str, dtype: torch.dtype) -> None:
    checkpoint = load_checkpoint(DATA / file)
    assert checkpoint.format == "paddle-binary"
    check(checkpoint.tensors[file], "weight", dtype)


def test_a_combined_file_has_tensors_by_position() -> None:
    checkpoint = load_checkpoint(DATA / "fluid-1.8-combined")
    check(checkpoint.tensors["0"], "bias")
    check(checkpoint.tensors["1"], "weight")
    assert "position" in checkpoint.metadata["names"]


def test_a_program_of_other_shapes_names_nothing(tmp_path: Path) -> None:
    shutil.copytree(DATA / "fluid-1.8-inference", tmp_path / "x")
    (tmp_path / "x" / "__params__").write_bytes((DATA / "fluid-1.8-persistables" / "weight").read_bytes() * 2)
    checkpoint = load_checkpoint(tmp_path / "x")
    assert list(checkpoint.tensors) == ["0", "1"]
    assert "lists other shapes" in checkpoint.metadata["names"]


def test_the_names_of_a_combined_file_can_be_stated() -> None:
    tensors = load_checkpoint(DATA / "fluid-1.8-combined", order=["bias", "weight"]).tensors
    check(tensors["bias"], "bias")
    check(tensors["weight"], "weight")


@pytest.mark.parametrize(
    ("file", "order", "match"),
    [
        ("fluid-1.8-combined", ["weight"], r"order= has 1 names, 1 of them different; the file has 2 tensors"),
        ("fluid-1.8-combined", ["w", "w"], r"order= has 2 names, 1 of them different"),
        ("fluid-1.8.pdparams", ["w", "b"], r"order= is for Paddle's combined files, and this is of format 'paddle'"),
    ],
    ids=["few", "equal", "format"],
)
def test_an_order_that_does_not_fit_is_refused(file: str, order: list[str], match: str) -> None:
    with pytest.raises(CheckpointError, match=match):
        load_checkpoint(DATA / file, order=order)


def test_a_persistables_folder_is_named_by_its_files() -> None:
    checkpoint = load_checkpoint(DATA / "fluid-1.8-persistables")
    assert checkpoint.format == "paddle-persistables"
    check(checkpoint.tensors["weight"], "weight")
    check(checkpoint.tensors["bias"], "bias")


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_megengine_state_dicts_of_each_protocol(protocol: int) -> None:
    checkpoint = load_checkpoint(DATA / f"megengine-1.13-state-p{protocol}.pkl")
    assert (checkpoint.format, checkpoint.protocol) == ("megengine", protocol)
    weight = np.tile(values("weight").ravel(), 2).reshape(4, 6, 2, 3, 2)
    assert torch.equal(checkpoint.tensors["weight"], torch.from_numpy(weight))
    assert checkpoint.tensors["bias"].shape == (1, 6, 1, 1, 1)


def test_a_megengine_module_is_read_as_plain_data() -> None:
    checkpoint = load_checkpoint(DATA / "megengine-1.13-sequential.pkl")
    norm = [f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var")]
    assert list(checkpoint.tensors) == ["0.weight", "0.bias", *norm]
    assert torch.equal(checkpoint.tensors["1.running_var"], torch.ones(1, 2, 1, 1))


def test_nested_megengine_files_have_arrays_and_tensors() -> None:
    checkpoint = load_checkpoint(DATA / "megengine-1.13-nested.pkl")
    check(checkpoint.tensors["state.bias"], "bias")
    check(checkpoint.tensors["tensor"], "weight")


@pytest.mark.parametrize("name", OF_DTYPES)
def test_oneflow_dtypes(name: str) -> None:
    checkpoint = load_checkpoint(DATA / "oneflow-0.9-dtypes")
    check(checkpoint.tensors[f"tensors.{name}"], "bias", getattr(torch, name))
    assert checkpoint.others == {"step": 7}


def test_oneflow_scalars_have_no_axis() -> None:
    assert torch.equal(load_checkpoint(DATA / "oneflow-0.9-dtypes").tensors["tensors.scalar"], torch.tensor(2.5))


@pytest.mark.parametrize("folder", ["oneflow-0.9-state", "oneflow-0.9-module"])
def test_oneflow_states_and_modules_have_the_named_tensors(folder: str) -> None:
    checkpoint = load_checkpoint(DATA / folder)
    assert list(checkpoint.tensors) == ["weight", "bias"]
    check(checkpoint.tensors["weight"], "weight")


def test_stale_oneflow_tensors_are_left_aside(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    shutil.copytree(DATA / "oneflow-0.9-state", folder)
    (folder / "tensor_5" / "out").write_bytes(b"not a tensor")
    check(load_checkpoint(folder).tensors["weight"], "weight")


def test_big_endian_and_fortran_arrays(tmp_path: Path) -> None:
    array = np.arange(6, dtype=">f4").reshape(2, 3)
    content = {"big": array, "fortran": np.asfortranarray(values("weight")), "complex": np.array([1 + 2j], ">c8")}
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(content, protocol=4))
    tensors = load_checkpoint(tmp_path / "x.pkl").tensors
    assert tensors["big"].tolist() == [[0, 1, 2], [3, 4, 5]]
    check(tensors["fortran"], "weight")
    assert tensors["complex"].tolist() == [1 + 2j]


def test_megengine_s_tensor_may_have_the_name_of_paddle_s_table(tmp_path: Path) -> None:
    state = OrderedDict({"StructuredToParameterName@@": np.ones(2), "w": np.zeros(1)})
    (tmp_path / "x").write_bytes(pickle.dumps(state, protocol=4))
    checkpoint = load_checkpoint(tmp_path / "x")
    assert (checkpoint.format, list(checkpoint.tensors)) == ("megengine", list(state))


def test_names_choose_tensors_in_file_order() -> None:
    checkpoint = load_checkpoint(DATA / "oneflow-0.9-dtypes", ["tensors.int8", "tensors.float64"])
    assert list(checkpoint.tensors) == ["tensors.float64", "tensors.int8"]


def test_a_name_that_is_not_there_is_an_error_with_near_names() -> None:
    with pytest.raises(CheckpointError, match=r"no tensor is named 'wieght'. Did you mean 'weight'\?"):
        load_checkpoint(DATA / "fluid-1.8.pdparams", ["wieght"])


def test_progress_is_told_after_each_tensor() -> None:
    seen: list[tuple[str, int]] = []
    load_checkpoint(DATA / "fluid-1.8.pdparams", progress=lambda name, count: seen.append((name, count)))
    assert seen == [("weight", 576), ("bias", 24)]


def test_a_missing_file_is_the_system_s_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none")


def test_an_error_of_the_caller_s_own_passes_through_open_checkpoint() -> None:
    with pytest.raises(KeyError), open_checkpoint(DATA / "fluid-1.8.pdparams") as listing:
        listing.tensors["none"]


@pytest.mark.parametrize("protocol", [2, 3])
def test_sliced_parameters_are_put_together(protocol: int) -> None:
    checkpoint = load_checkpoint(DATA / f"paddle-3.3-sliced-p{protocol}.pdparams")
    check(checkpoint.tensors["weight"], "weight")
    check(checkpoint.tensors["bias"], "bias")
    assert len(checkpoint.tensors) == 2
    assert checkpoint.name_table == TABLE


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickled_dense_tensor_is_its_array_and_nothing_is_evaluated(protocol: int) -> None:
    file = DATA / f"paddle-3.3-dense-p{protocol}.pdparams"
    assert b"eval" in file.read_bytes()
    tensors = load_checkpoint(file).tensors
    check(tensors["model.weight"], "weight")
    check(tensors["model.bias"], "bias")


def test_a_large_file_may_take_more_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourfold.compat.checkpoints.machine.OPERATIONS", 100)
    state = {f"layer{index}.weight": np.ones(1, np.float32) for index in range(500)}
    (tmp_path / "x").write_bytes(pickle.dumps(state, protocol=4))
    with open_checkpoint(tmp_path / "x") as listing:
        assert list(listing.tensors) == list(state)


OTHERS = [
    pytest.param(b"(dp0\nS'w'\np1\nI1\ns.", r"a pickle of protocol 0 or 1. Load it where .* with protocol 2", id="0"),
    pytest.param(b"}q\x00U\x01wq\x01K\x01s.", r"a pickle of protocol 0 or 1", id="1"),
    pytest.param(b"\x1f\x8b\x08" + bytes(20), r"compressed by gzip. Unpack it first", id="gzip"),
    pytest.param(
        bytes(range(1, 250)) + bytes(8) + b"ustar" + bytes(300), r"tar archive, as torch 0\.1 wrote", id="tar"
    ),
]


@pytest.mark.parametrize(("data", "match"), OTHERS)
def test_what_is_not_read_is_told_with_what_to_do(tmp_path: Path, data: bytes, match: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(CheckpointError, match=match):
        load_checkpoint(tmp_path / "x")


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("format", ["torch", "paddle-fluid"])
def test_reading_takes_the_memory_of_the_tensors_that_are_read(tmp_path: Path, format: Format) -> None:
    size, whole, named = measure(format, 48, tmp_path)
    assert size >= 48 << 20
    assert named < 0.2 * size
    assert 0.6 * size < whole < 1.3 * size


def test_listing_reads_no_tensor(tmp_path: Path) -> None:
    header = b'{"x":{"dtype":"F32","shape":[1000000000,2],"data_offsets":[0,8000000000]}}'
    file = tmp_path / "huge.safetensors"
    with file.open("wb") as out:  # a sparse file: 8 GB that take no space
        out.write(struct.pack("<Q", len(header)) + header)
        out.truncate(8 + len(header) + 8_000_000_000)
    with open_checkpoint(file) as listing:
        assert listing.tensors["x"].nbytes == 8_000_000_000
