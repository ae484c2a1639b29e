"""What stands around the layer, in OneFlow as it is: prints each case's numbers as JSON.

Runs alone in OneFlow 0.9 and here under `fourfold run --as oneflow`.
"""

# mypy: ignore-errors
# OneFlow is in an environment of its own.

import json

import numpy as np
import oneflow as flow
import oneflow.nn.functional as F
from oneflow import nn

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def values(*shape):
    """Numbers that every framework can make, all different, around zero."""
    count = int(np.prod(shape))
    return np.sin(np.arange(count) * 1.7 + count).astype("float32").reshape(shape)


def tensor(*shape):
    return flow.tensor(values(*shape))


def labels(*shape, classes):
    return flow.tensor((np.arange(int(np.prod(shape))) * 7 % classes).astype("int64").reshape(shape))


def numbers(value):
    if isinstance(value, dict):
        return {str(key): numbers(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [numbers(each) for each in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def filled(module):
    state = module.state_dict()
    kept = {key: each for key, each in state.items() if "num_batches" in key}
    news = {key: flow.tensor(0.5 * values(*each.shape) + 0.75) for key, each in state.items() if key not in kept}
    module.load_state_dict({**news, **kept})
    return module


def weighted(output):
    weights = np.cos(np.arange(output.numel()) * 2.3).astype("float32").reshape(tuple(output.shape))
    return flow.sum(output * flow.tensor(weights))


def applied(module, *shape):
    """The output and the gradients of a weighted sum of it, with the state that is left and its shapes."""
    x = flow.tensor(values(*shape), requires_grad=True)
    output = module(x)
    weighted(output).backward()
    return {
        "output": output,
        "gradients": {name: each.grad for name, each in module.named_parameters() if each.grad is not None},
        "input gradient": x.grad,
        "state": module.state_dict(),
        "shapes": {name: list(each.shape) for name, each in module.state_dict().items()},
        "text": repr(module),
    }


@case
def conv3d():
    return applied(filled(nn.Conv3d(2, 3, 3, padding=1)), 1, 2, 3, 2, 2)


@case
def conv3d_strided():
    return applied(filled(nn.Conv3d(2, 2, (1, 2, 3), stride=2, padding=(0, 1, 2), dilation=2)), 1, 2, 3, 4, 5)


@case
def conv3d_in_groups():
    return applied(filled(nn.Conv3d(4, 2, 2, 1, 0, 1, 2, False)), 1, 4, 2, 3, 2)


@case
def conv3d_function():
    x, weight = tensor(1, 2, 3, 3, 3), tensor(4, 1, 2, 2, 2)
    return F.conv3d(x, weight, bias=tensor(4), stride=(1, 2, 1), padding=(0, 1, 0), dilation=(1, 1, 2), groups=2)


@case
def linear():
    return applied(filled(nn.Linear(3, 2)), 2, 2, 3)


@case
def embedding():
    return filled(nn.Embedding(5, 2))(flow.tensor([[0, 3], [4, 3]]))


@case
def batch_norm():
    norm = filled(nn.BatchNorm3d(2))
    trained = applied(norm, 2, 2, 1, 3, 2)
    norm.eval()
    return {"trained": trained, "evaluated": norm(tensor(1, 2, 2, 2, 1))}


@case
def batch_norm_of_another_momentum():
    norm = filled(nn.BatchNorm3d(2, eps=0.5, momentum=0.75))
    return {"output": norm(tensor(2, 2, 2, 1, 2)), "state": norm.state_dict()}


@case
def batch_norm_without_tracking():
    norm = nn.BatchNorm3d(2, affine=False, track_running_stats=False)
    norm.eval()
    return {"output": norm(tensor(2, 2, 2, 2, 2)), "state": norm.state_dict(), "text": repr(norm)}


@case
def instance_norm():
    return applied(filled(nn.InstanceNorm3d(2, affine=True)), 2, 2, 3, 2, 1)


@case
def instance_norm_that_tracks_nothing():
    norm = filled(nn.InstanceNorm3d(2, track_running_stats=True))
    trained = norm(tensor(2, 2, 2, 1, 2))
    norm.eval()
    return {"trained": trained, "evaluated": norm(tensor(2, 2, 2, 1, 2)), "state": norm.state_dict()}


@case
def group_norm():
    return applied(filled(nn.GroupNorm(2, 4)), 2, 4, 2, 3, 1)


@case
def layer_norm():
    return applied(filled(nn.LayerNorm((3, 2))), 2, 2, 2, 3, 2)


@case
def layer_norm_without_parameters():
    norm = nn.LayerNorm(4, eps=0.1, elementwise_affine=False)
    return {"output": norm(tensor(2, 4)), "text": repr(norm), "function": F.layer_norm(tensor(2, 4), (4,), eps=0.5)}


@case
def one_slope():
    return applied(filled(nn.PReLU()), 1, 2, 2, 2, 2)


@case
def a_slope_per_channel():
    return applied(filled(nn.PReLU(2)), 1, 2, 2, 1, 3)


@case
def pooling():
    x = tensor(1, 2, 5, 4, 4)
    layers = (
        nn.MaxPool3d(2),
        nn.MaxPool3d(3, 2, 1),
        nn.MaxPool3d((1, 2, 3), ceil_mode=True),
        nn.AvgPool3d(2),
        nn.AvgPool3d(3, 2, 1),
        nn.AvgPool3d(3, 2, 1, count_include_pad=False),
        nn.AdaptiveAvgPool3d((1, 2, 3)),
    )
    functions = F.max_pool3d(x, 2, stride=1), F.avg_pool3d(x, (2, 2, 1)), F.max_pool3d(x, 2, return_indices=True)[1]
    return [*[layer(x) for layer in layers], *functions, *[repr(layer) for layer in layers[:6]]]


@case
def pooling_gradients():
    return [applied(nn.MaxPool3d(2), 1, 1, 4, 2, 2), applied(nn.AvgPool3d(2), 1, 1, 4, 2, 2)]


@case
def resizing():
    x = tensor(1, 1, 2, 3, 2)
    layers = (
        nn.Upsample(scale_factor=2),
        nn.Upsample(scale_factor=2, mode="trilinear", align_corners=True),
        nn.Upsample(size=(3, 4, 5), mode="trilinear"),
    )
    functions = F.interpolate(x, scale_factor=(1, 2, 3)), F.interpolate(x, size=(3, 3, 3), mode="trilinear")
    return [*[layer(x) for layer in layers], *functions, *[repr(layer) for layer in layers]]


@case
def padding():
    return [
        F.pad(tensor(1, 1, 2, 2, 2), (1, 0, 0, 2, 1, 1), value=7.0),
        F.pad(tensor(1, 1, 2, 3), (1, 1, 0, 0), "reflect"),
    ]


@case
def dropout():
    layer = nn.Dropout(0.5)
    layer.eval()
    return [layer(tensor(3)), F.dropout(tensor(3), p=0.5, training=False), repr(layer), nn.Dropout(0.0)(tensor(3))]


@case
def softmax():
    x = tensor(2, 3, 2, 2, 2)
    return [
        nn.Softmax(dim=1)(x),
        F.softmax(x, dim=0),
        F.log_softmax(x, dim=2),
        F.softmax(tensor(2, 2, 3)),
        repr(nn.Softmax(1)),
    ]


@case
def activations():
    x = 4 * tensor(7)
    modules = nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(), nn.GELU(), nn.SiLU(), nn.Sigmoid(), nn.Tanh()
    functions = (
        F.relu(x),
        F.leaky_relu(x, alpha=0.2),
        F.elu(x, alpha=1.5),
        F.sigmoid(x),
        F.tanh(x),
        F.softplus(x),
        F.silu(x),
    )
    return [*[module(x) for module in modules], *functions, F.prelu(x.reshape(1, 7), flow.tensor([0.3]))]


@case
def tensors():
    x = tensor(2, 3, 4)
    parts = [*flow.split(x, 2, dim=2), *flow.chunk(x, 3, dim=1)]
    reduced = (
        flow.mean(x, dim=1),
        flow.sum(x),
        flow.var(x, dim=2),
        flow.std(x, dim=0, unbiased=False),
        flow.max(x),
        flow.min(x),
    )
    shaped = (
        flow.flatten(x, 1),
        flow.permute(x, (2, 0, 1)),
        flow.transpose(x, 0, 2),
        flow.unsqueeze(x, 1),
        flow.cat([x, x], dim=1),
    )
    compared = (
        flow.where(x > 0, x, flow.zeros_like(x)),
        flow.clamp(x, -0.5, 0.5),
        flow.argmax(x, dim=1),
        flow.maximum(x, -x),
    )
    at = flow.max(x, 1)
    return [
        *parts,
        *reduced,
        *shaped,
        *compared,
        *at,
        flow.pow(flow.abs(x), 1.5),
        flow.log(flow.abs(x)),
        flow.squeeze(x[:1], 0),
    ]


@case
def losses():
    scores, classes = tensor(2, 3, 2, 2, 2), labels(2, 2, 2, 2, classes=3)
    wanted = flow.sigmoid(tensor(5) * 3)
    return [
        nn.CrossEntropyLoss()(scores, classes),
        nn.CrossEntropyLoss(weight=flow.tensor([1.0, 2.0, 3.0]), ignore_index=1, reduction="sum")(scores, classes),
        F.cross_entropy(scores, classes, reduction="none"),
        nn.BCEWithLogitsLoss(pos_weight=flow.tensor([2.0] * 5))(tensor(5) * 4, wanted),
        nn.BCELoss(reduction="none")(flow.sigmoid(tensor(5)), wanted),
        nn.SmoothL1Loss(beta=0.5)(scores, scores * 2),
        nn.MSELoss(reduction="sum")(scores, scores * 2),
        nn.L1Loss()(scores, scores * 2),
    ]


if __name__ == "__main__":
    print(json.dumps({name: numbers(function()) for name, function in CASES.items()}))
