"""Coverage-guided fuzzing of every reader of checkpoints; run by hand.

    pip install atheris
    python tests/fuzz/fuzz_checkpoints.py seeds CORPUS_FOLDER
    python tests/fuzz/fuzz_checkpoints.py CORPUS_FOLDER -max_total_time=600 -max_len=8192 -rss_limit_mb=3000 -timeout=40

An input is a byte that picks a layout, then the contents of the layout's files, with a separator between them. Any
exception but CheckpointError, a hang or too much memory stops the run, and libFuzzer keeps the input.
"""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

SEPARATOR = b"\n--\n"
# What is loaded, and the files that an input fills.
LAYOUTS = (
    ("file", ("file",)),
    ("oneflow", ("oneflow/pickled_data", "oneflow/tensor_0/meta", "oneflow/tensor_0/out")),
    ("persistables", ("persistables/weight", "persistables/below/bias")),
    ("inference", ("inference/__model__", "inference/__params__")),
    ("net.pdiparams", ("net.pdiparams", "net.pdmodel")),
    ("new.pdiparams", ("new.pdiparams", "new.json")),
)
DATA = Path(__file__).parents[1] / "data" / "checkpoints"


def main() -> None:
    """Fuzz until told otherwise."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["fourfold.compat.checkpoints"]):
        checkpoints = importlib.import_module("fourfold.compat.checkpoints")
    root = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    for _, files in LAYOUTS:
        for file in files:
            (root / file).parent.mkdir(parents=True, exist_ok=True)

    def one(data: bytes) -> None:
        loaded, files = LAYOUTS[data[0] % len(LAYOUTS) if data else 0]
        parts = data[1:].split(SEPARATOR, len(files) - 1)
        for file, part in zip(files, parts + [b""] * (len(files) - len(parts)), strict=True):
            (root / file).write_bytes(part)
        with contextlib.suppress(checkpoints.CheckpointError):
            checkpoints.load_checkpoint(root / loaded)

    try:
        atheris.Setup(sys.argv, one)
        atheris.Fuzz()
    finally:
        shutil.rmtree(root)


def write_seeds(folder: Path) -> None:
    """Write the recorded and the hostile files as inputs."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    hostile: Any = importlib.import_module("tests.compat.checkpoints.hostile")
    pickles: Any = importlib.import_module("tests.compat.checkpoints.hostile_pickles")
    folders: Any = importlib.import_module("tests.compat.checkpoints.hostile_folders")
    good = [path.read_bytes() for path in sorted(DATA.iterdir()) if path.is_file() and path.suffix != ".md"]
    inputs = [(0, [data]) for data in [*good, *hostile.seeds().values(), *hostile.FILES.values()]]
    named = pickles.HEAD + b"}" + pickles.text("x") + folders.named_tensor("tensor_0") + b"s."
    metas = sorted(DATA.glob("oneflow-0.9-dtypes/*/meta"))
    inputs += [(1, [named, meta.read_bytes(), meta.with_name("out").read_bytes()]) for meta in metas]
    inputs.append((2, [(DATA / "fluid-1.8-persistables" / name).read_bytes() for name in ("weight", "bias")]))
    inputs.append((3, [(DATA / "fluid-1.8-inference" / name).read_bytes() for name in ("__model__", "__params__")]))
    inputs.append((4, [(DATA / f"paddle-3.3-old-jit.{suffix}").read_bytes() for suffix in ("pdiparams", "pdmodel")]))
    inputs.append((5, [(DATA / f"paddle-3.3-jit.{suffix}").read_bytes() for suffix in ("pdiparams", "json")]))
    folder.mkdir(parents=True, exist_ok=True)
    for number, (layout, parts) in enumerate(inputs):
        (folder / f"seed-{number:03}").write_bytes(bytes([layout]) + SEPARATOR.join(parts))


if __name__ == "__main__":
    if sys.argv[1:2] == ["seeds"]:
        write_seeds(Path(sys.argv[2]))
    else:
        main()
