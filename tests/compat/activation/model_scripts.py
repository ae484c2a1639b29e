"""Scripts that train whole models: how they run here and in the releases, and what they wrote there.

A script is tests/data/models/FRAMEWORK/NAME.py, in its framework's own idiom. It is given a folder, in which it leaves
a checkpoint and result.json: losses, metrics, and the output of a model that was loaded from the checkpoint. Given the
folder of another run too, it trains nothing and loads the checkpoint there.

`python -m tests.compat.activation.model_scripts [FRAMEWORK/NAME ...]` runs scripts in their releases, by default those
that are new or changed, and writes NAME.json beside each. It needs the environments of `fourfold env create --all`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli

FOLDER = Path(__file__).parents[2] / "data" / "models"
MOVED = Path(__file__).with_name("moved.py")
# Times that a release runs a script with its data moved by one unit in the last place.
MOVES = 4


class Distance(NamedTuple):
    """How far two results lie apart.

    Attributes:
        losses: the greatest relative difference of a loss.
        metrics: of a metric.
        output: the greatest difference within the output, relative to the output's greatest value.
    """

    losses: float
    metrics: float
    output: float


def distance(result: dict[str, Any], expected: dict[str, Any]) -> Distance:
    """Return how far a result lies from the expected one.

    >>> one = {"losses": [1.0, 2.0], "metrics": {"accuracy": 0.5}, "output": [1.0, 4.0]}
    >>> distance({**one, "losses": [1.0, 2.5], "output": [2.0, 4.0]}, one)
    Distance(losses=0.25, metrics=0.0, output=0.25)
    """
    assert list(result["metrics"]) == list(expected["metrics"])
    found = [_values(result[part]) for part in Distance._fields]
    wanted = [_values(expected[part]) for part in Distance._fields]
    scales = [np.abs(wanted[0]), np.abs(wanted[1]), np.full_like(wanted[2], np.abs(wanted[2]).max())]
    return Distance(*(_relative(*each) for each in zip(found, wanted, scales, strict=True)))


def _values(part: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(list(part.values()) if isinstance(part, dict) else part, np.float64)


def _relative(found: Any, wanted: Any, scale: Any) -> float:
    assert found.shape == wanted.shape
    assert np.isfinite([found, wanted]).all()
    apart = np.abs(found - wanted)
    return float(np.max(np.divide(apart, scale, out=apart, where=scale > 0), initial=0.0))


@dataclass(frozen=True)
class Script:
    """A script of one framework.

    Attributes:
        name: framework/name.
    """

    name: str

    @property
    def framework(self) -> str:
        return self.name.split("/")[0]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.py"

    @property
    def recording(self) -> Path:
        return self.path.with_suffix(".json")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def recorded(self) -> dict[str, Any]:
        """Return what it wrote in its release, and how far the same with moved data was from that."""
        found: dict[str, Any] = json.loads(self.recording.read_text(encoding="utf-8"))
        return found

    def here(self, folder: Path, *trained: Path) -> dict[str, Any]:
        """Run it under `fourfold run`, in this process."""
        options = ["paddle", "--fluid", "1.8"] if self.framework == "fluid" else [self.framework]
        assert cli.main(["run", "--as", *options, str(self.path), str(folder), *map(str, trained)]) == 0
        return _result(folder)

    def there(self, folder: Path, *trained: Path, move: int | None = None) -> dict[str, Any]:
        """Run it in its release, with the data moved by a unit in the last place if a seed is given for that.

        Raises:
            BrokenEnvironmentError: the environment is not ready.
            CalledProcessError: the script failed; its stderr says why.
        """
        moved = [] if move is None else [str(MOVED), str(move)]
        arguments = [*moved, str(self.path), str(folder), *map(str, trained)]
        command, variables = environment(self.framework).command(arguments)
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=300)
        return _result(folder)

    def record(self) -> None:
        """Write what it writes in its release."""
        with tempfile.TemporaryDirectory() as folder:
            result = self.there(Path(folder))
            spreads = [distance(self.there(Path(folder), move=seed), result) for seed in range(MOVES)]
        release = environment(self.framework).specification.release
        facts = {
            "release": f"{'paddle' if self.framework == 'fluid' else self.framework} {release}",
            "command": f"python -m tests.compat.activation.model_scripts {self.name}",
            "sha256": self.sha256,
            "spread": Distance(*np.max(spreads, axis=0).tolist())._asdict(),
        }
        lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in {**facts, **result}.items()]
        self.recording.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _result(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    # float32, with the digits that tell one from another
    return {**result, "output": [float(f"{value:.9g}") for value in result["output"]]}


SCRIPTS = tuple(
    Script(f"{path.parent.name}/{path.stem}") for path in sorted(FOLDER.glob("*/*.py")) if path.stem != "conftest"
)


def main(names: list[str]) -> None:
    """Record scripts in their releases: those named, or those that are new or changed."""
    for script in SCRIPTS:
        fresh = script.recording.exists() and script.recorded()["sha256"] == script.sha256
        if script.name in names or not (names or fresh):
            script.record()
            print(script.name, script.recorded()["spread"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
