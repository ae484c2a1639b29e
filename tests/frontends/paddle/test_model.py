"""`paddle.Model`: files, what callbacks are told, and what is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourfold.frontends import paddle

if TYPE_CHECKING:
    from pathlib import Path


def _model(rows: int = 4) -> Any:
    network = paddle.nn.Linear(rows, 3)
    model = paddle.Model(network)
    optimizer = paddle.optimizer.Adam(0.1, parameters=network.parameters())
    model.prepare(optimizer, paddle.nn.CrossEntropyLoss(), paddle.metric.Accuracy())
    return model


def _data(examples: int = 10) -> Any:
    random = np.random.RandomState(0)
    labels = random.randint(0, 3, (examples, 1))
    return paddle.io.TensorDataset(
        [paddle.to_tensor(random.randn(examples, 4).astype("float32")), paddle.to_tensor(labels)]
    )


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    model, other = _model(), _model()
    model.fit(_data(), batch_size=5, verbose=0)
    model.save(str(tmp_path / "folder" / "net"))
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["net.pdopt", "net.pdparams"]
    other.load(str(tmp_path / "folder" / "net"))
    assert np.array_equal(other.network.weight.numpy(), model.network.weight.numpy())


def test_a_state_of_another_shape_is_refused_or_left_out(tmp_path: Path) -> None:
    _model(5).save(str(tmp_path / "net"))
    with pytest.raises(ValueError, match=r"weight receives a shape \[5, 3\], but the expected shape is \[4, 3\]"):
        _model().load(str(tmp_path / "net"))


def test_lines_of_a_fit_are_the_release_s(capsys: pytest.CaptureFixture[str]) -> None:
    _model().fit(_data(), _data(3), batch_size=4, verbose=2, log_freq=2)
    lines = capsys.readouterr().out.splitlines()
    number = r"\d\.\d{4}(e[-+]\d\d)?"
    values = rf"loss: {number} - acc: {number} - \d+ms/step"
    expected = [
        r"The loss value printed in the log is the current step, .* the average value of previous steps\.",
        "Epoch 1/1",
        f"step 2/3 - {values}",
        f"step 3/3 - {values}",
        r"Eval begin\.\.\.",
        f"step 1/1 - {values}",
        "Eval samples: 3",
    ]
    assert [bool(re.fullmatch(one, two)) for one, two in zip(expected, lines, strict=True)] == [True] * 7


def test_callbacks_are_called_in_order_with_the_values() -> None:
    heard: list[Any] = []

    class Heard(paddle.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_train_batch_end(self, step: int, logs: Any = None) -> None:
            heard.append((step, sorted(logs), logs["batch_size"]))

        def on_eval_end(self, logs: Any = None) -> None:
            heard.append(("eval", sorted(logs), logs["batch_size"]))

    _model().fit(_data(5), _data(3), batch_size=4, verbose=0, callbacks=[Heard()])
    names = ["acc", "batch_size", "loss", "step"]
    assert heard == [(0, names, 4), (1, names, 1), ("eval", names, 3)]


def test_early_stopping_ends_a_fit() -> None:
    model = _model()
    stop = paddle.callbacks.EarlyStopping("acc", patience=1, verbose=0, baseline=2.0)
    model.fit(_data(), _data(), epochs=5, batch_size=5, verbose=0, callbacks=[stop])
    assert stop.stopped_epoch == 1


def test_a_static_program_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="training=True"):
        _model().save(str(tmp_path / "net"), training=False)
