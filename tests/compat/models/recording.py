"""Record the models in their frameworks: `python tests/compat/models/recording.py` rewrites tests/data/bundles.

Needs the environments of `fourfold env create paddle fluid megengine oneflow`. Tests read what it wrote, never write.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourfold.compat.agreement import recorder
from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.environments import environment

HERE = Path(__file__).resolve().parent
BUNDLES = HERE.parents[1] / "data" / "bundles"


def bundle_of(name: str) -> Path:
    """Where the recording of a model is: `framework-model`."""
    return BUNDLES / f"{name}.fourfold.zip"


@dataclass(frozen=True)
class Recording:
    """A model of one framework.

    Attributes:
        framework: name of its environment and of its file of models.
        model: name of the class.
        options: of `record_models.py`.
        renames: names in the recording to names here.
    """

    framework: str
    model: str
    options: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.framework}-{self.model.lower()}"

    @property
    def builder(self) -> str:
        return self.name.replace("-", "_")

    @property
    def path(self) -> Path:
        return bundle_of(self.name)

    @property
    def arguments(self) -> list[str]:
        """Arguments of `record_models.py` without the file to write."""
        return [self.framework, self.model, *self.options]


# MegEngine's GroupNorm takes no volumes; there it stands inside a layer that folds them.
PLANES = tuple((f"{unit}.norm.planes", f"{unit}.norm") for unit in ("stem", "down", "body", "merge"))

RECORDINGS = (
    Recording("torch", "UNet"),
    Recording("torch", "VNet"),
    Recording("paddle", "UNet"),
    Recording("paddle", "VNet"),
    # in evaluation mode, Paddle 1.8 refuses the gradient of BatchNorm
    Recording("fluid", "UNet", options=("--train",)),
    Recording("fluid", "VNet"),
    Recording("megengine", "UNet"),
    Recording("megengine", "VNet", renames=PLANES),
    Recording("oneflow", "UNet"),
    Recording("oneflow", "VNet"),
)


def record(recording: Recording, path: Path) -> None:
    """Record a model in its environment.

    Raises:
        BrokenEnvironmentError: the environment is not ready.
        CalledProcessError: the framework failed; its stderr says why.
    """
    arguments = [str(HERE / "record_models.py"), *recording.arguments, str(path)]
    if recording.framework == "torch":
        command, variables = [sys.executable, *arguments], dict(os.environ)
    else:
        command, variables = environment(recording.framework).command(arguments)
    with tempfile.TemporaryDirectory() as folder:
        # alone: the modules beside it have names that a framework's dependencies may bear
        shutil.copy(recorder.__file__, folder)
        variables.update(PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE="1")
        subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=300)


def provenance(recording: Recording) -> dict[str, Any]:
    """Describe a recorded bundle."""
    content = recording.path.read_bytes()
    with Bundle(recording.path) as bundle:
        return {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "framework": bundle.framework,
            "command": " ".join(["record_models.py", *recording.arguments, recording.path.name]),
        }


def main() -> None:
    """Record all and write the manifest."""
    BUNDLES.mkdir(parents=True, exist_ok=True)
    for recording in RECORDINGS:
        print(recording.name, flush=True)
        record(recording, recording.path)
        recording.path.chmod(0o644)
    manifest = {recording.path.name: provenance(recording) for recording in RECORDINGS}
    (BUNDLES / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
