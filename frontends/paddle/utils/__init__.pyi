# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import unique_name as unique_name

__all__ = ['try_import', 'unique_name']

def try_import(module_name: Any, err_msg: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
