"""Every served name has a recorded call, or is tested elsewhere for a reason."""

from __future__ import annotations

import pytest
from tests.compat.porting.recorded import ROOTS

from fourfold.compat.agreement.names.calls import areas, calls, names_in
from fourfold.compat.porting.dialects import lookup

FRONT_ENDS = {"paddle": "paddle", "fluid": "fluid_1_8", "megengine": "megengine", "oneflow": "oneflow"}
DRAWN = "draws: its moments are tested"
MODE = "holds for all that follows: the tests of its module change it and change it back"
BASE = "a base class: its subclasses are called"
# By hand all of them: a row without a recorded call is a failing test.
WITHOUT_CALL = {
    "paddle": {
        "autocast": "amp.auto_cast, by the name of torch",
        "autograd.PyLayerContext": "given to the functions of a PyLayer",
        "callbacks.Callback": BASE,
        "callbacks.ModelCheckpoint": "writes files: tests of Model.fit",
        "callbacks.ProgBarLogger": "prints times",
        "nn.Parameter": "torch's class, as optimizers need it",
        "nn.functional.conv3d_transpose": "recorded vectors",
        "nn.initializer.Dirac": "compared beside the drawn ones",
        **{
            f"nn.initializer.{name}": DRAWN
            for name in ("KaimingNormal", "KaimingUniform", "Normal", "Orthogonal", "TruncatedNormal", "Uniform")
        },
        "nn.initializer.XavierNormal": DRAWN,
        "nn.initializer.XavierUniform": DRAWN,
        "nn.initializer.calculate_gain": "compared with its formulas",
        "nn.initializer.set_global_initializer": MODE,
        "optimizer.Optimizer": BASE,
        **{
            f"static.{name}": "under every call in a program"
            for name in ("Executor", "Program", "default_main_program", "default_startup_program", "program_guard")
        },
        **{f"utils.unique_name.{name}": MODE for name in ("generate", "switch")},
    },
    "fluid": {
        "dygraph.Conv3DTranspose": "recorded vectors",
        "dygraph.learning_rate_scheduler.LearningRateDecay": BASE,
        **{
            f"initializer.{name}": DRAWN
            for name in ("Bilinear", "MSRA", "Normal", "TruncatedNormal", "Uniform", "Xavier")
        },
        **dict.fromkeys(("disable_dygraph", "disable_imperative", "enable_dygraph", "enable_imperative"), MODE),
        **dict.fromkeys(("dygraph.guard", "dygraph.no_grad", "program_guard"), MODE),
        **{f"unique_name.{name}": MODE for name in ("generate", "guard", "switch")},
        **dict.fromkeys(("CUDAPlace", "cuda_places", "is_compiled_with_cuda"), "a question of the machine"),
        **dict.fromkeys(("Executor", "data", "default_startup_program"), "under every call in a program"),
    },
    "megengine": {
        "enable_debug_log": MODE,
        "functional.conv_transpose3d": "recorded vectors",
        "hub.load_serialized_obj_from_url": "reads from a server",
        "jit.TraceError": "an exception",
        "optimizer.Optimizer": BASE,
        "set_log_file": MODE,
        "utils.module_stats.MegEngineLogFormatter": "writes times",
    },
    "oneflow": {
        "distributions.Distribution": BASE,
        "optim.Optimizer": BASE,
        **{f"utils.data.{name}": BASE for name in ("Dataset", "IterDataPipe", "Sampler")},
    },
}


def _used(framework: str) -> set[str]:
    return {name for area in areas(framework) for call in calls(framework, area) for name in names_in(call.line)}


def _meant(framework: str) -> set[int]:
    """Return what the calls name, by identity: an alias of a function is the function."""
    found: set[int] = set()
    for name in _used(framework):
        root, *parts = name.split(".")
        one = ROOTS[framework].get(root)
        for part in parts:
            one = getattr(one, part, None)
            found.add(id(one))
    return found


@pytest.mark.parametrize("framework", FRONT_ENDS)
def test_every_served_name_is_called_or_says_why_not(framework: str) -> None:
    names, _ = lookup.FRONT_ENDS[FRONT_ENDS[framework]]
    meant = _meant(framework)
    served = {name: names.get(name) for name in (*names.rows, *names.given) if not name.startswith("Tensor.")}
    without = {name for name, one in served.items() if callable(one) and id(one) not in meant}
    assert without == set(WITHOUT_CALL[framework])


@pytest.mark.parametrize("framework", FRONT_ENDS)
def test_every_method_of_a_row_is_called(framework: str) -> None:
    names, _ = lookup.FRONT_ENDS[FRONT_ENDS[framework]]
    methods = {name.rpartition(".")[2] for name in names.rows if name.startswith("Tensor.")}
    assert methods <= {name.rpartition(".")[2] for name in _used(framework)}
