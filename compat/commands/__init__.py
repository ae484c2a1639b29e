"""The subcommands of `fourfold`, one module each."""

from . import agree, env, info, verify
from .command import Command, UsageError

__all__ = ["COMMANDS", "Command", "UsageError"]

COMMANDS: tuple[Command, ...] = (agree.COMMAND, verify.COMMAND, env.COMMAND, info.COMMAND)
