"""Mirrors `paddle.callbacks.Callback`, and the one that shows how far a `paddle.Model` is."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

__all__ = ["Callback", "ProgBarLogger"]


class Callback:
    """Base class: its methods are called at their times, and do nothing.

    `model` is the `paddle.Model`, `params` says `batch_size`, `epochs`, `steps`, `verbose` and `metrics`.
    """

    def __init__(self) -> None:
        self.model: Any = None
        self.params: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        """Keep what is told of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Keep the model."""
        self.model = model

    def on_train_begin(self, logs: Any = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called after the last epoch."""

    def on_eval_begin(self, logs: Any = None) -> None:
        """Called before measuring."""

    def on_eval_end(self, logs: Any = None) -> None:
        """Called after measuring, with the values by name."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called before predicting."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Called after predicting."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before an epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after an epoch, with the values by name."""

    def on_train_batch_begin(self, step: int, logs: Any = None) -> None:
        """Called before a batch is trained with."""

    def on_train_batch_end(self, step: int, logs: Any = None) -> None:
        """Called after a batch was trained with, with the values by name."""

    def on_eval_batch_begin(self, step: int, logs: Any = None) -> None:
        """Called before a batch is measured."""

    def on_eval_batch_end(self, step: int, logs: Any = None) -> None:
        """Called after a batch was measured, with the values by name."""

    def on_predict_batch_begin(self, step: int, logs: Any = None) -> None:
        """Called before a batch is predicted."""

    def on_predict_batch_end(self, step: int, logs: Any = None) -> None:
        """Called after a batch was predicted."""


def shown(value: Any) -> str:
    """Return a value as a log shows it.

    >>> shown([1.13370]), shown(0.0)
    ('1.1337', '0.0000e+00')
    """
    if isinstance(value, (list, tuple, np.ndarray)):
        return " ".join(shown(each) for each in value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return f"{number:.4f}" if abs(number) > 1e-3 else f"{number:.4e}"
    return str(value)


def say(line: str, end: str = "\n") -> None:
    """Write a line to where the release prints."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


class ProgBarLogger(Callback):
    """Shows values while a model goes through data.

    Args:
        log_freq: steps from one line to the next. Default: 1.
        verbose: 0 shows nothing, 1 one line that changes, 2 or 3 a line each time. Default: 2.
    """

    def __init__(self, log_freq: int = 1, verbose: int = 2) -> None:
        super().__init__()
        self.log_freq, self.verbose = log_freq, verbose
        self._names: list[str] = []
        self._samples, self._began = 0, 0.0
        self._steps: int | None = None
        self.epochs: int | None = None

    def _begin(self, names: list[str], steps: int | None) -> None:
        self._names, self._steps, self._samples, self._began = names, steps, 0, time.perf_counter()

    def _show(self, step: int, logs: Any) -> None:
        self._samples += (logs or {}).get("batch_size", 1)
        last = self._steps is not None and step + 1 == self._steps
        if not self.verbose or not (last or (step + 1) % self.log_freq == 0):
            return
        values = [f"{name}: {shown(logs[name])}" for name in self._names if name in (logs or {})]
        took = (time.perf_counter() - self._began) / (step + 1) * 1000
        count = f"step {step + 1}/{self._steps}" if self._steps is not None else f"step {step + 1}"
        line = " - ".join([count, *values, f"{took:.0f}ms/step"])
        say(f"\r{line}" if self.verbose == 1 else line, "\n" if last or self.verbose != 1 else "")

    def on_train_begin(self, logs: Any = None) -> None:
        """Say what the values are."""
        self.epochs = self.params.get("epochs")
        if self.verbose:
            say(
                "The loss value printed in the log is the current step, and the metric is the average value of "
                "previous steps."
            )

    def on_epoch_begin(self, epoch: int | None = None, logs: Any = None) -> None:
        """Say which epoch begins."""
        self._begin(self.params.get("metrics") or [], self.params.get("steps"))
        if self.verbose and epoch is not None and self.epochs:
            say(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_begin(self, step: int, logs: Any = None) -> None:
        """Do nothing."""

    def on_train_batch_end(self, step: int, logs: Any = None) -> None:
        """Show values of a batch."""
        self._show(step, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Do nothing more: the last batch has been shown."""

    def on_eval_begin(self, logs: Any = None) -> None:
        """Say that measuring begins."""
        told = logs or {}
        self._begin(told.get("metrics") or [], told.get("steps"))
        if self.verbose:
            say("Eval begin...")

    def on_eval_batch_begin(self, step: int, logs: Any = None) -> None:
        """Do nothing."""

    def on_eval_batch_end(self, step: int, logs: Any = None) -> None:
        """Show values of a batch."""
        self._show(step, logs)

    def on_eval_end(self, logs: Any = None) -> None:
        """Say how many examples were measured."""
        if self.verbose:
            say(f"Eval samples: {self._samples}")

    def on_predict_begin(self, logs: Any = None) -> None:
        """Say that predicting begins."""
        self._begin([], (logs or {}).get("steps"))
        if self.verbose:
            say("Predict begin...")

    def on_predict_batch_begin(self, step: int, logs: Any = None) -> None:
        """Do nothing."""

    def on_predict_batch_end(self, step: int, logs: Any = None) -> None:
        """Show how far it is."""
        self._show(step, logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Say how many examples were predicted."""
        if self.verbose:
            say(f"Predict samples: {self._samples}")
