"""What stands around the layer, in MegEngine as it is: prints each case's numbers as JSON.

Runs alone in MegEngine 1.13 and here under `fourfold run --as megengine`.
"""

# mypy: ignore-errors
# MegEngine is in an environment of its own.

import json

import megengine as mge
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np
from megengine.autodiff import GradManager

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def values(*shape):
    """Numbers that every framework can make, all different, around zero."""
    count = int(np.prod(shape))
    return np.sin(np.arange(count) * 1.7 + count).astype("float32").reshape(shape)


def tensor(*shape):
    return mge.tensor(values(*shape))


def labels(*shape, classes):
    return mge.tensor((np.arange(int(np.prod(shape))) * 7 % classes).astype("int32").reshape(shape))


def numbers(value):
    if isinstance(value, dict):
        return {key: numbers(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [numbers(each) for each in value]
    if isinstance(value, mge.Tensor):
        value = value.numpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def filled(module):
    state = module.state_dict()
    module.load_state_dict({key: 0.5 * values(*array.shape) + 0.75 for key, array in state.items()})
    return module


def applied(module, *inputs):
    """The output and the gradients of a weighted sum of it, with the state that is left and its shapes."""
    inputs = [mge.tensor(each) for each in inputs]
    attached = [*module.parameters(), inputs[0]]
    manager = GradManager().attach(attached)
    with manager:
        output = module(*inputs)
        weights = np.cos(np.arange(output.size) * 2.3).astype("float32").reshape(output.shape)
        manager.backward(F.sum(output * mge.tensor(weights)))
    return {
        "output": output,
        "gradients": {name: each.grad for name, each in module.named_parameters() if each.grad is not None},
        "input gradient": inputs[0].grad,
        "state": module.state_dict(),
        "shapes": {name: list(each.shape) for name, each in module.named_parameters()},
        "text": repr(module),
    }


@case
def conv3d():
    return applied(filled(M.Conv3d(2, 3, 3, padding=1)), values(1, 2, 3, 2, 2))


@case
def conv3d_strided():
    return applied(filled(M.Conv3d(2, 2, (1, 2, 3), stride=2, padding=(0, 1, 2), dilation=2)), values(1, 2, 3, 4, 5))


@case
def conv3d_in_groups():
    return applied(filled(M.Conv3d(4, 2, 2, groups=2, bias=False)), values(1, 4, 2, 3, 2))


@case
def linear():
    return applied(filled(M.Linear(3, 2)), values(2, 2, 3))


@case
def embedding():
    return filled(M.Embedding(5, 2))(mge.tensor(np.array([[0, 3], [4, 3]], "int32")))


@case
def batch_norm():
    norm = filled(M.BatchNorm2d(2))
    trained = applied(norm, values(2, 2, 3, 2))
    norm.eval()
    return {"trained": trained, "evaluated": norm(tensor(1, 2, 2, 2))}


@case
def batch_norm_of_one_value_per_channel():
    norm = filled(M.BatchNorm1d(3, eps=0.5, momentum=0.25))
    return {"output": norm(tensor(4, 3)), "state": norm.state_dict()}


@case
def batch_norm_without_tracking():
    norm = M.BatchNorm2d(2, affine=False, track_running_stats=False)
    norm.eval()
    return applied_without_parameters(norm, (2, 2, 2, 2))


@case
def frozen_batch_norm():
    norm = filled(M.BatchNorm2d(2, freeze=True))
    return {"output": norm(tensor(2, 2, 2, 2)), "state": norm.state_dict()}


def applied_without_parameters(module, shape):
    return {"output": module(tensor(*shape)), "state": module.state_dict(), "text": repr(module)}


@case
def group_norm():
    return applied(filled(M.GroupNorm(2, 4)), values(2, 4, 3, 2))


@case
def instance_norm():
    return applied(filled(M.InstanceNorm(2)), values(2, 2, 3, 2))


@case
def layer_norm():
    return applied(filled(M.LayerNorm((3, 2))), values(2, 2, 2, 3, 2))


@case
def layer_norm_without_parameters():
    return applied_without_parameters(M.LayerNorm(4, affine=False, eps=0.1), (2, 4))


@case
def one_slope():
    return applied(filled(M.PReLU()), values(1, 2, 2, 2, 2))


@case
def a_slope_per_channel():
    return applied(filled(M.PReLU(2)), values(1, 2, 2, 3))


@case
def pooling():
    x = tensor(1, 2, 5, 4)
    layers = M.MaxPool2d(2), M.MaxPool2d(3, 2, 1), M.AvgPool2d(3, 2, 1), M.AvgPool2d(3, 2, 1, mode="average")
    return [[layer(x), repr(layer)] for layer in layers]


@case
def dropout():
    layer = M.Dropout(0.5)
    layer.eval()
    return [layer(tensor(3)), F.dropout(tensor(3), 0.5, training=False), repr(layer), M.Dropout()(tensor(3))]


@case
def softmax():
    x = tensor(2, 3, 2, 2, 2)
    return [M.Softmax()(x), M.Softmax(axis=0)(x), F.softmax(tensor(2, 2, 3)), F.logsoftmax(x, 1), repr(M.Softmax(1))]


@case
def elementwise():
    x = tensor(7)
    functions = F.relu, F.leaky_relu, F.gelu, F.silu, F.sigmoid, F.tanh, F.softplus, F.logsigmoid, F.hsigmoid, F.hswish
    pairs = F.maximum(x, 0.25), F.minimum(0.25, x), F.pow(F.abs(x), 1.5), F.clip(x, -0.5, 0.5), F.clip(x, upper=0.1)
    return [[function(4 * x) for function in functions], *pairs, F.log(F.abs(x)), F.sqrt(F.abs(x)), F.exp(x)]


@case
def reductions():
    x = tensor(2, 3, 4)
    found = [
        reduce(x, **options)
        for reduce in (F.mean, F.sum, F.var, F.std, F.max, F.min)
        for options in ({}, {"axis": 1}, {"axis": 2, "keepdims": True})
    ]
    return [*found, F.argmax(x, axis=1), F.argmin(x), F.logsumexp(x, axis=(1, 2))]


@case
def shapes():
    x = tensor(1, 2, 3, 1)
    made = F.full((2, 2), 3), F.full((2,), 0.5), F.full_like(x, 2)
    reshaped = (
        F.flatten(x, 1, 2),
        F.squeeze(x),
        F.squeeze(x, 0),
        F.expand_dims(x, (0, 3)),
        F.broadcast_to(x, (2, 2, 3, 2)),
    )
    parts = F.split(tensor(5), 2), F.split(tensor(5), [1, 4])
    padded = (
        F.pad(x, ((0, 0), (1, 0), (0, 2)), constant_value=7.0),
        F.pad(tensor(2, 3), ((1, 0), (1, 1)), mode="reflect"),
    )
    picked = (
        F.where(x > 0, x, F.zeros_like(x)),
        F.one_hot(labels(3, classes=3), 3),
        F.matmul(tensor(2, 3), tensor(2, 3), transpose_b=True),
    )
    found = [*made, *reshaped, *parts[0], *parts[1], *padded, *picked]
    return [[list(each.shape), str(np.dtype(each.numpy().dtype)), each] for each in found]


@case
def resizing():
    x = tensor(1, 1, 2, 3, 2)
    resize = F.vision.interpolate
    return [
        resize(x, (3, 4, 5), mode="trilinear"),
        resize(x, scale_factor=1.5, mode="trilinear"),
        resize(x, scale_factor=(2, 1, 2), mode="trilinear", align_corners=True),
        resize(x, 4, mode="trilinear"),
        F.nn.interpolate(tensor(1, 1, 2, 3), scale_factor=2.0),
    ]


@case
def losses():
    scores, classes = tensor(2, 3, 2, 2, 2), labels(2, 2, 2, 2, classes=3)
    probabilities, wanted = F.sigmoid(tensor(5)), F.sigmoid(tensor(5) * 3)
    return [
        F.loss.cross_entropy(scores, classes),
        F.nn.cross_entropy(scores, classes, label_smooth=0.2, reduction="sum"),
        F.loss.cross_entropy(F.softmax(scores, axis=1), classes, with_logits=False, reduction="none"),
        F.loss.binary_cross_entropy(tensor(5) * 4, wanted),
        F.nn.binary_cross_entropy(probabilities, wanted, with_logits=False, reduction="none"),
        F.loss.square_loss(scores, scores * 2, reduction="sum"),
        F.loss.l1_loss(scores, scores * 2),
    ]


def trained(make, rates=(0.5, 0.05, 0.05)):
    """Three steps down a bowl, with the state that is left."""
    weight, bias = mge.Parameter(values(2, 2)), mge.Parameter(values(2))
    optimizer = make([weight, bias])
    manager = GradManager().attach([weight, bias])
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        with manager:
            manager.backward(F.sum(weight**2) + F.sum((bias - 2) ** 2) / 2)
        optimizer.step().clear_grad()
    state = optimizer.state_dict()
    return {"weight": weight, "bias": bias, "groups": state["param_groups"], "state": list(state["state"].items())}


@case
def descent():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, weight_decay=0.1))


