"""One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch."""

from . import backend, frontends

__all__ = ["__version__", "backend", "frontends"]
__version__ = "0.1.0"
