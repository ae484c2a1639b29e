# ruff: noqa: PTH112, PTH118, PTH208, UP035
"""Writes and loads checkpoints with a real framework; runs alone in its environment, on Python 3.7 or later.

    python frameworks.py write NAME FOLDER      write the samples that NAME's framework makes
    python frameworks.py load NAME FILE...      load files, print {file: {tensor: [dtype, shape, sha256 of the bytes]}}

NAME is paddle, fluid, megengine or oneflow; to write, also paddle_static (in 3.3) or paddle_2_6. `values` says what is
in the samples, so that nothing is expected from the files themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import sys
import traceback
from typing import Any, Dict, Iterator

import numpy as np

Arrays = Dict[str, Any]  # noqa: UP006 - evaluated on Python 3.7 too

SHAPES: Arrays = {"weight": (4, 3, 2, 3, 2), "bias": (6,)}


def values(name: str, dtype: str = "float32") -> Any:
    """Return the sample tensor: small whole numbers, which every dtype holds exactly."""
    shape = SHAPES[name]
    return (np.arange(np.prod(shape)).reshape(shape) % 100 + len(name)).astype(dtype)


def write_paddle(folder: str) -> None:
    paddle = importlib.import_module("paddle")

    layer = paddle.nn.Conv3DTranspose(4, 6, (2, 3, 2), groups=2)
    layer.weight.set_value(values("weight"))
    layer.bias.set_value(values("bias"))
    state = layer.state_dict()
    for protocol in (2, 3, 4):
        paddle.save(state, os.path.join(folder, f"paddle-3.3-flat-p{protocol}.pdparams"), protocol=protocol)
    nested = {"model": state, "epoch": 3, "history": [0.5, 0.25]}
    for protocol in (2, 4):
        paddle.save(nested, os.path.join(folder, f"paddle-3.3-nested-p{protocol}.pdparams"), protocol=protocol)
    paddle.save(layer.weight, os.path.join(folder, "paddle-3.3-bare.pdtensor"))
    paddle.save(layer.weight, os.path.join(folder, "paddle-3.3-binary"), use_binary_format=True)
    half = {key: paddle.cast(value, "bfloat16") for key, value in state.items()}
    paddle.save(half, os.path.join(folder, "paddle-3.3-bfloat16.pdparams"))
    paddle.save(
        paddle.cast(layer.weight, "bfloat16"), os.path.join(folder, "paddle-3.3-bf16-binary"), use_binary_format=True
    )
    dense = {key: value.value().get_tensor() for key, value in state.items()}
    for protocol in (2, 4):
        paddle.save({"model": dense}, os.path.join(folder, f"paddle-3.3-dense-p{protocol}.pdparams"), protocol=protocol)
    spec = paddle.static.InputSpec([1, 4, 2, 2, 2], "float32", "image")
    paddle.jit.save(layer, os.path.join(folder, "paddle-3.3-jit"), input_spec=[spec])
    with paddle.pir_utils.OldIrGuard(), without_call_stacks():
        paddle.jit.save(layer, os.path.join(folder, "paddle-3.3-old-jit"), input_spec=[spec])
    for protocol in (2, 3):
        with slices_of(100):
            paddle.save(state, os.path.join(folder, f"paddle-3.3-sliced-p{protocol}.pdparams"), protocol=protocol)
    optimizer = paddle.optimizer.Adam(1e-3, parameters=layer.parameters())
    layer(paddle.ones([1, 4, 2, 2, 2])).sum().backward()
    optimizer.step()
    paddle.save(optimizer.state_dict(), os.path.join(folder, "paddle-3.3-adam.pdopt"))


def write_paddle_static(folder: str) -> None:
    """Export a program of Paddle 3, which is JSON, as `save_inference_model` does."""
    paddle = importlib.import_module("paddle")

    paddle.enable_static()
    program, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(program, startup):
        image = paddle.static.data("image", [1, 4, 2, 2, 2])
        layer = paddle.nn.Conv3DTranspose(4, 6, (2, 3, 2), groups=2)
        output = layer(image)
        executor = paddle.static.Executor(paddle.CPUPlace())
        executor.run(startup)
        for name, parameter in (("weight", layer.weight), ("bias", layer.bias)):
            paddle.static.global_scope().find_var(parameter.name).get_tensor().set(values(name), paddle.CPUPlace())
        path = os.path.join(folder, "paddle-3.3-inference", "model")
        paddle.static.save_inference_model(path, [image], [output], executor, program=program)


def write_paddle_2_6(folder: str) -> None:
    """Export by `jit.save` of Paddle 2, which writes a third file."""
    paddle = importlib.import_module("paddle")

    layer = paddle.nn.Conv3DTranspose(4, 6, (2, 3, 2), groups=2)
    layer.weight.set_value(values("weight"))
    layer.bias.set_value(values("bias"))
    spec = paddle.static.InputSpec([1, 4, 2, 2, 2], "float32", "image")
    with without_call_stacks():
        paddle.jit.save(layer, os.path.join(folder, "paddle-2.6-jit", "net"), input_spec=[spec])


@contextlib.contextmanager
def without_call_stacks() -> Iterator[None]:
    """Keep the stacks of calls, with this machine's paths, out of the programs that Paddle writes."""
    original = traceback.extract_stack
    traceback.extract_stack = lambda *_, **__: traceback.StackSummary()
    try:
        yield
    finally:
        traceback.extract_stack = original


