"""Record one of the models in its framework: record_models.py FRAMEWORK MODEL BUNDLE [--train].

It runs in the framework's environment with the folders of this file and of recorder.py on PYTHONPATH. Parameters and
statistics are drawn by name, so that no framework's initializer matters.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import platform
import zlib
from typing import Any

import numpy as np
from recorder import record  # type: ignore[import-not-found]

SHAPE = (1, 2, 8, 12, 8)


def values(name: str, shape: tuple[int, ...]) -> Any:
    """Draw a parameter; variances are positive, counters left alone."""
    random = np.random.RandomState(zlib.crc32(name.encode()))
    if name.endswith(("var", "_variance")):
        return random.uniform(0.5, 2.0, shape).astype("float32")
    fan = int(np.prod(shape[1:])) if len(shape) > 2 else 4
    return (random.standard_normal(shape) / np.sqrt(fan)).astype("float32")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("framework")
    parser.add_argument("model")
    parser.add_argument("bundle")
    parser.add_argument("--train", action="store_true")
    arguments = parser.parse_args()
    framework = arguments.framework
    models = importlib.import_module(framework + "_models")
    guard: Any = contextlib.nullcontext()
    if framework == "fluid":
        fluid = importlib.import_module("paddle.fluid")
        guard = fluid.dygraph.guard(fluid.CPUPlace())
    with guard:
        model = getattr(models, arguments.model)()
        state = {
            name: values(name, tuple(tensor.shape))
            for name, tensor in model.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }
        if framework in ("torch", "oneflow"):
            tensor = importlib.import_module(framework).tensor
            model.load_state_dict({name: tensor(value) for name, value in state.items()}, strict=False)
        elif framework == "megengine":
            model.load_state_dict(state)
        else:
            (model.set_dict if framework == "fluid" else model.set_state_dict)(state)
        (model.train if arguments.train else model.eval)()
        platform.platform = lambda *_: f"{platform.system()}-{platform.machine()}"  # the kernel tells nothing
        random = np.random.RandomState(0)
        record(model, random.standard_normal(SHAPE).astype("float32"), arguments.bundle)


if __name__ == "__main__":
    main()
