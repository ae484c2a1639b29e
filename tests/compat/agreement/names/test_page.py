"""The page of names says what is served, and the README no more than that."""

from __future__ import annotations

import re

import pytest

from fourfold.compat.agreement.names.page import PAGE, counts, page

README = PAGE.parents[1] / "README.md"
STATED = re.compile(r"\| over ([\d,]+) names, ([\d,]+) recorded calls \|")


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m fourfold.compat.agreement.names"


@pytest.mark.parametrize(("heading", "release"), [(heading, heading.split()[-1]) for heading in counts()])
def test_the_first_screen_claims_no_more_than_is_there(heading: str, release: str) -> None:
    (row,) = [
        line for line in README.read_text(encoding="utf-8").splitlines() if STATED.search(line) and release in line
    ]
    stated = STATED.search(row)
    assert stated is not None
    names, calls = counts()[heading]
    assert number(stated[1]) <= names < number(stated[1]) + 100
    assert number(stated[2]) <= calls


def test_so_does_the_sum_of_calls() -> None:
    stated = re.search(r"So are over ([\d,]+) calls", README.read_text(encoding="utf-8"))
    assert stated is not None
    assert number(stated[1]) <= sum(calls for _, calls in counts().values())
