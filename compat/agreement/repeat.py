"""Python that repeats a difference: one script for the front end here and for the real framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .known import EDGE
from .recorder import channels_last, leading
from .subjects import SUBJECTS
from .subjects.release import APIS, FRONT_END, TITLES, environment_of

if TYPE_CHECKING:
    from .cases import Case
    from .run import Result
    from .subjects.drivers import Here

# Framework -> its package, and how that is called in the script.
PACKAGES = {
    "paddle": ("paddle", "paddle"),
    "fluid": ("paddle.fluid", "fluid"),
    "megengine": ("megengine", "mge"),
    "oneflow": ("oneflow", "flow"),
}

HEAD = """\
# run it here, then with {python}
import importlib, importlib.util
import numpy as np
if importlib.util.find_spec("fourfold"):
    from fourfold.compat.agreement import Case
    from fourfold.compat.agreement.data import operands
    case = {case}
    np.savez("operands.npz", **{{k: v for k, v in operands(case)._asdict().items() if v is not None}})
    {name} = importlib.import_module("{ours}")
else:
    {name} = importlib.import_module("{theirs}")
data = np.load("operands.npz")"""

# What stands for the words in braces is spelled by `_words`.
LAYERS = {
    "paddle": """\
paddle.set_default_dtype("{dtype}")
layer = paddle.nn.Conv3DTranspose({arguments})
layer.set_state_dict({{k: paddle.to_tensor(data[k]) for k in {parameters}}})
x = paddle.to_tensor({x}, stop_gradient=False)
y = layer(x{size})
y.backward(paddle.to_tensor({upstream}))
weight, bias = layer.weight, layer.bias""",
    "fluid": """\
with fluid.dygraph.guard():
    layer = fluid.dygraph.Conv3DTranspose({arguments}, dtype="{dtype}")
    layer.set_dict({{k: data[k] for k in {parameters}}})
    x = fluid.dygraph.to_variable({x})
    x.stop_gradient = False
    y = layer(x)
    (y * fluid.dygraph.to_variable({upstream})).backward()
    weight, bias = layer.weight, layer.bias""",
    "megengine": """\
importlib.import_module({name}.__name__ + ".module"), importlib.import_module({name}.__name__ + ".autodiff")
layer = mge.module.ConvTranspose3d({arguments})
layer.load_state_dict({{k: data[k].reshape(getattr(layer, k).shape) for k in {parameters}}})
x, weight, bias = mge.Parameter({x}), layer.weight, layer.bias
gm = mge.autodiff.GradManager().attach([t for t in (x, weight, bias) if t is not None])
with gm:
    y = layer(x)
    gm.backward(y, mge.tensor({upstream}))""",
    "oneflow": """\
layer = flow.nn.ConvTranspose3d({arguments}).to(flow.{dtype})
layer.load_state_dict({{k: flow.tensor(data[k]) for k in {parameters}}})
x = flow.tensor({x}, requires_grad=True)
y = layer(x)
y.backward(flow.tensor({upstream}))
weight, bias = layer.weight, layer.bias""",
}
FUNCTIONS = {
    "paddle": """\
x, weight, *bias = [paddle.to_tensor(v, stop_gradient=False) for v in ({x}, *map(data.get, {parameters}))]
bias = bias[0] if bias else None
y = paddle.nn.functional.conv3d_transpose(x, weight, bias{arguments})
y.backward(paddle.to_tensor({upstream}))""",
    "megengine": """\
importlib.import_module({name}.__name__ + ".functional"), importlib.import_module({name}.__name__ + ".autodiff")
x, weight = mge.Parameter({x}), mge.Parameter(data["weight"].reshape({weight_shape}))
bias = mge.Parameter(data["bias"].reshape(1, -1, 1, 1, 1)) if "bias" in data else None
gm = mge.autodiff.GradManager().attach([t for t in (x, weight, bias) if t is not None])
with gm:
    y = mge.functional.conv_transpose3d(x, weight, bias{arguments})
    gm.backward(y, mge.tensor({upstream}))""",
    "oneflow": """\
