"""One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import backend, compat, frontends
    from .compat.activation.activation import activate
    from .compat.checkpoints import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
    from .compat.porting import port_module, port_state
    from .frontends.torch.acceleration import accelerate

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "__version__",
    "accelerate",
    "activate",
    "backend",
    "compat",
    "frontends",
    "load_checkpoint",
    "port_module",
    "port_state",
    "save_checkpoint",
]
__version__ = "0.1.0"

# Where the names come from, imported on first use: pytest imports this package for its plugin, in runs that need
# neither it nor torch. An empty name stands for the module itself.
_HOMES = {
    "accelerate": ("frontends.torch.acceleration", "accelerate"),
    "activate": ("compat.activation", "activate"),
    "backend": ("backend", ""),
    "compat": ("compat", ""),
    "frontends": ("frontends", ""),
    "port_module": ("compat.porting", "port_module"),
    "Checkpoint": ("compat.checkpoints", "Checkpoint"),
    "CheckpointError": ("compat.checkpoints", "CheckpointError"),
    "load_checkpoint": ("compat.checkpoints", "load_checkpoint"),
    "save_checkpoint": ("compat.checkpoints", "save_checkpoint"),
    "port_state": ("compat.porting", "port_state"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(msg)
    module, attribute = _HOMES[name]
    home = importlib.import_module(f".{module}", __name__)
    return getattr(home, attribute) if attribute else home
