"""Mirrors `megengine.jit`: functions run as they are written; nothing is traced."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DTRConfig",
    "GraphOptimizationConfig",
    "SublinearMemoryConfig",
    "TraceError",
    "exclude_from_trace",
    "partial_trace",
    "trace",
]


class TraceError(Exception):
    """What MegEngine raises of a function that changes while it is traced; never raised here."""


class trace:  # noqa: N801, its name
    """Stands for a function, which it calls; the values are those of the traced one, and each call computes anew.

    Args:
        function: what is called. Left out, the result is a decorator.
        options: MegEngine's: of the graph that there is not here, so that only those are checked that it has.

    Raises:
        TypeError: there is no such option.

    Example:
        >>> @trace(symbolic=True)
        ... def double(x):
        ...     return 2 * x
        >>> double(3)
        6
    """

    options = (
        "symbolic",
        "capture_as_const",
        "record_only",
        "sublinear_memory_config",
        "dtr_config",
        "profiling",
        "opt_level",
        "graph_opt_config",
        "symbolic_shape",
        "without_host",
    )

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make one, or what makes one of a function."""
        return super().__new__(cls) if args else functools.partial(cls, **kwargs)

    def __init__(self, function: Callable[..., Any], *args: Any, **options: Any) -> None:
        unknown = set(options) - set(self.options)
        if unknown or len(args) > len(self.options):
            msg = f"trace: there is no option {', '.join(sorted(unknown))}. Legal are {', '.join(self.options)}."
            raise TypeError(msg)
        functools.update_wrapper(self, function)
        self.without_host = bool({**dict(zip(self.options, args, strict=False)), **options}.get("without_host", False))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)  # type: ignore[attr-defined]

    def dump(self, file: Any, **options: Any) -> NoReturn:
        """Refuse: a dump is a graph for MegEngine's own runtime."""
        msg = f"trace.dump({file!r}) is not served: it writes a graph for MegEngine's runtime. Use torch.export."
        raise NotImplementedError(msg)

    def get_profile(self) -> NoReturn:
        """Refuse: there is no graph whose parts could be timed."""
        msg = "trace.get_profile() is not served: there is no graph here. Use torch.profiler."
        raise NotImplementedError(msg)


def partial_trace(
    func: Callable[..., Any] | None = None,
    *,
    backend: str = "default",
    without_host: bool = True,
    **trace_options: Any,
) -> Any:
    """Return the function, or what returns a function.

    Raises:
        NotImplementedError: the backend is another than 'default': what others compute with is not here.
        AssertionError: `without_host` is false, which MegEngine has not.
    """
    if backend != "default":
        msg = f"backend={backend!r}; only 'default' is served. Leave it out, or use torch.compile."
        raise NotImplementedError(msg)
    if not without_host:
        msg = "partial_trace only support without_host mode. Leave out without_host."
        raise AssertionError(msg)

    def traced(function: Callable[..., Any]) -> Callable[..., Any]:
        made = trace(function, without_host=without_host, **trace_options)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return made(*args, **kwargs)

        return called

    return traced if func is None else traced(func)


@contextlib.contextmanager
def exclude_from_trace() -> Iterator[None]:
    """Compute as everywhere else."""
    yield


class _Numbers:
    """Numbers that MegEngine's graph compiler reads: they are kept, and change nothing here.

    Raises:
        AssertionError: one is smaller than is legal.
    """

    def _keep(self, positive: str, **numbers: float) -> None:
        for name, value in numbers.items():
            if value < (name == positive):
                msg = (
                    f"{type(self).__name__}: {name} must be greater or equal to {int(name == positive)}; it is {value}."
                )
                raise AssertionError(msg)
            setattr(self, name, value)


class DTRConfig(_Numbers):
    """Which tensors MegEngine computes again to save memory."""

    def __init__(
        self,
        eviction_threshold: int = 0,
        evictee_minimum_size: int = 1048576,
        recomp_memory_factor: float = 1,
        recomp_time_factor: float = 1,
    ) -> None:
        self._keep(
            "eviction_threshold",
            eviction_threshold=eviction_threshold,
            evictee_minimum_size=evictee_minimum_size,
            recomp_memory_factor=recomp_memory_factor,
            recomp_time_factor=recomp_time_factor,
        )


class SublinearMemoryConfig(_Numbers):
    """How MegEngine looks for tensors to compute again to save memory."""

    def __init__(
        self,
        thresh_nr_try: int = 10,
        genetic_nr_iter: int = 0,
        genetic_pool_size: int = 20,
        lb_memory_mb: int = 0,
        num_worker: int = 1,
    ) -> None:
        self._keep(
            "",
            thresh_nr_try=thresh_nr_try,
            genetic_nr_iter=genetic_nr_iter,
            genetic_pool_size=genetic_pool_size,
        )
        self.lb_memory_mb = lb_memory_mb
        self._keep("num_worker", num_worker=num_worker)


class GraphOptimizationConfig:
    """What MegEngine's graph compiler fuses: kept, and without effect here, where nothing is."""

    def __init__(self) -> None:
        self.jit_fuse_dimshuffle = None
        self.jit_fuse_reduce = None
