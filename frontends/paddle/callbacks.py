"""Mirrors `paddle.callbacks`: what is called while a `paddle.Model` goes through data."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .optimization.scheduler import LRScheduler as Schedule
from .progress import Callback, ProgBarLogger, say

__all__ = ["EarlyStopping", "LRScheduler", "ModelCheckpoint", "ReduceLROnPlateau"]


class Callbacks:
    """Several callbacks, called one after the other by the name of a time."""

    def __init__(self, callbacks: list[Any]) -> None:
        self._callbacks = callbacks

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> None:
            for each in self._callbacks:
                getattr(each, name)(*args)

        return call


def with_defaults(callbacks: Any, model: Any, *, verbose: int, metrics: list[str], **options: Any) -> Callbacks:
    """Return the given callbacks with those that every run has: a log, files, schedules by step."""
    given = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
    if verbose and not any(isinstance(each, ProgBarLogger) for each in given):
        given.insert(0, ProgBarLogger(options.get("log_freq", 1), verbose=verbose))
    if not any(isinstance(each, LRScheduler) for each in given):
        given.append(LRScheduler())
    if not any(isinstance(each, ModelCheckpoint) for each in given):
        given.append(ModelCheckpoint(options.get("save_freq", 1), options.get("save_dir")))
    params = {
        "batch_size": None,
        "epochs": options.get("epochs"),
        "steps": options.get("steps"),
        "verbose": verbose,
        "metrics": metrics,
    }
    for each in given:
        each.set_model(model)
        each.set_params(params)
        if isinstance(each, EarlyStopping):
            each.save_dir = options.get("save_dir")
    return Callbacks(given)


class ModelCheckpoint(Callback):
    """Saves the model after epochs, and at the end as 'final'.

    Args:
        save_freq: epochs from one file to the next. Default: 1.
        save_dir: the folder. Default: None, nothing is saved.
    """

    def __init__(self, save_freq: int = 1, save_dir: str | None = None) -> None:
        super().__init__()
        self.save_freq, self.save_dir = save_freq, save_dir
        self.epoch: int | None = None

    def _save(self, name: str) -> None:
        if self.model is not None and self.save_dir:
            path = str(Path(self.save_dir).absolute() / name)
            say(f"save checkpoint at {path}")
            self.model.save(path)

    def on_epoch_begin(self, epoch: int | None = None, logs: Any = None) -> None:
        """Keep the number of the epoch."""
        self.epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, where it is time."""
        if epoch % self.save_freq == 0:
            self._save(str(epoch))

    def on_train_end(self, logs: Any = None) -> None:
        """Save as 'final'."""
        self._save("final")


