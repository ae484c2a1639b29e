"""Flags of 1.8.5."""

from __future__ import annotations

from ..rows.flags import Flags
from .names import NAMES

__all__: list[str] = []

# its defaults, of what has no effect on values
_flags = Flags(
    {
        "FLAGS_allocator_strategy": "auto_growth",
        "FLAGS_benchmark": False,
        "FLAGS_check_nan_inf": False,
        "FLAGS_cpu_deterministic": False,
        "FLAGS_eager_delete_tensor_gb": 0.0,
        "FLAGS_enable_parallel_graph": False,
        "FLAGS_fraction_of_cpu_memory_to_use": 1.0,
        "FLAGS_fuse_parameter_groups_size": 1,
        "FLAGS_fuse_parameter_memory_size": -1.0,
        "FLAGS_init_allocated_mem": False,
        "FLAGS_initial_cpu_memory_in_mb": 500,
        "FLAGS_inner_op_parallelism": 0,
        "FLAGS_memory_fraction_of_eager_deletion": 1.0,
        "FLAGS_paddle_num_threads": 1,
        "FLAGS_use_pinned_memory": True,
        "FLAGS_use_system_allocator": False,
    }
)
NAMES.function("get_flags", _flags.get_flags)
NAMES.function("set_flags", _flags.set_flags)
