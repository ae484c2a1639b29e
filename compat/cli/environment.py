"""What a report has to say about the machine and the versions it was made with."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
from typing import Any, NamedTuple

import numpy as np
import torch

from ...backend.planning.rates import processor


class Extra(NamedTuple):
    """What `pip install 'fourfold[NAME]'` adds: modules, which can be imported then, and what they are for."""

    modules: tuple[str, ...]
    purpose: str

    @property
    def missing(self) -> list[str]:
        """The modules that cannot be imported."""
        return [module for module in self.modules if importlib.util.find_spec(module) is None]


_TEST = (
    *("rich", "shtab", "PIL", "jinja2", "matplotlib", "zarr", "nibabel"),
    *("pytest", "pytest_cov", "xdist", "hypothesis", "scipy", "expecttest", "safetensors"),
)
EXTRAS = {
    "cli": Extra(("rich", "shtab"), "tables, colours, progress bars and shell completion"),
    "report": Extra(("jinja2", "matplotlib"), "reports in HTML, and the plots of `fourfold bench`"),
    "docs": Extra(("material", "mkdocstrings"), "the documentation as a site"),
    "images": Extra(("PIL",), "pictures that paddle.vision reads, writes and transforms"),
    "notebook": Extra(("nbclient", "ipykernel"), "running the notebook of examples/unet"),
    "onnx": Extra(("onnx", "onnxscript", "onnxruntime"), "export to ONNX, and running what was exported"),
    "stream": Extra(("zarr", "nibabel"), "`fourfold.upsample_stream` from and to zarr and NIfTI"),
    "examples": Extra(("rich", "shtab", "matplotlib", "nilearn"), "examples/, with a real brain"),
    "test": Extra(_TEST, "the tests"),
    "dev": Extra((*_TEST, "ruff", "mypy", "build", "hatchling"), "changing fourfold itself"),
}


def environment() -> dict[str, Any]:
    """Return versions, processor, threads and installed extras, ready for JSON.

    >>> sorted(environment())
    ['cpu', 'cpu_capability', 'cuda', 'extras', 'fourfold', 'mkl', 'numpy', 'onednn', 'platform', 'python', 'threads',
     'torch']
    """
    built = torch.__config__.show()
    has_mkl = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return {
        "fourfold": importlib.metadata.version("fourfold"),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.platform()} ({sys.byteorder} endian)",
        "cpu": f"{processor()}, {os.cpu_count()} cores",
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "mkl": _version(built, "Math Kernel Library Version") if has_mkl else None,
        "onednn": _version(built, "MKL-DNN v") if has_onednn else None,
        "threads": torch.get_num_threads(),
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
        "extras": [name for name, extra in EXTRAS.items() if not extra.missing],
    }


def _version(built: str, library: str) -> str:
    """Return the version of a library that torch says it was built with."""
    found = re.search(rf"{library}\s*([\d.]+)", built)
    return found[1] if found else "of unknown version"
