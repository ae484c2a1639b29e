"""What a report has to say about the machine and the versions it was made with."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from typing import Any

import numpy as np
import torch

# An extra counts as installed if what it adds can be imported.
EXTRAS = {"cli": ("rich",), "test": ("pytest", "hypothesis", "scipy")}


def environment() -> dict[str, Any]:
    """Return versions, processor, threads and installed extras, ready for JSON.

    >>> sorted(environment())
    ['cpu', 'cpu_capability', 'cuda', 'extras', 'fourfold', 'numpy', 'platform', 'python', 'threads', 'torch']
    """
    return {
        "fourfold": importlib.metadata.version("fourfold"),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.platform()} ({sys.byteorder} endian)",
        "cpu": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
        "extras": [name for name, modules in EXTRAS.items() if all(map(importlib.util.find_spec, modules))],
    }
