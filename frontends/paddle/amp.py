"""Mirrors `paddle.amp` on the CPU, where the release leaves every dtype as it is and scales no loss.

On a GPU the release computes by lists of its own in a shorter dtype. They are not served: what would do that refuses.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

import torch

from .dtype import dtype_name
from .place import to_device
from .static.mode import in_dynamic_mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "GradScaler",
    "auto_cast",
    "decorate",
    "get_autocast_cpu_dtype",
    "is_autocast_enabled",
    "is_bfloat16_supported",
    "is_float16_supported",
]


def _without_effect(name: str, instead: str) -> None:
    """Warn, as the release does, that the CPU computes as before; refuse where something else would be computed.

    Raises:
        NotImplementedError: tensors are made on a GPU, or a program is written.
    """
    place = torch.get_default_device().type
    if place != "cpu" or not in_dynamic_mode():
        where = "in a program" if place == "cpu" else "on a GPU"
        msg = f"{name} changes dtypes {where}, by lists of Paddle's that are not served here. {instead}"
        raise NotImplementedError(msg)
    warnings.warn(f"{name} can only be enabled on a GPU; it makes no effect on the CPU.", stacklevel=4)


@contextlib.contextmanager
def auto_cast(
    enable: bool = True,
    custom_white_list: Any = None,
    custom_black_list: Any = None,
    level: str = "O1",
    dtype: Any = "float16",
    use_promote: bool = True,
) -> Iterator[None]:
    """Compute as before inside a `with`, on the CPU; it warns where it is enabled.

    Args:
        enable: whether to compute in a shorter dtype. Default: True.
        custom_white_list: operators that shall. Default: None.
        custom_black_list: operators that shall not. Default: None.
        level: 'O0', 'OD', 'O1' or 'O2'. Default: 'O1'.
        dtype: 'float16' or 'bfloat16'. Default: 'float16'.
        use_promote: whether the widest dtype of its inputs is an operator's. Default: True.

    Raises:
        ValueError: the level or the dtype is another, or an operator is on both lists.
        NotImplementedError: it is enabled where tensors are made on a GPU, or where a program is written.
    """
    if level.upper() not in ("O0", "OD", "O1", "O2"):
        msg = f"level={level!r} should be O0, OD, O1 or O2."
        raise ValueError(msg)
    kind = dtype_name(dtype) if isinstance(dtype, torch.dtype) else dtype.lower()
    if enable and kind not in ("float16", "bfloat16"):
        msg = f"dtype={dtype!r}: if enable amp, dtype should be 'float16' or 'bfloat16'."
        raise ValueError(msg)
    both = set(custom_white_list or ()) & set(custom_black_list or ())
    if both:
        msg = f"Custom white list overlap custom black list: {', '.join(sorted(both))}."
        raise ValueError(msg)
    if enable and level.upper() != "O0":
        _without_effect("auto_cast", "Leave it out, give enable=False, or use torch.autocast, whose lists differ.")
    yield


def is_autocast_enabled(device_type: Any = None) -> bool:
    """Whether a shorter dtype is computed in: never, here."""
    return False


def get_autocast_cpu_dtype(device_type: Any = None) -> str:
    """Return the dtype that would be, where none is enabled: 'float16', as in the release."""
    return "float16"


def is_float16_supported(device: Any = None) -> bool:
    """Whether a device computes in float16: a GPU of capability 7.0 does, the CPU does not, as in the release."""
    found = to_device(device) or torch.get_default_device()
    return found.type == "cuda" and torch.cuda.get_device_capability(found) >= (7, 0)


def is_bfloat16_supported(device: Any = None) -> bool:
    """Whether a device computes in bfloat16: the CPU does, and a GPU of capability 8.0."""
    found = to_device(device) or torch.get_default_device()
    return found.type == "cpu" or torch.cuda.get_device_capability(found) >= (8, 0)


def decorate(
    models: Any,
    optimizers: Any = None,
    level: str = "O1",
    dtype: str = "float16",
    master_weight: bool | None = None,
    save_dtype: str | None = None,
    master_grad: bool = False,
    excluded_layers: Any = None,
) -> Any:
    """Return models and optimizers as they are, as the release does for the CPU.

    Args:
        models: a layer, or a list of them.
        optimizers: an optimizer, or a list of them. Default: None.
        level: 'O1' or 'O2', which casts parameters on a GPU. Default: 'O1'.
        dtype: 'float16' or 'bfloat16'. Default: 'float16'.
        master_weight: has no effect on the CPU, like what follows.
        save_dtype: likewise.
        master_grad: likewise.
        excluded_layers: likewise.

    Raises:
        ValueError: the level or the dtype is another.
        NotImplementedError: with 'O2', where tensors are made on a GPU, or where a program is written.
    """
    if level not in ("O1", "O2"):
        msg = f"level={level!r} should be O1 or O2."
        raise ValueError(msg)
    if dtype not in ("float16", "bfloat16"):
        msg = f"dtype={dtype!r}: dtype only support float16 or bfloat16."
        raise ValueError(msg)
    if level == "O2":
        _without_effect("decorate(level='O2')", "Cast the layers themselves: layer.to(dtype='bfloat16').")
    return models if optimizers is None else (models, optimizers)


class GradScaler:
    """Scales no loss, as the release on the CPU; it warns where it is enabled, and is not then.

    Args:
        enable: whether to scale. Default: True.
        init_loss_scaling: what it would begin with, like what follows.
        incr_ratio: by what it would grow.
        decr_ratio: by what it would shrink.
        incr_every_n_steps: steps before it would grow.
        decr_every_n_nan_or_inf: steps before it would shrink.
        use_dynamic_loss_scaling: whether it would do either.

    Raises:
        NotImplementedError: it is enabled where tensors are made on a GPU, or where a program is written.
    """

    def __init__(
        self,
        enable: bool = True,
        init_loss_scaling: float = 65536.0,
        incr_ratio: float = 2.0,
        decr_ratio: float = 0.5,
        incr_every_n_steps: int = 2000,
        decr_every_n_nan_or_inf: int = 1,
        use_dynamic_loss_scaling: bool = True,
    ) -> None:
        if enable:
            _without_effect("GradScaler", "Give enable=False, or use torch.amp.GradScaler.")
        self._set: dict[str, Any] = {"init_loss_scaling": 1.0}

    def _known(self, name: str) -> Any:
        if name not in self._set:
            # the release, whose scaler has no attribute of that name then
            msg = f"this GradScaler is not enabled, and has no {name} before set_{name}() says one."
            raise AttributeError(msg)
        return self._set[name]

    def scale(self, var: Any) -> Any:
        """Return the loss as it is."""
        return var

    def minimize(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Call `optimizer.minimize`."""
        return optimizer.minimize(*args, **kwargs)

    def step(self, optimizer: Any) -> Any:
        """Call `optimizer.step`."""
        return optimizer.step()

    def unscale_(self, optimizer: Any) -> None:
        """Leave the gradients as they are."""

    def update(self) -> None:
        """Leave the scale as it is."""

    def is_enable(self) -> bool:
        """Whether it scales: no."""
        return False

    def is_use_dynamic_loss_scaling(self) -> bool:
        """Whether its scale changes: no."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Return nothing, as the release where it does not scale."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take nothing, as the release where it does not scale."""

    def get_init_loss_scaling(self) -> float:
        """Return 1, or what was set."""
        return float(self._set["init_loss_scaling"])

    def set_init_loss_scaling(self, new_init_loss_scaling: float) -> None:
        """Set what it would begin with."""
        self._set["init_loss_scaling"] = new_init_loss_scaling

    def get_incr_ratio(self) -> Any:
        """Return what was set."""
        return self._known("incr_ratio")

    def set_incr_ratio(self, new_incr_ratio: float) -> None:
        """Set by what it would grow.

        Raises:
            AssertionError: it is not above 1.
        """
        if not new_incr_ratio > 1.0:
            msg = f"The new_incr_ratio must be > 1.0, and not {new_incr_ratio}."
            raise AssertionError(msg)
        self._set["incr_ratio"] = new_incr_ratio

    def get_decr_ratio(self) -> Any:
        """Return what was set."""
        return self._known("decr_ratio")

    def set_decr_ratio(self, new_decr_ratio: float) -> None:
        """Set by what it would shrink.

        Raises:
            AssertionError: it is not below 1.
        """
        if not new_decr_ratio < 1.0:
            msg = f"The new_decr_ratio must be < 1.0, and not {new_decr_ratio}."
            raise AssertionError(msg)
        self._set["decr_ratio"] = new_decr_ratio

    def get_incr_every_n_steps(self) -> Any:
        """Return what was set."""
        return self._known("incr_every_n_steps")

    def set_incr_every_n_steps(self, new_incr_every_n_steps: int) -> None:
        """Set the steps before it would grow."""
        self._set["incr_every_n_steps"] = new_incr_every_n_steps

    def get_decr_every_n_nan_or_inf(self) -> Any:
        """Return what was set."""
        return self._known("decr_every_n_nan_or_inf")

    def set_decr_every_n_nan_or_inf(self, new_decr_every_n_nan_or_inf: int) -> None:
        """Set the steps before it would shrink."""
        self._set["decr_every_n_nan_or_inf"] = new_decr_every_n_nan_or_inf
