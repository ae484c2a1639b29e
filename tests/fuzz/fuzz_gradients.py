"""Search for wrong numbers among small random layers, ours or torch's own, on the processor that is there.

    python tests/fuzz/fuzz_gradients.py --seconds 40            # the engine: exit 1 where one result is not exact
    python tests/fuzz/fuzz_gradients.py --seconds 600 --of torch --dtype bfloat16    # a map of torch's faults
    python tests/fuzz/fuzz_gradients.py --of torch --dtype bfloat16 --path inference    # forward alone
    python tests/fuzz/fuzz_gradients.py --of deconvolution --dtype bfloat16    # one algorithm, or `native`

Operands are integers, so that sums are exact in float32 and every right result is the exact one, rounded once. They are
as large as that allows: in a half precision partial sums would round. ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16, AVX512_CORE
or AVX2 in the environment has oneDNN compute as on a processor that knows no more.
The exact one is torch's in float64, where it multiplies matrices and oneDNN has no part. Layers are drawn where faults
were found (planning/faults.py): thin volumes, any layout, long paddings, odd strides of the weight. They run in other
processes, for some faults end the process; what was written beyond a memory may end it at a later layer.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d
from fourfold.backend.algorithms import ALGORITHMS
from fourfold.backend.convolution import conv3d
from fourfold.backend.execution import slabwise
from fourfold.backend.planning import rates
from fourfold.backend.planning.case import case_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DTYPES = ("bfloat16", "float16", "float32", "complex64")
EXACT = {"complex64": torch.complex128}
PATHS = ("backward", "backward", "second", "func", "autocast", "inference")
BATCH = 2000  # layers of one process
Results = dict[str, torch.Tensor]
Function = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # of input and weight


class Layer(NamedTuple):
    """One layer and how it is called; `str()` of it can be pasted."""

    seed: int
    dtype: str
    path: str
    transposed: bool
    batch: int
    size: list[int]
    channels: tuple[int, int]
    kernel_size: list[int]
    stride: list[int]
    padding: list[int]
    output_padding: list[int]
    dilation: list[int]
    groups: int
    stored: list[str]  # input, weight, gradient

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """As torch stores it."""
        wide, narrow = self.channels if self.transposed else self.channels[::-1]
        return (wide, narrow // self.groups, *self.kernel_size)


def draw(seed: int, dtypes: tuple[str, ...], kinds: tuple[bool, ...], paths: tuple[str, ...]) -> Layer:
    """Draw a legal layer; the same for the same seed."""
    chance = random.Random(seed)

    def triple(*choices: int) -> list[int]:
        return [chance.choice(choices) for _ in range(3)]

    transposed, groups = chance.choice(kinds), chance.choice([1, 1, 1, 2, 3])
    one, other = chance.choice([1, 2, 3, 4, 8, 16]), chance.choice([1, 1, 2, 3, 8, 16])
    kernel, stride, dilation = triple(1, 2, 3, 4, 5), triple(1, 1, 2, 3, 4), triple(1, 1, 1, 2, 3)
    size, reach = triple(1, 1, 2, 2, 3, 4, 5, 9), [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    if transposed:
        most = [min(far, ((n - 1) * s + far) // 2) for far, n, s in zip(reach, size, stride, strict=True)]
        padding = [chance.randint(0, limit) for limit in most]
    else:
        padding = [chance.randint(0, far) for far in reach]
        size = [max(n, far + 1 - 2 * p) for n, far, p in zip(size, reach, padding, strict=True)]
    extra = [
        chance.randrange(max(s, d)) * (transposed and chance.random() < 0.3)
        for s, d in zip(stride, dilation, strict=True)
    ]
    path = paths[0] if len(paths) == 1 else chance.choice(paths)
    stored = [chance.choice(["contiguous", "contiguous", "channels-last", "permuted"]) for _ in range(3)]
    channels = one * groups, other * groups
    batch, dtype = chance.choice([1, 1, 2, 3]), chance.choice(dtypes)
    if path == "autocast":
        dtype = "float32"
    return Layer(
        seed, dtype, path, transposed, batch, size, channels, kernel, stride, padding, extra, dilation, groups, stored
    )


def stored(tensor: torch.Tensor, how: str, seed: int) -> torch.Tensor:
    """Return the values in another order in memory."""
    if how == "channels-last":
        return tensor.contiguous(memory_format=torch.channels_last_3d)
    axes = random.Random(seed).sample(range(5), 5) if how == "permuted" else list(range(5))
    back = [axes.index(axis) for axis in range(5)]
    return tensor.permute(axes).contiguous().permute(back)


def largest(layer: Layer, size: Sequence[int]) -> int:
    """Return how large operands may be so that float32 holds every sum, for an output of this size."""
    if layer.path == "second" or layer.dtype == "complex64":
        return 2
    voxels = layer.batch * max(math.prod(layer.size), math.prod(size))
    terms = max(voxels, max(layer.channels) // layer.groups * math.prod(layer.kernel_size))
    return min(100, math.isqrt(2**24 // terms))


def integers(shape: tuple[int, ...], seed: int, dtype: torch.dtype, most: int) -> torch.Tensor:
    """Draw operands from -most to most."""
    generator = torch.Generator().manual_seed(seed)

    def some() -> torch.Tensor:
        return torch.randint(-most, most + 1, shape, generator=generator).double()

    return torch.complex(some(), some()) if dtype.is_complex else some()


def torchs(layer: Layer) -> Function:
    """Return torch's own function."""
    stride, padding, dilation, groups = layer.stride, layer.padding, layer.dilation, layer.groups

    def transposed(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv_transpose3d(
            input, weight, None, stride, padding, layer.output_padding, groups, dilation
        )

    def ordinary(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv3d(input, weight, None, stride, padding, dilation, groups)

    return transposed if layer.transposed else ordinary


def specification(layer: Layer) -> ConvTranspose3dSpec:
    """Return the operator of a transposed layer."""
    return ConvTranspose3dSpec(
        in_channels=layer.channels[0],
        out_channels=layer.channels[1],
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        padding=layer.padding,
        output_padding=layer.output_padding,
        dilation=layer.dilation,
        groups=layer.groups,
    )


def ours(layer: Layer) -> Function:
    """Return the engine's function, or the convolution of the front ends."""
    options: Any = {name: tuple(getattr(layer, name)) for name in ("stride", "padding", "dilation")}
    if not layer.transposed:
        return lambda volume, weight: conv3d(volume, weight, None, **options, groups=layer.groups)
    spec = specification(layer)
    return lambda volume, weight: conv_transpose3d(volume, weight, None, spec)


def alone(layer: Layer, name: str) -> Function | None:
    """Return one algorithm of the engine, or torch's operator as it is used there; None where it does not apply."""
    if not layer.transposed:
        return None
    spec, algorithm = specification(layer), next((each for each in ALGORITHMS if each.name == name), None)

    def forward(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return slabwise.compute(algorithm, case_of(spec, input), input, weight, None)

    example = torch.empty(layer.batch, layer.channels[0], *layer.size, dtype=getattr(torch, layer.dtype))
    return None if algorithm is not None and algorithm.refusal(case_of(spec, example)) else forward


def results(
    function: Function, path: str, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor
) -> Results:
    """Return the output and what the path differentiates."""
    if path == "inference":
        with torch.inference_mode():
            return {"output": function(input, weight)}
    if path == "func":
        output, pull = torch.func.vjp(function, input, weight)  # type: ignore[misc]  # no has_aux: two
        return {"output": output, **dict(zip(("input", "weight"), pull(gradient), strict=True))}
    leaves = input.detach().requires_grad_(), weight.detach().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=path == "autocast"):
        output = function(*leaves)
    if path != "second":
        found = torch.autograd.grad(output, leaves, gradient.to(output.dtype))
        return {"output": output.detach(), "input": found[0], "weight": found[1]}
    gradient = gradient.detach().requires_grad_()
    first = torch.autograd.grad(output, leaves, gradient, create_graph=True)
    by_input = torch.autograd.grad(first[0], (gradient, leaves[1]), input.contiguous(), retain_graph=True)
    by_weight = torch.autograd.grad(first[1], (gradient, leaves[0]), weight.contiguous())
    names = ("input, gradient", "input, weight", "weight, gradient", "weight, input")
    return {"output": output.detach(), **dict(zip(names, (*by_input, *by_weight), strict=True))}


def wrong(layer: Layer, function: Function) -> list[str]:
    """Return the names of the results that are not the exact ones, rounded once."""
    dtype = getattr(torch, layer.dtype)
    exact = EXACT.get(layer.dtype, torch.float64)
    reference, shape = torchs(layer), (layer.batch, layer.channels[0], *layer.size)
    of_output = tuple(reference(*(torch.empty(each, device="meta") for each in (shape, layer.weight_shape))).shape)
    most = largest(layer, of_output[2:])
    input, weight, gradient = (
        integers(each, layer.seed + number, dtype, most)
        for number, each in enumerate((shape, layer.weight_shape, of_output))
    )
    path = "backward" if layer.path in ("func", "autocast") else layer.path
    right = results(reference, path, *(each.to(exact) for each in (input, weight, gradient)))
    given = [
        stored(each.to(dtype), how, layer.seed)
        for each, how in zip((input, weight, gradient), layer.stored, strict=True)
    ]
    found = results(function, layer.path, *given)
    once = torch.bfloat16 if layer.path == "autocast" else dtype
    return [name for name, value in found.items() if not torch.equal(value, right[name].to(once).to(value.dtype))]


def work(arguments: argparse.Namespace) -> None:
    """Run some layers in this process, and say before each which it is."""
    torch.set_num_threads(1)
    subjects: dict[str, Callable[[Layer], Function | None]] = {"ours": ours, "torch": torchs}
    subject = subjects.get(arguments.of, partial(alone, name=arguments.of))
    fast = rates.shipped()._replace(bfloat16=math.inf, bfloat16_sums=math.inf)  # bfloat16 is multiplied as it is
    with rates.assumed(rates.shipped() if arguments.of in subjects else fast):
        for seed in range(arguments.first, arguments.first + BATCH):
            layer = _draw(seed, arguments)
            if (function := subject(layer)) is None:
                continue
            print(json.dumps([seed, None]), flush=True)
            print(json.dumps([seed, wrong(layer, function)]), flush=True)


def _draw(seed: int, arguments: argparse.Namespace) -> Layer:
    kinds = {"both": (True, True, False), "transposed": (True,), "ordinary": (False,)}[arguments.layers]
    usual = {"ours": PATHS, "torch": ("backward",)}.get(arguments.of, ("inference",))
    paths = (arguments.path,) if arguments.path else usual
    return draw(seed, tuple(arguments.dtype or DTYPES), kinds, paths)


def search(worker: list[str], first: int, seconds: float) -> Iterator[tuple[int, list[str]]]:
    """Yield the seed of each layer and what is wrong there, from one process after the other, until time is over.

    A `worker` is the command that runs `work`, to which the seed of its first layer is added.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            process = subprocess.run([*worker, str(first)], capture_output=True, text=True, check=False, timeout=left)
            output, code, errors = process.stdout, process.returncode, process.stderr
        except subprocess.TimeoutExpired as stopped:
            output, code, errors = (stopped.stdout or b"").decode(), 0, ""
        last, finished = None, first
        for line in output.splitlines():
            if not line.endswith("]"):  # cut off
                break
            last, found = json.loads(line)
            if found is not None:
                finished = last
                yield last, found
        if code > 0:
            msg = f"layer {last}: {errors}"
            raise SystemExit(msg)
        if code < 0:
            yield first if last is None else last, ["the process died"]
            finished = first if last is None else last
        first = max(finished + 1, first + (BATCH if code == 0 else 1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=40, help="how long to search (default 40)")
    subjects = ["ours", "torch", "native", *(each.name for each in ALGORITHMS)]
    parser.add_argument("--of", choices=subjects, default="ours", help="an algorithm: its output alone")
    parser.add_argument("--dtype", choices=DTYPES, action="append", help="only this one; may be repeated")
    parser.add_argument("--layers", choices=["both", "transposed", "ordinary"], default="both")
    parser.add_argument("--path", choices=sorted(set(PATHS)), help="only this way to call a layer")
    parser.add_argument("--first", type=int, default=0, help="seed of the first layer (default 0)")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments)
        return 0
    layers, faults, shown = Counter[str](), Counter[str](), 0
    worker = [sys.executable, __file__, *sys.argv[1:], "--work", "--first"]
    for seed, found in search(worker, arguments.first, arguments.seconds):
        layer = _draw(seed, arguments)
        kind = f"{layer.dtype} {'transposed' if layer.transposed else 'ordinary'} {layer.path}"
        layers[kind] += 1
        for name in found:
            faults[f"{kind}: {name}"] += 1
        if found and shown < 20:
            shown += 1
            print(f"wrong, {'; '.join(found)}: {layer}", flush=True)
    for kind, count in sorted(layers.items()):
        print(f"{count:7} layers  {kind}")
    for kind, count in sorted(faults.items()):
        print(f"{count:7} wrong   {kind}")
    print(f"{sum(layers.values())} layers, {sum(faults.values())} wrong results, torch {torch.__version__}")
    return int(not layers or (bool(faults) and arguments.of != "torch"))


if __name__ == "__main__":
    raise SystemExit(main())