class LRScheduler(Callback):
    """Steps the schedule of the optimizer's learning rate, if it has one.

    Args:
        by_step: after each batch. Default: True.
        by_epoch: after each epoch. Default: False.
    """

    def __init__(self, by_step: bool = True, by_epoch: bool = False) -> None:
        super().__init__()
        if by_step and by_epoch:
            msg = "by_step option is mutually exclusive with by_epoch; set one of them."
            raise ValueError(msg)
        self.by_step, self.by_epoch = by_step, by_epoch

    def _step(self) -> None:
        schedule = getattr(getattr(self.model, "_optimizer", None), "_learning_rate", None)
        if isinstance(schedule, Schedule):
            schedule.step()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Step, if it is by epoch."""
        if self.by_epoch:
            self._step()

    def on_train_batch_end(self, step: int, logs: Any = None) -> None:
        """Step, if it is by batch."""
        if self.by_step:
            self._step()


class _Watch(Callback):
    """What looks whether a value gets better from one measurement to the next."""

    def _begin(self, monitor: str, mode: str, min_delta: float) -> None:
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"mode {mode!r} is unknown; 'auto' stands in its place.", stacklevel=3)
            mode = "auto"
        self.monitor, self.min_delta = monitor, abs(min_delta)
        self._rises = mode == "max" or (mode == "auto" and "acc" in monitor)

    def _better(self, value: float, best: float) -> bool:
        return value - self.min_delta > best if self._rises else value + self.min_delta < best

    @property
    def _worst(self) -> float:
        return float("-inf") if self._rises else float("inf")

    def _value(self, logs: Any) -> Any:
        if not logs or self.monitor not in logs:
            warnings.warn(f"{self.monitor!r} is not among what is measured: {sorted(logs or {})}.", stacklevel=3)
            return None
        value = logs[self.monitor]
        return value[0] if isinstance(value, (list, tuple, np.ndarray)) else value


class EarlyStopping(_Watch):
    """Ends training when a value gets no better.

    Args:
        monitor: its name. Default: 'loss'.
        mode: 'min', 'max', or 'auto', which is 'max' for names with 'acc' in them. Default: 'auto'.
        patience: measurements in a row without a better one. Default: 0.
        verbose: whether the end is said. Default: 1.
        min_delta: what counts as better. Default: 0.
        baseline: a value that has to be reached at first. Default: None.
        save_best_model: whether the best is saved as 'best_model', if there is a folder. Default: True.
    """

    def __init__(
        self,
        monitor: str = "loss",
        mode: str = "auto",
        patience: int = 0,
        verbose: int = 1,
        min_delta: float = 0,
        baseline: float | None = None,
        save_best_model: bool = True,
    ) -> None:
        super().__init__()
        self._begin(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.save_best_model, self.save_dir = save_best_model, None
        self.wait_epoch, self.stopped_epoch, self.best_value = 0, 0, self._worst

    save_dir: Any

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget what was measured before."""
        self.wait_epoch = 0
        self.best_value = self._worst if self.baseline is None else self.baseline

    def on_eval_end(self, logs: Any = None) -> None:
        """Compare, and end the training where it is time."""
        value = self._value(logs)
        if value is None:
            return
        if self._better(value, self.best_value):
            self.best_value, self.wait_epoch = value, 0
            if self.save_best_model and self.save_dir is not None:
                self.model.save(str(Path(self.save_dir) / "best_model"))
        else:
            self.wait_epoch += 1
        if self.wait_epoch >= self.patience:
            self.model.stop_training = True
            if self.verbose > 0:
                say(f"Epoch {self.stopped_epoch + 1}: Early stopping.")
        self.stopped_epoch += 1


class ReduceLROnPlateau(_Watch):
    """Lowers the learning rate when a value gets no better.

    Args:
        monitor: its name. Default: 'loss'.
        factor: of the rate, below 1. Default: 0.1.
        patience: measurements in a row without a better one. Default: 10.
        verbose: whether it is said. Default: 1.
        mode: as in `EarlyStopping`.
        min_delta: what counts as better. Default: 0.0001.
        cooldown: measurements after which they count again. Default: 0.
        min_lr: the lowest rate. Default: 0.
    """

    def __init__(
        self,
        monitor: str = "loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 1,
        mode: str = "auto",
        min_delta: float = 0.0001,
        cooldown: int = 0,
        min_lr: float = 0,
    ) -> None:
        super().__init__()
        if factor >= 1.0:
            msg = f"ReduceLROnPlateau does not support a factor >= 1.0; it is {factor}."
            raise ValueError(msg)
        self._begin(monitor, mode, min_delta)
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.cooldown_counter, self.wait, self.best, self.epoch = 0, 0, self._worst, 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget what was measured before."""
        self.cooldown_counter, self.wait, self.best = 0, 0, self._worst

    def in_cooldown(self) -> bool:
        """Whether measurements do not count yet."""
        return self.cooldown_counter > 0

    def on_eval_end(self, logs: Any = None) -> None:
        """Compare, and lower the rate where it is time."""
        value = self._value(logs)
        if value is None:
            return
        optimizer = self.model._optimizer
        if isinstance(optimizer._learning_rate, Schedule):
            warnings.warn("the learning rate has a schedule, which ReduceLROnPlateau leaves alone.", stacklevel=2)
            return
        if self.in_cooldown():
            self.cooldown_counter, self.wait = self.cooldown_counter - 1, 0
        if self._better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            self.wait += 1
            rate = optimizer.get_lr()
            if self.wait >= self.patience and rate > np.float32(self.min_lr):
                lower = max(rate * self.factor, self.min_lr)
                optimizer.set_lr(lower)
                if self.verbose > 0:
                    say(f"Epoch {self.epoch + 1}: ReduceLROnPlateau reducing learning rate to {lower}.")
                self.cooldown_counter, self.wait = self.cooldown, 0
        self.epoch += 1
