from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.environments import ready

from fourfold.compat.agreement.cases import Case
from fourfold.compat.agreement.vectors import (
    RECORDINGS,
    Outcome,
    Recording,
    Request,
    Statistics,
    Vector,
    VectorsError,
    chosen,
    difference,
    read,
    record,
    replay,
    write,
)
from fourfold.compat.agreement.vectors.judge import QUANTILE, SIGNIFICANCE, resembles
from fourfold.compat.agreement.vectors.store import PROVENANCE, narrow, npz_bytes
from fourfold.compat.agreement.vectors.vector import digest
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

SHIPPED = Path(__file__).parents[2] / "data" / "vectors"
CASE = Case(id="x", source="test", in_channels=1, out_channels=2, kernel_size=2, input_size=2, batch=1)
REQUEST = Request("layer/x/integers", CASE, {"kernel_size": 2})
ONES = np.ones((1, 2, 3, 3, 3), np.float32)


def made(*outcomes: Outcome) -> Recording:
    vectors = [
        Vector(Request(f"layer/{place}", CASE, {"stride": 1}), outcome, "0" * 64)
        for place, outcome in enumerate(outcomes)
    ]
    return Recording(dict.fromkeys(PROVENANCE, "known"), tuple(vectors))


# --- the files ------------------------------------------------------------------------------------------------------


OUTCOMES = [
    pytest.param(Outcome("ok", {"output": ONES, "grad_input": ONES * 0.5}), id="values"),
    pytest.param(Outcome("ok", {"output": -0.0 * ONES}), id="negative-zeros"),
    pytest.param(Outcome("ok", {"output": np.full(3, np.nan)}), id="nan"),
    pytest.param(Outcome("ok", {"output": np.zeros((0, 2), np.float16)}), id="empty"),
    pytest.param(Outcome("ok", {"output": ONES * (1 + 2j)}), id="complex"),
    pytest.param(Outcome("ok", output_shape=(1, 2)), id="shape"),
    pytest.param(Outcome("refused", kind="E", ancestors=("E", "ValueError"), message="why"), id="refusal"),
    pytest.param(Outcome("crashed", death="SIGFPE"), id="crash"),
    pytest.param(Outcome("ok", statistics={"weight": Statistics.of(ONES)}), id="statistics"),
]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_comes_back_bit_for_bit(outcome: Outcome, tmp_path: Path) -> None:
    write(made(outcome), tmp_path, "one")
    (vector,) = read(tmp_path, "one").vectors
    assert {name: digest({"": values}) for name, values in vector.outcome.arrays.items()} == {
        name: digest({"": values}) for name, values in outcome.arrays.items()
    }
    assert vector.outcome.to_json() == outcome.to_json()
    assert (vector.request.call, vector.operands) == ({"stride": 1}, "0" * 64)


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        pytest.param([127, -128], np.float32, "int8", id="int8"),
        pytest.param([128], np.float32, "int16", id="int16"),
        pytest.param([-(2.0**31) + 1], np.float64, "int32", id="int32"),
        pytest.param([2**20], np.float32, "float32", id="no-gain"),
        pytest.param([0.5], np.float32, "float32", id="fraction"),
        pytest.param([-0.0], np.float32, "float32", id="negative-zero"),
        pytest.param([np.inf], np.float32, "float32", id="infinite"),
        pytest.param([1], np.complex64, "complex64", id="complex"),
    ],
)
def test_integers_are_stored_small_where_that_loses_nothing(values: list[float], dtype: Any, kind: str) -> None:
    assert narrow(np.array(values, dtype)).dtype == kind


def test_equal_arrays_are_stored_once(tmp_path: Path) -> None:
    write(made(Outcome("ok", {"output": ONES}), Outcome("ok", {"output": ONES.copy()})), tmp_path, "one")
    assert len(np.load(tmp_path / "one.npz").files) == 1


def test_equal_content_gives_equal_bytes_whatever_the_order() -> None:
    assert npz_bytes({"a": ONES, "b": ONES[0]}) == npz_bytes({"b": ONES[0].copy(), "a": ONES})


