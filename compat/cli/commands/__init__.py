"""The subcommands of `fourfold`, one module each."""

from . import agree, bench, convert, env, info, inspect, record, run, verify
from .command import Command, UsageError

__all__ = ["COMMANDS", "Command", "UsageError"]

COMMANDS: tuple[Command, ...] = (
    agree.COMMAND,
    verify.COMMAND,
    record.COMMAND,
    inspect.COMMAND,
    convert.COMMAND,
    run.COMMAND,
    env.COMMAND,
    bench.COMMAND,
    info.COMMAND,
)
