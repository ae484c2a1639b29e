"""List the public names of a framework with their signatures: this file and the framework are all it needs.

`python collector.py FRAMEWORK` (Python 3.7 and above) prints one JSON object: a name, relative to the framework's root,
to what stands there, as text:

    def (x, y, name=None)             a function, or a method without its `self`
    class (in_channels, bias=True)    a class, by its constructor; its public methods follow as names of their own
    property | module | value 3.14    what is no callable
    is nn.Conv2D                      what stands under another name already
    builtin; abs (Tensor input)       a function written in C, with the overloads that its error message states
    builtin                           one whose message states none

`python collector.py FRAMEWORK docstrings` prints the docstrings of what can be called, and
`python collector.py FRAMEWORK modules` what the further modules of the framework hold, which `further()` says.

A default that is no literal is written as `opaque("...")`, with what the framework prints for it.

It is apart from the rest of this project because it runs where none of it is installed.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import json
import math
import re
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOTS = {"paddle": "paddle", "fluid": "paddle", "megengine": "megengine", "oneflow": "oneflow"}
# The modules whose names are public, relative to the root, as the documentation of each framework divides them. What is
# not there in a release is passed over.
MODULES = {
    "paddle": """
        nn nn.functional nn.initializer nn.utils nn.quant optimizer optimizer.lr regularizer static
        static.nn static.sparsity io metric vision vision.transforms vision.ops vision.models
        vision.datasets linalg fft amp amp.debugging autograd jit device device.cuda device.xpu distribution
        signal sparse sparse.nn sparse.nn.functional hub utils utils.unique_name utils.cpp_extension
        utils.dlpack utils.download callbacks distributed distributed.fleet distributed.sharding text audio
        audio.functional audio.features audio.backends audio.datasets geometric incubate incubate.autograd
        incubate.nn incubate.nn.functional incubate.optimizer onnx quantization sysconfig version framework
        profiler""",
    "fluid": """
        fluid fluid.layers fluid.dygraph fluid.dygraph.base fluid.dygraph.nn fluid.dygraph.layers
        fluid.dygraph.container fluid.dygraph.learning_rate_scheduler fluid.dygraph.checkpoint
        fluid.dygraph.jit fluid.dygraph.parallel fluid.dygraph.backward_strategy fluid.initializer
        fluid.regularizer fluid.clip fluid.optimizer fluid.param_attr fluid.io fluid.metrics fluid.nets
        fluid.backward fluid.profiler fluid.unique_name fluid.contrib fluid.data_feeder fluid.framework
        fluid.executor fluid.compiler fluid.reader fluid.transpiler fluid.average fluid.evaluator
        fluid.layer_helper fluid.lod_tensor fluid.dataset reader dataset""",
    "megengine": """
        functional functional.nn functional.elemwise functional.math functional.tensor functional.loss
        functional.vision functional.metric functional.distributed functional.inplace functional.quantized
        functional.external module module.init module.conv module.batchnorm module.module
        module.normalization module.activation module.pooling module.adaptive_pooling module.linear
        module.dropout module.embedding module.elemwise module.identity module.rnn module.sequential
        module.concat module.padding module.pixel_shuffle module.vision module.multiheadattn module.qat module.quantized
        optimizer optimizer.lr_scheduler optimizer.clip_grad autodiff random random.rng jit amp data
        data.dataset data.transform data.sampler data.collator data.dataloader tensor hub utils
        utils.profiler utils.module_stats distributed device logger quantization traced_module serialization
        config dtr core""",
    "oneflow": """
        nn nn.functional nn.init nn.parameter nn.utils nn.utils.rnn nn.utils.parametrizations nn.modules
        nn.modules.activation nn.modules.batchnorm nn.modules.container nn.modules.conv nn.modules.dropout
        nn.modules.linear nn.modules.loss nn.modules.module nn.modules.normalization nn.modules.pooling
        nn.modules.padding nn.modules.sparse nn.modules.upsampling nn.modules.utils nn.module nn.image
        nn.graph nn.parallel nn.qat optim optim.lr_scheduler autograd linalg cuda utils utils.data
        utils.tensor random env amp distributed comm sbp one_embedding distributions special profiler jit
        backends hub""",
}
CLASSES = {
    "paddle": "Tensor",
    "fluid": "fluid.core.VarBase",
    "megengine": "Tensor",
    "oneflow": "Tensor",
}
# Modules that model code does not import from, by the first parts of their paths, and those with a `_` that it does.
INNER = re.compile(
    r"""(
        base\.(libpaddle\.(?!eager$).*|proto|incubate|trainer_\w+|device_worker) | cinn | decomposition
        | jit\.(sot|dy2static|pir_\w+) | pir | onnx | tensorrt | inference | static\.quantization
        | distributed\.(auto_parallel|passes|launch|ps|flex_checkpoint|checkpoint|rpc|communication|utils)
        | distributed\.fleet\.(meta\w+|runtime|elastic|data_generator|base)
        | incubate\.(distributed|cc|jit|passes|fleet|tensor|multiprocessing)
        | fluid\.(incubate|proto|distributed|transpiler|trainer_\w+|device_worker|core_avx|core_noavx|contrib\.slim)
        | core\.(common|control|framework|graph|job|operator|record|register|summary) | framework\.docstr | test | tests
        | traced_module\.\w+ | distributed\.(plasma|server) | proto
    )(\.|$)""",
    re.X,
)
OUTER = ("_C", "_C_ops", "_legacy_C_ops", "_imperative_rt")
# Classes of static graphs, whose methods are those of the tensor again, or the compiler's own.
STATIC = ("static.Variable", "static.BuildStrategy", "static.IpuStrategy", "framework.IrGraph", "framework.Block")


def collect(framework: str) -> dict[str, str]:
    """Return the text of every public name of a framework, sorted."""
    root = importlib.import_module(ROOTS[framework])
    found: dict[str, str] = {}
    first: dict[int, str] = {}  # where an object was met first, by id
    holder, _, name = CLASSES[framework].rpartition(".")
    tensor = getattr(functools.reduce(getattr, holder.split(".") if holder else (), root), name)
    first[id(tensor)] = CLASSES[framework]
    found[CLASSES[framework]] = described(tensor)
    found.update(methods(CLASSES[framework], tensor, ""))
    for path, module in modules(root, framework):
        if path:
            found[path] = "module"
        for name in public(module, root.__name__):
            place = f"{path}.{name}" if path else name
            value = getattr(module, name, None)
            if is_module(value):
                found.setdefault(place, "module")
            elif not callable(value):
                found[place] = described(value)
            elif id(value) in first:
                found.setdefault(place, f"is {first[id(value)]}")
            else:
                first[id(value)] = place
                found[place] = described(value)
                if isinstance(value, type) and not issubclass(value, BaseException) and place not in STATIC:
                    found.update(methods(place, value, root.__name__))
    return dict(sorted(found.items()))


def further(framework: str) -> dict[str, dict[str, Any]]:
    """Return what there is to import beside the public names: the rest of the public modules, and other modules.

    Of each module, by its path below the root:

        names    the module of a public name, to the names that stand for the same object, separated by spaces; `a=b` is
                 one that is called `b` there
        modules  modules that lie elsewhere: `a=path.below.the.root`
        defs     other functions
        classes  other classes, each with the public ones that derive from it
        values   other literals
        all      its `__all__`; of modules that are not public, and have one
    """
    root = importlib.import_module(ROOTS[framework])
    listed = dict(modules(root, framework))
    own = {path: public(module, root.__name__) for path, module in listed.items()}
    holder, _, name = CLASSES[framework].rpartition(".")
    tensor = getattr(functools.reduce(getattr, holder.split(".") if holder else (), root), name)
    places: dict[int, str] = {id(tensor): CLASSES[framework]}  # public names, by id as `collect` meets them
    classes: dict[str, type] = {CLASSES[framework]: tensor}
    for path, names in own.items():
        for name in names:
            value, place = getattr(listed[path], name, None), f"{path}.{name}" if path else name
            if is_module(value) or isinstance(value, PLAIN) or id(value) in places:
                continue
            places[id(value)] = place
            places.setdefault(id(forwarded(value)), place)
            if isinstance(value, type):
                classes[place] = value
    for name, module in sorted(sys.modules.items()):
        path = name[len(root.__name__) + 1 :]
        inner = any(part.startswith("_") and part not in OUTER for part in path.split("."))
        if name.startswith(f"{root.__name__}.") and is_module(module) and not (inner or INNER.match(path)):
            listed.setdefault(path, module)
    paths = {id(module): path for path, module in reversed(list(listed.items()))}
    found = {}
    for path, module in listed.items():
        said = held(module, root.__name__, {*own.get(path, ())}, places, classes)
        elsewhere = [
            f"{name}={paths[id(value)]}"
            for name, value in sorted(vars(module).items())
            if paths.get(id(value), "") not in ("", f"{path}.{name}".lstrip("."))
        ]
        said["modules"] = " ".join(elsewhere)
        found[path] = {key: part for key, part in said.items() if part}
        if path not in own and isinstance(getattr(module, "__all__", None), (list, tuple)):
            found[path]["all"] = " ".join(sorted(map(str, module.__all__)))
    return {path: said for path, said in sorted(found.items()) if said or path not in own}


# what says nothing of a module, or differs from run to run: a loop over a set leaves it behind
LEFT = ("TYPE_CHECKING", "_func")
PLAIN = (bool, int, float, str, bytes, tuple, list, dict, set, type(None))


def forwarded(value: Any) -> Any:
    """Return the function of `paddle._C_ops` to which one of Paddle's passes all that it is given; another as it is."""
    code = getattr(value, "__code__", None)
    if code is None or code.co_names[:1] != ("_C_ops",) or len(code.co_names) != 2:
        return value
    if code.co_varnames != ("args", "kwargs") or not code.co_flags & inspect.CO_VARKEYWORDS:
        return value
    return getattr(value.__globals__["_C_ops"], code.co_names[1], value)


