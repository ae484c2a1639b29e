"""Rows of short spectra."""

from __future__ import annotations

from typing import Any

import torch

from ....backend import OperatorError
from ..names import NAMES

__all__: list[str] = []


def stft(
    input: torch.Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: torch.Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool = True,
) -> Any:
    """Return the spectra of windows of a signal, or of several: `(..., frequencies, windows, 2)`, real and imaginary.

    Raises:
        RuntimeError: a window of the user's own is shorter than `n_fft` (a ValueError too).
    """
    if window is not None and win_length is not None and win_length < n_fft:
        msg = f"win_length={win_length} below n_fft={n_fft} with a window of one's own is not supported. Pad it."
        raise OperatorError(msg)
    spectra = torch.stft(
        input, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex=True
    )
    return torch.view_as_real(spectra)


NAMES.function("stft", stft)
