"""Load, replay, judge."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ....frontends.module import tree
from ...checkpoints.shown import VisibleError
from ...porting import Match, Renames, load_state
from ..bundle import Bundle
from .arrays import tensor
from .end import Recorded, Run, compare_all, compare_free, readers, sensitive_runs
from .replay import Replay, is_random
from .result import LayerResult, TensorResult, Verification
from .status import Status

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from ..bundle import LayerCall
    from .replay import Key

    Array = npt.NDArray[np.generic[Any]]


class VerificationError(VisibleError):
    """The model cannot be replayed, for a reason that is not a layer's."""


# docs/deviations.md has the rows of `reduce_*`
UNWRITTEN = (
    "Paddle 1.8 itself reduces tensors of five and more axes wrongly (`reduce_*` with a dim, adaptive pools built on "
    "it): it writes one element and leaves the others as memory had them. What follows differs whatever the port is"
)


def verify(
    bundle: str | os.PathLike[str],
    model: nn.Module,
    *,
    renames: Mapping[str, str] | Renames | None = None,
    passthrough: Sequence[str] = (),
    training: bool | None = None,
) -> Verification:
    """Replay a recorded model in a model here; compare layer by layer and from end to end.

    The model keeps the loaded parameters; its buffers and its mode are as loaded and as before afterwards.

    Args:
        bundle: what `record(model, inputs, path)` wrote.
        model: a torch module, of torch's layers or a front end's.
        renames: names of the recording to names here, of layers or tensors. Default: none, the names are the same.
        passthrough: patterns of names here of tensors that have no layout rule, and lie here as in the recording.
        training: the mode to replay in. Default: the recorded one.

    Raises:
        BundleError: the file is no bundle, or damaged.
        PortingError: the recorded tensors do not fit the model; the message lists them.
        VerificationError: the model raises outside of its layers, or renames make two layers one.

    Example:
        >>> import tempfile
        >>> from fourfold.compat.agreement.recorder import record
        >>> path = tempfile.mkdtemp() + "/model.fourfold.zip"
        >>> manifest = record(nn.Sequential(nn.Conv3d(1, 2, 3), nn.ReLU()), torch.randn(1, 1, 4, 4, 4), path)
        >>> result = verify(path, nn.Sequential(nn.Conv3d(1, 2, 3), nn.LeakyReLU(0.5)))
        >>> result.ok, result.first.name, result.first.there, result.first.here
        (False, '1', 'ReLU', 'LeakyReLU')
    """
    if not isinstance(model, nn.Module):
        msg = f"model is a {type(model).__name__}; it must be a torch module: build it, such as Model() for Model."
        raise TypeError(msg)
    renames = renames if isinstance(renames, Renames) else Renames(renames)
    with Bundle(bundle) as recording, _mode(model, recording.training if training is None else training):
        api: Any = recording.framework.get("name", "")
        calls = _calls(recording, renames)
        matches = load_state(model, recording.state, source=api, renames=renames, passthrough=passthrough)
        replay = Replay(model, calls)
        with _buffers(model):
            _run_layers(replay, model, recording)
        ends = _run_through(replay, model, recording, matches)
        verification = Verification(
            bundle=str(recording.path),
            framework=f"{api} {recording.framework.get('version', '')}".strip(),
            api=api,
            training=model.training,
            layers=tuple(_in_order(replay, calls)),
            free=tuple(ends.free),
            outputs=tuple(ends.outputs),
            gradients=tuple(ends.gradients),
            matches=tuple(matches),
            complete=ends.complete,
            notes=tuple(ends.notes),
        )
        if not verification.ok and _is_reduced_wrongly(recording):
            verification = dataclasses.replace(verification, notes=(*verification.notes, UNWRITTEN))
        return verification


def _is_reduced_wrongly(recording: Bundle) -> bool:
    """Return whether the release that recorded may have reduced tensors of five axes."""
    if recording.framework.get("name") != "paddle" or not str(recording.framework.get("version")).startswith("1."):
        return False
    outputs = [entry for call in recording.layers for entry in call.outputs.entries.values()]
    return any(len(entry.shape) > 4 for entry in (*outputs, *recording.inputs.entries.values()))


def _calls(recording: Bundle, renames: Renames) -> dict[Key, LayerCall]:
    """Return the recorded calls by the name here and the number of the call."""
    calls: dict[Key, LayerCall] = {}
    for call in recording.layers:
        key = (renames(call.name), call.call)
        if key in calls:
            msg = f"layers {calls[key].name!r} and {call.name!r} of the recording would both be {key[0]!r} here."
            raise VerificationError(msg)
        calls[key] = call
    return calls


