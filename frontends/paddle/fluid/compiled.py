"""Mirrors how fluid compiles programs, which nothing is done for here, and the names around programs."""

from __future__ import annotations

import enum
import re
from typing import Any, ClassVar

from ..static import compiled as static
from ..static.compiled import ReduceStrategy, Strategy, device_guard, name_scope, options_of
from ..static.derivatives import gradients
from ..static.scopes import global_scope, scope_guard
from ..static.training import append_backward
from .names import NAMES, RELEASED

__all__ = ["BuildStrategy", "CompiledProgram", "ExecutionStrategy"]


class GradientScaleStrategy(enum.IntEnum):
    """By what the gradient of a loss would be divided on several devices; on one it is 1 either way."""

    CoeffNumDevice = 0
    One = 1


class BuildStrategy(Strategy):
    """Options of how a program is compiled."""

    GradientScaleStrategy: ClassVar = GradientScaleStrategy
    ReduceStrategy: ClassVar = ReduceStrategy
    options: ClassVar[dict[str, Any]] = options_of(
        off="""async_mode cache_runtime_context enable_auto_fusion enable_sequential_execution fuse_all_optimizer_ops
            fuse_bn_act_ops fuse_elewise_add_act_ops fuse_relu_depthwise_conv is_distribution sync_batch_norm
            use_hierarchical_allreduce""",
        on="""enable_backward_optimizer_op_deps enable_inplace fuse_all_reduce_ops fuse_broadcast_ops
            remove_unnecessary_lock""",
        nccl_comm_num=1,
        num_trainers=1,
        hierarchical_allreduce_inter_nranks=0,
        trainer_id=0,
        debug_graphviz_path="",
        memory_optimize=None,
        gradient_scale_strategy=GradientScaleStrategy.CoeffNumDevice,
        reduce_strategy=ReduceStrategy.AllReduce,
    )


class ExecutionStrategy(Strategy):
    """Options of how a program is run."""

    options: ClassVar[dict[str, Any]] = options_of(
        off="allow_op_delay use_thread_barrier",
        on="use_cuda use_experimental_executor",
        num_iteration_per_drop_scope=100,
        num_iteration_per_run=1,
        num_threads=0,
    )


class CompiledProgram(static.CompiledProgram):
    """A program, to be given to `Executor.run`.

    Args:
        program_or_graph: the program.
        build_strategy: has no effect.

    Raises:
        TypeError: it is no program.
    """

    def with_data_parallel(
        self,
        loss_name: str | None = None,
        build_strategy: BuildStrategy | None = None,
        exec_strategy: ExecutionStrategy | None = None,
        share_vars_from: Any = None,
        places: Any = None,
    ) -> CompiledProgram:
        """Return this, which runs on one device.

        Raises:
            NotImplementedError: there are several places.
        """
        if isinstance(places, (list, tuple)) and len(places) > 1:
            msg = f"with_data_parallel: {len(places)} places are not served here, one is."
            raise NotImplementedError(msg)
        return self


def require_version(min_version: str, max_version: str | None = None) -> None:
    """Raise unless the release is one of those, both included; missing numbers are 0.

    Raises:
        TypeError: a version is no str.
        ValueError: it is none of four numbers at most.
        Exception: the release is another one.
    """
    for name, version in (("min_version", min_version), ("max_version", max_version)):
        if not isinstance(version, str) and (name == "min_version" or version is not None):
            msg = f"The type of {name!r} in require_version must be str, but received {type(version)}."
            raise TypeError(msg)
        if version is not None and not re.fullmatch(r"\d+(\.\d+){0,3}", version):
            msg = f"The value of {name!r} in require_version must be like '1.5.2.0', but received {version}."
            raise ValueError(msg)
    installed = RELEASED.release
    low, high = _numbers(min_version), _numbers(max_version or "99")
    if not low <= _numbers(installed) <= high:
        msg = f"VersionError: PaddlePaddle {min_version} to {max_version or 'now'} is required; this is {installed}."
        raise Exception(msg)


def _numbers(version: str) -> list[int]:
    parts = [int(part) for part in version.split(".")]
    return parts + [0] * (4 - len(parts))


for _function in (name_scope, device_guard, global_scope, scope_guard, require_version):
    NAMES.function(_function.__name__, _function)
NAMES.function("gradients", gradients)
NAMES.function("backward.append_backward", append_backward)
