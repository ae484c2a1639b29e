"""`fourfold vectors record`: write what the real frameworks answer, for tests that run where none is installed."""

from __future__ import annotations

from fnmatch import fnmatch
from functools import partial
from typing import TYPE_CHECKING, Any

from ...agreement.environments import BrokenEnvironmentError, environment
from ...agreement.names.calls import CALLS, areas, calls, read_answers, write_answers
from ...agreement.names.record import answers
from ...agreement.names.signatures import FILES, MIRRORED, modules_file, recorded, recorded_file, recorded_modules
from ...agreement.vectors import Recording, VectorsError, chosen, difference, read, record, write
from ...agreement.vectors.store import paths
from ...agreement.worker import WorkerError
from ...suggestion import did_you_mean
from ..console import Row, print_table, progress, say
from .command import DIFFERENCE, OK, UsageError, announce, write_json, write_text

if TYPE_CHECKING:
    import argparse

    from ...agreement.vectors import Request


def run(arguments: argparse.Namespace) -> int:
    """Record, or check; return 1 if a check finds a difference."""
    names: list[str] = arguments.names
    if arguments.signatures:
        return _signatures(names, check=arguments.check)
    if arguments.calls:
        return _calls(names, arguments)
    try:
        found = [_check(name, arguments) if arguments.check else _record(name, arguments) for name in names]
    except (BrokenEnvironmentError, WorkerError, VectorsError) as error:
        raise UsageError(str(error)) from error
    if arguments.json is not None:
        write_json(found, arguments.json)
    if arguments.json != "-":
        _print(found)
    return DIFFERENCE if any(facts["differences"] for facts in found) else OK


def _signatures(names: list[str], *, check: bool) -> int:
    unknown = [name for name in names if name not in FILES]
    if unknown:
        msg = f"--with: {unknown[0]!r} has no recorded signatures; there are {', '.join(FILES)}."
        raise UsageError(msg)
    status = OK
    for name in names:
        files = {recorded_file(name): recorded, **({modules_file(name): recorded_modules} if name in MIRRORED else {})}
        for path, listed in files.items():
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            try:
                text = listed(environment(name))
            except BrokenEnvironmentError as error:
                raise UsageError(str(error)) from error
            if not check:
                path.parent.mkdir(exist_ok=True)
                write_text(text, str(path), "--signatures")
            status = DIFFERENCE if check and text != before else status
            same = "as recorded" if text == before else "differ from the file"
            say(f"{name}: {text.count(chr(10))} lines of {path.name}, {same}")
    return status


def _calls(names: list[str], arguments: argparse.Namespace) -> int:
    """Record the answers to calls; a call that is recorded already is asked again only with --force."""
    status = OK
    for name in names:
        if not areas(name):
            there = ", ".join(sorted(path.name for path in CALLS.iterdir()))
            msg = f"--with: {name!r} has no calls; there are calls for {there}."
            raise UsageError(msg)
        for area in areas(name):
            if arguments.cases and not any(fnmatch(area, pattern) for pattern in arguments.cases):
                continue
            path = arguments.out / name / f"{area}.jsonl"
            lines = [call.line for call in calls(name, area)]
            recorded_before = read_answers(path) if path.exists() else {}
            known = {} if arguments.force or arguments.check else recorded_before
            asked = [line for line in lines if line not in known]
            try:
                found = answers(environment(name), asked, steps=partial(progress, total=len(asked), describe=area))
                known = {**known, **dict(zip(asked, found, strict=True))}
            except BrokenEnvironmentError as error:
                raise UsageError(str(error)) from error
            differ = [line for line in asked if line in recorded_before and recorded_before[line] != known[line]]
            if arguments.check:
                status = DIFFERENCE if differ else status
            else:
                facts = environment(name)
                provenance = {
                    "release": facts.specification.release,
                    "command": f"fourfold vectors record --calls --with {name}",
                }
                write_answers(path, provenance, [(line, known[line]) for line in lines])
                announce(path)
            say(f"{name}/{area}: {len(asked)} of {len(lines)} calls asked, {len(differ)} answered otherwise before")
            for line in differ:
                say(f"  {line}", error=True)
    return status


def _record(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    there = [path for path in paths(arguments.out, name) if path.exists()]
    if there and not arguments.force:
        msg = f"{there[0]} is there already. Give --force to replace it, or --out another folder."
        raise UsageError(msg)
    asked = chosen(name, arguments.cases, arguments.seed)
    if not asked:
        msg = f"--cases: nothing that {name} is asked matches {' '.join(arguments.cases)}."
        raise UsageError(msg + did_you_mean(arguments.cases[0], [request.id for request in chosen(name)]))
    recording = _run(name, asked, arguments)
    try:
        write(recording, arguments.out, name)
    except OSError as error:
        msg = f"--out={arguments.out}: cannot write there ({error.strerror})."
        raise UsageError(msg) from error
    written = paths(arguments.out, name)
    for path in written:
        announce(path)
    return _facts(name, recording, sum(path.stat().st_size for path in written))


def _check(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Ask again what was recorded, whatever the catalogue says today."""
    shipped = read(arguments.out, name)
    wanted = {request.id for request in chosen(name, arguments.cases)} if arguments.cases else None
    vectors = [vector for vector in shipped.vectors if wanted is None or vector.request.id in wanted]
    again = _run(name, [vector.request for vector in vectors], arguments)
    pairs = zip(vectors, again.vectors, strict=True)
    compared = [(old.request, difference(old.request, old.outcome, new.outcome)) for old, new in pairs]
    differences = {request.id: found for request, found in compared if found is not None}
    here, there = (recording.provenance["version"] for recording in (again, shipped))
    if here != there:
        differences["version"] = f"{here}, where {there} was recorded"
    return {**_facts(name, again, 0), "differences": differences}


def _run(name: str, asked: list[Request] | tuple[Request, ...], arguments: argparse.Namespace) -> Recording:
    options = [f"--cases '{pattern}'" for pattern in arguments.cases]
    options += [f"--seed {arguments.seed}"] if arguments.seed else []
    return record(
        name,
        asked,
        command=" ".join(["fourfold vectors record --with", name, *options]),
        seed=arguments.seed,
        steps=lambda requests: progress(requests, len(asked), name),
    )


def _facts(name: str, recording: Recording, size: int) -> dict[str, Any]:
    outcomes = [vector.outcome.status for vector in recording.vectors]
    return {
        "recording": name,
        "provenance": dict(recording.provenance),
        "vectors": len(outcomes),
        **{status: outcomes.count(status) for status in ("ok", "refused", "crashed", "timeout")},
        "bytes": size,
        "differences": {},
    }


def _print(found: list[dict[str, Any]]) -> None:
    headers = ("recording", "framework", "Python", "NumPy", "vectors", "values", "refusals", "crashes", "result")
    rows = []
    for facts in found:
        known = facts["provenance"]
        result = f"{facts['bytes'] / 1e3:.0f} kB" if facts["bytes"] else "as recorded"
        cells = (
            facts["recording"],
            known["version"],
            known["python"],
            known["numpy"],
            str(facts["vectors"]),
            str(facts["ok"]),
            str(facts["refused"]),
            str(facts["crashed"] + facts["timeout"]),
            f"{len(facts['differences'])} differ" if facts["differences"] else result,
        )
        rows.append(Row(cells, "bad" if facts["differences"] else ""))
    print_table(headers, rows)
    for facts in found:
        for request, difference_found in facts["differences"].items():
            say(f"{facts['recording']}/{request}: {difference_found}", error=True)
