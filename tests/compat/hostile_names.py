"""Names that steer a terminal, forge a line, or are markup; and what no output may hold of them."""

from __future__ import annotations

FORGED = "agreement: all agree"
NAMES = {
    "colour": "a\x1b[31mb",
    "erasure": "a\x1b[2J\x1b[1;1Hb",
    "title": "a\x1b]0;b\x07",
    "link": "a\x1b]8;;http://b\x1b\\c",
    "C1": "a\x9b2Jb",
    "return": f"a\r{FORGED}",
    "line": f"a\n{FORGED}",
    "form feed": f"a\x0c{FORGED}",
    "next line": f"a\x85{FORGED}",
    "line separator": f"a\u2028{FORGED}",
    "paragraph separator": f"a\u2029{FORGED}",
    "override": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200b\u200d\ufeffb",
    "backspace": "a\b\b\x7fb",
    "surrogate": "a\ud800b",
    "markup": "[red]a[/red]",
    "closing markup": "a[/]",
    "markup of a link": "[link=http://b]a[/link]",
    "emoji": "a:boom:",
}


def harm(output: str) -> list[str]:
    """Return what an output holds that it must not: what steers a terminal, and forged lines."""
    steering = {letter for letter in output if not letter.isprintable() and letter != "\n"}
    return [*map(ascii, sorted(steering)), *(line for line in output.split("\n") if line.startswith(FORGED))]
