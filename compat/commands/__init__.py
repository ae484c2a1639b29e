"""The subcommands of `fourfold`, one module each."""

from . import agree, env, info, inspect, record, verify
from .command import Command, UsageError

__all__ = ["COMMANDS", "Command", "UsageError"]

COMMANDS: tuple[Command, ...] = (
    agree.COMMAND,
    verify.COMMAND,
    record.COMMAND,
    inspect.COMMAND,
    env.COMMAND,
    info.COMMAND,
)
