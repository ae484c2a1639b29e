"""Run code that imports another framework, unmodified: the front ends under the frameworks' own import names.

The served modules are modules of their own, filled with the names of the front end. What the front end lacks is an
error that says so; an installed framework of that name is never imported while its name is served.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...backend.forking import ForkSafeLock
from ...frontends.names.missing import lacks
from .served import FRAMEWORKS, FRONTENDS, RELEASED_FLUID, Framework

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from typing_extensions import Self

    from ...frontends.names import Names
    from ..literals import Fluid, Served

__all__ = ["Activation", "ActivationError", "activate"]

_lock = ForkSafeLock(threading.RLock)
_serving: dict[str, _Finder] = {}


class ActivationError(RuntimeError):
    """A framework's names cannot be served now."""


class _MissingError(ModuleNotFoundError):
    """A module or name that the front end lacks."""


class ServedModule(ModuleType):
    """A module under a framework's import name, filled from the front end."""

    __all__: list[str]  # the release's own and more: `import *` gives what stands for names that are not served, too
    __served__: list[str]

    def __init__(self, name: str, framework: Framework) -> None:
        super().__init__(name)
        self.__framework = framework

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            msg = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(msg, name=name, obj=self)
        path = self.__name__.partition(".")[2]
        child = f"{path}.{name}".lstrip(".")
        beside = child in self.__framework.further and not self.__framework.hides(child)
        if (child in self.__framework.modules or beside) and sys.modules.get(self.__name__) is self:
            return importlib.import_module(f"{self.__name__}.{name}")
        home = sys.modules.get(f"{FRONTENDS}.{self.__framework.modules.get(path)}")
        standing = vars(home).get("__getattr__") if home is not None else None
        if standing is not None:
            with contextlib.suppress(AttributeError):
                return standing(name)  # what stands for a name that is not served
        if path in self.__framework.further and sys.modules.get(self.__name__) is self:
            with contextlib.suppress(LookupError):
                root = self.__name__.partition(".")[0]
                value = self.__framework.further[path].get(root, name, self.__framework.recorded(path)[0])
                self.__dict__[name] = value
                return value
        raise AttributeError(lacks(self.__name__, name, self.__served__), name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        # the import of `megengine.tensor` must not hide the class of that name, as it does not in MegEngine
        hidden = isinstance(value, ServedModule) and (name in self.__dict__ or self.__hides(value))
        if not hidden:
            super().__setattr__(name, value)

    def __hides(self, child: ServedModule) -> bool:
        path = child.__name__.partition(".")[2]
        return path not in self.__framework.modules and self.__framework.hides(path)

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *self.__served__})

    def __repr__(self) -> str:
        return f"<module {self.__name__!r} served by fourfold>"


