"""The pytest plugin: a fixture `agreement` and a mark `fourfold`. docs/pytest.md shows both.

pytest imports this module in every run of every project in the environment where fourfold is installed, hence nothing
but pytest here: torch is first imported by a test that uses the fixture.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from ..literals import Reference
    from .assertion import Agreement
    from .frameworks import Frameworks

OPTION = "--fourfold-require"
MARK = "fourfold"
USAGE = f'@pytest.mark.{MARK}(framework="megengine")'
# by test; stays empty where all agree
DISAGREEMENTS = pytest.StashKey[dict[str, list["Agreement"]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command line option."""
    group = parser.getgroup("fourfold", "agreement with the real frameworks")
    group.addoption(
        OPTION,
        action="store_true",
        help="fail, rather than skip, tests whose framework has no environment (`fourfold env create NAME`)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(framework, **options): skip unless the environment of the framework is there; `agreement(layer)` "
        f"compares with it, with these options",
    )
    config.stash[DISAGREEMENTS] = {}


class AgreementFixture:
    """What the fixture `agreement` gives a test: call it with a layer."""

    def __init__(self, request: pytest.FixtureRequest, frameworks: Frameworks) -> None:
        self._item: pytest.Item = request.node
        self._frameworks = frameworks

    def __repr__(self) -> str:
        """Return its name, for the explanation of a failed assertion."""
        return "agreement"

    def __call__(self, layer: Callable[..., Any], framework: str | None = None, **options: Any) -> Agreement:
        """Compare a layer with a framework, or skip the test where its environment is missing.

        Args:
            layer: see `compare_layer`.
            framework: likewise. Default: that of the test's mark.
            **options: keywords of `compare_layer`; they go before those of the mark.

        Raises:
            TypeError: neither the call nor a mark names a framework.
        """
        __tracebackhide__ = True
        from .assertion import compare_layer

        marked, marked_options = _marked(self._item)
        name = framework or marked
        if name is None:
            msg = f'which framework? Call agreement(layer, "megengine"), or mark the test: {USAGE}.'
            raise TypeError(msg)
        missing = _missing(name, self._item.config)
        if missing is not None:
            pytest.skip(missing)
        result = compare_layer(
            layer, cast("Reference", name), **{"frameworks": self._frameworks, **marked_options, **options}
        )
        if not result.ok:
            self._item.config.stash[DISAGREEMENTS].setdefault(self._item.nodeid, []).append(result)
        return result


@pytest.fixture(scope="session")
def fourfold_frameworks() -> Iterator[Frameworks]:
    """The processes of the real frameworks, each started when first asked for; they end with the session."""
    from .frameworks import Frameworks

    with Frameworks() as frameworks:
        yield frameworks


@pytest.fixture
def agreement(request: pytest.FixtureRequest, fourfold_frameworks: Frameworks) -> AgreementFixture:
    """Compare a layer with a framework: `agreement(layer, "megengine").check()`."""
    return AgreementFixture(request, fourfold_frameworks)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test before its other fixtures are made."""
    framework, _ = _marked(item)
    if framework is None:
        return
    missing = _missing(framework, item.config)
    if missing is not None:
        # pytest's own mark, looked at next, reports the line of the test and not this one
        item.add_marker(pytest.mark.skip(reason=missing))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show in full what `assert agreement(...)` can only name."""
    report = yield
    found = item.config.stash[DISAGREEMENTS].pop(item.nodeid, []) if call.when == "call" else []
    shown = getattr(call.excinfo.value, "agreement", None) if call.excinfo is not None else None
    if report.failed and found:
        from ..checkpoints.shown import visible_lines

        report.sections += [("fourfold", visible_lines(str(one))) for one in found if one is not shown]
    return report


def _marked(item: pytest.Item) -> tuple[str | None, dict[str, Any]]:
    """Return framework and options of the closest mark; no framework without a mark."""
    mark = item.get_closest_marker(MARK)
    if mark is None:
        return None, {}
    options = dict(mark.kwargs)
    names = [*mark.args, *([options.pop("framework")] if "framework" in options else [])]
    if len(names) != 1 or not isinstance(names[0], str):
        pytest.fail(f"the mark {MARK} takes the name of one framework, and options: {USAGE}.", pytrace=False)
    return names[0], options


def _missing(framework: str, config: pytest.Config) -> str | None:
    """Return why a framework cannot be asked, or None; fail where that must not be."""
    __tracebackhide__ = True
    from .frameworks import MissingEnvironmentError, require

    try:
        require(framework)
    except MissingEnvironmentError as error:
        reason = str(error)
    else:
        return None
    if config.getoption(OPTION):
        pytest.fail(f"{reason} ({OPTION} forbids to skip)", pytrace=False)
    return reason
