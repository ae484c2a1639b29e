# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['LBFGS']

def LBFGS(learning_rate: Any = ..., max_iter: Any = ..., max_eval: Any = ..., tolerance_grad: Any = ..., tolerance_change: Any = ..., history_size: Any = ..., line_search_fn: Any = ..., parameters: Any = ..., weight_decay: Any = ..., grad_clip: Any = ..., name: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
