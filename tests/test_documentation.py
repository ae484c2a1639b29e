"""The pages run and print what they show, link to what there is, and name commands that there are."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
import torch._dynamo

from fourfold.compat.cli.main import parser

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "README.md"
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md"]

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
COMMAND = re.compile(r"^ *(?:\$ )?(?:\S+/)?(fourfold [a-z].*)$", re.MULTILINE)
# what ends a command in a shell, and is no argument of it
SHELL = {"&&", "|", "||", ";", "2>&1"}

pages = pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])


@pages
def test_examples_print_what_is_shown(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # examples may write files
    torch._dynamo.reset()  # as in a process of its own: sizes that differ from those compiled before would be free
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    result = doctest.testfile(str(page), module_relative=False, optionflags=options, encoding="utf-8")
    assert result.failed == 0


def anchors(text: str) -> set[str]:
    """Return what can follow the # in links to a page: its headings, as GitHub and mkdocs spell them, and its ids."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return {*words, *re.findall(r'<a id="([^"]+)">', text)}


def broken_links(page: Path) -> list[str]:
    """Return the links of a page, within the repository, that lead nowhere."""
    broken = []
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))
        broken += [] if is_there else [link]
    return broken


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in LINKING])
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_link_to_a_heading_that_is_not_there_is_broken(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text('# Two words: `code`\n\n<a id="x"></a> [a](#two-words-code) [b](#x) [c](#other) [d](no.md)\n')
    assert broken_links(page) == ["#other", "no.md"]


def test_every_page_is_reached_from_the_index() -> None:
    reached, open_pages = {INDEX}, [INDEX]
    while open_pages:
        page = open_pages.pop()
        links = LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in links}
        new = {target for target in targets if target.suffix == ".md" and target.exists()} - reached
        reached |= new
        open_pages += new
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def commands(text: str) -> list[list[str]]:
    """Return the arguments of each `fourfold COMMAND ...` that stands in the code of a page."""
    found = []
    for command in COMMAND.findall(text.replace("\\\n", " ")):
        words = shlex.split(command.replace("[", "'['").replace("]", "']'"), comments=True)[1:]
        end = next((index for index, word in enumerate(words) if word in SHELL), len(words))
        found.append(words[:end])
    return found


@pages
def test_commands_can_be_given(page: Path) -> None:
    code = "\n".join([*FENCED.findall(page.read_text(encoding="utf-8"))])
    for arguments in commands(code):
        parser().parse_args(arguments)


def test_a_command_ends_where_the_shell_ends_it() -> None:
    text = "$ fourfold run --as paddle \\\n  script.py 2>&1 | tail  # last lines"
    assert commands(text) == [["run", "--as", "paddle", "script.py"]]


def extras() -> list[str]:
    """Return the names of the extras in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = text.split("[project.optional-dependencies]\n")[1].split("\n[")[0]
    return re.findall(r"^(\w+) = ", table, re.MULTILINE)


@pytest.mark.parametrize("extra", extras())
@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_readme_says_what_each_extra_is_for(page: str, extra: str) -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert f"`{extra}`" in " ".join(rows)


def code_of(page: Path) -> list[str]:
    """Return the code of a page, without comments: those are in the page's language."""
    return [re.sub(r" *# .*", "", block) for block in FENCED.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", ["fluid", "megengine", "oneflow", "paddle", "torch"])
def test_a_quickstart_has_the_same_code_in_both_languages(name: str) -> None:
    folder = ROOT / "docs" / "quickstart"
    assert code_of(folder / f"{name}.zh.md") == code_of(folder / f"{name}.md")


def test_the_first_screens_have_the_same_code_in_both_languages() -> None:
    assert code_of(ROOT / "README.zh.md")[:2] == code_of(ROOT / "README.md")[:2]
