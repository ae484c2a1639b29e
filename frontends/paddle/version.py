"""Mirrors `paddle.version`: what release is mirrored, and torch's CUDA."""

from __future__ import annotations

import torch

from .names import NAMES

__all__ = ["full_version", "major", "minor", "patch", "rc"]

full_version = "3.3.1"
major, minor, patch = full_version.split(".")
rc = "0"


def cuda() -> str:
    """Return CUDA's version, 'False' where torch finds none."""
    return str(torch.version.cuda) if torch.cuda.is_available() else "False"


def cudnn() -> str:
    """Return cuDNN's version as torch numbers it, 'False' where torch finds no GPU."""
    return str(torch.backends.cudnn.version()) if torch.cuda.is_available() else "False"  # type: ignore[no-untyped-call]


def cuda_archs() -> list[int]:
    """Return the GPUs' architectures that torch is built for."""
    return [int(each.partition("_")[2]) for each in torch.cuda.get_arch_list() if each.startswith("sm_")]


def nccl() -> str:
    """Return NCCL's version: no processes are joined here."""
    return "0"


def show() -> None:
    """Print the release that is mirrored, and torch's CUDA."""
    lines = {"full_version": full_version, "major": major, "minor": minor, "patch": patch, "rc": rc}
    for name, value in {**lines, "cuda": cuda(), "cudnn": cudnn()}.items():
        print(f"{name}: {value}")


def tensorrt() -> str:
    """Return TensorRT's version: none."""
    return "None"


def xpu() -> str:
    """Return the XPU's version: none."""
    return "False"


def xpu_xre() -> str:
    """Return the XPU's runtime: none."""
    return "False"


def xpu_xccl() -> str:
    """Return the XPU's collectives: none."""
    return "False"


def xpu_xhpc() -> str:
    """Return the XPU's kernels: none."""
    return "False"


for each in (cuda, cuda_archs, cudnn, nccl, show, tensorrt, xpu, xpu_xccl, xpu_xhpc, xpu_xre):
    NAMES.function(f"version.{each.__name__}", each)
