"""record_layers.py SCRIPT CLASS BUNDLE SIZE ...: record the layers of a script's model on a volume of these sizes.

It runs in a release's environment with the folder of recorder.py on PYTHONPATH.
"""

import contextlib
import runpy
import sys

import numpy as np


def main() -> None:
    from recorder import record  # type: ignore[import-not-found]

    script, model, bundle, *shape = sys.argv[1:]
    names = runpy.run_path(script)
    with names["fluid"].dygraph.guard() if "fluid" in names else contextlib.nullcontext():
        made = names["draw"](names[model]())
        made.train()  # in evaluation mode, Paddle 1.8 refuses the gradient of BatchNorm
        volume = np.random.RandomState(0).standard_normal([int(size) for size in shape])
        record(made, volume.astype("float32"), bundle)


if __name__ == "__main__":
    main()