x, weight, *bias = [flow.tensor(v, requires_grad=True) for v in ({x}, *map(data.get, {parameters}))]
y = flow.nn.functional.conv_transpose3d(x, weight, bias[0] if bias else None{arguments})
y.backward(flow.tensor({upstream}))
bias = bias[0] if bias else None""",
}

# The option of a case that is spelled apart in a form.
_SPELLED = {"layer": "output_size", "functional": "bias"}

# Where two scripts would have to be too different: the harness itself.
HARNESS = """\
from fourfold.compat.agreement import Case, agree
from fourfold.compat.agreement.subjects import SUBJECTS
from fourfold.compat.agreement.subjects.release import release
case = {case}
with release("{environment}") as framework:
    for result in agree([case], [SUBJECTS["{ours}"], framework]):
        print(result.subject, result.form, result.outcome, result.reason or "", *result.checks, sep="\\n  ")"""

EDGES = """\
from fourfold.compat.agreement.edges import agree_on_edges
for result in agree_on_edges(["{environment}"], ["{case}"]):
    print(result.form, result.outcome, result.reason or "", *result.checks, sep="\\n  ")"""


def script(result: Result) -> str | None:
    """Return Python that repeats what a release did and what the front end does; None for other subjects."""
    environment = environment_of(result.subject)
    if environment is None:
        return None
    framework = "fluid" if environment == "fluid" else environment.partition("-")[0]
    case = result.case
    if case.id.startswith(EDGE):
        return EDGES.format(environment=environment, case=case.id)
    templates = LAYERS if result.form == "layer" else FUNCTIONS
    if framework not in templates or case.dtype == "bfloat16":
        # fluid's function is a static program in the release; NumPy has no bfloat16
        return HARNESS.format(case=literal(case), environment=environment, ours=FRONT_END[framework])
    theirs, name = PACKAGES[framework]
    driver = SUBJECTS[FRONT_END[framework]].driver
    python = f"the Python of `{TITLES[environment]}`"
    head = HEAD.format(python=python, case=literal(case), ours=driver.package, theirs=theirs, name=name)
    body = templates[framework].format(name=name, **_words(framework, driver, result.form, case))
    return f"{head}\n{body}\n{_printing(result, framework)}"


def literal(case: Case) -> str:
    """Return a case as Python.

    >>> from fourfold.compat.agreement.catalogue import select
    >>> literal(select(["option/stride-2"])[0].replace(id="x", source="y"))
    "Case(id='x', source='y', in_channels=2, out_channels=3, kernel_size=(3, 3, 3), input_size=(3, 4, 5), \
stride=(2, 2, 2), seed=8)"
    """
    return f"Case({', '.join(f'{name}={value!r}' for name, value in case.stated().items())})"


def _words(framework: str, driver: Here, form: str, case: Case) -> dict[str, Any]:
    asked = APIS[framework].spell(case, form)
    last = channels_last(asked)
    size = asked.get("output_size") if form == "layer" else None
    arguments = [f"{name}={value!r}" for name, value in driver.options(asked, _SPELLED[form]).items()]
    shape = [repr(value) for value in leading(asked)] if form == "layer" else [""]
    moved = "np.moveaxis(data[{!r}], 1, -1).copy()" if last else "data[{!r}]"
    groups = (case.groups, case.in_channels // case.groups, *case.weight_shape[1:])
    return {
        "arguments": ", ".join([*shape, *arguments]),
        "parameters": ("weight", "bias") if case.bias else ("weight",),
        "x": moved.format("input"),
        "upstream": moved.format("upstream"),
        "dtype": case.dtype,
        "size": "" if size is None else f", output_size={list(size)}",
        "weight_shape": groups if case.groups > 1 else case.weight_shape,
    }


def _printing(result: Result, framework: str) -> str:
    worst = result.worst
    quantity = "output" if worst is None else worst.quantity
    index = None if worst is None else worst.comparison.index
    last = quantity in ("output", "grad_input") and result.case.data_format == "NDHWC"
    gradient = {"grad_input": "x", "grad_weight": "weight", "grad_bias": "bias"}
    if quantity == "output":
        value = "y.numpy()"
    elif framework == "fluid":
        value = f"{gradient[quantity]}.gradient()"
    else:
        value = f"{gradient[quantity]}.grad.numpy()"
    if last:
        value = f"np.moveaxis({value}, -1, 1)"
    shape = {"grad_weight": result.case.weight_shape, "grad_bias": (-1,)}.get(quantity)
    if shape is not None:
        value = f"{value}.reshape({shape})"
    return f"print({value}.shape)" if index is None else f"print({value}[{', '.join(map(str, index))}])"
