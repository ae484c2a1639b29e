"""How many of torch's threads an operator uses that this thread calls: of this thread alone.

`torch.set_num_threads` says so of threads to come too. The runtimes below it, OpenMP's and MKL's, keep a number for
each thread; they are asked directly where they are found.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from .libtorch import function

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Runtimes(NamedTuple):
    omp: Any
    mkl: Any  # None where torch has no MKL


@lru_cache(maxsize=1)
def _runtimes() -> _Runtimes | None:
    """Return what sets the number of a thread; None where torch keeps it elsewhere."""
    if "OpenMP" not in torch.__config__.parallel_info():
        return None
    omp, mkl = function("omp_set_num_threads"), function("MKL_Set_Num_Threads_Local")
    has_mkl: bool = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
    return None if omp is None or (mkl is None and has_mkl) else _Runtimes(omp, mkl)


def can_limit() -> bool:
    """Whether this thread alone can be limited, and not those to come."""
    return _runtimes() is not None


def limit(number: int) -> None:
    """Let this thread's operators use so many threads, 1 and above."""
    torch.get_num_threads()  # the first call in a thread sets what others have
    found = _runtimes()
    if found is None:
        torch.set_num_threads(number)
        return
    found.omp(number)
    if found.mkl is not None:
        found.mkl(number)


@contextlib.contextmanager
def limited(number: int) -> Iterator[None]:
    """Limit this thread for a `with` statement."""
    before = torch.get_num_threads()
    limit(number)
    try:
        yield
    finally:
        limit(before)