@contextlib.contextmanager
def slices_of(limit: int) -> Iterator[None]:
    """Let Paddle's own code slice parameters of more than `limit` bytes; as released, of more than 2**30 - 1."""
    function = importlib.import_module("paddle.framework.io_utils")._unpack_saved_dict
    code = function.__code__
    assert 2**30 - 1 in code.co_consts
    function.__code__ = code.replace(
        co_consts=tuple(limit if const == 2**30 - 1 else const for const in code.co_consts)
    )
    try:
        yield
    finally:
        function.__code__ = code


def load_paddle(path: str) -> Arrays:
    paddle = importlib.import_module("paddle")

    if os.path.isdir(path):
        return {name: _binary(paddle, os.path.join(path, name)) for name in sorted(os.listdir(path))}
    state = paddle.load(path)
    if not isinstance(state, dict):
        state = {"": state}
    return {name: value.numpy() for name, value in state.items() if hasattr(value, "numpy")}


def _binary(paddle: Any, path: str) -> Any:
    value = paddle.load(path)
    return np.asarray(value) if not hasattr(value, "numpy") else value.numpy()


def write_fluid(folder: str) -> None:
    fluid = importlib.import_module("paddle.fluid")

    with fluid.dygraph.guard():
        layer = fluid.dygraph.Conv3DTranspose(4, 6, (2, 3, 2), groups=2)
        layer.weight.set_value(values("weight"))
        layer.bias.set_value(values("bias"))
        prefix = os.path.join(folder, "fluid-1.8")
        fluid.save_dygraph(layer.state_dict(), prefix)
        optimizer = fluid.optimizer.AdamOptimizer(1e-3, parameter_list=layer.parameters())
        image = fluid.dygraph.to_variable(np.ones((1, 4, 2, 2, 2), "float32"))
        loss = fluid.layers.reduce_sum(layer(image))
        loss.backward()
        optimizer.minimize(loss)
        fluid.save_dygraph(optimizer.state_dict(), prefix)
    program, startup = fluid.Program(), fluid.Program()
    with fluid.program_guard(program, startup), without_call_stacks():
        image = fluid.data("image", [1, 4, 2, 2, 2])
        output = fluid.layers.conv3d_transpose(
            image, 6, filter_size=(2, 3, 2), groups=2, param_attr="weight", bias_attr="bias"
        )
        executor = fluid.Executor(fluid.CPUPlace())
        executor.run(startup)
        for name in ("weight", "bias"):
            fluid.global_scope().find_var(name).get_tensor().set(values(name), fluid.CPUPlace())
        fluid.io.save_persistables(executor, os.path.join(folder, "fluid-1.8-persistables"), program)
        fluid.io.save_persistables(executor, folder, program, filename="fluid-1.8-combined")
        for name, filenames in EXPORTS.items():
            path = os.path.join(folder, name)
            fluid.io.save_inference_model(path, ["image"], [output], executor, program, **filenames)


