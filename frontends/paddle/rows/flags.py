"""Rows of flags."""

from __future__ import annotations

from typing import Any

import torch

from ..names import NAMES

__all__ = ["Flags"]

fn = NAMES.function

# Defaults of 3.3.1. All are about its allocators, threads, compilers and logs, which are torch's here: they are kept,
# and given back, and change nothing. Flags that change values are refused below.
FLAGS: dict[str, Any] = {
    "FLAGS_allocator_strategy": "auto_growth",
    "FLAGS_benchmark": False,
    "FLAGS_call_stack_level": 1,
    "FLAGS_check_nan_inf": False,
    "FLAGS_eager_delete_tensor_gb": 0.0,
    "FLAGS_einsum_opt": False,
    "FLAGS_enable_pir_api": True,
    "FLAGS_fast_eager_deletion_mode": True,
    "FLAGS_fraction_of_cpu_memory_to_use": 1.0,
    "FLAGS_fraction_of_gpu_memory_to_use": 0.9200000166893005,
    "FLAGS_init_allocated_mem": False,
    "FLAGS_initial_cpu_memory_in_mb": 500,
    "FLAGS_log_memory_stats": False,
    "FLAGS_low_precision_op_list": 0,
    "FLAGS_max_inplace_grad_add": 0,
    "FLAGS_memory_fraction_of_eager_deletion": 1.0,
    "FLAGS_paddle_num_threads": 1,
    "FLAGS_sort_sum_gradient": False,
    "FLAGS_use_autotune": False,
    "FLAGS_use_mkldnn": False,
    "FLAGS_use_pinned_memory": True,
    "FLAGS_use_stride_kernel": True,
}
MEANT = {"FLAGS_check_nan_inf": "no check follows each operator here; look for `isfinite` of what you suspect"}
# of builds for GPUs alone: torch's own switches
CUDNN = {"FLAGS_cudnn_deterministic": "deterministic", "FLAGS_cudnn_exhaustive_search": "benchmark"}


class Flags:
    """The flags of a release.

    Args:
        values: by name, the defaults at first.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def get_flags(self, flags: Any) -> dict[str, Any]:
        """Return values of flags by name.

        Raises:
            TypeError: no names.
            ValueError: a flag that is not known.
        """
        if not isinstance(flags, (str, list, tuple)):
            msg = f"Flags in get_flags should be a list, tuple or string, not {flags!r}."
            raise TypeError(msg)
        return {name: self._flag(name, "get") for name in ([flags] if isinstance(flags, str) else flags)}

    def set_flags(self, flags: Any) -> None:
        """Set flags by name.

        Raises:
            TypeError: no dictionary.
            ValueError: a flag that is not known.
            NotImplementedError: a flag whose effect is not served.
        """
        if not isinstance(flags, dict):
            msg = f"flags in set_flags should be a dict, not {flags!r}."
            raise TypeError(msg)
        for name, value in flags.items():
            kind = type(self._flag(name, "set"))
            if isinstance(value, str) and kind is not str:
                msg = f"Unable to cast {value!r}, the value of {name}, to {kind.__name__}."
                raise RuntimeError(msg)
            if name in MEANT and value:
                msg = f"{name}={value!r} is not served: {MEANT[name]}."
                raise NotImplementedError(msg)
            if name in CUDNN:
                setattr(torch.backends.cudnn, CUDNN[name], bool(value))
            else:
                self.values[name] = kind(value)

    def _flag(self, name: str, verb: str) -> Any:
        if name in CUDNN and torch.cuda.is_available():
            return getattr(torch.backends.cudnn, CUDNN[name])
        if name not in self.values:
            msg = f"Flag {name} cannot {verb} its value through this function. Known here: {', '.join(self.values)}."
            raise ValueError(msg)
        return self.values[name]


_flags = Flags(FLAGS)
fn("get_flags", _flags.get_flags)
fn("set_flags", _flags.set_flags)
