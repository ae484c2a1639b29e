"""Rows of Fourier transforms, and of those of short times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..dtype import default_dtype
from ..names import NAMES
from .creation import created

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def check_norm(norm: Any) -> None:
    """Refuse a normalisation that there is not."""
    if norm not in ("forward", "backward", "ortho"):
        msg = f"Unexpected norm: {norm}. Norm should be forward, backward or ortho"
        raise ValueError(msg)


def check_axes(x: Tensor, axes: Any) -> None:
    """Refuse what are no axes of a tensor, at most one each."""
    if not isinstance(axes, (list, tuple)):
        msg = f"Invalid FFT axes ({axes}), it should be a sequence of integers."
        raise ValueError(msg)
    if len(axes) > x.dim():
        msg = f"Length of fft axes ({axes}) should not be larger than the rank of input: {x.dim()}."
        raise ValueError(msg)
    for axis in axes:
        if not isinstance(axis, int) or not -x.dim() <= axis < x.dim():
            msg = f"Invalid FFT axis ({axis}), it should be an integer in range [-{x.dim()}, {x.dim()})."
            raise ValueError(msg)


def check_sizes(x: Tensor, sizes: Any) -> None:
    """Refuse what are no sizes of axes of a tensor."""
    if not isinstance(sizes, (list, tuple)) or len(sizes) > x.dim():
        msg = f"Invalid FFT argument s({sizes}), it should be a sequence of integers, at most {x.dim()} of them."
        raise ValueError(msg)
    for size in sizes:
        if not isinstance(size, int) or size <= 0:
            msg = f"FFT sizes {sizes} contains invalid value ({size}); it should be a positive integer."
            raise ValueError(msg)


def of_floats(x: Tensor) -> Tensor:
    """Return integers as floats of the default dtype."""
    return x if x.is_floating_point() or x.is_complex() else torch.Tensor.to(x, default_dtype())


def along(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a transform along one axis with Paddle's checks."""

    def transformed(x: Tensor, n: int | None = None, axis: int | None = -1, norm: str = "backward") -> Tensor:
        axis = -1 if axis is None else axis
        check_norm(norm)
        check_axes(x, [axis])
        if n is not None:
            check_sizes(x, [n])
        return function(of_floats(x), n, axis, norm)

    return transformed


