"""How models are trained, in OneFlow as it is: prints each case's numbers as JSON.

Runs alone in OneFlow 0.9 and here under `fourfold run --as oneflow`.
"""

# mypy: ignore-errors
# OneFlow is in an environment of its own.

import json
import warnings

import numpy as np
import oneflow as flow
from oneflow import nn, optim

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


def numbers(value):
    if isinstance(value, dict):
        return {str(key): numbers(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [numbers(each) for each in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def trained(make, rates=(0.5, 0.05, 0.05)):
    """Three steps down a bowl, with the state that is left; the second parameter begins at the second step."""
    weight, bias = nn.Parameter(tensor(2, 2)), nn.Parameter(tensor(2))
    optimizer = make([weight, bias])
    for step, rate in enumerate(rates):
        optimizer.param_groups[0]["lr"] = rate
        loss = flow.sum(weight**2)
        (loss + flow.sum((bias - 2) ** 2) / 2 if step else loss).backward()
        optimizer.step()
        optimizer.zero_grad()
    state = optimizer.state_dict()
    return {"weight": weight, "bias": bias, "groups": state["param_groups"], "state": state["state"]}


@case
def descent():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, weight_decay=0.1))


@case
def descent_with_momentum():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9, weight_decay=0.1))


@case
def descent_with_dampening():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9, dampening=0.5))


@case
def descent_with_nesterov():
    return trained(lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9, nesterov=True))


@case
def ascent():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        momentum = trained(lambda parameters: optim.SGD(parameters, lr=0.05, momentum=0.9, maximize=True))
        without = trained(lambda parameters: optim.SGD(parameters, lr=0.05, maximize=True))
    return [[found["weight"], found["bias"], found["state"]] for found in (momentum, without)]


@case
def adam():
    return trained(lambda parameters: optim.Adam(parameters, lr=0.5, eps=0.01, weight_decay=0.1))


@case
def adam_with_the_largest_moment():
    return trained(lambda parameters: optim.Adam(parameters, lr=0.5, eps=0.01, amsgrad=True))


@case
def adam_with_decay_of_its_own():
    return trained(lambda parameters: optim.AdamW(parameters, lr=0.5, eps=0.01, weight_decay=0.1))


@case
def rates():
    from oneflow.optim import lr_scheduler as lr

    makers = {
        "step": lambda optimizer: lr.StepLR(optimizer, 2, gamma=0.5),
        "multi": lambda optimizer: lr.MultiStepLR(optimizer, [1, 4], gamma=0.5),
        "exponential": lambda optimizer: lr.ExponentialLR(optimizer, 0.9),
        "annealing": lambda optimizer: lr.CosineAnnealingLR(optimizer, T_max=3, eta_min=0.1),
        "cosine": lambda optimizer: lr.CosineDecayLR(optimizer, decay_steps=4, alpha=0.1),
        "polynomial": lambda optimizer: lr.PolynomialLR(optimizer, 4, end_learning_rate=0.1, power=2.0),
        "cycle": lambda optimizer: lr.PolynomialLR(optimizer, 2, cycle=True),
        "linear": lambda optimizer: lr.LinearLR(optimizer, start_factor=0.25, total_iters=3),
        "constant": lambda optimizer: lr.ConstantLR(optimizer, total_iters=2),
        "lambda": lambda optimizer: lr.LambdaLR(optimizer, lambda step: 1 / (1 + step)),
        "warm": lambda optimizer: lr.WarmupLR(optimizer, warmup_iters=3),
        "warm step": lambda optimizer: lr.WarmupLR(lr.StepLR(optimizer, 2, gamma=0.5), 0.1, 3),
        "warm step after": lambda optimizer: lr.WarmupLR(
            lr.StepLR(optimizer, 2), 0.1, 3, "constant", warmup_prefix=True
        ),
        "sequential": lambda optimizer: lr.SequentialLR(
            optimizer, [lr.ConstantLR(optimizer, 0.5, 9), lr.ExponentialLR(optimizer, 0.5)], [2], True
        ),
    }
    found = {}
    for name, make in makers.items():
        optimizer = optim.SGD([nn.Parameter(tensor(2))], lr=1.0)
        scheduler = make(optimizer)
        rates = []
        for _ in range(7):
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step()
        found[name] = {"rates": rates, "last": scheduler.get_last_lr(), "state": sorted(scheduler.state_dict().items())}
    return found


@case
def clipping():
    found = []
    for clip in (
        lambda parameters: nn.utils.clip_grad_norm_(parameters, 1.0),
        lambda parameters: nn.utils.clip_grad_norm_(parameters, 100.0, norm_type=1.0),
        lambda parameters: nn.utils.clip_grad_norm_(parameters, 0.5, float("inf")),
        lambda parameters: nn.utils.clip_grad_value_(parameters, 0.5),
    ):
        parameters = [nn.Parameter(tensor(3)), nn.Parameter(tensor(2)), nn.Parameter(tensor(1))]
        (flow.sum(parameters[0] ** 2) + flow.sum(parameters[1] ** 3)).backward()
        found.append([clip(parameters), parameters[0].grad, parameters[1].grad])
    return found


@case
def clipping_by_the_optimizer():
    weight = nn.Parameter(tensor(3))
    optimizer = optim.SGD([{"params": [weight], "clip_grad_max_norm": 0.5, "clip_grad_norm_type": 2.0}], lr=1.0)
    flow.sum(weight**2).backward()
    optimizer.clip_grad()
    return [weight.grad, optimizer.state_dict()["param_groups"]]


@case
def initial_values():
    weight = nn.Parameter(tensor(2, 2))
    found = []
    for fill in (nn.init.ones_, nn.init.zeros_, lambda weight: nn.init.constant_(weight, 0.25)):
        fill(weight)
        found.append(weight.numpy().copy())
    return found


if __name__ == "__main__":
    print(json.dumps({name: numbers(function()) for name, function in CASES.items()}))