def held(module: Any, root: str, own: set[str], places: dict[int, str], classes: dict[str, type]) -> dict[str, Any]:
    """Return what one module holds beside its public names, as `further` says."""
    names: dict[str, list[str]] = {}
    defs, kinds, values = [], {}, {}
    for name, value in sorted(vars(module).items()):
        if name.startswith("__") or isinstance(value, types.ModuleType) or name in own or name in LEFT:
            continue
        if isinstance(value, PLAIN):
            text = printed(value)
            literal = not text.startswith("opaque(") and len(text) < 80 and "/" not in text  # no address, no path
            if literal and not name.startswith("_"):
                values[name] = text
        elif id(value) in places:
            place, _, last = places[id(value)].rpartition(".")
            names.setdefault(place, []).append(name if name == last else f"{name}={last}")
        elif f"{module.__name__}.{name}" in sys.modules and not isinstance(value, (type, types.FunctionType)):
            continue  # it stands for a module, as Paddle's `tensor` does
        elif callable(value) and is_own(value, module.__name__, root):
            if isinstance(value, type):
                kinds[name] = " ".join(sorted(place for place, kind in classes.items() if value in kind.__mro__))
            else:
                defs.append(name)
    joined = {place: " ".join(each) for place, each in sorted(names.items())}
    return {"names": joined, "defs": " ".join(defs), "classes": kinds, "values": values}


