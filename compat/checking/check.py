"""Tell what a script needs of a framework that fourfold does not serve, before it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..activation import activate
from ..activation.served import FRAMEWORKS
from .program import Program
from .release import Release
from .report import report
from .sources import Sources

if TYPE_CHECKING:
    from ..literals import Fluid, Served
    from .report import Report
    from .sources import Source

__all__ = ["check"]


def check(script: str | Path, framework: str = "", *, fluid: Fluid = "documented", module: bool = False) -> Report:
    """Return which names of a framework a script and the modules of its own use, and which of them are not served.

    Nothing of the script is executed. Modules are its own where they lie in its folder, in one that it adds to
    `sys.path`, or in one of `sys.path` that is above the script or the working folder; installed packages are not read.

    Args:
        script: the file, or with `module` the name of a module that is found from the working folder.
        framework: 'paddle', 'megengine' or 'oneflow'. Default: the one that the script imports.
        fluid: as `activate` takes it.
        module: whether `script` is the name of a module.

    Raises:
        ValueError: there is no such module or framework, or the script does not tell which framework is meant.
        ActivationError: the framework is imported in this process.
    """
    sources = Sources(Path.cwd() if module else Path(script).resolve().parent)
    for entry in sys.path:
        if (folder := Path(entry).resolve()) in (Path.cwd(), *sources.folder.parents):
            sources.add_root(folder)
    if module:
        source = sources.module(f"{script}.__main__") or sources.module(str(script))
        if source is None:
            msg = f"there is no module {str(script)!r} in the working folder. Name one that lies there, or a file."
            raise ValueError(msg)
    else:
        source = sources.script(Path(script))
    program = _read(source, sources, {})
    root = _meant(str(script), framework, program)
    with activate(cast("Served", root), fluid=fluid) as served:
        if program.asked:  # now that the version is known, one branch is the script's
            program = _read(source, sources, {root: served.framework.version})
        return report(str(script), program, Release(root, served.framework))


def _read(source: Source, sources: Sources, versions: dict[str, str]) -> Program:
    program = Program(sources, frozenset(FRAMEWORKS), versions)
    above = source.name.rpartition(".")[0]
    if above:  # the package of a module is imported before it
        program.module(above, source.shown, 0)
    program.read(source)
    return program


def _meant(script: str, framework: str, program: Program) -> str:
    """Return the framework that is asked for, or the one that the script imports."""
    found, troubles = program.imported, program.sources.troubles
    if (framework and (framework in found or not found)) or (not framework and len(found) == 1):
        return framework or found[0]
    if troubles and not found:
        msg = f"{troubles[0].file}:{troubles[0].line}: {troubles[0].message}"
        raise ValueError(msg)
    what = f"imports {' and '.join(found)}" if found else f"imports none of {', '.join(FRAMEWORKS)}"
    msg = f"{script} {what}{f', not {framework}' if framework else ''}: name the framework that is meant with --as."
    raise ValueError(msg)
