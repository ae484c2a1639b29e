"""What recurrent layers and cells of Paddle and MegEngine say; torch and OneFlow have the words that all share."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..errors import PortingError
from .words import Entry, Sense, tells

KINDS = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


def adds_bias(layer: Any) -> bool:
    """Return whether a cell adds biases: without, it has zeros that do not learn, but may be loaded."""
    return bool(layer.bias) or any(not one.is_meta and bool(one.any()) for one in (layer.bias_ih, layer.bias_hh))


def is_biased(layer: Any) -> bool:
    """Return whether recurrent layers of Paddle have biases: those that are not wanted are zeros that do not learn."""
    if any(getattr(one, "_biased", False) for one in nn.Module.modules(layer)):
        return True
    own = [one for name, one in nn.Module.named_parameters(layer) if ".bias_" in f".{name}"]
    return any(not one.is_meta and bool(one.any()) for one in own)


def projection(layer: Any) -> int:
    """Return 0.

    Raises:
        PortingError: outputs are projected.
    """
    return unprojected(layer.proj_size)


def unprojected(size: int) -> int:
    """Return 0.

    Raises:
        PortingError: outputs are projected, by weights that Paddle has in another form and order than others.
    """
    if size:
        msg = f"proj_size={size}: projections of Paddle's have other weights than elsewhere, and are not ported"
        raise PortingError(msg)
    return size


BIASED = tells("bias", is_biased, lambda meaning: None if meaning["bias"] else False, raw=is_biased)
PADDLE: dict[str, Entry] = {
    **{f"{kind}.{word}_attr": None for kind in KINDS for word in ("weight_ih", "weight_hh")},
    **{f"{kind}.{word}_attr": BIASED for kind in KINDS for word in ("bias_ih", "bias_hh")},
    **{
        f"{kind}.proj_size": tells("proj_size", projection, lambda meaning: unprojected(meaning["proj_size"]))
        for kind in KINDS
    },
    **{f"{kind}.activation": "nonlinearity" for kind in KINDS},
    **{f"{kind}.time_major": Sense("batch_first", lambda major: not major, lambda first: not first) for kind in KINDS},
    **{
        f"{kind}.direction": tells(
            "bidirectional",
            lambda layer: layer.num_directions == 2,
            lambda meaning: "bidirect" if meaning["bidirectional"] else "forward",
        )
        for kind in KINDS
    },
}
MEGENGINE: dict[str, Entry] = {f"{kind}.bias": tells("bias", adds_bias) for kind in ("RNNCell", "LSTMCell")}
