"""Which part of the input makes which part of the output: windows, slabs and phases of a spec."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..caching import remembered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arguments import Triple
    from ..spec import ConvTranspose3dSpec


class Window(NamedTuple):
    """Arguments for torch's operator, and what is left to do on its result.

    `extend` and `crop` are for `torch.nn.functional.pad`, last axis first. Zeros come first: a window that lies
    wholly outside the full result is cut out of them.
    """

    padding: Triple
    output_padding: Triple
    extend: tuple[int, ...]
    crop: tuple[int, ...]


@remembered
def window(spec: ConvTranspose3dSpec) -> Window:
    """Express [lo, lo + out) of the full result through torch's symmetric padding p and output padding t.

    torch gives [p, full - p + t) with 0 <= t < max(stride, dilation). Start from p = lo, for which t = p - hi + op.
    """
    axes = []
    for (low, high), extra, stride, dilation in zip(
        spec.padding, spec.output_padding, spec.stride, spec.dilation, strict=True
    ):
        limit = max(stride, dilation) - 1
        pad = max(low, 0)
        tail = pad - high + extra
        shift = min(pad, max(tail - limit, 0))  # too long a tail: cut less on both sides, then crop the front
        pad, tail = pad - shift, tail - shift
        native_tail = tail if 0 <= tail <= limit else 0
        axes.append((pad, native_tail, pad - low, tail - native_tail))
    return _window(axes)


@remembered
def uncut(spec: ConvTranspose3dSpec) -> Window:
    """As `window`, but torch cuts nothing along D: all of the full result is computed there, and cropped."""
    plan = window(spec)
    pad, tail = plan.padding[0], plan.output_padding[0]
    none = (0,) * 6
    left, right, top, bottom, front, back = map(sum, zip(plan.extend or none, plan.crop or none, strict=True))
    depth = (0, 0, front - pad, back - pad + tail)
    height = (plan.padding[1], plan.output_padding[1], top, bottom)
    width = (plan.padding[2], plan.output_padding[2], left, right)
    return _window([depth, height, width])


@remembered
def whole_strides(spec: ConvTranspose3dSpec, size: Triple) -> Window:
    """Express what is wanted of the full result of an input of `size` as a crop of a window of whole strides.

    oneDNN gives [p, full - p + t) with 0 <= t < stride, and is 2 to 7 times faster where its length is a multiple of
    the stride along every axis. That takes a few voxels more than are wanted.
    """
    axes = []
    for (low, high), extra, stride, full in zip(
        spec.padding, spec.output_padding, spec.stride, spec.full_size(size), strict=True
    ):
        end = full - high + extra
        cut = max(0, full - end)
        pad = max(0, min(low, cut + min(stride - 1, 16), (full - 1) // 2))
        while pad > cut + (2 * pad - full) % stride:  # it would end too early
            pad -= 1
        tail = (2 * pad - full) % stride
        axes.append((pad, tail, pad - low, end - (full - pad + tail)))
    return _window(axes)


def _window(axes: Sequence[tuple[int, int, int, int]]) -> Window:
    """Return the window of (p, t, voxels to add in front, voxels to add behind) per axis; negative ones are cut."""
    rest = [amount for _, _, front, back in reversed(axes) for amount in (front, back)]
    extend = tuple(max(amount, 0) for amount in rest)
    crop = tuple(min(amount, 0) for amount in rest)
    depth, height, width = axes
    return Window(
        (depth[0], height[0], width[0]),
        (depth[1], height[1], width[1]),
        extend if any(extend) else (),
        crop if any(crop) else (),
    )


Part = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]  # of an axis: input, output, padding between the two


class Slab(NamedTuple):
    """A box of the output and the box of the input that makes it by `spec`: (start, stop) of batch, D and H."""

    input: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    output: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    spec: ConvTranspose3dSpec


def slabs(spec: ConvTranspose3dSpec, batch: int, size: Triple, limit: int) -> tuple[Slab, ...]:
    """Split the output into slabs of about `limit` voxels: samples first, then planes, then rows.

    A slab is never thinner than one stride, so `limit` may be passed by large planes of a large stride.
    """
    depth, height, width = spec.output_size(size)
    samples = max(1, min(batch, limit // (depth * height * width)))
    planes = _thickness(limit // (height * width), spec.stride[0], depth) if samples == 1 else depth
    rows = _thickness(limit // (planes * width), spec.stride[1], height) if planes <= spec.stride[0] else height
    along = _parts(spec, size, 0, planes, depth), _parts(spec, size, 1, rows, height)
    return _boxes(spec, batch, samples, *along)


def slabs_of_input(spec: ConvTranspose3dSpec, batch: int, size: Triple, limit: int) -> tuple[Slab, ...]:
    """Split the input into slabs that reach about `limit` voxels of the output each: samples, then planes, then rows.

    What two slabs reach belongs to both. None is thinner than one voxel, so `limit` may be passed.
    """
    depth, height, width = spec.output_size(size)
    samples = max(1, min(batch, limit // (depth * height * width)))
    planes = size[0] if samples > 1 else _reaching(spec, size, 0, limit // (height * width))
    rows = (
        size[1] if planes > 1 else _reaching(spec, size, 1, limit // (min(depth, spec.full_size((1, 1, 1))[0]) * width))
    )
    return _boxes(spec, batch, samples, _reaches(spec, size, 0, planes), _reaches(spec, size, 1, rows))


def _reaching(spec: ConvTranspose3dSpec, size: Triple, axis: int, wanted: int) -> int:
    """Split an axis of the input evenly into parts that reach at most `wanted` of the output."""
    if wanted >= spec.output_size(size)[axis]:
        return size[axis]
    one = spec.full_size((1, 1, 1))[axis]
    parts = -(-size[axis] // max((wanted - one) // spec.stride[axis] + 1, 1))
    return -(-size[axis] // parts)


def _boxes(
    spec: ConvTranspose3dSpec, batch: int, samples: int, along_d: Sequence[Part], along_h: Sequence[Part]
) -> tuple[Slab, ...]:
    return tuple(
        Slab((lot, d_in, h_in), (lot, d_out, h_out), _padded(spec, of_d, of_h))
        for lot in [(first, min(first + samples, batch)) for first in range(0, batch, samples)]
        for d_in, d_out, of_d in along_d
        for h_in, h_out, of_h in along_h
    )


def _thickness(wanted: int, stride: int, length: int) -> int:
    """Split `length` evenly into parts of at most `wanted`, in multiples of the stride."""
    if wanted >= length:
        return length
    wanted = max(wanted // stride, 1) * stride
    parts = -(-length // wanted)
    return -(-length // (parts * stride)) * stride


@remembered
def _parts(spec: ConvTranspose3dSpec, size: Triple, axis: int, thickness: int, length: int) -> tuple[Part, ...]:
    """Split an axis of the output: the input that reaches each part, the part, and the padding between the two."""
    spans = [(start, min(start + thickness, length)) for start in range(0, length, thickness)]
    return tuple((read, span, padding) for span in spans for read, padding in [part(spec, size, axis, *span)])


def part(
    spec: ConvTranspose3dSpec, size: Triple, axis: int, start: int, stop: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return which input along an axis, at least one plane of it, makes [start, stop) of the output, and by which pads.

    Example:
        >>> from fourfold.backend import ConvTranspose3dSpec
        >>> spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3, stride=2)
        >>> part(spec, (4, 4, 4), 0, 4, 6)
        ((1, 3), (2, 1))
    """
    stride, low = spec.stride[axis], spec.padding[axis][0]
    reach = spec.dilation[axis] * (spec.kernel_size[axis] - 1)
    first = min(max(-((reach - start - low) // stride), 0), size[axis] - 1)
    last = max(min((stop - 1 + low) // stride + 1, size[axis]), first + 1)
    front = low + start - first * stride
    back = (last - first - 1) * stride + reach + 1 - front - (stop - start)
    return (first, last), (front, back)


@remembered
def _reaches(spec: ConvTranspose3dSpec, size: Triple, axis: int, thickness: int) -> tuple[Part, ...]:
    """Split an axis of the input: each part, the output that it reaches, and the padding between the two."""
    length = spec.output_size(size)[axis]
    spans = [(start, min(start + thickness, size[axis])) for start in range(0, size[axis], thickness)]
    return tuple((span, reached, padding) for span in spans for reached, padding in [reach(spec, length, axis, *span)])


def reach(
    spec: ConvTranspose3dSpec, length: int, axis: int, start: int, stop: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return which output along an axis of `length`, at least one plane, [start, stop) of the input reaches; the pads.

    Example:
        >>> from fourfold.backend import ConvTranspose3dSpec
        >>> spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3, stride=2)
        >>> reach(spec, 9, 0, 1, 3)
        ((2, 7), (0, 0))
    """
    stride, low = spec.stride[axis], spec.padding[axis][0]
    extent = (stop - start - 1) * stride + spec.dilation[axis] * (spec.kernel_size[axis] - 1) + 1
    first = min(max(start * stride - low, 0), length - 1)
    last = max(min(start * stride - low + extent, length), first + 1)
    front = low + first - start * stride
    return (first, last), (front, extent - front - (last - first))


@remembered
def _padded(spec: ConvTranspose3dSpec, of_d: tuple[int, int], of_h: tuple[int, int]) -> ConvTranspose3dSpec:
    """Return the operator of a slab; most slabs of a volume have the same."""
    padding = (of_d, of_h, spec.padding[2])
    return replace(spec, padding=padding, output_padding=(0, 0, spec.output_padding[2]))


class Phase(NamedTuple):
    """Output positions p, p + s, ... of one axis: position j sums `kernel[tap] * input[j + shift]` over the taps."""

    length: int
    taps: tuple[tuple[int, int], ...]


@remembered
def phases(spec: ConvTranspose3dSpec, size: Triple) -> tuple[tuple[Phase, ...], ...]:
    """Return the phases of each axis for an input of `size`.

    Output o takes tap a from input i where o + lo = s * i + d * a.
    """
    axes = []
    for kernel, stride, dilation, (low, _), out in zip(
        spec.kernel_size, spec.stride, spec.dilation, spec.padding, spec.output_size(size), strict=True
    ):
        axes.append(
            tuple(
                Phase(
                    -(-(out - start) // stride),
                    tuple(
                        (tap, (start + low - dilation * tap) // stride)
                        for tap in range(kernel)
                        if (start + low - dilation * tap) % stride == 0
                    ),
                )
                for start in range(min(stride, out))
            )
        )
    return tuple(axes)
