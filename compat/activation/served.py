"""Which modules `activate()` serves: real names, and the front-end modules behind them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from .further import Further, further

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...frontends.names import Names

__all__ = ["FRAMEWORKS", "FRONTENDS", "RELEASED_FLUID", "Framework"]

FRONTENDS = f"{__name__.split('.compat.')[0]}.frontends"


@dataclass(frozen=True)
class Framework:
    """What is served under one root name.

    Attributes:
        version: what `__version__` says: the release that the front end mirrors.
        written: front-end modules, relative to all front ends, by served name, relative to the root, which has the name
            `''`. None: a module that only holds others.
        rows: the front end whose rows make further modules, such as 'paddle'; '' for none.
        below: front ends whose rows make the modules below a name, such as 'fluid'.
    """

    version: str
    written: Mapping[str, str | None]
    rows: str = ""
    below: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def modules(self) -> Mapping[str, str | None]:
        """All modules, those that rows make included; this imports the front end."""
        found: dict[str, str | None] = {}
        for prefix, front_end in {**({"": self.rows} if self.rows else {}), **self.below}.items():
            package = f"{FRONTENDS}.{front_end}"
            importlib.import_module(package)
            names = importlib.import_module(f"{package}.names").NAMES
            for path in names.paths():
                found[f"{prefix}.{path}" if prefix else path] = f"{front_end}.{path}"
        return {**found, **self.written}

    @cached_property
    def further(self) -> Mapping[str, Further]:
        """What there is to import beside the public names, by its module's path."""
        found: dict[str, Further] = {}
        for prefix, front_end in {**({"": self.rows} if self.rows else {}), **self.below}.items():
            signatures = importlib.import_module(f"{FRONTENDS}.{front_end}.names").NAMES.signatures
            found.update(further(signatures.framework, signatures.release, prefix))
        return found

    def has(self, path: str) -> bool:
        """Whether there is a module of that path."""
        return path in self.modules or path in self.further

    def hides(self, path: str) -> bool:
        """Whether the parent's attribute of a module's name is something else, such as the function `paddle.batch`."""
        above, _, last = path.rpartition(".")
        if above in self.further and last in self.further[above]:
            return True
        names, relative = self.recorded(path)
        return names.signatures.lines.get(relative, "module") != "module"

    def public(self, path: str) -> str:
        """Return the public path of what stands at a path; '' where it has none."""
        above, _, last = path.rpartition(".")
        if above in self.further and last in self.further[above]:
            return self.further[above].names.get(last, "")
        return path

    def recorded(self, path: str) -> tuple[Names, str]:
        """Return the names of the front end that a path belongs to, and the path in them."""
        front_end, relative = str(self.written[""]), path
        for prefix, other in self.below.items():
            if f"{path}.".startswith(f"{prefix}."):
                front_end, relative = other, path[len(prefix) + 1 :]
        names: Names = importlib.import_module(f"{FRONTENDS}.{front_end}.names").NAMES
        return names, relative


def _mirrored(root: str, *names: str) -> dict[str, str | None]:
    return {name: f"{root}.{name}" if name else root for name in names}


def _paddle(fluid: str) -> dict[str, str | None]:
    return {
        **_mirrored(
            "paddle",
            "",
            "framework",
            "nn",
            "nn.functional",
            "nn.initializer",
            "optimizer",
            "optimizer.lr",
            "regularizer",
        ),
        **_mirrored("paddle", "static", "static.nn"),
        "utils": "paddle.utils",
        "utils.unique_name": "paddle.unique_name",
        "fluid": f"paddle.{fluid}",
        "fluid.core": "paddle.fluid.core",
    }


FRAMEWORKS: Mapping[str, Framework] = MappingProxyType(
    {
        "paddle": Framework("3.3.1", _paddle("fluid"), "paddle", {"fluid": "paddle.fluid"}),
        "megengine": Framework(
            "1.13.0",
            {
                **_mirrored("megengine", "", "autodiff", "functional", "module", "tensor"),
                **_mirrored("megengine", "optimizer", "optimizer.lr_scheduler"),
            },
            "megengine",
        ),
        "oneflow": Framework("0.9.0", _mirrored("oneflow", "", "nn.modules"), "oneflow"),
    }
)
# with `paddle.fluid` as Paddle 1.8.5 released it, in place of the documented one
RELEASED_FLUID = Framework("1.8.5", _paddle("fluid_1_8"), below={"fluid": "paddle.fluid_1_8"})
