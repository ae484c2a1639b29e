"""What `fourfold bench` is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .choices import DTYPES, LAYOUTS, MODES, PEERS
from .declaration import Declaration, Listed, add_html, add_json, add_list, count, positive

if TYPE_CHECKING:
    import argparse

BOTH, ALL = "both", "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold bench`."""
    add_list(
        parser,
        "--workload",
        "PATTERN",
        "ids or globs, such as W1, 'R*' or W7/512-256",
        "all; in float64 and bfloat16 those marked for it",
    )
    add_list(
        parser,
        "--mode",
        "MODE",
        "forward, or backward: forward and the gradients of input, weight and bias; or both",
        MODES[0],
        legal=(*MODES, BOTH),
    )
    add_list(parser, "--dtype", "DTYPE", f"{', '.join(DTYPES)}, or all", DTYPES[0], legal=(*DTYPES, ALL))
    add_list(
        parser, "--layout", "LAYOUT", "of input and output: contiguous, channels_last, or both", LAYOUTS[0],
        legal=(*LAYOUTS, BOTH),
    )  # fmt: skip
    parser.add_argument("--layers", action="store_true", help="time layers in place of functions")
    parser.add_argument(
        "--peers",
        metavar="NAMES",
        action=Listed,
        legal=(*PEERS, ALL),
        nargs="?",
        const=ALL,
        help=f"measure other frameworks in the same rounds: {', '.join(PEERS)}; several: with commas, or repeat it. "
        "Without a name: those whose environments are made (`fourfold env create`)",
    )
    parser.add_argument("--threads", metavar="N", type=positive, help="of everybody. Default: torch's own choice")
    parser.add_argument("--rounds", metavar="N", type=positive, help="exactly so many. Default: 5 and more, by time")
    parser.add_argument("--quick", action="store_true", help="a few rounds only")
    parser.add_argument(
        "--beside",
        metavar="N",
        type=count,
        default=0,
        help="while so many other processes are busy, as data loaders and other jobs are. Default: 0",
    )
    parser.add_argument("--full", action="store_true", help="the volumes that the models state: up to 20 GB")
    parser.add_argument(
        "--device",
        default="cpu",
        help="as torch names it; on others than the CPU, KernelBench's layers too (K). Default: cpu",
    )
    parser.add_argument(
        "--autotune", action="store_true", help="fourfold chooses by measuring: on CUDA it takes torch's operator else"
    )
    parser.add_argument("--cudnn-benchmark", action="store_true", help="torch lets cuDNN choose by measuring")
    parser.add_argument("--memory", action="store_true", help="peak memory too: a process per workload and subject")
    parser.add_argument("--plot", metavar="FOLDER", type=Path, help="draw ratios and rooflines into this folder")
    parser.add_argument("--markdown", metavar="PATH", help="write tables as Markdown, into the marked part of a page")
    add_html(parser)
    parser.add_argument("--explain", action="store_true", help="print the engine's plan of each workload and stop")
    parser.add_argument(
        "--record-costs",
        metavar="PATH",
        type=Path,
        help="time every algorithm for the engine's predictions into this JSON file, and stop; goes on where it was",
    )
    parser.add_argument("--list", action="store_true", help="print the workloads and stop")
    add_json(parser)


DECLARATION = Declaration(
    summary="measure ours beside torch's own operator and other frameworks",
    examples=("fourfold bench --workload W4,W1 --quick", "fourfold bench --workload R4 --explain"),
    page="performance.md",
    add_arguments=add_arguments,
)
