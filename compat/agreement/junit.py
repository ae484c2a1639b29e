"""Results as JUnit XML, for whatever shows test results."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..checkpoints.shown import visible
from .report import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Result


def as_junit(results: Sequence[Result], seconds: float) -> str:
    """Return one test case per case and subject, its forms and kinds of data together.

    What is not printable is escaped: XML can hold little of it, and a viewer should show none of it.

    A difference is a failure; what an API cannot express, and what is known to differ, is skipped with the reason.
    """
    grouped: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        grouped[result.subject, result.case.id].append(result)
    suite = ElementTree.Element("testsuite", name="fourfold agree", time=f"{seconds:.3f}")
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for (subject, case), group in grouped.items():
        counts["tests"] += 1
        took = sum(result.seconds for result in group)
        names = {"classname": visible(subject), "name": visible(case), "time": f"{took:.6f}"}
        test = ElementTree.SubElement(suite, "testcase", names)
        wrong = [result for result in group if not result.ok]
        passed = [result for result in group if result.known is None and result.outcome == "agrees"]
        if wrong:
            counts["failures"] += 1
            first = wrong[0]
            message = f"{first.outcome} ({first.form}, {first.case.data})"
            failure = ElementTree.SubElement(test, "failure", type=first.outcome, message=visible(message))
            failure.text = "\n".join(map(visible, differences(wrong)))
        elif not passed:
            counts["skipped"] += 1
            known = next((result.known for result in group if result.known is not None), None)
            reason = f"known: {known}" if known is not None else group[0].reason
            ElementTree.SubElement(test, "skipped", message=visible(reason or ""))
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