@case
def descent_with_momentum():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9, weight_decay=0.1))


@case
def descent_with_nesterov():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9, nesterov=True))


@case
def adam():
    return trained(lambda parameters: optim.Adam(parameters, lr=0.5, eps=0.01, weight_decay=0.1))


@case
def adam_with_decay_of_its_own():
    return trained(lambda parameters: optim.AdamW(parameters, lr=0.5, eps=0.01, weight_decay=0.1))


@case
def a_new_optimizer_s_state():
    return optim.SGD([mge.Parameter(values(2))], lr=1.0, momentum=0.5).state_dict()["state"][0]


@case
def milestones():
    optimizer = optim.SGD([mge.Parameter(values(2))], lr=1.0)
    scheduler = optim.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return {"rates": rates, "state": scheduler.state_dict(), "group": optimizer.param_groups[0]["initial_lr"]}


@case
def a_scheduler_of_one_s_own():
    class Halves(optim.LRScheduler):
        def get_lr(self):
            return [rate / 2**self.current_epoch for rate in self.base_lrs]

    optimizer = optim.Adam([mge.Parameter(values(2))], lr=1.0)
    scheduler = Halves(optimizer)
    scheduler.step()
    scheduler.step(epoch=5)
    return optimizer.param_groups[0]["lr"]


@case
def clipping():
    found = []
    for clip in (
        lambda parameters: optim.clip_grad_norm(parameters, 1.0),
        lambda parameters: optim.clip_grad_norm(parameters, 100.0, ord=1.0),
        lambda parameters: optim.clip_grad_value(parameters, -0.5, 1.0),
    ):
        parameters = [mge.Parameter(values(3)), mge.Parameter(values(2)), mge.Parameter(values(1))]
        with GradManager().attach(parameters) as manager:
            manager.backward(F.sum(parameters[0] ** 2) + F.sum(parameters[1] ** 3))
        found.append([clip(parameters), parameters[0].grad, parameters[1].grad])
    return found


if __name__ == "__main__":
    print(json.dumps({name: numbers(function()) for name, function in CASES.items()}))
