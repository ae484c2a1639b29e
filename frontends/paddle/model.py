"""Mirrors `paddle.Model`: a network with its optimizer, loss and metrics, and the loops over data."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..tensor import plain
from .callbacks import with_defaults
from .described import summary
from .loading.loader import DataLoader
from .metrics import Metric
from .names import NAMES
from .tensor import to_tensor

__all__ = ["Model"]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _tensors(values: Any) -> list[Any]:
    return [each if isinstance(each, torch.Tensor) else to_tensor(np.asarray(each)) for each in _listed(values)]


class Model:
    """A network that is trained, measured and asked by loops over data.

    Args:
        network: a layer; its forward takes the first fields of a batch, the loss its outputs and the others.
        inputs: descriptions of the inputs, of which only the number counts. Default: None, as many as forward takes.
        labels: likewise. Default: None, the other fields.
    """

    def __init__(self, network: Any, inputs: Any = None, labels: Any = None) -> None:
        if not hasattr(network, "forward"):
            msg = f"network is a {type(network).__name__}, which has no attribute 'forward'; give an nn.Layer."
            raise AttributeError(msg)
        self.network, self._inputs, self._labels = network, _listed(inputs), _listed(labels)
        self._optimizer: Any = None
        self._loss: Any = None
        self._metrics: list[Any] = []
        self.stop_training = False
        self.mode = "train"
        self._scaler: Any = None

    def prepare(self, optimizer: Any = None, loss: Any = None, metrics: Any = None, amp_configs: Any = None) -> None:
        """Say how the network is trained and measured.

        Args:
            optimizer: over the network's parameters. Default: None, it is not trained.
            loss: a layer or function of outputs and labels. Default: None, the network returns it.
            metrics: one or several of `paddle.metric`. Default: None.
            amp_configs: not served; leave it out for the precision of the data.

        Raises:
            TypeError: the loss cannot be called.
            AssertionError: a metric is none.
        """
        if amp_configs is not None and amp_configs not in ("O0", {"level": "O0"}):
            msg = f"amp_configs={amp_configs!r} is not served here; leave it out, for the dtypes that the layers have."
            raise NotImplementedError(msg)
        if loss is not None and not callable(loss):
            msg = "'loss' must be sub classes of `paddle.nn.Layer` or any callable function."
            raise TypeError(msg)
        for metric in _listed(metrics):
            if not isinstance(metric, Metric):
                msg = f"{type(metric).__name__} is not sub class of Metric; give those of paddle.metric."
                raise AssertionError(msg)
        self._optimizer, self._loss, self._metrics = optimizer, loss, _listed(metrics)
        self._prepared = True

    _prepared = False

    # -- one batch ----------------------------------------------------------------------------------------------

    def _losses(self, outputs: list[Any], labels: list[Any]) -> list[Any]:
        if self._loss is None:
            return outputs
        return _listed(self._loss(*outputs, *labels))

    def _measured(self, outputs: list[Any], labels: list[Any]) -> list[Any]:
        found = []
        for metric in self._metrics:
            counted = metric.compute(*outputs, *labels)
            found.append(metric.update(*_listed(counted)))
        return found

    def _answer(self, losses: list[Any], metrics: list[Any]) -> Any:
        values = [plain(each).detach().cpu().numpy() for each in losses]
        return (values, metrics) if self._metrics and values else (values or metrics)

    def _check(self, what: Any) -> None:
        if what is None or not self._prepared:
            msg = "model not ready, please call `model.prepare()` first, with an optimizer or a loss."
            raise AssertionError(msg)

    def train_batch(self, inputs: Any, labels: Any = None, update: bool = True) -> Any:
        """Train with a batch; return the losses, and the metrics so far where there are any.

        Args:
            inputs: an array or tensor, or a list of them.
            labels: likewise. Default: None.
            update: whether the optimizer steps; gradients add up otherwise. Default: True.
        """
        self._check(self._optimizer)
        self.network.train()
        self.mode = "train"
        given = _tensors(labels)
        outputs = _listed(self.network(*_tensors(inputs)))
        losses = self._losses(outputs, given)
        total = losses[0]
        for each in losses[1:]:
            total = total + each
        total.backward()
        if update:
            self._optimizer.step()
            self._optimizer.clear_grad()
        return self._answer(losses, self._measured(outputs, given))

    def eval_batch(self, inputs: Any, labels: Any = None) -> Any:
        """Return the losses of a batch, and the metrics so far where there are any."""
        self.network.eval()
        self.mode = "eval"
        with torch.no_grad():
            given = _tensors(labels)
            outputs = _listed(self.network(*_tensors(inputs)))
            losses = self._losses(outputs, given) if self._loss is not None else []
            return self._answer(losses, self._measured(outputs, given))

    def predict_batch(self, inputs: Any) -> list[Any]:
        """Return the outputs of a batch as arrays."""
        self.network.eval()
        self.mode = "test"
        with torch.no_grad():
            return [plain(each).cpu().numpy() for each in _listed(self.network(*_tensors(inputs)))]

    # -- loops --------------------------------------------------------------------------------------------------

    def _fields(self, batch: Any) -> tuple[list[Any], list[Any]]:
        """Return what of a batch the network takes, and the rest."""
        fields = _listed(batch)
        takes = inspect.signature(self.network.forward).parameters.values()
        varies = any(each.kind is each.VAR_POSITIONAL for each in takes)
        count = len(self._inputs) or (len(fields) if varies else len(takes))
        return fields[:count], fields[count:]

    def _loop(
        self, loader: Any, callbacks: Any, mode: str, logs: dict[str, Any], *, limit: int | None, every: int = 1
    ) -> list[Any]:
        """Go through the data once; `logs` is what callbacks are given, and holds the last batch's values after it."""
        outputs = []
        steps = _length(loader)
        last = steps if limit is None or steps is None else min(steps, limit)
        for step, batch in enumerate(loader):
            if limit is not None and step >= limit:
                break
            getattr(callbacks, f"on_{mode}_batch_begin")(step, logs)
            inputs, labels = self._fields(batch)
            if mode == "predict":
                outputs.append(self.predict_batch(inputs))
            else:
                if mode == "train":
                    update = (step + 1) % every == 0 or step + 1 == last
                    answer = self.train_batch(inputs, labels, update)
                else:
                    answer = self.eval_batch(inputs, labels)
                self._log(answer, logs)
            logs["step"] = step
            logs["batch_size"] = _listed(batch)[0].shape[0]
            getattr(callbacks, f"on_{mode}_batch_end")(step, logs)
            if self.stop_training and mode == "train":
                break
        return outputs

    def _log(self, answer: Any, logs: dict[str, Any]) -> None:
        losses = answer[0] if isinstance(answer, tuple) else (answer if self._loss is not None else [])
        if self._loss is not None:
            logs["loss"] = [float(each.reshape(-1)[0]) for each in losses]
        for metric in self._metrics:
            values = metric.accumulate()
            names = _listed(metric.name())
            logs.update(zip(names, values if isinstance(values, (list, tuple)) else [values], strict=True))

    def _names(self) -> list[str]:
        names = ["loss"] if self._loss is not None else []
        return names + [name for metric in self._metrics for name in _listed(metric.name())]

    def _reset(self) -> None:
        for metric in self._metrics:
            metric.reset()

    def fit(
        self,
        train_data: Any = None,
        eval_data: Any = None,
        batch_size: int = 1,
        epochs: int = 1,
        eval_freq: int = 1,
        log_freq: int = 10,
        save_dir: str | None = None,
        save_freq: int = 1,
        verbose: int = 2,
        drop_last: bool = False,
        shuffle: bool = True,
        num_workers: int = 0,
        callbacks: Any = None,
        accumulate_grad_batches: int = 1,
        num_iters: int | None = None,
    ) -> None:
        """Train the network.

        Args:
            train_data: a dataset or a loader.
            eval_data: likewise, to measure with. Default: None.
            batch_size: examples in a batch of a dataset; two numbers for training and measuring. Default: 1.
            epochs: times through the data. Default: 1.
            eval_freq: epochs from one measurement to the next. Default: 1.
            log_freq: steps from one line to the next. Default: 10.
            save_dir: a folder for what is saved. Default: None, nothing is.
            save_freq: epochs from one file to the next. Default: 1.
            verbose: 0 prints nothing, 1 a bar, 2 lines. Default: 2.
            drop_last: whether an incomplete batch is left out. Default: False.
            shuffle: whether a dataset is shuffled each epoch. Default: True.
            num_workers: processes that load. Default: 0.
            callbacks: of `paddle.callbacks`. Default: None.
            accumulate_grad_batches: batches from one step to the next. Default: 1.
            num_iters: steps in all. Default: None, as many as there are.
        """
        if train_data is None:
            msg = "train_data must be given!"
            raise AssertionError(msg)
        sizes = batch_size if isinstance(batch_size, (tuple, list)) else (batch_size, batch_size)
        loader = _loader(train_data, sizes[0], shuffle=shuffle, drop_last=drop_last, workers=num_workers)
        checks = _loader(eval_data, sizes[1], workers=num_workers) if eval_data is not None else None
        steps = _length(loader)
        if num_iters is not None and steps is not None:
            epochs = (num_iters + steps - 1) // steps
            steps = min(num_iters, steps)
        calls = with_defaults(
            callbacks,
            self,
            epochs=epochs,
            steps=steps,
            log_freq=log_freq,
            save_freq=save_freq,
            save_dir=save_dir,
            verbose=verbose,
            metrics=self._names(),
        )
        logs: dict[str, Any] = {}
        self.stop_training = False
        left = num_iters
        calls.on_train_begin()
        for epoch in range(epochs):
            calls.on_epoch_begin(epoch)
            self._reset()
            self._loop(loader, calls, "train", logs, limit=left, every=accumulate_grad_batches)
            if left is not None:
                left -= logs.get("step", -1) + 1
            calls.on_epoch_end(epoch, logs)
            if checks is not None and epoch % eval_freq == 0:
                self._measure(checks, calls, logs)
            if self.stop_training or left == 0:
                break
        calls.on_train_end(logs)

    def _measure(self, loader: Any, calls: Any, logs: dict[str, Any], limit: int | None = None) -> None:
        self._reset()
        calls.on_eval_begin({"steps": _length(loader), "metrics": self._names()})
        self._loop(loader, calls, "eval", logs, limit=limit)
        calls.on_eval_end(logs)

    def evaluate(
        self,
        eval_data: Any,
        batch_size: int = 1,
        log_freq: int = 10,
        verbose: int = 2,
        num_workers: int = 0,
        callbacks: Any = None,
        num_iters: int | None = None,
    ) -> dict[str, Any]:
        """Return the loss of the last batch and the metrics of all, by name; arguments as those of `fit`."""
        loader = _loader(eval_data, batch_size, workers=num_workers)
        calls = with_defaults(callbacks, self, log_freq=log_freq, verbose=verbose, metrics=self._names())
        logs: dict[str, Any] = {}
        self._measure(loader, calls, logs, num_iters)
        return {name: logs[name] for name in self._names() if name in logs}

    def predict(
        self,
        test_data: Any,
        batch_size: int = 1,
        num_workers: int = 0,
        stack_outputs: bool = False,
        verbose: int = 1,
        callbacks: Any = None,
    ) -> list[Any]:
        """Return, for each output of the network, a tuple of the batches' arrays, or one array if `stack_outputs`."""
        loader = _loader(test_data, batch_size, workers=num_workers)
        calls = with_defaults(callbacks, self, verbose=verbose, metrics=[])
        logs: dict[str, Any] = {}
        calls.on_predict_begin({"steps": _length(loader)})
        found = self._loop(loader, calls, "predict", logs, limit=None)
        outputs: list[Any] = list(zip(*found, strict=True))
        if stack_outputs:
            outputs = [np.vstack(each) for each in outputs]
        calls.on_predict_end(logs)
        return outputs

    # -- state --------------------------------------------------------------------------------------------------

    def parameters(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Return the network's parameters."""
        return list(self.network.parameters(*args, **kwargs))

    def save(self, path: str, training: bool = True) -> None:
        """Save the network's state to `path` + '.pdparams', and the optimizer's, where it has any, to '.pdopt'.

        Raises:
            ValueError: `path` ends in no name of a file.
            NotImplementedError: `training` is False: a network for inference is a static program.
        """
        if not Path(path).name or path.endswith("/"):
            msg = f"path={path!r} must have a name of a file after the folder: 'folder/name'."
            raise ValueError(msg)
        if not training:
            msg = "training=False saves a static program; front ends are eager. Save the state with training=True."
            raise NotImplementedError(msg)
        write = NAMES.get("save")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write(self.network.state_dict(), f"{path}.pdparams")
        state = {} if self._optimizer is None else self._optimizer.state_dict()
        if state:
            write(state, f"{path}.pdopt")

    def load(self, path: str, skip_mismatch: bool = False, reset_optimizer: bool = False) -> None:
        """Load what `save` wrote.

        Args:
            path: without '.pdparams'.
            skip_mismatch: whether to leave out, with a warning, what is missing or has another shape.
            reset_optimizer: whether to leave the optimizer's state as it is.

        Raises:
            AssertionError: there is no such file.
            ValueError: something is missing or has another shape.
        """
        stem = path.removesuffix(".pdparams")
        if not Path(f"{stem}.pdparams").is_file():
            msg = f"Failed to load parameters, please check path: there is no {stem}.pdparams."
            raise AssertionError(msg)
        read = NAMES.get("load")
        state = read(f"{stem}.pdparams")
        for name, target in self.network.state_dict().items():
            if skip_mismatch:
                break
            if name not in state:
                msg = f"{name} is not found in the providing file."
                raise ValueError(msg)
            if list(state[name].shape) != list(target.shape):
                msg = (
                    f"{name} receives a shape {list(state[name].shape)}, but the expected shape is "
                    f"{list(target.shape)}."
                )
                raise ValueError(msg)
        self.network.set_state_dict(state)
        if not reset_optimizer and self._optimizer is not None and Path(f"{stem}.pdopt").is_file():
            self._optimizer.set_state_dict(read(f"{stem}.pdopt"))

    def summary(self, input_size: Any = None, dtype: Any = None) -> Any:
        """Print the network's layers, and return how many values it learns; see `paddle.summary`."""
        return summary(self.network, input_size or [tuple(each.shape) for each in self._inputs] or None, dtype)


def _loader(data: Any, batch_size: int, *, shuffle: bool = False, drop_last: bool = False, workers: int = 0) -> Any:
    if isinstance(data, torch.utils.data.Dataset) or (hasattr(data, "__getitem__") and hasattr(data, "__len__")):
        return DataLoader(data, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, num_workers=workers)
    return data


def _length(loader: Any) -> int | None:
    try:
        return len(loader)
    except TypeError:
        return None