class _CalledModule(ServedModule):
    """`paddle.tensor`, which is a function too."""

    def __call__(
        self,
        data: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Any:
        made = sys.modules["paddle"].to_tensor(data, dtype=dtype, place=device, stop_gradient=not requires_grad)
        return made.pin_memory() if pin_memory else made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and fills the modules of one framework; the front of `sys.meta_path`, so that nothing else is asked."""

    def __init__(self, root: str, framework: Framework) -> None:
        self.root = root
        self.framework = framework
        self.holders = 0

    def owns(self, fullname: str) -> bool:
        return fullname == self.root or fullname.startswith(f"{self.root}.")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not self.owns(fullname):
            return None
        if not self.framework.has(fullname[len(self.root) + 1 :]):
            parent, _, name = fullname.rpartition(".")
            names = getattr(sys.modules.get(parent), "__served__", [])
            # with the missing module's own name, `from parent import name` would drop this message for Python's
            raise _MissingError(lacks(parent, name, names), name=parent)
        return importlib.machinery.ModuleSpec(fullname, self, origin="fourfold", is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ServedModule:
        kind = _CalledModule if spec.name == "paddle.tensor" else ServedModule
        return kind(spec.name, self.framework)

    def exec_module(self, module: ModuleType) -> None:
        path = module.__name__[len(self.root) + 1 :]
        if path not in self.framework.modules:
            beside = self.framework.further[path]
            # all of them, since code looks into a module's `__dict__`: PaddleSeg finds activations there
            release = self.framework.recorded(path)[0]
            module.__dict__.update((name, beside.get(self.root, name, release)) for name in beside.held)
            served = (name for name in beside.names if not hasattr(module.__dict__[name], "__fourfold_placeholder__"))
            module.__dict__.update(__served__=sorted(served), __all__=list(beside.listed))
            return
        source = self.framework.modules[path]
        names: dict[str, Any] = {}
        if source is not None:
            home = importlib.import_module(f"{FRONTENDS}.{source}")
            names = {name: getattr(home, name) for name in home.__all__}
            module.__doc__ = home.__doc__
            # base classes, such as `_BatchNorm`, that code asks for with isinstance()
            written = {
                name: value for name, value in vars(home).items() if getattr(value, "__module__", "") == home.__name__
            }
            module.__dict__.update(
                (name, value) for name, value in written.items() if name[0] == "_" and isinstance(value, type)
            )
        # front-end modules are served under names of their own, or not at all
        names = {name: value for name, value in names.items() if not isinstance(value, ModuleType)}
        if module.__name__ == self.root:
            module.__dict__["__version__"] = self.framework.version
        module.__dict__.update(names)
        module.__dict__["__served__"] = sorted({*names, *self._children(module.__name__)})
        recorded = self.framework.recorded(path)
        module.__dict__["__all__"] = sorted({*module.__dict__["__served__"], *_standing(*recorded)})

    def _children(self, name: str) -> list[str]:
        prefix = f"{name}."[len(self.root) + 1 :]
        paths = [path[len(prefix) :] for path in self.framework.modules if path and path.startswith(prefix)]
        served = [path for path in paths if "." not in path]
        return [path for path in served if self._holds(f"{prefix}{path}")]

    def _holds(self, path: str) -> bool:
        """Whether a module, or one below it, has served names; the others hold placeholders alone."""
        below = (source for each, source in self.framework.modules.items() if f"{each}.".startswith(f"{path}."))
        return any(source and importlib.import_module(f"{FRONTENDS}.{source}").__all__ for source in below)


def _standing(names: Names, path: str) -> Iterator[str]:
    """Yield the names that a module of the release gives out, modules left out."""
    lines = names.signatures.lines
    if not path or lines.get(path) == "module":
        prefix = f"{path}." if path else ""
        yield from (each for each in names.signatures.members(path) if lines[prefix + each] != "module")


class Activation:
    """A framework's names being served, until `deactivate()` or the end of the `with` block.

    Attributes:
        name: the framework.
        framework: what is served.
        active: whether this activation still holds.
    """

    def __init__(self, name: str, finder: _Finder) -> None:
        self.name = name
        self.framework = finder.framework
        self.active = True
        self._finder = finder

    def deactivate(self) -> None:
        """Stop serving the names, unless another activation of the same framework holds; a second call does nothing.

        `sys.modules` loses the framework's names and `sys.meta_path` the finder. Objects that were imported live on.
        """
        with _lock:
            if not self.active:
                return
            self.active = False
            self._finder.holders -= 1
            if self._finder.holders:
                return
            del _serving[self.name]
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self._finder]
            for name in [name for name in sys.modules if self._finder.owns(name)]:
                del sys.modules[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.deactivate()

    def __repr__(self) -> str:
        return f"<Activation of {self.name!r}, {'active' if self.active else 'ended'}>"


def activate(name: Served, *, fluid: Fluid = "documented") -> Activation:
    """Serve a front end under its framework's import names, in the whole process and all of its threads.

    Activating a framework that is served already with the same options adds a holder: its modules stay until the last
    activation ends, in whatever order they end. Different frameworks can be served at once.

    Args:
        name: 'paddle', 'megengine' or 'oneflow'.
        fluid: which `paddle.fluid` there is: 'documented', or '1.8', as Paddle 1.8.5 released it; `paddle.__version__`
            is then 1.8.5. Only for Paddle. Default: 'documented'.

    Returns:
        what ends it: call `deactivate()`, or use it as a context manager.

    Raises:
        ValueError: there is no such framework or fluid, or another framework is asked for a fluid.
        ActivationError: the framework, or something else of that name, is imported; or it is served with other options.

    Example:
        >>> import fourfold
        >>> with fourfold.activate("paddle"):
        ...     import paddle
        ...     paddle.nn.Conv3DTranspose(4, 2, 2, stride=2)(paddle.randn([1, 4, 5, 5, 5])).shape
        paddle.Size([1, 2, 10, 10, 10])
    """
    framework = _framework(name, fluid)
    with _lock:
        finder = _serving.get(name)
        if finder is None:
            finder = _Finder(name, framework)
            present = sorted(module for module in sys.modules if finder.owns(module))
            if present:
                where = getattr(sys.modules.get(name), "__file__", None)
                msg = (
                    f"{name!r} is already imported{f' from {where}' if where else ''}, with {len(present)} modules; "
                    f"what holds them would go on with them. Activate before anything imports {name}."
                )
                raise ActivationError(msg)
            # imported first, so that a failure leaves nothing behind
            importlib.import_module(f"{FRONTENDS}.{framework.modules['']}")
            sys.meta_path.insert(0, finder)
            _serving[name] = finder
        elif finder.framework is not framework:
            msg = f"{name!r} is served with another fluid. End that activation first, or ask for the same."
            raise ActivationError(msg)
        finder.holders += 1
        return Activation(name, finder)


def _framework(name: str, fluid: str) -> Framework:
    if name not in FRAMEWORKS:
        msg = f"there is no front end {name!r} to activate; there are {', '.join(FRAMEWORKS)}."
        raise ValueError(msg)
    if fluid not in ("documented", "1.8"):
        msg = f"fluid={fluid!r}; legal are 'documented' and '1.8'."
        raise ValueError(msg)
    if fluid == "documented":
        return FRAMEWORKS[name]
    if name != "paddle":
        msg = f"fluid={fluid!r} is an option of 'paddle'; {name!r} has no fluid. Leave it out."
        raise ValueError(msg)
    return RELEASED_FLUID
