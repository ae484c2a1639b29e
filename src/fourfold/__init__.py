"""One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import backend, compat, frontends
    from .backend import autotune
    from .backend.distributed.sharding import shard
    from .compat.activation.activation import activate
    from .compat.agreement.assertion import compare_layer
    from .compat.agreement.recorder import record
    from .compat.agreement.verify import verify
    from .compat.checkpoints import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
    from .compat.porting import plan_module, port_module, port_state
    from .compat.streaming import upsample_stream
    from .frontends.torch.acceleration import accelerate

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "__version__",
    "accelerate",
    "activate",
    "autotune",
    "backend",
    "compare_layer",
    "compat",
    "frontends",
    "load_checkpoint",
    "plan_module",
    "port_module",
    "port_state",
    "record",
    "save_checkpoint",
    "shard",
    "upsample_stream",
    "verify",
]
__version__ = "0.1.0"

# Where the names come from, imported on first use: pytest imports this package for its plugin, in runs that need
# neither it nor torch. An empty name stands for the module itself.
_HOMES = {
    "accelerate": ("frontends.torch.acceleration", "accelerate"),
    "activate": ("compat.activation", "activate"),
    "autotune": ("backend", "autotune"),
    "backend": ("backend", ""),
    "compare_layer": ("compat.agreement.assertion", "compare_layer"),
    "compat": ("compat", ""),
    "frontends": ("frontends", ""),
    "plan_module": ("compat.porting", "plan_module"),
    "port_module": ("compat.porting", "port_module"),
    "record": ("compat.agreement.recorder", "record"),
    "shard": ("backend.distributed.sharding", "shard"),
    "upsample_stream": ("compat.streaming", "upsample_stream"),
    "verify": ("compat.agreement.verify", "verify"),
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
