"""The peers' script, with torch in the place of OpenVINO."""

from __future__ import annotations

import os
import time
from typing import Any

from fourfold.benchmarks.peers import script


class Torch(script.Peer):
    package = "torch"

    def ready(self, case: dict[str, Any], arrays: dict[str, Any]) -> Any:
        torch = self.root
        torch.set_num_threads(self.threads)
        x, weight, bias = (torch.from_numpy(arrays[name]) for name in ("input", "weight", "bias"))
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
            return torch.nn.functional.conv_transpose3d(
                x, weight, bias, case["stride"], low, case["output_padding"], case["groups"], case["dilation"]
            )

        return call, lambda value: [value.numpy()]


if __name__ == "__main__":
    script.recorder.FRAMEWORKS.clear()
    script.recorder.FRAMEWORKS["openvino"] = Torch
    raise SystemExit(script.recorder.main())
