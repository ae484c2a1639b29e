"""What the site has beside the pages in docs/: the README and its like, sources that pages link to, and the API.

mkdocs calls the functions `on_...`. The links of a page are those that hold on GitHub; here they lead to the site's
own pages.
"""

from __future__ import annotations

import ast
import posixpath
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
# Pages that stand elsewhere than in docs/, or get another name: paths from the top of the repository, and on the site.
MOVED = {
    "README.md": "index.md",
    "README.zh.md": "index.zh.md",
    "docs/README.md": "contents.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
# The operator in each framework, as a layer and as a function: paths below fourfold.frontends.
LAYERS = {
    "Paddle": ["paddle.nn.Conv3DTranspose", "paddle.nn.functional.conv3d_transpose"],
    "Paddle fluid": ["paddle.fluid.dygraph.nn.Conv3DTranspose", "paddle.fluid.layers.conv3d_transpose"],
    "Paddle fluid 1.8": ["paddle.fluid_1_8.dygraph.nn.Conv3DTranspose", "paddle.fluid_1_8.layers.conv3d_transpose"],
    "MegEngine": ["megengine.module.ConvTranspose3d", "megengine.functional.conv_transpose3d"],
    "OneFlow": ["oneflow.nn.ConvTranspose3d", "oneflow.nn.functional.conv_transpose3d"],
    "torch": ["torch.nn.ConvTranspose3d", "torch.nn.functional.conv_transpose3d"],
}
NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n\n"

FENCED = re.compile(r"^(?P<indent> *)```.*?^(?P=indent)```", re.DOTALL | re.MULTILINE)
# Commands, and what they print, that are indented instead.
INDENTED = r"(?<=\n\n)    \$ [^\n]*(?:\n+    [^\n]*)*"
# Code goes first, so that what looks like a link in it is none.
CODE_OR_LINK = re.compile(
    FENCED.pattern + r"|`[^`\n]+`|\]\((?!https?:|mailto:|#)(?P<link>[^)\s]+)\)", re.DOTALL | re.MULTILINE
)


def place(path: str) -> str:
    """Return where a path from the top of the repository stands on the site.

    >>> place("README.md"), place("docs/porting/rules.md"), place("examples/unet/port.py"), place("examples/unet")
    ('index.md', 'porting/rules.md', 'source/examples/unet/port.py.md', 'source/examples/unet/index.md')
    """
    if path in MOVED:
        return MOVED[path]
    if path.startswith("docs/") and path.endswith((".md", ".svg", ".png")):
        return path.removeprefix("docs/")
    return f"source/{path}/index.md" if (ROOT / path).is_dir() else f"source/{path}.md"


def linked(text: str, source: str) -> list[str]:
    """Return the paths, from the top of the repository, that a page links to; `source` is the page's own.

    >>> linked("[a](../LICENSE) `[b](c)` [d](rules.md#x)", "docs/porting.md")
    ['LICENSE', 'docs/rules.md']
    """
    links = (match["link"] for match in CODE_OR_LINK.finditer(text) if match["link"])
    return [posixpath.normpath(posixpath.join(posixpath.dirname(source), link.partition("#")[0])) for link in links]


def relinked(text: str, source: str) -> str:
    """Return a page whose links lead to where their targets stand on the site.

    >>> relinked("[a](docs/porting.md#x) [b](LICENSE)", "README.md")
    '[a](porting.md#x) [b](source/LICENSE.md)'
    """

    def replace(match: re.Match[str]) -> str:
        if not match["link"]:
            return match[0]
        (target,), (_, hash_, anchor) = linked(match[0], source), match["link"].partition("#")
        return f"]({posixpath.relpath(place(target), posixpath.dirname(place(source)) or '.')}{hash_}{anchor})"

    return CODE_OR_LINK.sub(replace, text)


def with_prompts(text: str) -> str:
    r"""Return a page whose examples with prompts are known for such, without the empty line that ends them.

    >>> with_prompts("```python\n>>> 1\n1\n\n```")
    '```pycon\n>>> 1\n1\n```'
    >>> with_prompts("so:\n\n    $ ls\n    a\n\nand")
    'so:\n\n```console\n$ ls\na\n```\n\nand'
    """

    def replace(match: re.Match[str]) -> str:
        if match[0].startswith("    $"):
            return f"```console\n{textwrap.dedent(match[0])}\n```"
        return re.sub(r"\n\s*\n( *```)$", r"\n\1", re.sub(r"\A( *```)python\n(?= *>>>)", r"\1pycon\n", match[0]))

    return re.sub(f"{FENCED.pattern}|{INDENTED}", replace, text, flags=FENCED.flags)


def public(module: Path) -> list[str]:
    """Return `__all__` of a module, read from its text, without what has an underscore."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [name for name in ast.literal_eval(node.value) if not name.startswith("_")]
    msg = f"{module} has no __all__; the site lists what is public from it"
    raise ValueError(msg)


def entries(paths: Iterable[str], level: int) -> str:
    """Return what mkdocstrings makes into descriptions of objects, with headings of a level."""
    return "\n".join(f"::: {path}\n    options:\n      heading_level: {level}\n" for path in paths)


def api() -> dict[str, str]:
    """Return the pages of the API reference, by their paths on the site."""
    parts = {"backend", "compat", "frontends"}
    names = [f"fourfold.{name}" for name in public(ROOT / "src/fourfold/__init__.py") if name not in parts]
    engine = [f"fourfold.backend.{name}" for name in public(ROOT / "backend/__init__.py")]
    layers = "\n".join(
        f"## {framework}\n\n" + entries([f"fourfold.frontends.{path}" for path in paths], 3)
        for framework, paths in LAYERS.items()
    )
    return {
        "api/fourfold.md": f"# fourfold\n\nWhat `import fourfold` offers.\n\n{entries(names, 2)}",
        "api/backend.md": f"# fourfold.backend\n\nThe engine, on torch alone.\n\n{entries(engine, 2)}",
        "api/layers.md": "# Layers\n\nThe operator as a layer and as a function, in each framework's spelling. "
        f"The front ends serve [many more names](../names.md), with the releases' own parameters.\n\n{layers}",
    }


def listing(path: str) -> str:
    """Return the page of a source that pages link to: a file's text, or what a folder holds."""
    here = ROOT / path
    if here.is_dir():
        names = sorted(entry.name + "/" * entry.is_dir() for entry in here.iterdir() if entry.name != "__pycache__")
        return f"{NOT_SEARCHED}# {path}\n\n" + "\n".join(f"- `{name}`" for name in names) + "\n"
    language = {".py": "python", ".sh": "sh", ".toml": "toml"}.get(here.suffix, "text")
    return f"{NOT_SEARCHED}# {path}\n\n````{language}\n{here.read_text(encoding='utf-8')}\n````\n"


def sources(pages: Iterable[str]) -> list[str]:
    """Return what pages link to that is no page: paths from the top of the repository, as the pages' own are."""
    targets = {target for page in pages for target in linked((ROOT / page).read_text(encoding="utf-8"), page)}
    return sorted(path for path in targets if place(path).startswith("source/") and (ROOT / path).exists())


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that do not stand in docs/."""
    from mkdocs.structure.files import File

    files.remove(files.src_uris["README.md"])
    pages = [f"docs/{file.src_uri}" for file in files.documentation_pages()] + list(MOVED)
    made = {path: (ROOT / source).read_text(encoding="utf-8") for source, path in MOVED.items()}
    made |= {place(source): listing(source) for source in sources(pages)} | api()
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Change a page written for GitHub into one of the site."""
    path = page.file.src_uri
    if path.startswith(("source/", "api/")):
        return markdown
    source = next((source for source, moved in MOVED.items() if moved == path), f"docs/{path}")
    return with_prompts(relinked(markdown, source))
