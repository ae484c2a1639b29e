"""Which environments there are: one row each, the pins beside this module in `requirements/`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


class BrokenEnvironmentError(RuntimeError):
    """An environment cannot be made, found or used; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """What an environment holds.

    Attributes:
        name: as `fourfold env create NAME` takes it.
        framework: what `recorder.py --worker` runs in it.
        release: of the framework.
        pythons: minor versions of Python that it runs on, the preferred one first.
        requirements: pinned requirement files, installed one after the other.
        without_dependencies: those of them that are installed with `--no-deps`.
        libraries: folders under site-packages where the dynamic linker must look before the process starts.
    """

    name: str
    framework: str
    release: str
    pythons: tuple[str, ...]
    requirements: tuple[Path, ...]
    without_dependencies: tuple[Path, ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A hash of the pins: an environment made from other pins is outdated."""
        content = hashlib.sha256()
        for path in (*self.requirements, *self.without_dependencies):
            content.update(path.read_bytes() + b"\0")
        return content.hexdigest()


def _file(name: str) -> tuple[Path, ...]:
    return (REQUIREMENTS / f"{name}.txt",)


SPECIFICATIONS: dict[str, Specification] = {
    specification.name: specification
    for specification in (
        Specification(
            name="paddle",
            framework="paddle",
            release="3.3.1",
            pythons=("3.11", "3.12", "3.13", "3.10"),
            requirements=_file("paddle"),
        ),
        Specification(
            name="paddle-2.6",
            framework="paddle",
            release="2.6.2",
            pythons=("3.10", "3.11", "3.9", "3.12"),
            requirements=_file("paddle-2.6"),
        ),
        Specification(
            name="fluid",
            framework="fluid",
            release="1.8.5",
            pythons=("3.8", "3.7"),
            requirements=_file("fluid"),
        ),
        Specification(
            name="megengine",
            framework="megengine",
            release="1.13.0",
            pythons=("3.10", "3.9"),
            requirements=_file("megengine"),
        ),
        Specification(
            name="oneflow",
            framework="oneflow",
            release="0.9.0",
            pythons=("3.10", "3.9"),
            requirements=_file("oneflow"),
            without_dependencies=_file("oneflow-libraries"),
            libraries=("nvidia/cudnn/lib", "nvidia/cublas/lib"),
        ),
    )
}

# What `fourfold bench --peers` measures beside the frameworks. They have no front end here, so nothing else needs them.
PEERS: dict[str, Specification] = {
    name: Specification(
        name=name, framework=name, release=release, pythons=("3.11", "3.12", "3.13"), requirements=_file(name)
    )
    for name, release in (
        ("openvino", "2026.4.1"),
        ("onnxruntime", "1.31.1"),
        ("tensorflow", "2.21.0"),
        ("jax", "0.10.2"),
    )
}


def specification(name: str) -> Specification:
    """Return the specification of an environment.

    Raises:
        BrokenEnvironmentError: there is none of that name.

    Example:
        >>> specification("fluid").release
        '1.8.5'
    """
    try:
        return {**SPECIFICATIONS, **PEERS}[name]
    except KeyError:
        msg = f"no environment is called {name!r}; there are {', '.join((*SPECIFICATIONS, *PEERS))}."
        raise BrokenEnvironmentError(msg) from None