def is_own(value: Any, module: str, root: str) -> bool:
    """Whether a module is where to look for something that has no public name: it, one below or one in C has it."""
    try:
        home = str(getattr(value, "__module__", None) or type(value).__module__)
    except Exception:  # what is loaded when it is asked
        return False
    if f"{home}.".startswith(f"{module}."):
        return True
    below = home[len(root) + 1 :]
    inner = home.startswith(f"{root}.") and (INNER.match(below) or below.startswith("_"))
    in_c = home == "builtins" and isinstance(value, (types.BuiltinFunctionType, type))
    return bool(inner) or (in_c and getattr(builtins, value.__name__, None) is not value)


def docstrings(framework: str) -> dict[str, str]:
    """Return the docstring of every public function, class and method of a framework that has one."""
    root: Any = importlib.import_module(ROOTS[framework])
    found = {}
    for name, text in collect(framework).items():
        if not text.startswith(("def", "class", "builtin")):
            continue
        value = functools.reduce(lambda holder, part: getattr(holder, part, None), name.split("."), root)
        said = getattr(value, "__doc__", None)
        if isinstance(said, str):
            found[name] = said
    return found


def modules(root: Any, framework: str) -> Iterator[tuple[str, Any]]:
    """Yield the public modules of a framework with their paths below the root, the root itself first."""
    yield "", root
    for path in MODULES[framework].split():
        module = imported(root, path)
        if is_module(module):
            yield path, module


def imported(root: Any, path: str) -> Any:
    """Import a module, or find it where it is only an attribute; None where a release has none of that path."""
    try:
        return importlib.import_module(f"{root.__name__}.{path}")
    except ImportError:
        return functools.reduce(lambda holder, name: getattr(holder, name, None), path.split("."), root)


