"""`fourfold upsample`: a layer or a decoder over a volume larger than memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ...checkpoints import CheckpointError
from ...porting import PortingError, Renames, load_state, port_state
from ...streaming import upsample_stream
from ...suggestion import did_you_mean
from ..arguments.upsample import GEOMETRY
from ..console import HINT, has_rich, say
from .command import OK, UsageError, size_of, write_json
from .model import check_device, model_of
from .reading import load
from .refusing import as_flag

if TYPE_CHECKING:
    import argparse

    from ...streaming import Streamed
    from .reading import Loaded

# What Python is given, in the words of this command line.
FLAGS = {"overwrite=True": "--force", "slab_bytes": "--slab-mib"}


def run(arguments: argparse.Namespace) -> int:
    """Upsample; what an earlier run left is gone on with."""
    begun = time.monotonic()
    try:
        layer = _layer(arguments).eval().to(arguments.device)
        done = upsample_stream(
            layer,
            arguments.source,
            arguments.target,
            slab_bytes=arguments.slab_mib and arguments.slab_mib << 20,
            overwrite=arguments.force,
            quiet=arguments.quiet,
        )
    except (CheckpointError, PortingError) as error:
        raise UsageError(as_flag(error)) from error
    except (ModuleNotFoundError, NotImplementedError, TypeError, ValueError) as error:
        raise UsageError(_in_flags(error)) from error
    except OSError as error:
        if error.errno is None:
            raise UsageError(_in_flags(error)) from error
        msg = f"{error.filename or arguments.target}: {error.strerror}. The same command goes on where this one ended."
        raise UsageError(msg) from error
    _tell(arguments, done, time.monotonic() - begun)
    return OK


def _in_flags(error: Exception) -> str:
    text = str(error)
    for word, flag in FLAGS.items():
        text = text.replace(word, flag)
    return text


def _layer(arguments: argparse.Namespace) -> nn.Module:
    """Return what is applied, with its weights."""
    _check(arguments)
    check_device(arguments.device)
    model = None if arguments.model is None else model_of(arguments.model)
    loaded = None if arguments.weights is None else _loaded(arguments)
    if model is None:
        assert loaded is not None
        return _alone(arguments, loaded)
    if loaded is not None:
        arrays = {
            name: (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
            for name, tensor in loaded.checkpoint.tensors.items()
        }
        load_state(model, arrays, source=loaded.api, renames=Renames.parse(arguments.rename))
    return model if arguments.layer is None else _part(model, arguments.layer)


def _check(arguments: argparse.Namespace) -> None:
    """Raise where options do not go together."""
    given = [f"--{name.replace('_', '-')}" for name in (*GEOMETRY, "groups") if getattr(arguments, name) is not None]
    if arguments.model is None and (arguments.weights is None or arguments.layer is None or arguments.stride is None):
        msg = (
            "nothing says what to apply. Give --model MODULE:NAME; or --weights FILE, --layer NAME and --stride N of a "
            "transposed convolution in it."
        )
        raise UsageError(msg)
    if arguments.model is not None and given:
        msg = f"--model says what {', '.join(given)} would. Leave out the one or the other."
        raise UsageError(msg)


def _loaded(arguments: argparse.Namespace) -> Loaded:
    path = Path(arguments.weights)
    try:
        return load(path, arguments)
    except OSError as error:
        msg = f"--weights={path}: cannot be read ({error.strerror or error}). Name a checkpoint."
        raise UsageError(msg) from error


def _alone(arguments: argparse.Namespace, loaded: Loaded) -> nn.Module:
    """Return a transposed convolution of the checkpoint, as torch's layer."""
    renames, name = Renames.parse(arguments.rename), arguments.layer
    state = {new: loaded.checkpoint.tensors[old] for new, old in renames.of(loaded.checkpoint.tensors).items()}
    own = {full: tensor for full, tensor in state.items() if full.startswith(f"{name}.")}
    if not own:
        layers = sorted({full.rpartition(".")[0] for full in state})
        near = did_you_mean(name, layers)
        msg = f"--layer={name}: {arguments.weights} has no such layer; `fourfold inspect` lists all.{near}"
        raise UsageError(msg)
    groups = arguments.groups or 1
    kinds = {name: f"conv_transpose:{groups}"}
    ported, _ = port_state(own, source=loaded.api, target="torch", module=kinds)
    tensors = {full.removeprefix(f"{name}."): tensor for full, tensor in ported.items()}
    weight = tensors["weight"]
    if weight.ndim != 5:
        msg = f"--layer={name}: its weight has {weight.ndim} axes, and that of a 3-D transposed convolution has five."
        raise UsageError(msg)
    geometry: dict[str, Any] = {option: getattr(arguments, option) or default for option, default in GEOMETRY.items()}
    inputs, outputs, depth, height, width = weight.shape
    layer = nn.ConvTranspose3d(
        inputs,
        outputs * groups,
        (depth, height, width),
        groups=groups,
        bias="bias" in tensors,
        dtype=weight.dtype,
        **geometry,
    )
    layer.load_state_dict(tensors)
    return layer


def _part(model: nn.Module, name: str) -> nn.Module:
    parts: dict[str, nn.Module] = dict(model.named_modules())
    if name not in parts:
        msg = f"--layer={name}: the model has no such part.{did_you_mean(name, list(parts))}"
        raise UsageError(msg)
    return parts[name]


def _tell(arguments: argparse.Namespace, done: Streamed, seconds: float) -> None:
    if arguments.json is not None:
        facts = {
            "target": str(done.target),
            "shape": list(done.shape),
            "dtype": done.dtype,
            "slabs": done.slabs,
            "resumed": done.resumed,
            "seconds": seconds,
        }
        write_json(facts, arguments.json)
    if arguments.json == "-" or arguments.quiet:
        return
    shape = " x ".join(map(str, done.shape))
    before = f", {done.resumed} of them by an earlier run" if done.resumed else ""
    written = f"{size_of(done.target)} in {done.slabs} slabs{before}, {seconds:.1f} s"
    say(f"{done.target}: {shape} {done.dtype}, {written}")
    if not has_rich():
        say(HINT, error=True)