def along_several(function: Callable[..., Tensor], least: int = 0) -> Callable[..., Tensor]:
    """Return a transform along several axes with Paddle's checks; of `least` axes and above."""

    def transformed(x: Tensor, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
        check_norm(norm)
        if x.dim() < least:
            msg = f"The rank of the input ({x.dim()}) should >= {least}"
            raise ValueError(msg)
        if s is not None:
            check_sizes(x, s)
        if axes is not None:
            check_axes(x, axes)
            if s is not None and len(s) != len(axes):
                msg = f"Length of s ({len(s)}) and length of axes ({len(axes)}) does not match."
                raise ValueError(msg)
        return function(of_floats(x), s, axes, norm)

    return transformed


def frequencies(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of the frequencies of a transform."""

    def computed(n: int, d: float = 1.0, dtype: Any = None) -> Tensor:
        if d == 0:
            msg = "d should not be 0."
            raise ValueError(msg)
        return created(function(n, d, dtype=default_dtype() if dtype is None else dtype))

    return computed


def shifted(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that moves the zero frequency."""

    def computed(x: Tensor, axes: Any = None) -> Tensor:
        return function(x, axes)

    return computed


for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    fn(f"fft.{name}", along(getattr(torch.fft, name)), x="", axis="")
    fn(f"fft.{name}2", along_several(getattr(torch.fft, f"{name}n"), least=2), x="", axes="")
    fn(f"fft.{name}n", along_several(getattr(torch.fft, f"{name}n")), x="", axes="")
for name in ("fftfreq", "rfftfreq"):
    fn(f"fft.{name}", frequencies(getattr(torch.fft, name)))
for name in ("fftshift", "ifftshift"):
    fn(f"fft.{name}", shifted(getattr(torch.fft, name)), x="")


def window_of(window: Tensor | None, length: int, n_fft: int, like: Tensor) -> Tensor:
    """Return a window, ones where there is none, with zeros around it up to the length of a frame."""
    if not 0 < length <= n_fft:
        msg = f"win_length should be in (0, n_fft({n_fft})], but got {length}."
        raise AssertionError(msg)
    if window is None:
        window = torch.ones(length, dtype=like.dtype.to_real(), device=like.device)
    elif list(window.shape) != [length]:
        msg = (
            f"expected a 1D window tensor of size equal to win_length({length}), but got window with shape "
            f"{list(window.shape)}."
        )
        raise AssertionError(msg)
    before = (n_fft - length) // 2
    return F.pad(window, (before, n_fft - length - before))


def stft(
    x: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
) -> Tensor:
    """Return the transforms of frames, `(..., n_fft, frames)`, half as many of real ones.

    Args:
        x: `(L,)` or `(N, L)`.
        n_fft: length of a frame.
        hop_length: from one to the next. Default: None, a quarter of one.
        win_length: of the window. Default: None, `n_fft`.
        window: what frames are multiplied by. Default: None, ones.
        center: whether frames are centred, with values added at both ends. Default: True.
        pad_mode: how these are made: 'reflect' or 'constant'. Default: 'reflect'.
        normalized: whether to divide by `sqrt(n_fft)`. Default: False.
        onesided: whether to leave out what follows from the other half. Default: None, of real frames.

    Raises:
        AssertionError: an argument is out of range.
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    if x.dim() not in (1, 2):
        msg = f"x should be a 1D or 2D real tensor, but got rank of x is {x.dim()}"
        raise AssertionError(msg)
    if hop <= 0 or not 0 < n_fft <= x.shape[-1]:
        msg = f"hop_length should be > 0, but got {hop}, and n_fft in (0, seq_length({x.shape[-1]})], but got {n_fft}."
        raise AssertionError(msg)
    taper = window_of(window, n_fft if win_length is None else win_length, n_fft, x)
    rows = x.reshape(-1, x.shape[-1])
    if center:
        if pad_mode not in ("constant", "reflect"):
            msg = f'pad_mode should be "reflect" or "constant", but got {pad_mode!r}.'
            raise AssertionError(msg)
        rows = F.pad(rows, (n_fft // 2, n_fft // 2), mode=pad_mode)
    frames = rows.unfold(-1, n_fft, hop) * taper
    if frames.is_complex() and onesided:
        msg = "onesided should be False when input or window is a complex Tensor."
        raise AssertionError(msg)
    half = not frames.is_complex() if onesided is None else onesided
    transform = torch.fft.rfft if half else torch.fft.fft
    found = transform(frames, norm="ortho" if normalized else "backward").transpose(1, 2)
    return found[0] if x.dim() == 1 else found


def overlapped(frames: Tensor, hop: int) -> Tensor:
    """Add up frames, `(N, frames, length)`, each so many steps after the one before."""
    count, length = frames.shape[1:]
    places = torch.arange(count, device=frames.device)[:, None] * hop + torch.arange(length, device=frames.device)
    total = torch.zeros(frames.shape[0], (count - 1) * hop + length, dtype=frames.dtype, device=frames.device)
    return total.index_add(1, places.flatten(), frames.flatten(1))


def istft(
    x: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool = True,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """Return what `stft` was given; arguments as those.

    Args:
        x: `(frequencies, frames)`, or a batch of them.
        n_fft: likewise.
        hop_length: likewise.
        win_length: likewise.
        window: likewise.
        center: likewise.
        normalized: likewise.
        onesided: likewise. Default: True.
        length: of the result. Default: None, what frames reach.
        return_complex: whether it is complex. Default: False.

    Raises:
        AssertionError: an argument is out of range.
        ValueError: windows leave something out.
    """
    wanted = n_fft // 2 + 1 if onesided else n_fft
    if x.dim() not in (2, 3) or x.numel() == 0 or x.shape[-2] != wanted:
        msg = f"x should be 2D or 3D, not empty, and its fft_size {wanted}; but its shape is {list(x.shape)}."
        raise AssertionError(msg)
    size, hop = n_fft if win_length is None else win_length, n_fft // 4 if hop_length is None else hop_length
    if not 0 < hop <= size:
        msg = f"hop_length should be in (0, win_length({size})], but got {hop}."
        raise AssertionError(msg)
    taper = window_of(window, size, n_fft, x)
    if return_complex and onesided:
        msg = "onesided should be False when input(output of istft) or window is a complex Tensor."
        raise AssertionError(msg)
    if not return_complex and taper.is_complex():
        msg = "Data type of window should not be complex when return_complex is False."
        raise AssertionError(msg)
    rows = (x[None] if x.dim() == 2 else x).transpose(1, 2)
    norm = "ortho" if normalized else "backward"
    if return_complex:
        frames = torch.fft.ifft(rows, norm=norm)
    else:
        frames = torch.fft.irfft(rows[..., : n_fft // 2 + 1], norm=norm)  # of an even length, as in Paddle
    found = overlapped(frames * taper, hop)
    weights = overlapped((taper * taper).expand(1, rows.shape[1], -1), hop)[0]
    begin = n_fft // 2 if center else 0
    end = begin + length if length is not None else (-(n_fft // 2) if center else None)
    found, weights = found[:, begin:end], weights[begin:end]
    if float(weights.abs().min()) < 1e-11:
        msg = "Abort istft because Nonzero Overlap Add (NOLA) condition failed: the window leaves something out."
        raise ValueError(msg)
    found = found / weights
    return found[0] if x.dim() == 2 else found


fn("signal.stft", stft, x="", window="")
fn("signal.istft", istft, x="", window="")
