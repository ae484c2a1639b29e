"""The peers' script, with the definition in the place of OpenVINO: NumPy alone, so that it starts at once."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[4]


def load(name: str, path: Path) -> Any:
    description = importlib.util.spec_from_file_location(name, path)
    assert description is not None
    assert description.loader is not None
    module = importlib.util.module_from_spec(description)
    sys.modules[name] = module
    description.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from tests import reference

    from fourfold.compat.bench.peers import script
else:
    reference = load("reference", ROOT / "tests" / "reference.py")
    script = load("script", ROOT / "compat" / "bench" / "peers" / "script.py")


class Definition(script.Peer):
    package = "numpy"

    def ready(self, case: dict[str, Any], arrays: dict[str, Any]) -> Any:
        if case["groups"] == 2:
            msg = "no two groups"
            raise script.UnsupportedError(msg)
        low, _ = script.pads(case)
        if case["dilation"][0] == 2:
            os._exit(3)
        if case["dilation"][0] == 3:
            time.sleep(60)

        def call() -> Any:
            if case["dilation"][0] == 4:
                time.sleep(0.2)
            depth, height, width = low
            return reference.conv_transpose3d(
                *(arrays[name] for name in ("input", "weight", "bias")),
                stride=tuple(case["stride"]),
                padding=((depth, depth), (height, height), (width, width)),
                output_padding=tuple(case["output_padding"]),
                dilation=tuple(case["dilation"]),
                groups=case["groups"],
            )

        return call, lambda value: [value]


if __name__ == "__main__":
    script.recorder.FRAMEWORKS.clear()
    script.recorder.FRAMEWORKS["openvino"] = Definition
    raise SystemExit(script.recorder.main())