def _run_layers(replay: Replay, model: nn.Module, recording: Bundle) -> None:
    inputs = {name: tensor(recording.inputs, name, _device(model)) for name in recording.inputs}
    with torch.no_grad(), replay.judging():
        try:
            _ = model(**inputs) if recording.by_keyword else model(*inputs.values())
        except Exception as error:
            if not replay.failed(error):
                after = [name for name, _ in replay.results]
                where = f"after layer {after[-1]!r}, outside of the layers" if after else "before its first layer"
                msg = f"the model raised {type(error).__name__} {where}: {error}"
                raise VerificationError(msg) from error


def _in_order(replay: Replay, calls: dict[Key, LayerCall]) -> list[LayerResult]:
    """Return the results in the order of the recording, then what was not recorded."""
    raised = any(result.status is Status.RAISED for result in replay.results.values())
    layers = []
    for key, call in calls.items():
        if key in replay.results:
            layers.append(replay.results[key])
        elif not raised:  # after an exception nothing is called
            status = Status.NOT_CALLED if replay.has(key[0]) else Status.NOT_HERE
            shape = next((entry.shape for entry in call.outputs.entries.values()), ())
            layers.append(LayerResult(*key, there=call.kind.rpartition(".")[2], shape=shape, status=status))
    return [*layers, *(result for key, result in replay.results.items() if key not in calls)]


@dataclass
class _Ends:
    """The comparison of the model as a whole."""

    free: list[TensorResult] = field(default_factory=list)
    outputs: list[TensorResult] = field(default_factory=list)
    gradients: list[TensorResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complete: bool = True


def _run_through(replay: Replay, model: nn.Module, recording: Bundle, matches: list[Match]) -> _Ends:
    if any(result.status is Status.RAISED for result in replay.results.values()):
        return _Ends(notes=["outputs and gradients were not compared: a layer raised"], complete=False)
    random = any(is_random(module) for module in model.modules())
    wanted = recording.gradients == "recorded" and not random
    ends = _Ends()
    if random and recording.gradients == "recorded":
        ends.notes.append("gradients were not compared: random layers gave their recorded outputs")
    if recording.gradients == "refused":
        ends.notes.append("gradients were not compared: the recording framework refused to take them")
    outputs = readers(recording.outputs)
    try:
        with _buffers(model), torch.no_grad(), replay.substituting(all_layers=False):
            ends.free = compare_free(outputs, Run(model, recording, None, gradients=False))
        with _buffers(model), replay.substituting(all_layers=True):
            here = Run(model, recording, None, gradients=wanted)
        low, high = sensitive_runs(model, recording, replay.recorded, gradients=wanted)
    except Exception as error:  # in the replay every layer had the recorded shapes; here some have their own
        ends.notes.append(f"outputs and gradients were not compared: {type(error).__name__}: {error}")
        ends.complete = False
        return ends
    coarseness = max((one.coarseness for one in replay.results.values()), default=0.0)
    ends.outputs = compare_all(outputs, here.outputs, (low.outputs, high.outputs), here, coarseness)
    if wanted:
        recorded = _recorded_gradients(recording, matches)
        ends.gradients = compare_all(recorded, here.gradients, (low.gradients, high.gradients), here, coarseness)
    return ends


def _recorded_gradients(recording: Bundle, matches: list[Match]) -> list[Recorded]:
    """Return the recorded gradients under the names here, laid out as here, in the dtype of what they belong to."""
    found = [
        Recorded(f"input {one.name}", recording.inputs.entries[one.name].framework_dtype, one.read)
        for one in readers(recording.input_gradients)
    ]
    by_source = {match.source: match for match in matches}
    for one in readers(recording.parameter_gradients):
        match = by_source.get(one.name)
        if match is not None:
            dtype = recording.state.entries[one.name].framework_dtype
            found.append(Recorded(match.target, dtype, partial(_converted, match, one)))
    return found


def _converted(match: Match, recorded: Recorded) -> Array:
    return match.convert(recorded.read())


def _device(model: nn.Module) -> torch.device:
    return next((one.device for one in nn.Module.parameters(model)), torch.device("cpu"))


@contextmanager
def _mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Set the mode of all modules for a while."""
    # not by train() and eval(), which a model may override
    before = {module: module.training for module in tree(model)}
    for module in before:
        module.training = training
    try:
        yield
    finally:
        for module, mode in before.items():
            module.training = mode


@contextmanager
def _buffers(model: nn.Module) -> Iterator[None]:
    """Give the buffers their values back afterwards: training mode changes statistics."""
    before = [(buffer, buffer.detach().clone()) for buffer in nn.Module.buffers(model)]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, value in before:
                buffer.copy_(value)
