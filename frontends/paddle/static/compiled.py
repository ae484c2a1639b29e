"""Mirrors how programs are compiled, which nothing is done for here, and where their operations are put."""

from __future__ import annotations

import contextlib
import enum
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from .program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BuildStrategy", "CompiledProgram", "device_guard", "name_scope"]


class Strategy:
    """Options of how a program is computed, without effect: what is computed stays the same.

    Attributes:
        options: what they are when nobody has set them.
    """

    options: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        self._check(name)
        return self.options[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._check(name)
        kind = type(self.options[name])
        if (kind in (bool, str) or issubclass(kind, enum.Enum)) and not isinstance(value, kind):
            msg = f"{name}={value!r} is a {type(value).__name__}; it must be a {kind.__name__}."
            raise TypeError(msg)
        super().__setattr__(name, value)

    def _check(self, name: str) -> None:
        if name not in self.options:
            msg = f"{type(self).__name__} has no option {name!r}; it has {', '.join(sorted(self.options))}."
            raise AttributeError(msg, name=name, obj=self)


def options_of(off: str, on: str, **others: Any) -> dict[str, Any]:
    """Return what options are at first: the names of those that are off and on, and others."""
    return {**dict.fromkeys(off.split(), False), **dict.fromkeys(on.split(), True), **others}


class ReduceStrategy(enum.IntEnum):
    """How the gradients of several devices would be added."""

    AllReduce = 0
    Reduce = 1


class BuildStrategy(Strategy):
    """Options of how a program is compiled."""

    ReduceStrategy: ClassVar = ReduceStrategy
    options: ClassVar[dict[str, Any]] = options_of(
        off="""allow_cuda_graph_capture async_mode build_cinn_pass cache_runtime_context enable_addto
            enable_auto_fusion fuse_adamw fuse_all_optimizer_ops fuse_bn_act_ops fuse_dot_product_attention
            fuse_elewise_add_act_ops fuse_gemm_epilogue fuse_relu_depthwise_conv fuse_resunit fused_attention
            fused_feedforward sequential_run sync_batch_norm use_hierarchical_allreduce""",
        on="""enable_backward_optimizer_op_deps enable_inplace fuse_all_reduce_ops fuse_bn_add_act_ops
            fuse_broadcast_ops""",
        bkcl_comm_num=1,
        nccl_comm_num=1,
        num_trainers=1,
        hierarchical_allreduce_inter_nranks=0,
        trainer_id=0,
        debug_graphviz_path="",
        memory_optimize=None,
        reduce_strategy=ReduceStrategy.AllReduce,
    )


class CompiledProgram:
    """A program, to be given to `Executor.run`.

    Args:
        program_or_graph: the program.
        build_strategy: has no effect.

    Raises:
        TypeError: it is no program.
    """

    def __init__(self, program_or_graph: Program, build_strategy: Strategy | None = None) -> None:
        if not isinstance(program_or_graph, Program):
            msg = (
                f"The type of program_to_graph parameter is wrong, expected Program, but received {program_or_graph!r}."
            )
            raise TypeError(msg)
        self.compiled_from = program_or_graph


@contextlib.contextmanager
def name_scope(prefix: str | None = None) -> Iterator[None]:
    """Do nothing: a prefix is shown with the operations of a static graph, and parameters do not have it."""
    yield


@contextlib.contextmanager
def device_guard(device: str | None = None) -> Iterator[None]:
    """Make tensors of the block on the CPU, or on the GPU; a graph's go where its executor is.

    Raises:
        ValueError: it is neither.
    """
    kind, _, number = (device or "").partition(":")
    if kind not in ("", "cpu", "gpu") or (number and not (kind == "gpu" and number.isdigit())):
        msg = f"The Attr(device) should be 'cpu' or 'gpu', and it can also be empty string or None; it is {device!r}."
        raise ValueError(msg)
    place = {"cpu": "cpu", "gpu": f"cuda:{number}" if number else "cuda"}.get(kind)
    with torch.device(place) if place else contextlib.nullcontext():
        yield
