"""An auto-encoder of volumes as a static program: data, layers, Executor; in fluid (Paddle 1.8.5) as it is."""

import json
import os
import sys
import zlib

import numpy as np
import paddle.fluid as fluid


def encoder(image, width=4):
    x = image
    for level, filters in enumerate((width, 2 * width)):
        x = fluid.layers.conv3d(
            input=x,
            num_filters=filters,
            filter_size=3,
            stride=2,
            padding=1,
            param_attr=fluid.ParamAttr(name="encode%d.w" % level),
            bias_attr=False,
        )
        x = fluid.layers.batch_norm(
            x,
            act="relu",
            param_attr=fluid.ParamAttr(name="norm%d.w" % level),
            bias_attr=fluid.ParamAttr(name="norm%d.b" % level),
            moving_mean_name="norm%d.mean" % level,
            moving_variance_name="norm%d.variance" % level,
        )
    return x


def decoder(x, width=4):
    for level, filters in enumerate((width, 1)):
        x = fluid.layers.conv3d_transpose(
            input=x,
            num_filters=filters,
            filter_size=2,
            stride=2,
            param_attr=fluid.ParamAttr(name="decode%d.w" % level),
            bias_attr=fluid.ParamAttr(name="decode%d.b" % level),
            act="relu" if level == 0 else None,
        )
    return x


def network():
    image = fluid.data(name="image", shape=[None, 1, 8, 8, 8], dtype="float32")
    output = decoder(encoder(image))
    cost = fluid.layers.square_error_cost(input=output, label=image)
    return image, output, fluid.layers.mean(cost)


def draw(scope, program):
    """Parameters that depend on their names alone."""
    for parameter in program.global_block().all_parameters():
        if len(parameter.shape) > 1:
            random = np.random.RandomState(zlib.crc32(parameter.name.encode()) % 2**31)
            values = random.standard_normal(parameter.shape) * np.sqrt(2.0 / np.prod(parameter.shape[1:]))
            scope.find_var(parameter.name).get_tensor().set(values.astype("float32"), fluid.CPUPlace())


def volumes(seed, count=4, size=8):
    random = np.random.RandomState(seed)
    wave = random.uniform(0.3, 1, (count, 3, 1, 1, 1))
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    return (np.sin(wave * grid).sum(axis=1, keepdims=True) / 3).astype("float32")


def main(folder, trained=None):
    main_program, startup = fluid.Program(), fluid.Program()
    with fluid.program_guard(main_program, startup), fluid.unique_name.guard():
        image, output, loss = network()
        test_program = main_program.clone(for_test=True)
        rate = fluid.layers.piecewise_decay(boundaries=[2], values=[0.2, 0.1])
        optimizer = fluid.optimizer.MomentumOptimizer(
            learning_rate=rate, momentum=0.9, regularization=fluid.regularizer.L2Decay(1e-4)
        )
        optimizer.minimize(loss)
    executor = fluid.Executor(fluid.CPUPlace())
    executor.run(startup)
    losses = []
    if trained is None:
        draw(fluid.global_scope(), main_program)
        for step in range(4):
            found = executor.run(main_program, feed={"image": volumes(step)}, fetch_list=[loss])
            losses.append(float(found[0][0]))
        fluid.io.save_params(executor, folder, main_program, filename="params")
        executor.run(startup)
    fluid.io.load_params(executor, trained or folder, main_program, filename="params")
    wanted = volumes(99, count=2)
    (values,) = executor.run(test_program, feed={"image": wanted}, fetch_list=[output])
    metrics = {"error": float(np.abs(values.astype("float64") - wanted).mean())}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": values.ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
