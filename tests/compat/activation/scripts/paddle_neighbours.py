"""Writes what layers, schedulers, clips and optimizers give on fixed numbers; runs in Paddle and under fourfold."""

# mypy: ignore-errors
# Paddle is in an environment of its own.

import sys

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.optimizer import lr
from paddle.regularizer import L1Decay, L2Decay

results = {}


def numbers(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


VOLUME = (2, 4, 3, 4, 2)
LAST = (2, 3, 4, 2, 4)
layers = {
    "Linear": (nn.Linear(3, 5), (2, 3)),
    "Linear no bias": (nn.Linear(3, 5, bias_attr=False), (2, 4, 3)),
    "Conv3D": (nn.Conv3D(4, 6, 3, stride=2, padding=1, groups=2), VOLUME),
    "Conv3D SAME": (nn.Conv3D(4, 2, (3, 2, 2), stride=(2, 2, 1), padding="SAME", dilation=2), VOLUME),
    "Conv3D six": (nn.Conv3D(4, 2, 2, padding=[0, 1, 1, 0, 2, 0]), VOLUME),
    "Conv3D last": (nn.Conv3D(4, 2, 2, dilation=(1, 2, 1), data_format="NDHWC"), LAST),
    "BatchNorm3D": (nn.BatchNorm3D(4), VOLUME),
    "BatchNorm3D options": (nn.BatchNorm3D(4, momentum=0.7, epsilon=0.1, data_format="NDHWC"), LAST),
    "BatchNorm3D global": (nn.BatchNorm3D(4, use_global_stats=True), VOLUME),
    "BatchNorm3D batch": (nn.BatchNorm3D(4, use_global_stats=False), VOLUME),
    "BatchNorm3D bare": (nn.BatchNorm3D(4, weight_attr=False, bias_attr=False), VOLUME),
    "BatchNorm": (nn.BatchNorm(4, act="relu"), VOLUME),
    "InstanceNorm3D": (nn.InstanceNorm3D(4), VOLUME),
    "InstanceNorm3D bare": (nn.InstanceNorm3D(4, epsilon=0.1, weight_attr=False, bias_attr=False), VOLUME),
    "GroupNorm": (nn.GroupNorm(2, 4), VOLUME),
    "GroupNorm last": (nn.GroupNorm(2, 4, data_format="NDHWC"), LAST),
    "LayerNorm": (nn.LayerNorm([4, 2]), VOLUME),
    "LayerNorm one": (nn.LayerNorm(2, epsilon=1e-3), VOLUME),
    "AvgPool3D": (nn.AvgPool3D(2, stride=1), VOLUME),
    "AvgPool3D padded": (nn.AvgPool3D((2, 3, 2), stride=2, padding=1), VOLUME),
    "AvgPool3D inclusive": (nn.AvgPool3D(2, stride=2, padding=1, exclusive=False), VOLUME),
    "AvgPool3D ceil": (nn.AvgPool3D((2, 3, 2), stride=2, ceil_mode=True), VOLUME),
    "AvgPool3D divisor": (nn.AvgPool3D(2, divisor_override=3), VOLUME),
    "MaxPool3D": (nn.MaxPool3D(2, stride=1), VOLUME),
    "MaxPool3D padded": (nn.MaxPool3D((2, 3, 2), stride=2, padding=1), VOLUME),
    "MaxPool3D ceil": (nn.MaxPool3D((2, 3, 2), stride=2, ceil_mode=True), VOLUME),
    "MaxPool3D last": (nn.MaxPool3D(2, data_format="NDHWC"), LAST),
    "AdaptiveAvgPool3D": (nn.AdaptiveAvgPool3D((2, 3, 1)), VOLUME),
    "AdaptiveAvgPool3D last": (nn.AdaptiveAvgPool3D(1, data_format="NDHWC"), LAST),
    "AdaptiveMaxPool3D": (nn.AdaptiveMaxPool3D((2, 3, 1)), VOLUME),
    "PReLU": (nn.PReLU(), VOLUME),
    "PReLU channels": (nn.PReLU(4, init=0.1), VOLUME),
    "PReLU last": (nn.PReLU(4, data_format="NDHWC"), LAST),
    "Flatten": (nn.Flatten(2), VOLUME),
    "Upsample": (nn.Upsample(scale_factor=2, mode="trilinear", data_format="NCDHW"), VOLUME),
    "Upsample corners": (
        nn.Upsample(size=[5, 6, 3], mode="trilinear", align_corners=True, data_format="NCDHW"),
        VOLUME,
    ),
    "Upsample nearest": (nn.Upsample(size=[5, 6, 3], mode="nearest", data_format="NCDHW"), VOLUME),
}
for name, (layer, shape) in layers.items():
    results[f"{name}: repr"] = np.array(repr(layer))
    for seed, parameter in enumerate(layer.parameters()):
        if not parameter.stop_gradient:
            parameter.set_value(numbers(*parameter.shape, seed=10 + seed))
    x = paddle.to_tensor(numbers(*shape), stop_gradient=False)
    output = layer(x)
    (output * paddle.to_tensor(numbers(*output.shape, seed=1))).sum().backward()
    results[f"{name}: output"] = output.numpy()
    results[f"{name}: input gradient"] = x.grad.numpy()
    for key, parameter in layer.named_parameters():
        if parameter.stop_gradient:
            results[f"{name}: {key}"] = parameter.numpy().copy()
        else:
            results[f"{name}: {key} gradient"] = parameter.grad.numpy()
    layer.eval()
    results[f"{name}: eval"] = layer(x).numpy()
    for key, parameter in layer.named_parameters():
        if parameter.stop_gradient:
            results[f"{name}: {key} after eval"] = parameter.numpy().copy()
    results[f"{name}: names"] = np.array([parameter.name for parameter in layer.parameters()], dtype=str)

x = paddle.to_tensor(numbers(*VOLUME))
results["max_pool3d: mask"] = F.max_pool3d(x, 2, return_mask=True)[1].numpy()
results["dropout: downscale"] = F.dropout(x, 0.25, training=False, mode="downscale_in_infer").numpy()
table = nn.Embedding(4, 3)
table.weight.set_value(numbers(4, 3))
results["Embedding: output"] = table(paddle.to_tensor(np.array([[0, 3], [2, 2]]))).numpy()
labels = np.random.RandomState(2).randint(0, 4, (2, 3, 4, 2))
results["cross_entropy: mean"] = F.cross_entropy(x, paddle.to_tensor(labels), axis=1).numpy()
labels[0, 0] = 255
few = paddle.to_tensor(labels[:, None])
results["cross_entropy: ignored"] = nn.CrossEntropyLoss(ignore_index=255, axis=1)(x, few).numpy()
results["cross_entropy: none"] = F.cross_entropy(x, few, ignore_index=255, reduction="none", axis=1).numpy()
targets = paddle.to_tensor((numbers(*VOLUME, seed=3) > 0).astype("float32"))
results["bce"] = nn.BCEWithLogitsLoss()(x, targets).numpy()

schedulers = {
    "StepDecay": lambda: lr.StepDecay(0.5, 3, 0.3),
    "MultiStepDecay": lambda: lr.MultiStepDecay(0.5, [2, 5]),
    "ExponentialDecay": lambda: lr.ExponentialDecay(0.5, 0.9),
    "NaturalExpDecay": lambda: lr.NaturalExpDecay(0.5, 0.1),
    "InverseTimeDecay": lambda: lr.InverseTimeDecay(0.5, 0.1),
    "PolynomialDecay": lambda: lr.PolynomialDecay(0.5, 5, power=2.0),
    "PolynomialDecay cycle": lambda: lr.PolynomialDecay(0.5, 5, end_lr=0.01, cycle=True),
    "CosineAnnealingDecay": lambda: lr.CosineAnnealingDecay(0.5, 4, eta_min=0.01),
    "PiecewiseDecay": lambda: lr.PiecewiseDecay([2, 5], [0.5, 0.2, 0.1]),
    "LinearWarmup": lambda: lr.LinearWarmup(0.5, 4, 0.1, 0.5),
    "LinearWarmup of another": lambda: lr.LinearWarmup(lr.StepDecay(0.5, 2), 4, 0.1, 0.5),
    "NoamDecay": lambda: lr.NoamDecay(16, 4),
    "LambdaDecay": lambda: lr.LambdaDecay(0.5, lambda epoch: 0.9**epoch),
}
for name, make in schedulers.items():
    scheduler, rates = make(), []
    for _ in range(14):
        rates.append(scheduler())
        scheduler.step()
    again = make()
    again.set_state_dict(scheduler.state_dict())
    again.step()
    rates.append(again())
    again.step(3)
    results[f"{name}: rates"] = np.array([*rates, again()])
for mode, modes in (("min", "rel"), ("max", "abs")):
    plateau = lr.ReduceOnPlateau(0.5, mode, 0.5, patience=1, threshold=0.1, threshold_mode=modes, cooldown=1)
    rates = []
    for metric in (5.0, 4.9, 4.0, 4.0, 3.9, 3.9, 3.9, 6.0, 6.0, 6.0, 6.0):
        plateau.step(metric)
        rates.append(plateau())
    results[f"ReduceOnPlateau {mode}: rates"] = np.array(rates)


def constant(values):
    return paddle.ParamAttr(initializer=nn.initializer.Assign(values))


optimizers = {
    "SGD L1": lambda p: paddle.optimizer.SGD(0.1, p, weight_decay=L1Decay(0.05)),
    "SGD L2 value": lambda p: paddle.optimizer.SGD(0.1, p, L2Decay(0.05), nn.ClipGradByValue(0.3)),
    "SGD value": lambda p: paddle.optimizer.SGD(0.1, p, grad_clip=nn.ClipGradByValue(0.3, -0.1)),
    "SGD norm": lambda p: paddle.optimizer.SGD(lr.StepDecay(0.1, 2), p, grad_clip=nn.ClipGradByNorm(0.5)),
    "Momentum L1 global": lambda p: paddle.optimizer.Momentum(
        0.1, 0.8, p, weight_decay=L1Decay(0.05), grad_clip=nn.ClipGradByGlobalNorm(0.5)
    ),
    "Momentum nesterov": lambda p: paddle.optimizer.Momentum(0.1, 0.8, p, True, 0.05),
    "Adam": lambda p: paddle.optimizer.Adam(lr.PolynomialDecay(0.1, 3), 0.8, 0.9, 1e-3, p, 0.05),
    "Adam clip": lambda p: paddle.optimizer.Adam(0.1, parameters=p, grad_clip=nn.ClipGradByGlobalNorm(100.0)),
    "AdamW": lambda p: paddle.optimizer.AdamW(
        0.1, epsilon=1e-3, parameters=p, weight_decay=0.1, apply_decay_param_fun=lambda name: ".w_" in name
    ),
}
for name, make in optimizers.items():
    with paddle.utils.unique_name.guard():
        layer = nn.Linear(3, 2, constant(numbers(3, 2)), constant(numbers(2, seed=1)))
        optimizer = make(layer.parameters())
        for step in range(4):
            loss = (layer(paddle.to_tensor(numbers(5, 3, seed=20 + step))) ** 2).mean()
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            if isinstance(optimizer._learning_rate, lr.LRScheduler):
                optimizer._learning_rate.step()
        state = optimizer.state_dict()
    results[f"{name}: weight"], results[f"{name}: bias"] = layer.weight.numpy(), layer.bias.numpy()
    results[f"{name}: keys"] = np.array(sorted(state), dtype=str)
    for key, value in state.items():
        if key != "LR_Scheduler":
            results[f"{name}: {key}"] = value.numpy()
    results[f"{name}: rate"] = np.array(optimizer.get_lr())

np.savez_compressed(sys.argv[1], **results)