# names of program and parameters as callers chose them: of either, both, or only the program
EXPORTS: Arrays = {
    "fluid-1.8-inference": {"params_filename": "__params__"},
    "fluid-1.8-inference-named": {"model_filename": "model", "params_filename": "params"},
    "fluid-1.8-inference-pd": {"model_filename": "model.pdmodel", "params_filename": "model.pdiparams"},
    "fluid-1.8-inference-files": {"model_filename": "model"},
}


def load_fluid(path: str) -> Arrays:
    fluid = importlib.import_module("paddle.fluid")

    if os.path.isdir(path):
        return _load_persistables(fluid, path)
    # load_dygraph takes the path without its suffix
    with fluid.dygraph.guard():
        params, other = fluid.load_dygraph(path[: -len(".pdparams")])
    return {name: np.asarray(value) for name, value in (params or other).items()}


def _load_persistables(fluid: Any, path: str) -> Arrays:
    program = fluid.Program()
    block = program.global_block()
    for name, shape in SHAPES.items():
        block.create_var(name=name, shape=shape, dtype="float32", persistable=True)
    executor = fluid.Executor(fluid.CPUPlace())
    fluid.io.load_persistables(executor, path, program)
    return {name: np.array(fluid.global_scope().find_var(name).get_tensor()) for name in SHAPES}


def write_megengine(folder: str) -> None:
    megengine = importlib.import_module("megengine")
    nn = importlib.import_module("megengine.module")

    layer = nn.ConvTranspose3d(4, 6, (2, 3, 2), groups=1)
    layer.weight[...] = megengine.tensor(np.resize(values("weight"), layer.weight.shape))
    layer.bias[...] = megengine.tensor(values("bias").reshape(layer.bias.shape))
    state = {name: values(name) for name in SHAPES}
    for protocol in (2, 4, 5):
        path = os.path.join(folder, f"megengine-1.13-state-p{protocol}.pkl")
        megengine.save(layer.state_dict(), path, pickle_protocol=protocol)
    megengine.save(layer, os.path.join(folder, "megengine-1.13-module.pkl"))
    net = nn.Sequential(nn.Conv3d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    megengine.save(net, os.path.join(folder, "megengine-1.13-sequential.pkl"))
    megengine.save(
        {"state": state, "tensor": megengine.tensor(values("weight"))},
        os.path.join(folder, "megengine-1.13-nested.pkl"),
    )


def load_megengine(path: str) -> Arrays:
    megengine = importlib.import_module("megengine")

    state = megengine.load(path)
    return {name: np.asarray(value.numpy() if hasattr(value, "numpy") else value) for name, value in state.items()}


OF_DTYPES = ["float32", "float64", "float16", "int8", "uint8", "int32", "int64", "bool", "bfloat16"]


def write_oneflow(folder: str) -> None:
    oneflow = importlib.import_module("oneflow")

    layer = oneflow.nn.ConvTranspose3d(4, 6, (2, 3, 2), groups=2)
    with oneflow.no_grad():
        layer.weight.copy_(oneflow.tensor(values("weight")))
        layer.bias.copy_(oneflow.tensor(values("bias")))
    path = os.path.join(folder, "oneflow-0.9-state")
    oneflow.save(layer.state_dict(), path)
    oneflow.save(layer.state_dict(), path)  # again: what other versions wrote stays beside the new tensors
    dtypes = {}
    for name in OF_DTYPES:
        dtypes[name] = oneflow.tensor(values("bias")).to(getattr(oneflow, name))
    dtypes["scalar"] = oneflow.tensor(2.5)
    oneflow.save({"step": 7, "tensors": dtypes}, os.path.join(folder, "oneflow-0.9-dtypes"))
    oneflow.save(layer, os.path.join(folder, "oneflow-0.9-module"))


def load_oneflow(path: str) -> Arrays:
    oneflow = importlib.import_module("oneflow")

    return {name: value.numpy() for name, value in oneflow.load(path).items()}


def describe(array: Any) -> list[Any]:
    array = np.asarray(array)  # not ascontiguousarray, which gives a scalar an axis
    return [str(array.dtype), list(array.shape), hashlib.sha256(array.tobytes()).hexdigest()]


if __name__ == "__main__":
    action, name, *paths = sys.argv[1:]
    if action == "write":
        globals()["write_" + name](*paths)
    else:
        found = {}
        for path in paths:
            found[path] = {key: describe(value) for key, value in globals()["load_" + name](path).items()}
        print(json.dumps(found))
