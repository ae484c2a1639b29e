"""Run and time transposed convolutions in another framework: what `fourfold bench --peers` starts in its environment.

It needs NumPy and that framework only (Python 3.9 and above), and speaks the protocol of `recorder.py`, which it loads.
A case with a `mode` is made ready and run once, and answered with its results in torch's layout and with `seconds`;
then a case with `calls` is answered with the seconds that one call takes, averaged over so many. Only what repeats is
timed: weights are constants where a framework compiles a model, and the data lie in its own tensors.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Arrays = dict[str, np.ndarray[Any, Any]]
    Case = dict[str, Any]
    # what is timed, and what turns its value into arrays
    Ready = tuple[Callable[[], Any], Callable[[Any], Sequence[Any]]]

RESULTS = ("output", "grad_input", "grad_weight", "grad_bias")
# Between measurements of different processes: threads of the one before may still be spinning.
PAUSE = 0.005


def load_recorder() -> Any:
    """Load the recorder by its path: beside it lie modules that must not be found."""
    path = Path(__file__).resolve().parents[2] / "agreement" / "recorder.py"
    description = importlib.util.spec_from_file_location("recorder", path)
    assert description is not None and description.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(description)
    sys.modules["recorder"] = module
    description.loader.exec_module(module)
    return module


recorder = load_recorder()
RECORDED = dict(recorder.FRAMEWORKS)


class UnsupportedError(Exception):
    """The framework has no way to run this; the message says what it lacks."""


class Peer:
    """A framework that runs and is timed."""

    package = ""
    backward = False

    def __init__(self) -> None:
        self.root: Any = importlib.import_module(self.package)
        self.threads = int(os.environ["OMP_NUM_THREADS"])
        self.call: Callable[[], Any] | None = None

    @property
    def version(self) -> str:
        return str(self.root.__version__)

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        raise NotImplementedError

    def run(self, case: Case, arrays: Arrays, report: Callable[..., None]) -> Arrays:
        """Answer a request of either kind; without `mode` and `calls`, let go of the case before."""
        if "calls" in case:
            assert self.call is not None
            time.sleep(PAUSE)
            return {"seconds": np.array(timed(self.call, case["calls"]))}
        self.call = None
        if "mode" not in case:
            return {}
        if case["mode"] == "backward" and not self.backward:
            msg = "no gradients"
            raise UnsupportedError(msg)
        report("stage", "layer")
        self.call, fetch = self.ready(case, arrays)
        report("stage", "forward")
        results = dict(zip(RESULTS, fetch(self.call())))  # noqa: B905
        return {**results, "seconds": np.array(timed(self.call, 1))}


def timed(call: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


class OpenVINO(Peer):
    """A model of one operator, compiled for latency; it writes into the same output every time."""

    package = "openvino"

    @property
    def version(self) -> str:
        return str(self.root.__version__).split("-")[0]

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        operators = importlib.import_module("openvino.opset13")
        x = operators.parameter(list(arrays["input"].shape), np.float32)
        low, high = pads(case)
        weight, operator = arrays["weight"], operators.convolution_backprop_data
        options = {"strides": case["stride"], "pads_begin": low, "pads_end": high, "dilations": case["dilation"]}
        if case["groups"] > 1:
            weight = weight.reshape(case["groups"], -1, *weight.shape[1:])
            operator = operators.group_convolution_backprop_data
        y = operator(x, weight, **options, output_padding=case["output_padding"])
        y = operators.add(y, arrays["bias"].reshape(1, -1, 1, 1, 1))
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        request = self.root.Core().compile_model(self.root.Model([y], [x]), "CPU", settings).create_infer_request()
        request.set_input_tensor(self.root.Tensor(arrays["input"]))

        def call() -> Any:
            request.start_async()
            request.wait()

        return call, lambda _: [np.array(request.get_output_tensor().data)]


class OnnxRuntime(Peer):
    """A session of one operator, its input and output bound to memory of its own."""

    package = "onnxruntime"

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        onnx: Any = importlib.import_module("onnx")
        low, high = pads(case)
        attributes = {"strides": case["stride"], "pads": [*low, *high], "dilations": case["dilation"]}
        node = onnx.helper.make_node(
            "ConvTranspose",
            ["x", "w", "b"],
            ["y"],
            group=case["groups"],
            output_padding=case["output_padding"],
            **attributes,
        )
        shapes = (("x", arrays["input"].shape), ("y", case["output_shape"]))
        x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(shape)) for name, shape in shapes)
        constants = [
            onnx.numpy_helper.from_array(arrays[long], short) for short, long in (("w", "weight"), ("b", "bias"))
        ]
        graph = onnx.helper.make_graph([node], "one", [x], [y], constants)
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
        options = self.root.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = self.root.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        binding = session.io_binding()
        output = self.root.OrtValue.ortvalue_from_shape_and_type(list(case["output_shape"]), np.float32)
        binding.bind_ortvalue_input("x", self.root.OrtValue.ortvalue_from_numpy(arrays["input"]))
        binding.bind_ortvalue_output("y", output)
        return lambda: session.run_with_iobinding(binding), lambda _: [output.numpy()]


class TensorFlow(Peer):
    """A traced function. Its CPU kernels take NDHWC alone, so NCDHW data are transposed within what is timed."""

    package = "tensorflow"
    backward = True

    def __init__(self) -> None:
        super().__init__()
        self.root.config.threading.set_intra_op_parallelism_threads(self.threads)
        self.root.config.threading.set_inter_op_parallelism_threads(1)

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        tf, last = self.root, case["layout"] == "channels_last"
        if case["groups"] > 1 or max(case["dilation"]) > 1:
            msg = "no groups, no dilation on CPU"
            raise UnsupportedError(msg)
        padding, size, window = tensorflow_padding(case)
        batch, channels = case["output_shape"][:2]

        def forward(x: Any, weight: Any, bias: Any) -> Any:
            x = x if last else tf.transpose(x, (0, 2, 3, 4, 1))
            y = tf.nn.conv3d_transpose(x, weight, (batch, *size, channels), case["stride"], padding)
            if window is not None:
                y = y[(slice(None), *window)]
            y = tf.nn.bias_add(y, bias)
            return y if last else tf.transpose(y, (0, 4, 1, 2, 3))

        def backward(x: Any, weight: Any, bias: Any, upstream: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch([x, weight, bias])
                y = forward(x, weight, bias)
            return (y, *tape.gradient(y, [x, weight, bias], output_gradients=upstream))

        moved = [
            np.ascontiguousarray(np.moveaxis(arrays[name], 1, -1)) if last else arrays[name]
            for name in ("input", "upstream")
        ]
        x, upstream = map(tf.constant, moved)
        weight = tf.Variable(arrays["weight"].transpose(2, 3, 4, 1, 0))
        bias = tf.Variable(arrays["bias"])
        both = case["mode"] == "backward"
        compiled = tf.function(backward if both else forward, autograph=False)
        given = (x, weight.value(), bias.value(), upstream) if both else (x, weight, bias)

        def fetch(values: Any) -> list[Any]:
            found = [value.numpy() for value in values]
            found[:2] = [np.moveaxis(value, -1, 1) if last else value for value in found[:2]]
            return [value.transpose(4, 3, 0, 1, 2) if index == 2 else value for index, value in enumerate(found)]

        return lambda: compiled(*given), lambda value: fetch(value if both else [value])


def tensorflow_padding(case: Case) -> tuple[str, list[int], tuple[slice, ...] | None]:
    """Return its keyword, the size it computes, and what to cut out of that; it knows no numbers for padding."""
    low, _ = pads(case)
    wanted = case["output_shape"][2:]
    axes = list(zip(case["input_size"], case["kernel_size"], case["stride"], low, wanted))  # noqa: B905
    if all(same(*axis) for axis in axes):
        return "SAME", list(wanted), None
    full = [max((n - 1) * s + k, lo + out) for n, k, s, lo, out in axes]
    return "VALID", full, tuple(slice(lo, lo + out) for _, _, _, lo, out in axes)


def same(size: int, kernel_size: int, stride: int, low: int, output_size: int) -> bool:
    """Whether SAME pads this output size as the case does."""
    total = max((size - 1) * stride + kernel_size - output_size, 0)
    return -(-output_size // stride) == size and total // 2 == low


class Jax(Peer):
    """A jitted dilated convolution with the kernel flipped, as its documentation advises."""

    package = "jax"
    backward = True

    def __init__(self) -> None:
        # it takes all processors that it may run on
        if hasattr(os, "sched_setaffinity"):
            allowed = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, allowed[: int(os.environ["OMP_NUM_THREADS"])])
        super().__init__()

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        jax, groups = self.root, case["groups"]
        names = ("NDHWC", "OIDHW", "NDHWC") if case["layout"] == "channels_last" else ("NCDHW", "OIDHW", "NCDHW")
        last = case["layout"] == "channels_last"
        low, _ = pads(case)
        sizes = (
            case["input_size"],
            case["kernel_size"],
            case["stride"],
            case["dilation"],
            low,
            case["output_shape"][2:],
        )
        axes = zip(*sizes)  # noqa: B905
        padding = [(d * (k - 1) - lo, out - (n - 1) * s - 1 + lo) for n, k, s, d, lo, out in axes]

        def forward(x: Any, weight: Any, bias: Any) -> Any:
            inputs, outputs, *kernel = weight.shape
            # (C_in, C_out / groups, ...) -> (C_out, C_in / groups, ...), flipped
            kernels = weight.reshape(groups, inputs // groups, outputs, *kernel).swapaxes(1, 2)
            kernels = kernels.reshape(groups * outputs, inputs // groups, *kernel)[:, :, ::-1, ::-1, ::-1]
            y = jax.lax.conv_general_dilated(
                x,
                kernels,
                (1, 1, 1),
                padding,
                lhs_dilation=case["stride"],
                rhs_dilation=case["dilation"],
                dimension_numbers=names,
                feature_group_count=groups,
            )
            return y + (bias if last else bias.reshape(-1, 1, 1, 1))

        def backward(x: Any, weight: Any, bias: Any, upstream: Any) -> Any:
            y, pull = jax.vjp(forward, x, weight, bias)
            return (y, *pull(upstream))

        moved = [np.moveaxis(arrays[name], 1, -1) if last else arrays[name] for name in ("input", "upstream")]
        x, upstream, weight, bias = (jax.numpy.asarray(array) for array in (*moved, arrays["weight"], arrays["bias"]))
        both = case["mode"] == "backward"
        compiled = jax.jit(backward if both else forward)
        given = (x, weight, bias, upstream) if both else (x, weight, bias)

        def fetch(value: Any) -> list[Any]:
            found = [np.asarray(one) for one in (value if both else [value])]
            return [np.moveaxis(one, -1, 1) if last and index < 2 else one for index, one in enumerate(found)]

        return lambda: jax.block_until_ready(compiled(*given)), fetch


class Framework(Peer):
    """A framework that the recorder can call; its functional form, eagerly."""

    backward = True

    def __init__(self, name: str) -> None:
        self.package = name
        super().__init__()
        self.framework = RECORDED[name]()

    def ready(self, case: Case, arrays: Arrays) -> Ready:
        own, both = self.framework, case["mode"] == "backward"
        make = own.leaf if both else own.tensor
        x = make(arrays["input"], "float32")
        weight = make(own.weight_in(arrays["weight"], case), "float32")
        bias = make(own.bias_in(arrays["bias"]), "float32")
        upstream = own.tensor(arrays["upstream"], "float32")
        operator = {name: value for name, value in case.items() if name in recorder.OPTIONS}

        def forward() -> Any:
            y = own.function(operator, x, weight, bias)
            self.wait()
            return y

        def backward() -> Any:
            with own.watch([x, weight, bias]) as gradients:
                y = own.function(operator, x, weight, bias)
                found = [y, *gradients([y], [upstream])]
                self.wait()
                return found

        def fetch(values: Any) -> list[Any]:
            found = [own.array(value) for value in (values if both else [values])]
            shapes = (case["output_shape"], arrays["input"].shape, arrays["weight"].shape, arrays["bias"].shape)
            return [value.reshape(shape) for value, shape in zip(found, shapes)]  # noqa: B905

        return (backward if both else forward), fetch

    def wait(self) -> None:
        """Return when all that was asked for is computed."""


class MegEngine(Framework):
    """It computes in a thread of its own."""

    def wait(self) -> None:
        self.root._full_sync()


class OneFlow(Framework):
    """It computes in a thread of its own."""

    def wait(self) -> None:
        self.root._oneflow_internal.eager.Sync()


PEERS: dict[str, Callable[[], Peer]] = {
    "openvino": OpenVINO,
    "onnxruntime": OnnxRuntime,
    "tensorflow": TensorFlow,
    "jax": Jax,
    "paddle": lambda: Framework("paddle"),
    "megengine": lambda: MegEngine("megengine"),
    "oneflow": lambda: OneFlow("oneflow"),
}


def pads(case: Case) -> tuple[list[int], list[int]]:
    """Return the pads below and above, per axis."""
    low, high = zip(*case["padding"])  # noqa: B905
    return list(low), list(high)


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    recorder.FRAMEWORKS.clear()
    recorder.FRAMEWORKS.update(PEERS)
    raise SystemExit(recorder.main())
