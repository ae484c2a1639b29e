"""Writes what layers, schedules, clips and optimizers give on fixed numbers; runs in Paddle 1.8 and under fourfold."""

# mypy: ignore-errors
# Paddle 1.8 is in an environment of its own.

import sys

import numpy as np
from paddle import fluid
from paddle.fluid import dygraph, layers
from paddle.fluid.clip import GradientClipByGlobalNorm, GradientClipByNorm, GradientClipByValue
from paddle.fluid.regularizer import L1Decay, L2Decay

results = {}


def numbers(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


VOLUME = (2, 4, 3, 4, 2)


def record_layers():
    built = {
        "Linear": (dygraph.Linear(3, 5, act="tanh"), (2, 3)),
        "Linear no bias": (dygraph.Linear(3, 5, bias_attr=False), (2, 4, 3)),
        "Conv3D": (dygraph.Conv3D(4, 6, 3, stride=2, padding=1, groups=2), VOLUME),
        "Conv3D act": (dygraph.Conv3D(4, 2, (2, 1, 2), dilation=(1, 2, 1), act="leaky_relu"), VOLUME),
        "BatchNorm": (dygraph.BatchNorm(4, act="relu"), VOLUME),
        "BatchNorm options": (dygraph.BatchNorm(4, momentum=0.7, epsilon=1e-3), VOLUME),
        "BatchNorm global": (dygraph.BatchNorm(4, param_attr=fluid.ParamAttr(), use_global_stats=True), VOLUME),
        "InstanceNorm": (dygraph.InstanceNorm(4), VOLUME),
        "LayerNorm": (dygraph.LayerNorm([4, 2]), VOLUME),
        "LayerNorm act": (dygraph.LayerNorm(2, shift=False, epsilon=1e-3, act="sigmoid"), VOLUME),
        "PRelu all": (dygraph.PRelu("all"), VOLUME),
        "PRelu channel": (dygraph.PRelu("channel", channel=4), VOLUME),
    }
    for name, (layer, shape) in built.items():
        for seed, parameter in enumerate(layer.parameters()):
            if not parameter.stop_gradient:
                parameter.set_value(numbers(*parameter.shape, seed=10 + seed))
        x = dygraph.to_variable(numbers(*shape))
        x.stop_gradient = False
        output = layer(x)
        layers.reduce_sum(output * dygraph.to_variable(numbers(*output.shape, seed=1))).backward()
        results[f"{name}: output"] = output.numpy()
        results[f"{name}: input gradient"] = x.gradient()
        for key, parameter in layer.named_parameters():
            if parameter.stop_gradient:
                results[f"{name}: {key}"] = parameter.numpy().copy()
            else:
                results[f"{name}: {key} gradient"] = parameter.gradient()
        results[f"{name}: names"] = np.array([parameter.name for parameter in layer.parameters()], dtype=str)


def record_functions():
    x, y = dygraph.to_variable(numbers(*VOLUME)), dygraph.to_variable(numbers(4, 3, seed=1))
    results["pool3d max"] = layers.pool3d(x, 2).numpy()
    results["pool3d padded"] = layers.pool3d(x, [2, 3, 2], "max", 2, 1).numpy()
    results["pool3d avg"] = layers.pool3d(x, 2, "avg", 2, 1).numpy()
    results["pool3d inclusive"] = layers.pool3d(x, 2, "avg", 2, 1, exclusive=False).numpy()
    results["pool3d ceil"] = layers.pool3d(x, [2, 3, 2], "avg", 2, ceil_mode=True).numpy()
    results["pool3d global"] = layers.pool3d(x, pool_type="avg", global_pooling=True).numpy()
    results["adaptive_pool3d max"] = layers.adaptive_pool3d(x, [2, 3, 1]).numpy()
    results["adaptive_pool3d avg"] = layers.adaptive_pool3d(x, [2, 3, 1], "avg").numpy()
    results["elementwise_mul axis"] = layers.elementwise_mul(x, y, axis=1).numpy()
    results["elementwise_add last"] = layers.elementwise_add(x, dygraph.to_variable(numbers(4, 2))).numpy()
    results["elementwise_sub act"] = layers.elementwise_sub(x, x * 2.0, act="relu").numpy()
    results["elementwise_div"] = layers.elementwise_div(x, x * 3.0).numpy()
    results["reshape"] = layers.reshape(x, [0, -1, 8]).numpy()
    dropout = dygraph.Dropout(0.25)
    dropout.eval()
    results["Dropout eval"] = dropout(x).numpy()
    dropout.train()
    table = dygraph.Embedding([4, 3])
    table.weight.set_value(numbers(4, 3))
    results["Embedding"] = table(dygraph.to_variable(np.array([[0, 3], [2, 2]]))).numpy()


SCHEDULES = {
    "PiecewiseDecay": lambda: dygraph.PiecewiseDecay([2, 5], [0.5, 0.2, 0.1], 0),
    "NaturalExpDecay": lambda: dygraph.NaturalExpDecay(0.5, 4, 0.5),
    "ExponentialDecay": lambda: dygraph.ExponentialDecay(0.5, 4, 0.5, staircase=True),
    "InverseTimeDecay": lambda: dygraph.InverseTimeDecay(0.5, 4, 0.5),
    "PolynomialDecay": lambda: dygraph.PolynomialDecay(0.5, 5, power=2.0),
    "PolynomialDecay cycle": lambda: dygraph.PolynomialDecay(0.5, 5, 0.01, cycle=True),
    "CosineDecay": lambda: dygraph.CosineDecay(0.5, 2, 6),
    "NoamDecay": lambda: dygraph.NoamDecay(16, 4),
    "LinearLrWarmup": lambda: dygraph.LinearLrWarmup(0.5, 4, 0.1, 0.5),
    "LinearLrWarmup of another": lambda: dygraph.LinearLrWarmup(dygraph.PolynomialDecay(0.5, 9), 4, 0.1, 0.5),
    "StepDecay": lambda: dygraph.StepDecay(0.5, 3, 0.3),
    "MultiStepDecay": lambda: dygraph.MultiStepDecay(0.5, [2, 5]),
    "LambdaDecay": lambda: dygraph.LambdaDecay(0.5, lambda epoch: 0.9**epoch),
}


def record_schedules():
    for name, make in SCHEDULES.items():
        # a parameter whose gradient is 1 moves by the learning rate
        weight = dygraph.Linear(1, 1, bias_attr=False)
        schedule = make()
        optimizer = fluid.optimizer.SGD(schedule, parameter_list=weight.parameters())
        rates = []
        for _ in range(10):
            loss = layers.reduce_sum(weight(dygraph.to_variable(np.ones((1, 1), "float32"))))
            loss.backward()
            optimizer.minimize(loss)
            weight.clear_gradients()
            rates.append(float(optimizer.current_step_lr()))
            if hasattr(schedule, "epoch"):
                schedule.epoch()
        results[f"{name}: rates"] = np.array(rates, "float32")


OPTIMIZERS = {
    "SGD L1": lambda p: fluid.optimizer.SGD(0.1, p, L1Decay(0.05)),
    "SGD L2 value": lambda p: fluid.optimizer.SGD(0.1, p, L2Decay(0.05), GradientClipByValue(0.3, -0.1)),
    "SGD chosen": lambda p: fluid.optimizer.SGD(
        0.1, p, grad_clip=GradientClipByNorm(0.5, need_clip=lambda parameter: ".w_" in parameter.name)
    ),
    "Momentum L1 global": lambda p: fluid.optimizer.Momentum(
        0.1, 0.8, p, regularization=L1Decay(0.05), grad_clip=GradientClipByGlobalNorm(0.5)
    ),
    "Momentum nesterov": lambda p: fluid.optimizer.Momentum(0.1, 0.8, p, True, L2Decay(0.05)),
    "Adam": lambda p: fluid.optimizer.Adam(dygraph.PolynomialDecay(0.1, 3), 0.8, 0.9, 1e-3, p, L2Decay(0.05)),
    "Adam clip": lambda p: fluid.optimizer.Adam(
        dygraph.StepDecay(0.1, 2), parameter_list=p, grad_clip=GradientClipByGlobalNorm(100.0)
    ),
}


def record_optimizers():
    for name, make in OPTIMIZERS.items():
        layer = dygraph.Linear(3, 2)
        for seed, parameter in enumerate(layer.parameters()):
            parameter.set_value(numbers(*parameter.shape, seed=seed))
        optimizer = make(layer.parameters())
        for step in range(4):
            loss = layers.reduce_mean(layers.square(layer(dygraph.to_variable(numbers(5, 3, seed=20 + step)))))
            loss.backward()
            optimizer.minimize(loss)
            layer.clear_gradients()
        state = optimizer.state_dict()
        results[f"{name}: weight"], results[f"{name}: bias"] = layer.weight.numpy(), layer.bias.numpy()
        results[f"{name}: keys"] = np.array(sorted(state), dtype=str)
        for key, value in state.items():
            if key != "LR_Scheduler":
                results[f"{name}: {key}"] = value.numpy()
        results[f"{name}: rate"] = np.array(optimizer.current_step_lr(), "float32")


with dygraph.guard():
    record_layers()
    record_functions()
    record_schedules()
    record_optimizers()
np.savez_compressed(sys.argv[1], **results)
