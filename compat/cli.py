"""The command line."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return 0
