"""load_checkpoint: any of the formats, told apart by content."""

from __future__ import annotations

import contextlib
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...backend.notebook import html_table
from .errors import CheckpointError, guarded
from .folders import content_of, read_persistables
from .listing import Loaded
from .oneflow import PICKLE, read_oneflow
from .opened import Folder
from .paddle_binary import read_binary
from .pickles import read_pickle
from .program import is_program, starts_tensors
from .safetensors import is_safetensors, read_safetensors
from .shown import shown, visible
from .source import Source
from .torch_files import is_legacy, read_legacy, read_zip

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from .listing import Listing


HEADERS = ("name", "shape", "dtype")


@dataclass(frozen=True, slots=True, repr=False)
class Checkpoint:
    """What is in a checkpoint. `print(checkpoint)` shows a table.

    Attributes:
        tensors: tensors by name, in file order, on the CPU; nested dictionaries give dotted names.
        format: the file's format: one of `"paddle"`, `"paddle-binary"`, `"paddle-persistables"`, `"megengine"`,
            `"oneflow"`, `"torch"`, `"torch-legacy"`, `"safetensors"`.
        producer: what wrote it, as far as the file tells.
        protocol: the pickle protocol, or None.
        name_table: Paddle's names of parameters (`conv3d_transpose_0.w_0`) by the names of the tensors.
        others: what is no tensor (an epoch, a learning rate), by name.
        metadata: what else the file says about itself.
    """

    tensors: dict[str, torch.Tensor]
    format: str
    producer: str
    protocol: int | None
    name_table: dict[str, str]
    others: dict[str, Any]
    metadata: dict[str, str]

    def __repr__(self) -> str:
        values = sum(one.numel() for one in self.tensors.values())
        held = f"{len(self.tensors)} tensors of {values:,} values"
        return f"<Checkpoint: {held}; {self.format}, by {visible(self.producer, 40)}>"

    def __str__(self) -> str:
        rows = [HEADERS, *([visible(cell) for cell in cells] for cells in self._cells())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join([*lines, repr(self)[1:-1]])

    def _repr_html_(self) -> str:
        return html_table(repr(self)[1:-1], HEADERS, self._cells(), len(self.tensors))

    def _cells(self) -> Iterator[tuple[str, ...]]:
        for name, one in self.tensors.items():
            yield name, " x ".join(map(str, one.shape)) or "scalar", str(one.dtype).removeprefix("torch.")


@contextlib.contextmanager
def open_checkpoint(
    path: str | os.PathLike[str], *, allow: Iterable[str] = (), order: Sequence[str] | None = None
) -> Iterator[Listing]:
    """List what is in a checkpoint without reading the tensors; within the block they can be read one by one.

    Args:
        path: the file or folder.
        allow: classes, as `module.name`, whose objects are kept as plain data; nothing is imported.
        order: names of the tensors of Paddle's combined file (`save_persistables(filename=...)`, `.pdiparams`), in its
            order: sorted by name. Default: those of the program beside it (`__model__`, `.pdmodel`), else positions.

    Raises:
        CheckpointError: if it is no checkpoint, is damaged, or names a global that checkpoints do not need.
        OSError: if there is no such file, or it may not be read.

    Example:
        >>> import os, tempfile
        >>> from fourfold.compat.checkpoints import save_checkpoint
        >>> file = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save_checkpoint({"weight": torch.zeros(2, 3)}, file, format="safetensors")
        >>> with open_checkpoint(file) as listing:
        ...     {name: entry.shape for name, entry in listing.tensors.items()}
        {'weight': (2, 3)}
    """
    place = Path(path)
    order = None if order is None else list(order)
    with contextlib.ExitStack() as stack:
        with guarded(place):
            if place.is_dir():
                listing = _read_folder(stack.enter_context(Folder(place)), stack, allow, order)
            else:
                listing = read_file(stack.enter_context(Source(place)), allow, order)
            if order is not None and listing.format != "paddle-binary":
                msg = f"{place}: order= is for Paddle's combined files, and this is of format {listing.format!r}."
                raise CheckpointError(msg)
        yield listing


def _read_folder(folder: Folder, stack: contextlib.ExitStack, allow: Iterable[str], order: list[str] | None) -> Listing:
    if folder.has(PICKLE):
        return read_oneflow(folder, allow)
    content = content_of(folder)
    if content.combined is not None:
        return read_file(stack.enter_context(folder.source(*content.combined)), allow, order)
    return read_persistables(folder, content)


def read_file(source: Source, allow: Iterable[str] = (), order: list[str] | None = None) -> Listing:
    """List what is in a file, by its content; see `open_checkpoint`."""
    head = source.read(0, min(source.size, 4))
    if head == b"PK\x03\x04":
        return read_zip(source, allow)
    if head[:1] == b"\x80":
        return read_legacy(source, allow) if is_legacy(source) else read_pickle(source, allow)
    if is_safetensors(source):
        return read_safetensors(source)
    if starts_tensors(source):
        return read_binary(source, order)
    msg = (
        f"no checkpoint that is known here: {_what(source, head)}. Readable are Paddle's .pdparams, .pdopt and "
        "binary tensors, MegEngine's pickles, OneFlow's folders, torch's files, and safetensors."
    )
    raise source.error(msg)


def _what(source: Source, head: bytes) -> str:
    """Say what else a file is, and what to do about it."""
    if is_program(source):
        return (
            "a program of Paddle: what a network computes, without its parameters. Name the file of these "
            "(.pdiparams, __params__, ...), or the folder of both"
        )
    if source.size > 262 and source.read(257, 5) == b"ustar":
        return "a tar archive, as torch 0.1 wrote. Load it with a torch that can, and save it again; or unpack it"
    if head[:2] == b"\x1f\x8b":
        return "it is compressed by gzip. Unpack it first"
    # pickles of these protocols have no first byte of their own
    if head[:1] in (b"(", b"}", b"]", b"c") and source.read(source.size - 1, 1) == b".":
        return "it looks like a pickle of protocol 0 or 1. Load it where it was written, and save it with protocol 2"
    return f"it starts with {head!r}"


def load_checkpoint(
    path: str | os.PathLike[str],
    names: Collection[str] | None = None,
    *,
    bfloat16: bool | Collection[str] = False,
    allow: Iterable[str] = (),
    order: Sequence[str] | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Checkpoint:
    """Read a checkpoint of Paddle, MegEngine, OneFlow or torch, or a safetensors file, without its framework.

    The format is found by content, not by name. Nothing in the file is run or imported. Each tensor is read
    straight into its own memory, so that the peak is the size of the tensors that are read. Names that share a tensor
    in the file share it here.

    Args:
        path: the file, or the folder (OneFlow, Paddle's save_persistables).
        names: read only these tensors. Default: all.
        bfloat16: Paddle's pickles store bfloat16 as uint16 and do not say so. Names of the tensors to be
            reinterpreted, or True for every uint16 tensor.
        allow: classes of saved modules, as `module.name`, that are kept as plain data; they are not imported.
        order: names of the tensors of Paddle's combined file (`save_persistables(filename=...)`, `.pdiparams`), in its
            order: sorted by name. Default: those of the program beside it (`__model__`, `.pdmodel`), else positions.
        progress: called with the name and the bytes of each tensor that has been read.

    Raises:
        CheckpointError: if it is no checkpoint, is damaged, names a global that checkpoints do not need, or
            lacks one of the names.
        OSError: if there is no such file, or it may not be read.

    Example:
        >>> import os, tempfile
        >>> from fourfold.compat.checkpoints import save_checkpoint
        >>> file = os.path.join(tempfile.mkdtemp(), "model.pdparams")
        >>> save_checkpoint({"weight": torch.ones(2, 3)}, file, format="paddle")
        >>> checkpoint = load_checkpoint(file)
        >>> checkpoint.format, checkpoint.protocol, checkpoint.tensors["weight"].shape
        ('paddle', 4, torch.Size([2, 3]))
    """
    with open_checkpoint(path, allow=allow, order=order) as listing:
        tensors, loaded = {}, Loaded()
        wanted = set(listing.tensors if names is None else names)
        chosen = wanted if bfloat16 is True else set() if bfloat16 is False else set(bfloat16)
        _check_names(path, wanted | chosen, listing)
        for name, entry in listing.tensors.items():
            if name not in wanted:
                continue
            tensor = loaded[entry]
            if name in chosen and tensor.dtype == torch.uint16:
                tensor = tensor.view(torch.bfloat16)
            elif name in chosen and bfloat16 is not True:
                msg = (
                    f"{path}: bfloat16 names {shown(name)}, which is {tensor.dtype}; only torch.uint16 can be "
                    "reinterpreted."
                )
                raise CheckpointError(msg)
            tensors[name] = tensor
            if progress is not None:
                progress(name, entry.nbytes)
        return Checkpoint(
            tensors,
            listing.format,
            listing.producer,
            listing.protocol,
            listing.name_table,
            listing.others,
            listing.metadata,
        )


def _check_names(path: object, wanted: set[str], listing: Listing) -> None:
    for name in sorted(wanted - set(listing.tensors)):
        near = difflib.get_close_matches(name, list(listing.tensors)[:1000], n=3)
        hint = f"Did you mean {', '.join(map(shown, near))}?" if near else "`fourfold inspect` lists the names."
        msg = f"{path}: no tensor is named {shown(name)}. {hint}"
        raise CheckpointError(msg)
