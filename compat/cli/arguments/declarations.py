"""The subcommands, in the order of `fourfold --help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import agree, bench, completion, convert, env, info, inspect, recorder, run, upsample, vectors, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .declaration import Declaration

DECLARATIONS: Mapping[str, Declaration] = {
    "agree": agree.DECLARATION,
    "verify": verify.DECLARATION,
    "recorder": recorder.DECLARATION,
    "inspect": inspect.DECLARATION,
    "convert": convert.DECLARATION,
    "run": run.DECLARATION,
    "upsample": upsample.DECLARATION,
    "env": env.DECLARATION,
    "bench": bench.DECLARATION,
    "vectors": vectors.DECLARATION,
    "info": info.DECLARATION,
    "completion": completion.DECLARATION,
}
