# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['try_import']

def try_import(module_name: Any, err_msg: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
