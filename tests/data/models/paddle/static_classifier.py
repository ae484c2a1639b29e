"""A classifier of volumes as a static program: data, static.nn and layers, minimize, Executor, save and load."""

import json
import os
import sys
import zlib

import numpy as np
import paddle
from paddle import static


def network(volume, classes=3, width=4):
    x = volume
    for level, filters in enumerate((width, 2 * width)):
        conv = paddle.nn.Conv3D(
            x.shape[1], filters, 3, stride=2, padding=1, weight_attr=paddle.ParamAttr(name=f"conv{level}.w")
        )
        x = paddle.nn.functional.relu(conv(x))
    x = paddle.mean(x, axis=[2, 3, 4])
    x = static.nn.fc(x, 2 * width, activation="tanh", weight_attr=paddle.ParamAttr(name="hidden.w"))
    return static.nn.fc(x, classes, weight_attr=paddle.ParamAttr(name="logits.w"))


def drawn(names, shapes):
    """Values that depend on the names alone."""
    state = {}
    for name, shape in zip(names, shapes):
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        scale = np.sqrt(2.0 / (np.prod(shape[1:]) if len(shape) > 2 else shape[0]))
        state[name] = (random.standard_normal(shape) * scale).astype("float32")
    return state


def batch(seed, count=6, size=8):
    random = np.random.RandomState(seed)
    label = random.randint(0, 3, (count, 1))
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    wave = np.sin(grid[None] * (label.reshape(-1, 1, 1, 1, 1) + 1) / 2).sum(axis=1, keepdims=True)
    noise = 0.1 * random.standard_normal(wave.shape)
    return {"volume": (wave + noise).astype("float32"), "label": label.astype("int64")}


def main(folder, trained=None):
    paddle.enable_static()
    program, startup = static.Program(), static.Program()
    with static.program_guard(program, startup), paddle.utils.unique_name.guard():
        volume = static.data("volume", [None, 1, 8, 8, 8], "float32")
        label = static.data("label", [None, 1], "int64")
        logits = network(volume)
        loss = paddle.nn.functional.cross_entropy(logits, label)
        rate = paddle.optimizer.lr.PiecewiseDecay([2], [0.05, 0.025])
        optimizer = paddle.optimizer.Momentum(rate, 0.9, weight_decay=1e-4)
        optimizer.minimize(loss)
    executor = static.Executor(paddle.CPUPlace())
    executor.run(startup)
    losses = []
    if trained is None:
        names = ["conv0.w", "conv1.w", "hidden.w", "logits.w"]
        shapes = [(4, 1, 3, 3, 3), (8, 4, 3, 3, 3), (8, 8), (8, 3)]
        static.set_program_state(program, drawn(names, shapes))
        for step in range(4):
            (found,) = executor.run(program, feed=batch(step), fetch_list=[loss])
            losses.append(float(found))
            rate.step()
        static.save(program, os.path.join(folder, "model"))
        executor.run(startup)
    static.load(program, os.path.join(trained or folder, "model"), executor)
    wanted = batch(99)
    # fetched before the step that this run makes too
    values, last = executor.run(program, feed=wanted, fetch_list=[logits, loss])
    metrics = {"accuracy": float((values.argmax(axis=1) == wanted["label"].ravel()).mean()), "loss": float(last)}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": values.ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
