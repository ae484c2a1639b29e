"""What a subcommand declares, and the kinds of options that several of them have."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# a comma, but not one between the brackets of a pattern such as layer[1,2]
COMMA = re.compile(r",(?![^\[]*\])")


class Formatter(argparse.HelpFormatter):
    """Keeps the lines of what has several, which are commands to paste."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One subcommand as its help tells it. `commands/` has a module of its name, whose `run` is called.

    Attributes:
        summary: one line.
        examples: command lines to paste.
        page: of the documentation, relative to `docs/`.
        add_arguments: adds them to the subcommand's parser.
    """

    summary: str
    examples: tuple[str, ...]
    page: str
    add_arguments: Callable[[argparse.ArgumentParser], None]

    @property
    def epilog(self) -> str:
        """What stands at the end of the help."""
        return ending(self.page, *self.examples)


def ending(page: str, *examples: str) -> str:
    """Return what stands at the end of a help: examples, and a page of the documentation."""
    heading = "example:" if len(examples) == 1 else "examples:"
    return "\n".join([heading, *(f"  {line}" for line in examples), "", f"page: docs/{page}"])


def words(text: str) -> list[str]:
    """Return what commas separate.

    >>> words("paddle, oneflow"), words("head[0,1].*,tail.*")
    (['paddle', 'oneflow'], ['head[0,1].*', 'tail.*'])
    """
    return [word.strip() for word in COMMA.split(text) if word.strip()]


def pairs(text: str) -> list[str]:
    """Return pairs `LEFT=RIGHT` that commas separate; a regular expression, `re:LEFT=RIGHT`, stands alone.

    >>> pairs("conv=head,fc=tail"), pairs("re:x{1,2}=y"), pairs("a,b=c")
    (['conv=head', 'fc=tail'], ['re:x{1,2}=y'], ['a,b=c'])
    """
    parts = text.split(",")
    return [text] if text.startswith("re:") or not all("=" in part for part in parts) else parts


class Listed(argparse.Action):
    """An option of several values: separated by commas, or the option repeated, or both.

    Args:
        legal: the only values, or None where any may be given.
        split: makes values of one text. Default: at commas.
        others: of `argparse.Action`.
    """

    def __init__(
        self,
        *args: Any,
        legal: Sequence[str] | None = None,
        split: Callable[[str], list[str]] = words,
        **others: Any,
    ) -> None:
        super().__init__(*args, **others)
        self.legal = legal
        self._split = split

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Add the values to those that are there."""
        del parser, option
        texts = [values] if isinstance(values, str) else values
        found = [value for text in texts for value in self._split(text)]
        for value in found if self.legal is not None else ():
            if value not in (self.legal or ()):
                msg = f"{value!r} is not known; there are {', '.join(self.legal or ())}."
                raise argparse.ArgumentError(self, msg + did_you_mean(value, self.legal or ()))
        before = getattr(namespace, self.dest)
        # the default is one list for all
        setattr(namespace, self.dest, [*(before if before is not self.default else ()), *found])


def add_list(
    parser: argparse.ArgumentParser,
    option: str,
    metavar: str,
    help: str,
    default: str = "",
    **others: Any,
) -> None:
    """Add an option of several values; `default` is what the help says of none, the others are those of `Listed`."""
    text = f"{help}; several: with commas, or repeat it" + (f". Default: {default}" if default else "")
    parser.add_argument(option, action=Listed, metavar=metavar, default=[], help=text, **others)


def add_html(parser: argparse.ArgumentParser) -> None:
    """Add `--html PATH`."""
    parser.add_argument("--html", metavar="PATH", help="write a report to look at: one file that needs no other")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json [PATH]`."""
    parser.add_argument(
        "--json",
        metavar="PATH",
        nargs="?",
        const="-",
        help="write the result as JSON to PATH, or to stdout in place of the text",
    )


def count(text: str) -> int:
    """Return an int of 0 and above."""
    value = int(text)
    if value < 0:
        msg = f"{value}: legal are 0 and above"
        raise argparse.ArgumentTypeError(msg)
    return value


def positive(text: str) -> int:
    """Return an int of 1 and above."""
    value = int(text)
    if value < 1:
        msg = f"{value}: legal are 1 and above"
        raise argparse.ArgumentTypeError(msg)
    return value


def triple(text: str) -> tuple[int, int, int]:
    """Return three ints of 0 and above, for depth, height and width; one stands for all.

    >>> triple("2"), triple("1,2,2")
    ((2, 2, 2), (1, 2, 2))
    """
    values = [count(each) for each in text.split(",")]
    if len(values) not in (1, 3):
        msg = f"{text}: legal are one number, or three for depth, height and width"
        raise argparse.ArgumentTypeError(msg)
    depth, height, width = values * 3 if len(values) == 1 else values
    return depth, height, width
