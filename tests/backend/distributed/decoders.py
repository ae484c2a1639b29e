"""What processes compute together in tests: layers, networks and losses on shards beside the same on the whole."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from tests.backend.distributed.operators import mesh, placement, whole
from tests.operands import integers
from torch import nn
from torch.distributed.tensor import distribute_tensor
from torch.nn import functional as F

import fourfold
from fourfold.backend.distributed.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable

# of unit-scale sums in float64, in another order
ROUNDING = 2**10 * torch.finfo(torch.float64).eps


def differences(got: list[Any], due: list[Any], exact: bool) -> list[str]:
    """Say which tensors differ: in a bit, or by more than rounding relative to the greatest value."""
    found = []
    for index, (one, other) in enumerate(zip(got, due, strict=True)):
        if one.shape != other.shape:
            found.append(f"{index}: shape {tuple(one.shape)}; {tuple(other.shape)}")
            continue
        bound = 0.0 if exact else ROUNDING * max(1.0, other.abs().max().item())
        worst = (one - other).abs().max().item() if one.numel() else 0.0
        if not worst <= bound:
            found.append(f"{index}: {worst} apart: {one.flatten()[:8]}; {other.flatten()[:8]}")
    return found


LAYERS: dict[str, Callable[[], Any]] = {
    "conv-3": lambda: nn.Conv3d(4, 6, 3, padding=1),
    "conv-stride": lambda: nn.Conv3d(4, 6, 3, stride=2, padding=1),
    "conv-dilation": lambda: nn.Conv3d(4, 6, (3, 2, 2), stride=(1, 2, 3), padding=(2, 1, 0), dilation=2),
    "conv-same": lambda: nn.Conv3d(4, 6, (2, 3, 4), padding="same", dilation=2),
    "conv-groups": lambda: nn.Conv3d(4, 6, 3, padding=1, groups=2, bias=False),
    "conv-1": lambda: nn.Conv3d(4, 2, 1),
    "conv-valid": lambda: nn.Conv3d(4, 2, 5, padding="valid"),
    "transposed": lambda: nn.ConvTranspose3d(4, 6, 3, stride=2, padding=1, output_padding=1),
    "max": lambda: nn.MaxPool3d(2),
    "max-overlap": lambda: nn.MaxPool3d(3, stride=2, padding=1, ceil_mode=True),
    "max-dilation": lambda: nn.MaxPool3d(2, stride=1, dilation=2),
    "average": lambda: nn.AvgPool3d(2),
    "average-ceil": lambda: nn.AvgPool3d(3, stride=2, padding=1, ceil_mode=True),
    "average-inside": lambda: nn.AvgPool3d(3, stride=2, padding=1, count_include_pad=False),
    "average-all": lambda: nn.AdaptiveAvgPool3d(1),
    "average-parts": lambda: nn.AdaptiveAvgPool3d((3, 2, None)),
    "max-parts": lambda: nn.AdaptiveMaxPool3d((3, 2, 4)),
    "nearest": lambda: nn.Upsample(scale_factor=2),
    "nearest-exact": lambda: nn.Upsample(size=(11, 5, 13), mode="nearest-exact"),
    "trilinear": lambda: nn.Upsample(scale_factor=2, mode="trilinear"),
    "trilinear-corners": lambda: nn.Upsample(size=(11, 5, 13), mode="trilinear", align_corners=True),
    "trilinear-factor": lambda: nn.Upsample(scale_factor=(1.5, 0.7, 2.3), mode="trilinear"),
    "area": lambda: nn.Upsample(size=(5, 3, 3), mode="area"),
    "pad": lambda: nn.ConstantPad3d((1, 2, -1, 0, 3, 1), 2.0),
    "batch-norm": lambda: nn.BatchNorm3d(4),
    "instance-norm": lambda: nn.InstanceNorm3d(4, affine=True, track_running_stats=True),
    "group-norm": lambda: nn.GroupNorm(2, 4),
    "prelu": lambda: nn.PReLU(4),
    "gelu": nn.GELU,
    "softmax": lambda: nn.Softmax(dim=1),
}
EXACT = ("conv", "transposed", "max", "nearest", "pad")


def layer(name: str, sizes: tuple[int, ...], where: str, size: tuple[int, int, int]) -> list[str]:
    """Compare output, gradients and buffers of a layer on shards with those of the whole."""
    torch.manual_seed(0)
    alone = LAYERS[name]().double()
    with torch.no_grad():
        for parameter in alone.parameters():
            parameter.copy_(integers(tuple(parameter.shape), 1, torch.float64))
    shared = copy.deepcopy(alone)
    volume = integers((2, 4, *size), 2, torch.float64) + torch.arange(size[0], dtype=torch.float64).reshape(-1, 1, 1)
    if name == "max-parts":  # no two voxels are equal: of these, torch's gradient goes to one
        volume = (
            torch.randperm(volume.numel(), generator=torch.Generator().manual_seed(0)).reshape(volume.shape).double()
        )
    one = volume.clone().requires_grad_()
    many: Any = distribute_tensor(volume, mesh(*sizes), [placement(each) for each in where]).requires_grad_()
    due = alone(one)
    got = shared(Volume.of(many.view_as(many)))
    gradient = integers(tuple(due.shape), 3, torch.float64)
    due.backward(gradient)
    (got * gradient).sum().backward()
    got_state, due_state = (
        [whole(output), whole(start.grad), *(each.grad for each in model.parameters()), *model.buffers()]
        for output, start, model in ((got, many, shared), (due, one, alone))
    )
    return differences(got_state, due_state, exact=name.startswith(EXACT))


LOSSES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "cross-entropy": lambda x, y, labels: F.cross_entropy(x, labels, ignore_index=1),
    "cross-entropy-weighted": lambda x, y, labels: F.cross_entropy(
        x, labels, torch.arange(1.0, 5.0, dtype=torch.float64), label_smoothing=0.1
    ),
    "cross-entropy-of-probabilities": lambda x, y, labels: F.cross_entropy(x, torch.softmax(y, 1)),
    "cross-entropy-sum": lambda x, y, labels: F.cross_entropy(x, labels, reduction="sum"),
    "mse": lambda x, y, labels: F.mse_loss(x, y),
    "l1-sum": lambda x, y, labels: F.l1_loss(x, y, reduction="sum"),
    "logits": lambda x, y, labels: F.binary_cross_entropy_with_logits(x, torch.sigmoid(y)),
    "mean": lambda x, y, labels: (x * y).mean(),
    "variance": lambda x, y, labels: (x.var((0, 2, 3, 4)) + torch.var_mean(x, correction=0)[0]).sum(),
    "dice": lambda x, y, labels: 1 - (2 * (x * y).sum((2, 3, 4)) / (x * x + y * y + 1).sum((2, 3, 4))).mean(),
}


def loss(name: str, sizes: tuple[int, ...], where: str, target_is_plain: bool) -> list[str]:
    """Compare a loss and its gradient on shards with those of the whole."""
    generator = torch.Generator().manual_seed(0)
    volumes = [torch.randn(2, 4, 5, 3, 3, generator=generator, dtype=torch.float64) for _ in range(2)]
    labels = torch.randint(0, 4, (2, 5, 3, 3), generator=generator)
    one = volumes[0].clone().requires_grad_()
    places = [placement(each) for each in where]
    many: Any
    target: Any
    many, target = (distribute_tensor(each, mesh(*sizes), places) for each in volumes)
    many.requires_grad_()
    due = LOSSES[name](one, volumes[1], labels)
    got = LOSSES[name](Volume.of(many.view_as(many)), volumes[1] if target_is_plain else Volume.of(target), labels)
    due.backward()
    got.backward()
    return differences([whole(got), whole(many.grad)], [due, one.grad], exact=False)


class UNet(nn.Module):
    """A U-Net of two levels."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv3d(1, 4, 3, padding=1), nn.InstanceNorm3d(4, affine=True), nn.LeakyReLU())
        self.pool = nn.MaxPool3d(2)
        self.deep = nn.Sequential(nn.Conv3d(4, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.GELU())
        self.up = nn.ConvTranspose3d(8, 4, 2, stride=2)
        self.join = nn.Sequential(nn.Conv3d(8, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(inplace=True))
        self.head = nn.Conv3d(4, 3, 1)

    def forward(self, x: torch.Tensor) -> Any:
        fine = self.down(x)
        coarse = self.up(self.deep(self.pool(fine)))
        return self.head(self.join(torch.cat([fine, coarse], dim=1)))


class VNet(nn.Module):
    """A V-Net of two levels, with residuals, strided convolutions and overlapping kernels."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv3d(1, 4, 5, padding=2)
        self.down = nn.Conv3d(4, 8, 2, stride=2)
        self.norm = nn.BatchNorm3d(8)
        self.slope = nn.PReLU(8)
        self.deep = nn.Conv3d(8, 8, 3, padding=2, dilation=2)
        self.up = nn.ConvTranspose3d(8, 4, 4, stride=2, padding=1)
        self.scale = nn.Parameter(torch.ones(1, 4, 1, 1, 1))
        self.head = nn.Conv3d(4, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        fine = torch.nn.functional.elu(self.first(x) + x)
        coarse = self.slope(self.norm(self.down(fine)))
        coarse = coarse + self.deep(coarse)
        wide = torch.nn.functional.interpolate(coarse, scale_factor=2, mode="trilinear")[:, :4]
        return self.head(torch.nn.functional.elu(self.up(coarse) * self.scale + fine + wide))


NETWORKS: dict[str, Callable[[], Any]] = {"unet": UNet, "vnet": VNet}


def training(name: str, sizes: tuple[int, ...], dims: tuple[str, ...], folder: str) -> list[str]:
    """Compare losses and parameters of a network that trains on shards with those of one process; and checkpoints."""
    torch.manual_seed(0)
    alone = NETWORKS[name]().double()
    torch.manual_seed(torch.distributed.get_rank())  # shard() gives all processes the first one's parameters
    shared = NETWORKS[name]().double()
    if torch.distributed.get_rank() == 0:
        shared.load_state_dict(alone.state_dict())
    fourfold.shard(shared, mesh(*sizes), dims)
    generator = torch.Generator().manual_seed(0)
    results = []
    for model in (alone, shared):
        # not Adam, which divides the gradient of a bias before a norm, rounding alone, by itself
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        generator.manual_seed(0)
        losses = []
        for _ in range(3):
            volume = torch.randn(2, 1, 8, 6, 10, generator=generator, dtype=torch.float64)
            labels = torch.randint(0, 3, (2, 8, 6, 10), generator=generator)
            optimizer.zero_grad()
            output = model(volume)
            loss = F.cross_entropy(output, labels) + 1 - torch.softmax(output, 1)[:, :1].mean()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(whole(loss.detach()))
        results.append([*losses, *model.parameters(), *model.buffers()])
    found = differences(results[1], results[0], exact=False)
    return found + _checkpoint(alone, shared, folder)


def _checkpoint(alone: nn.Module, shared: nn.Module, folder: str) -> list[str]:
    """Say what differs of a model's checkpoints, plain and distributed, from one without shards."""
    from torch.distributed.checkpoint import state_dict_loader, state_dict_saver

    state = shared.state_dict()
    found = [] if list(state) == list(alone.state_dict()) else ["the names differ"]
    found += [name for name, value in state.items() if type(value) is not torch.Tensor]
    state_dict_saver.save({"model": state}, checkpoint_id=folder)
    loaded = {"model": {name: torch.zeros_like(value) for name, value in alone.state_dict().items()}}
    state_dict_loader.load(loaded, checkpoint_id=folder)
    return found + differences(list(loaded["model"].values()), list(state.values()), exact=True)