def is_module(value: Any) -> bool:
    """Whether something is a module, or stands for one whose names MegEngine computes."""
    return isinstance(value, types.ModuleType) or hasattr(value, "_pmodule")


def public(module: Any, package: str) -> list[str]:
    """Return the names that a module gives out: its `__all__`, or what the framework itself put there."""
    if isinstance(getattr(module, "__all__", None), (list, tuple)) and module.__all__:
        return sorted({name for name in module.__all__ if hasattr(module, name)})
    names = []
    for name in dir(module):  # not vars(): MegEngine's modules may keep their names elsewhere
        try:
            value = getattr(module, name)
        except Exception:  # a property that cannot be read yet
            continue
        if name.startswith("_") or is_module(value):
            continue
        home = getattr(value, "__module__", None) or type(value).__module__
        if str(home).split(".")[0].startswith(package) or isinstance(value, types.BuiltinFunctionType):
            names.append(name)
    return sorted(names)


def methods(place: str, kind: type, package: str) -> dict[str, str]:
    """Return the public methods and properties of a class, inherited ones from outside the package left out."""
    found = {}
    for name in dir(kind):
        dunder = name.startswith("__") and name.endswith("__")
        if (name.startswith("_") and not dunder) or name in _OBJECT:
            continue
        home = next((base for base in kind.__mro__ if name in vars(base)), kind)
        if package and (home is not kind or dunder) and name not in ("forward", "__call__"):
            continue
        value = inspect.getattr_static(kind, name)
        if isinstance(value, (staticmethod, classmethod)):
            text = described(getattr(kind, name))
        elif isinstance(value, property) or inspect.isdatadescriptor(value):
            text = "property"
        elif callable(value):
            text = described(value, bound=True)
        else:
            text = f"value {printed(value)}"
        found[f"{place}.{name}"] = text
    return found


_OBJECT = (*dir(object), "__dict__", "__weakref__", "__module__", "__slots__")


def described(value: Any, *, bound: bool = False) -> str:
    """Return the text of one name; `bound` leaves out the first parameter."""
    if not callable(value):
        return f"value {printed(value)}"
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        signature = None
    if isinstance(value, type):
        return "class" if signature is None else f"class {text_of(signature)}"
    if signature is None or type(value).__name__ in ("builtin_function_or_method", "method_descriptor"):
        return "; ".join(["builtin", *overloads(value)])
    parameters = list(signature.parameters.values())
    if bound and parameters and parameters[0].kind not in (parameters[0].VAR_KEYWORD, parameters[0].VAR_POSITIONAL):
        signature = signature.replace(parameters=parameters[1:])
    return f"def {text_of(signature)}"


def text_of(signature: inspect.Signature) -> str:
    """Return the parameters as source text, without annotations."""
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    shown = [
        parameter if parameter.default is parameter.empty else parameter.replace(default=_Source(parameter.default))
        for parameter in bare
    ]
    return str(inspect.Signature(shown))


class _Source:
    """Prints as the source of a default."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return printed(self.value)


def printed(value: Any) -> str:
    """Return a literal as source, anything else as `opaque("...")`."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    text = repr(value)
    try:
        literal = ast.literal_eval(text) == value and type(value) in (bool, int, float, str, tuple, list, type(None))
    except Exception:  # the comparison is the framework's
        literal = False
    if literal:
        return text
    name = getattr(value, "__qualname__", None)
    shown = f"{value.__module__}.{name}" if name else re.sub(r"( at 0x[0-9a-f]+| from '[^']*')", "", text)
    return f"opaque({shown[:120]!r})"


def overloads(function: Any) -> list[str]:
    """Return the overloads of a function of OneFlow's C API, which only its refusal states."""
    if "oneflow" not in sys.modules:  # elsewhere such a call may end the process
        return []
    try:
        function(*[_Nothing()] * 24)
    except Exception as error:  # whatever it raises is read, not handled
        stated = re.findall(r"\*\d+: (.*)", str(error))
        name = re.search(r"(\w+)\(\): (?:received|takes)", str(error))
    else:
        return []
    return [f"{name.group(1) if name else function.__name__} {line}" for line in stated]


class _Nothing:
    """An argument that nothing takes."""


if __name__ == "__main__":
    out = sys.stdout
    sys.stdout = sys.stderr  # frameworks greet
    listing: Any = {"docstrings": docstrings, "modules": further}.get("".join(sys.argv[2:]), collect)
    json.dump(listing(sys.argv[1]), out, indent=0)
