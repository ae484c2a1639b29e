"""Train and record the U-Net in the real frameworks: `python examples/unet/record.py` rewrites recorded/.

It needs their environments: `fourfold env create fluid megengine oneflow`. To port what was recorded, see port.py.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from fourfold.compat.agreement import recorder
from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.environments import environment

HERE = Path(__file__).resolve().parent
CHECKPOINTS = {"fluid": "fluid.pdparams", "megengine": "megengine.pkl", "oneflow": "oneflow"}


def record(framework: str, folder: Path) -> dict[str, Any]:
    """Run the framework's script; return where its files come from.

    Raises:
        BrokenEnvironmentError: the environment is not ready.
        CalledProcessError: the framework failed; its stderr says why.
    """
    checkpoint, bundle = folder / CHECKPOINTS[framework], folder / f"{framework}.fourfold.zip"
    script = f"train_{framework}.py"
    command, variables = environment(framework).command([str(HERE / script), str(checkpoint), str(bundle)])
    with tempfile.TemporaryDirectory() as alone:
        shutil.copy(recorder.__file__, alone)
        variables.update(PYTHONPATH=alone, PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=300)
    files = sorted(path for path in [checkpoint, *checkpoint.rglob("*"), bundle] if path.is_file())
    with Bundle(bundle) as recording:
        return {
            "framework": recording.framework,
            "command": f"{script} {checkpoint.name} {bundle.name}",
            "printed": done.stdout.strip(),
            "sha256": {
                path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
            },
        }


def main() -> None:
    """Record all and write the manifest."""
    folder = HERE / "recorded"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    manifest = {framework: record(framework, folder) for framework in CHECKPOINTS}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