def test_a_recording_written_twice_has_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(made(Outcome("ok", {"output": ONES})), tmp_path / folder, "one")
    assert [path.name for path in sorted((tmp_path / "a").iterdir())] == ["one.json", "one.npz"]
    assert (tmp_path / "a/one.json").read_bytes() == (tmp_path / "b/one.json").read_bytes()
    assert (tmp_path / "a/one.npz").read_bytes() == (tmp_path / "b/one.npz").read_bytes()


def change(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def damage(folder: Path, how: str) -> None:
    manifest, npz = folder / "one.json", folder / "one.npz"
    content = json.loads(manifest.read_text())
    (key,) = content["arrays"]
    table = content["arrays"][key]
    vector = content["vectors"][0]
    ways: dict[str, Callable[[], object]] = {
        "no-manifest": manifest.unlink,
        "no-npz": npz.unlink,
        "not-json": lambda: manifest.write_text("{"),
        "not-ours": lambda: change(manifest, format="other"),
        "newer": lambda: change(manifest, version=2),
        "no-vectors": lambda: change(manifest, vectors=None),
        "no-provenance": lambda: change(manifest, provenance={"framework": "torch"}),
        "flipped-byte": lambda: npz.write_bytes(npz.read_bytes()[:-1] + b"?"),
        "other-array": lambda: change(manifest, arrays={key: {**table, "sha256": "0" * 64}}),
        "half-described": lambda: change(manifest, arrays={key: {"dtype": "float32"}}),
        "odd-dtype": lambda: change(manifest, arrays={key: {**table, "dtype": "float7"}}),
        "unknown-array": lambda: change(manifest, arrays={key: table, "f" * 16: table}),
        "odd-vector": lambda: change(manifest, vectors=[{**vector, "case": {"stride": 1}}]),
        "lost-array": lambda: change(manifest, vectors=[{**vector, "arrays": {"output": "f" * 16}}]),
        "twice": lambda: change(manifest, vectors=[vector, vector]),
    }
    ways[how]()


@pytest.mark.parametrize(
    ("how", "match"),
    [
        ("no-manifest", r"one\.json: cannot be read"),
        ("no-npz", r"one\.npz: cannot be read .* one\.json needs the file beside it"),
        ("not-json", "not JSON"),
        ("not-ours", "its format should be 'fourfold-vectors'"),
        ("newer", "version 2 of the format; this reads version 1"),
        ("no-vectors", "'vectors' is missing or no list"),
        ("no-provenance", "the provenance lacks environment, version"),
        ("flipped-byte", r"one\.npz: its sha256 is [0-9a-f]{64}, and one\.json says"),
        ("other-array", "is not the one that the manifest describes"),
        ("half-described", "the manifest's entry of array [0-9a-f]{16} cannot be read .KeyError"),
        ("odd-dtype", "the manifest's entry of array [0-9a-f]{16} cannot be read .TypeError"),
        ("unknown-array", "array ffffffffffffffff is in the npz or in the manifest, and not in both"),
        ("odd-vector", "a vector is not what this version writes"),
        ("lost-array", "a vector is not what this version writes .*ffffffffffffffff"),
        ("twice", "'layer/0' is there twice"),
    ],
)
def test_a_damaged_recording_is_refused_by_name(how: str, match: str, tmp_path: Path) -> None:
    write(made(Outcome("ok", {"output": ONES})), tmp_path, "one")
    damage(tmp_path, how)
    with pytest.raises(VectorsError, match=match):
        read(tmp_path, "one")


# --- the judgement --------------------------------------------------------------------------------------------------


def values(output: Any = ONES, **others: Any) -> Outcome:
    return Outcome("ok", {"output": np.asarray(output), **others})


REFUSED = Outcome("refused", kind="ValueError", ancestors=("ValueError", "Exception"), message="no")
DIFFERENT = [
    pytest.param(values(), values(np.nextafter(ONES, np.float32(2))), "at most 1 ULP", id="one-ulp"),
    pytest.param(values(), values(ONES[:, :1]), "shape", id="shape"),
    pytest.param(values(), values(ONES.astype(np.float64)), "dtype float64 for float32", id="dtype"),
    pytest.param(values(), values(grad_input=ONES), "grad_input", id="one-more-gradient"),
    pytest.param(values(), REFUSED, "it gave refused .ValueError: no., where the release gave ok", id="refuses"),
    pytest.param(REFUSED, values(), "it gave ok, where the release gave refused", id="does-not-refuse"),
    pytest.param(
        REFUSED, Outcome("refused", kind="KeyError", ancestors=("KeyError",), message="k"), "KeyError", id="other-class"
    ),
    pytest.param(Outcome("crashed", death="SIGFPE"), REFUSED, r"crashed \(SIGFPE\)", id="does-not-crash"),
    pytest.param(
        Outcome("crashed", death="SIGFPE"), Outcome("crashed", death="SIGABRT"), "SIGABRT", id="crashes-otherwise"
    ),
    pytest.param(Outcome("ok", output_shape=(1,)), Outcome("ok", output_shape=(2,)), "shape", id="shape-alone"),
]


@pytest.mark.parametrize(("recorded", "actual", "match"), DIFFERENT)
def test_a_difference_is_named(recorded: Outcome, actual: Outcome, match: str) -> None:
    said = difference(REQUEST, recorded, actual)
    assert said is not None
    assert re.search(match, said)


SAME = [
    pytest.param(values(), values(ONES.copy()), id="bits"),
    pytest.param(values(0 * ONES), values(-0.0 * ONES), id="either-zero"),
    pytest.param(REFUSED, Outcome("refused", kind="E", ancestors=("E", "ValueError")), id="a-subclass"),
    pytest.param(Outcome("crashed", death="SIGFPE"), Outcome("crashed", death="SIGFPE"), id="the-same-crash"),
]


@pytest.mark.parametrize(("recorded", "actual"), SAME)
def test_agreement_is_recognised(recorded: Outcome, actual: Outcome) -> None:
    assert difference(REQUEST, recorded, actual) is None


@pytest.mark.parametrize(("factor", "agrees"), [(2.0**-23, True), (2.0**-18, False)])
def test_normal_data_may_differ_within_rounding(factor: float, agrees: bool) -> None:
    (request,) = chosen("torch", ["layer/tiny/plain/normal"])
    recorded = replay("torch", request)
    off = {name: array * np.float32(1 + factor) for name, array in recorded.arrays.items()}
    assert (difference(request, recorded, Outcome("ok", off)) is None) == agrees


def drawn(kind: str, scale: float = 1.0, seed: int = 0) -> Statistics:
    source = np.random.RandomState(seed)
    shape = (5000,)
    samples: dict[str, Callable[[], Any]] = {
        "uniform": lambda: source.uniform(-(3**0.5), 3**0.5, shape),
        "normal": lambda: source.standard_normal(shape),
        "zeros": lambda: np.zeros(shape),
    }
    return Statistics.of(scale * samples[kind]())


@pytest.mark.parametrize("kind", ["uniform", "normal", "zeros"])
def test_samples_of_one_distribution_resemble_each_other(kind: str) -> None:
    assert [resembles(drawn(kind), drawn(kind, seed=seed)) for seed in range(1, 20)] == [None] * 19


@pytest.mark.parametrize(
    ("other", "match"),
    [
        pytest.param(drawn("normal", seed=1), "kurtosis", id="same-variance"),
        pytest.param(drawn("uniform", 1.01, seed=1), "max|min", id="one-percent-wider"),
        pytest.param(drawn("zeros"), "values from 0 to 0", id="constant"),
        pytest.param(Statistics.of(np.ones((50, 100))), "shape", id="shape"),
        pytest.param(Statistics.of(np.random.RandomState(1).uniform(-1.6, 1.9, 5000)), "mean", id="shifted"),
    ],
)
def test_samples_of_two_distributions_are_told_apart(other: Statistics, match: str) -> None:
    said = resembles(drawn("uniform"), other)
    assert said is not None
    assert re.search(match, said)


def test_the_quantile_belongs_to_the_significance() -> None:
    assert float(f"{math.erfc(QUANTILE / math.sqrt(2)):.1e}") == SIGNIFICANCE


# --- the command ----------------------------------------------------------------------------------------------------

FEW = ["--cases", "layer/tiny/plain/*", "--cases", "layer/edge/stride-0", "--cases", "layer/drawn/narrow"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors")
    assert main(["vectors", "record", "--with", "torch", "--out", str(folder), *FEW]) == 0
    return folder


def test_the_command_records_values_refusals_and_parameters(recorded: Path) -> None:
    found = {vector.request.id: vector.outcome for vector in read(recorded, "torch").vectors}
    assert list(found) == [
        "layer/tiny/plain/integers",
        "layer/tiny/plain/normal",
        "layer/edge/stride-0",
        "layer/drawn/narrow",
    ]
    assert set(found["layer/tiny/plain/normal"].arrays) == {"output", "grad_input", "grad_weight", "grad_bias"}
    assert found["layer/edge/stride-0"].kind == "RuntimeError"
    assert found["layer/drawn/narrow"].statistics["weight"].count == 256 * 96


def test_the_provenance_repeats_the_recording(recorded: Path) -> None:
    import torch

    known = read(recorded, "torch").provenance
    assert known["command"] == (
        "fourfold vectors record --with torch --cases 'layer/tiny/plain/*' --cases 'layer/edge/stride-0' "
        "--cases 'layer/drawn/narrow'"
    )
    assert (known["framework"], known["version"], known["seed"]) == ("torch", torch.__version__, 0)
    assert (known["numpy"], known["environment"]) == (np.__version__, "torch")


def test_nothing_is_overwritten_without_force(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (recorded / "torch.json").read_bytes()
    assert main(["vectors", "record", "--with", "torch", "--out", str(recorded), *FEW]) == 2
    assert "torch.json is there already. Give --force to replace it" in capsys.readouterr().err
    assert (recorded / "torch.json").read_bytes() == before


def test_a_check_finds_the_one_wrong_value_among_right_ones(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    true = read(recorded, "torch")
    first, *rest = true.vectors
    wrong = Vector(first.request, Outcome("ok", {**first.outcome.arrays, "output": ONES}), first.operands)
    write(Recording(true.provenance, (wrong, *rest)), tmp_path, "torch")
    assert main(["vectors", "record", "--with", "torch", "--out", str(tmp_path), "--check"]) == 1
    output = capsys.readouterr()
    assert "1 differ" in output.out
    assert "torch/layer/tiny/plain/integers: output: different: shape" in output.err


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        pytest.param(["--with", "caffe"], "'caffe' is not known; there are paddle", id="name"),
        pytest.param(["--with", "torch", "--cases", "layer/nothing/*"], "nothing that torch is asked", id="cases"),
        pytest.param(["--with", "torch", "--check"], "cannot be read", id="nothing-to-check"),
    ],
)
def test_wrong_usage_is_said(
    arguments: list[str], match: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vectors", "record", *arguments, "--out", str(tmp_path / "none")]) == 2
    assert match in capsys.readouterr().err


def test_a_missing_environment_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path))
    assert main(["vectors", "record", "--with", "fluid", "--out", str(tmp_path / "out")]) == 2
    assert "Run `fourfold env create fluid`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# --- the real frameworks --------------------------------------------------------------------------------------------


@pytest.mark.live
@pytest.mark.parametrize("name", [name for name in RECORDINGS if name != "torch"])
def test_the_real_framework_still_does_what_was_recorded(name: str, tmp_path: Path) -> None:
    ready(name)
    for extension in ("json", "npz"):
        shutil.copy(SHIPPED / f"{name}.{extension}", tmp_path)
    assert main(["vectors", "record", "--with", name, "--out", str(tmp_path), "--check"]) == 0


@pytest.mark.live
def test_a_crash_is_recorded_with_its_signal() -> None:
    ready("fluid")
    recording = record("fluid", chosen("fluid", ["layer/edge/stride-0", "layer/tiny/plain/integers"]), command="")
    assert [str(vector.outcome) for vector in recording.vectors] == ["ok", "crashed (SIGFPE)"]
