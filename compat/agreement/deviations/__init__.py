"""Every known place where a front end differs from its framework's documentation or release, and why.

The entries are data (`*.json` beside this file); `docs/deviations.md` is rendered from them:
`python -m fourfold.compat.agreement.deviations > docs/deviations.md`. With words after it, the same command prints the
entries that hold all of them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FRAMEWORKS", "Deviation", "deviations", "matching", "page"]

# File name -> heading and what the rows stand on, in the order of the page.
FRAMEWORKS = {
    "torch": (
        "torch",
        "The release is torch 2.13.0. `nn` is `torch.nn` or `fourfold.frontends.torch.nn`, `F` its `functional`, "
        "`x = torch.ones(1, 4, 3, 3, 3)`, `w = torch.ones(4, 6, 2, 2, 2)`.",
    ),
    "paddle": (
        "Paddle",
        "The release is Paddle 3.3.1 on the CPU. `T = paddle.to_tensor`, `L = paddle.nn.Conv3DTranspose`, "
        "`F = paddle.nn.functional.conv3d_transpose`, `x = T(np.ones((1, 2, 3, 4, 5), 'f'))`, "
        "`w = T(np.ones((2, 4, 3, 3, 3), 'f'))`.",
    ),
    "fluid": (
        "fluid",
        "The release is Paddle 1.8.5 on the CPU; the documentation is that of the 1.x/2.0 line.",
    ),
    "megengine": (
        "MegEngine",
        "The release is MegEngine 1.13.0 on the CPU. `mge` is `megengine` or `fourfold.frontends.megengine`, "
        "`M = mge.module`, `F = mge.functional`, `x = mge.tensor(np.ones((1, 4, 3, 3, 3), 'f'))`, "
        "`w = mge.tensor(np.ones((4, 6, 2, 2, 2), 'f'))`.",
    ),
    "oneflow": (
        "OneFlow",
        "The release is OneFlow 0.9.0 on the CPU. `flow` is `oneflow` or `fourfold.frontends.oneflow`, `nn = flow.nn`, "
        "`F = nn.functional`, `x = flow.ones(1, 4, 3, 3, 3)`, `w = flow.ones(4, 3, 2, 2, 2)`.",
    ),
}

ANCHOR_WORDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One difference.

    Args:
        framework: a key of `FRAMEWORKS`.
        what: the point in question.
        documentation: what the documentation says of it.
        release: what the release does.
        fourfold: what the front end does.
        why: the reason.
        show: code that shows it, here or in the release.
        vectors: recorded vectors (`vectors/`) that the entry explains: `recording/id`, with `*`, `?` and `[...]` as in
            file names. Not on the page. Default: none.
        cases: live cases that the entry explains, and what the release does there; `known.py` says how they are
            written. Not on the page. Default: none.
    """

    framework: str
    what: str
    documentation: str
    release: str
    fourfold: str
    why: str
    show: str
    vectors: tuple[str, ...] = ()
    cases: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """`what`, without the framework, which heads the page's section."""
        return self.what.removeprefix(f"{self.framework}: ")

    @property
    def anchor(self) -> str:
        """Where the entry is on the page: `deviations.md#anchor`.

        >>> deviations("torch")[6].anchor
        'torch-torch-fx-symbolic-trace'
        """
        words = re.findall(r"[a-z0-9]+", f"{self.framework} {self.title}".lower())
        return "-".join(words[:ANCHOR_WORDS])

    def section(self) -> str:
        """Return the entry as a section of the page, in Markdown."""
        facts = {
            "documentation": self.documentation,
            "release": self.release,
            "fourfold": self.fourfold,
            "why": self.why,
            "shown by": self.show,
        }
        lines = [f"- *{name}*: {text}" for name, text in facts.items()]
        text = "\n".join([f'<a id="{self.anchor}"></a>', "", f"### {self.title}", "", *lines])
        return text.replace(r"\|", "|")  # the escape is of tables, where a bar would end a cell


def deviations(framework: str) -> list[Deviation]:
    """Return the entries of one framework, in the order of its file.

    >>> deviations("torch")[0].why
    'the message should point at the mistake'
    """
    text = resources.files(__package__).joinpath(f"{framework}.json").read_text(encoding="utf-8")
    entries = [{**entry, "vectors": tuple(entry.get("vectors", ()))} for entry in json.loads(text)]
    return [Deviation(framework=framework, **entry) for entry in entries]


def matching(words: Sequence[str]) -> list[Deviation]:
    """Return the entries of all frameworks that hold each of the words, in any case and anywhere in their text.

    >>> [entry.what for entry in matching(["megengine", "Groups", "layer"])][:1]
    ['groups above 1 in the layer']
    """
    entries = [entry for framework in FRAMEWORKS for entry in deviations(framework)]
    texts = [f"{entry.framework} {entry.section()}".lower() for entry in entries]
    return [entry for entry, text in zip(entries, texts, strict=True) if all(word.lower() in text for word in words)]


def page() -> str:
    """Return the whole page, as Markdown: a table of contents for each framework, and a section for each entry."""
    frameworks = [
        f"| [{heading}](#{heading.lower()}) | {len(deviations(name))} |" for name, (heading, _) in FRAMEWORKS.items()
    ]
    parts = [
        "# Deviations",
        "Where a front end differs from its framework's documentation or release, and why. The rule behind the "
        "entries: the documentation wins over an accident of a release; where both are silent, wrong values and dead "
        "processes become errors, and what only failed may work. Differences between the documented and the released "
        "fluid API are no deviations: both are importable.",
        "To find one, search this page for an argument or an error class, or ask for the entries that hold some words:",
        "```sh\npython -m fourfold.compat.agreement.deviations megengine groups\n```",
        "<!-- Rendered from compat/agreement/deviations/*.json by python -m fourfold.compat.agreement.deviations -->",
        "\n".join(["| framework | entries |", "|---|---|", *frameworks]),
    ]
    for framework, (heading, basis) in FRAMEWORKS.items():
        entries = deviations(framework)
        rows = [f"| [{entry.title}](#{entry.anchor}) | {entry.fourfold} |" for entry in entries]
        contents = "\n".join(["| where they differ | what fourfold does |", "|---|---|", *rows])
        parts += [f"## {heading}", basis, contents, *(entry.section() for entry in entries)]
    return "\n\n".join(parts) + "\n"
