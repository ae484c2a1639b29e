"""The subcommands of `fourfold`, one module each, imported when it is asked for."""
