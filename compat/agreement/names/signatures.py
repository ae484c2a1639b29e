"""Write down what a release calls its names: `frontends/<framework>/signatures/<release>.json`.

What there is to import beside the public names is `<release>.modules.json` there.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..environments import BrokenEnvironmentError

if TYPE_CHECKING:
    from ..environments import Environment

__all__ = ["FILES", "MIRRORED", "collected", "modules_file", "recorded", "recorded_file", "recorded_modules"]

COLLECTOR = Path(__file__).with_name("collector.py")
FRONTENDS = Path(__file__).resolve().parents[3] / "frontends"
# front end and release, by environment
FILES = {
    "paddle": "paddle/signatures/3.3.1.json",
    "paddle-2.6": "paddle/signatures/2.6.2.json",
    "fluid": "paddle/signatures/1.8.5.json",
    "megengine": "megengine/signatures/1.13.0.json",
    "oneflow": "oneflow/signatures/0.9.0.json",
}


# the releases that front ends mirror; others only say what has gone
MIRRORED = ("paddle", "fluid", "megengine", "oneflow")


def recorded_file(name: str, frontends: Path = FRONTENDS) -> Path:
    """Return the file of an environment's release."""
    return frontends / FILES[name]


def modules_file(name: str, frontends: Path = FRONTENDS) -> Path:
    """Return the file of what there is to import beside the public names of an environment's release."""
    return recorded_file(name, frontends).with_suffix(".modules.json")


def recorded(environment: Environment, *, timeout: float = 300) -> str:
    """Return the text of a release's file, from the release itself; the same release gives the same text.

    Args:
        environment: where the release is.
        timeout: seconds that listing its names may take.

    Raises:
        BrokenEnvironmentError: it is not ready, or its names cannot be listed.
    """
    names = collected(environment, timeout=timeout)
    content = json.dumps(names, indent=0, ensure_ascii=False)
    recording = {"provenance": _provenance(environment, content), "names": names}
    return json.dumps(recording, indent=0, ensure_ascii=False) + "\n"


def recorded_modules(environment: Environment, *, timeout: float = 300) -> str:
    """Return the text of the file of a release's further modules, from the release itself: a line for each.

    Args:
        environment: where the release is.
        timeout: seconds that listing them may take.

    Raises:
        BrokenEnvironmentError: it is not ready, or they cannot be listed.
    """
    found = collected(environment, "modules", timeout=timeout)
    content = ",\n".join(f"{json.dumps(path)}: {json.dumps(said)}" for path, said in found.items())
    return f'{{"provenance": {json.dumps(_provenance(environment, content))},\n"modules": {{\n{content}\n}}}}\n'


def _provenance(environment: Environment, content: str) -> dict[str, str]:
    return {
        "release": environment.specification.release,
        "command": f"fourfold vectors record --signatures --with {environment.name}",
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
    }


def collected(environment: Environment, *what: str, timeout: float = 300) -> dict[str, Any]:
    """Return what `collector.py` prints in an environment.

    Args:
        environment: where the release is.
        what: nothing for the signatures, 'docstrings' for those, 'modules' for what there is beside the public names.
        timeout: seconds that listing its names may take.

    Raises:
        BrokenEnvironmentError: it is not ready, or its names cannot be listed.
    """
    framework = environment.specification.framework
    command, variables = environment.command([str(COLLECTOR), framework, *what])
    try:
        done = subprocess.run(
            command,
            env=variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=True,
        )
        names: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        detail = (getattr(error, "stderr", None) or str(error)).strip()[-500:]
        msg = f"the names of {environment.name!r} could not be listed: {detail}"
        raise BrokenEnvironmentError(msg) from error
    return names
