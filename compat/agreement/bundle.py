"""Read the bundles that `recorder.record` writes. Files are not trusted: sizes are checked before memory is taken."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..checkpoints.errors import DAMAGE, CheckpointError
from ..checkpoints.json_text import parsed
from ..checkpoints.shown import VisibleError, reason, shown, visible
from ..checkpoints.source import open_regular
from .recorder import BUNDLE_FORMAT, BUNDLE_VERSION

if TYPE_CHECKING:
    import os

    import numpy.typing as npt
    from typing_extensions import Self

    Array = npt.NDArray[np.generic[Any]]

MANIFEST = "manifest.json"
MANIFEST_LIMIT = 64 * 2**20  # bytes
DEFLATE_LIMIT = 1032  # deflate cannot shrink more than this, so a larger claim is a lie
HEADER_LIMIT = 4096  # bytes before the data of a .npy member
MEMBER = re.compile(r"[a-z]+(/[a-z]+)?/[0-9]{5,}\.npy")
AXES = 32
# A damaged archive can also lead to a position before the first byte of the file.
ARCHIVE_DAMAGE: tuple[type[Exception], ...] = (*DAMAGE, OSError)
DTYPE = re.compile(r"\|[bui]1|[<>]([ui][248]|f[248]|c(8|16))")


class BundleError(VisibleError):
    """A file is no bundle, or a damaged one; the message says which part and why."""


@dataclass(frozen=True)
class Entry:
    """One array of a bundle.

    Attributes:
        name: its name in the framework: a parameter's key, `output`, an argument's position or keyword.
        member: the file in the archive.
        dtype: NumPy's dtype string of the stored values.
        framework_dtype: the framework's name of the dtype; bfloat16 values are stored as float32.
        shape: as the framework has it.
        sha256: of the member, uncompressed.
    """

    name: str
    member: str
    dtype: str
    framework_dtype: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def nbytes(self) -> int:
        """Size of the values in bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class Arrays(Mapping[str, "Array"]):
    """Arrays by name, read from the archive when asked for and not kept."""

    def __init__(self, bundle: Bundle, entries: list[Entry]) -> None:
        self._bundle = bundle
        self.entries = {entry.name: entry for entry in entries}
        if len(self.entries) < len(entries):
            msg = f"two arrays have one name among {shown([entry.name for entry in entries])}; record the model again."
            raise BundleError(msg)

    def __getitem__(self, name: str) -> Array:
        """Read, check and return one array."""
        return self._bundle.read(self.entries[name])

    def __iter__(self) -> Iterator[str]:
        """Names in the order of the manifest."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.entries)


@dataclass(frozen=True)
class LayerCall:
    """One call of a leaf layer, in execution order.

    Attributes:
        name: the layer's name in the model; empty where the model is a single layer.
        kind: its class with module.
        call: 0 for the first call of this layer, 1 for the second, ...
        outputs: `output`, or `output.0`, `output.1`, ... where it returned several.
    """

    name: str
    kind: str
    call: int
    outputs: Arrays


class Bundle:
    """One recorded run of a model. A context manager: it holds the file open.

    Args:
        path: what `record(model, inputs, path)` wrote.
        array_limit: bytes that one array may take in memory, 1 and above. Default: 16 GiB.

    Raises:
        BundleError: the file is not a bundle, is damaged, or claims more memory than it may.
        OSError: the file cannot be opened.

    Attributes:
        framework: name, version, numpy, python, platform.
        model_class: class of the model with module.
        training: whether the model was in training mode.
        by_keyword: whether the inputs were keyword arguments.
        inputs: what the model was called with.
        state: parameters and buffers, under the framework's names.
        layers: calls of leaf layers in execution order.
        outputs: `output`, or `output.0`, ... where the model returned several.
        gradients: `recorded`, `skipped` or `refused`.
        gradient_error: the refusal as JSON, where refused.
        input_gradients: of the fixed scalar with respect to the inputs.
        parameter_gradients: of the fixed scalar with respect to the trainable parameters.

    Example:
        >>> import tempfile, torch
        >>> from fourfold.compat.agreement.recorder import record
        >>> path = tempfile.mkdtemp() + "/model.fourfold.zip"
        >>> manifest = record(torch.nn.Sequential(torch.nn.ConvTranspose3d(1, 2, 2), torch.nn.ReLU()),
        ...                   torch.ones(1, 1, 2, 2, 2), path)
        >>> with Bundle(path) as bundle:
        ...     [(layer.name, layer.outputs["output"].shape) for layer in bundle.layers]
        [('0', (1, 2, 3, 3, 3)), ('1', (1, 2, 3, 3, 3))]
    """

    def __init__(self, path: str | os.PathLike[str], *, array_limit: int = 16 * 2**30) -> None:
        if array_limit < 1:
            msg = f"array_limit={array_limit} bytes; it must be 1 or above."
            raise ValueError(msg)
        self.path = Path(path)
        self.array_limit = array_limit
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(open_regular(self.path))
            except CheckpointError as error:
                self._fail("it is not a regular file", error)
            with self._reading("it is not a zip archive"):
                self._archive = stack.enter_context(zipfile.ZipFile(file))
            self._load()
            self._opened = stack.pop_all()

    def close(self) -> None:
        """Close the file; arrays can no longer be read."""
        self._opened.close()

    def __enter__(self) -> Self:
        """Return the bundle."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def verify(self) -> None:
        """Read every array once, which checks its size and hash.

        Raises:
            BundleError: one is damaged.
        """
        for entry in self._entries:
            self.read(entry)

    def read(self, entry: Entry) -> Array:
        """Read one array and check it against its entry.

        Raises:
            BundleError: it is damaged.
        """
        where = f"{shown(entry.name)} ({entry.member})"
        with self._reading(f"{where} cannot be read"), self._archive.open(entry.member) as stream:
            data = stream.read(self._archive.getinfo(entry.member).file_size)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            self._fail(f"{where} does not have the sha256 in the manifest")
        start = self._start_of_values(entry, data, where)
        if len(data) - start != entry.nbytes:
            self._fail(f"{where} holds {len(data) - start} bytes of values, its shape and dtype come to {entry.nbytes}")
        with self._reading(f"{where} has an impossible shape"):
            # A copy: what comes from bytes cannot be written to.
            return np.frombuffer(data, np.dtype(entry.dtype), offset=start).reshape(entry.shape).copy()

    def _load(self) -> None:
        manifest = self._read_manifest()
        if manifest.get("format") != BUNDLE_FORMAT:
            self._fail(f"its format is {shown(manifest.get('format'))}, not {BUNDLE_FORMAT!r}")
        version = manifest.get("format_version")
        if version != BUNDLE_VERSION:
            self._fail(f"its format version is {shown(version)}; this fourfold reads {BUNDLE_VERSION}: update it")
        self._entries: list[Entry] = []
        with self._reading(f"{MANIFEST} lacks a part or has one of the wrong kind"):
            self.framework = {key: _text(value) for key, value in manifest["framework"].items()}
            self.model_class = _text(manifest["model"]["class"])
            self.training = bool(manifest["model"]["training"])
            self.by_keyword = manifest["arguments"] == "keyword"
            self.inputs = self._arrays(manifest["inputs"])
            self.state = self._arrays(manifest["state"])
            self.layers = [
                LayerCall(_text(call["name"]), _text(call["class"]), int(call["call"]), self._arrays(call["outputs"]))
                for call in manifest["layers"]
            ]
            self.outputs = self._arrays(manifest["outputs"])
            gradients = manifest["gradients"]
            self.gradients = _text(gradients["status"])
            self.gradient_error: dict[str, Any] | None = gradients.get("error")
            self.input_gradients = self._arrays(gradients.get("inputs", []))
            self.parameter_gradients = self._arrays(gradients.get("parameters", []))
        extra = set(self._archive.namelist()) - {entry.member for entry in self._entries} - {MANIFEST}
        if extra or len(self._archive.namelist()) != len(self._entries) + 1:
            self._fail(f"the archive and {MANIFEST} list different members (such as {shown(sorted(extra)[:3])})")

    def _read_manifest(self) -> dict[str, Any]:
        try:
            information = self._archive.getinfo(MANIFEST)
        except KeyError as error:
            self._fail(f"it has no {MANIFEST}", error)
        if information.file_size > MANIFEST_LIMIT:
            self._fail(f"{MANIFEST} has {information.file_size} bytes; at most {MANIFEST_LIMIT} are read")
        self._check_packing(information, MANIFEST)
        with self._reading(f"{MANIFEST} cannot be read"):
            manifest = parsed(self._archive.read(MANIFEST))
        if not isinstance(manifest, dict):
            self._fail(f"{MANIFEST} holds a {type(manifest).__name__}, not an object")
        return manifest

    def _check_packing(self, information: zipfile.ZipInfo, where: str) -> None:
        """Check what can be known about a member's size without unpacking it."""
        size, compressed = information.file_size, information.compress_size
        if information.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._fail(f"{where} is compressed by method {information.compress_type}; stored and deflated are read")
        if size > compressed * DEFLATE_LIMIT + HEADER_LIMIT:
            self._fail(f"{where} claims {size} bytes out of {compressed} compressed ones")

    def _arrays(self, described: list[dict[str, Any]]) -> Arrays:
        entries = [self._entry(fields) for fields in described]
        self._entries += entries
        return Arrays(self, entries)

    def _entry(self, fields: dict[str, Any]) -> Entry:
        """Check everything that can be known about an array without reading it."""
        name, member, dtype, shape = _text(fields["name"]), fields["member"], fields["dtype"], fields["shape"]
        if not (isinstance(member, str) and MEMBER.fullmatch(member)):
            self._fail(f"{shown(name)} is said to be in {shown(member)}; members are named GROUP/NUMBER.npy")
        where = f"{shown(name)} ({shown(member)[1:-1]})"
        if not (isinstance(dtype, str) and DTYPE.fullmatch(dtype)):
            self._fail(f"{where} has dtype {shown(dtype)}; a bundle holds numbers and booleans")
        if len(shape) > AXES or not all(type(length) is int and length >= 0 for length in shape):
            self._fail(f"{where} has shape {shown(shape)}; up to {AXES} integers, 0 and above, are legal")
        entry = Entry(name, member, dtype, _text(fields["framework_dtype"]), tuple(shape), _text(fields["sha256"]))
        if entry.nbytes > self.array_limit:
            self._fail(f"{where} takes {entry.nbytes} bytes, more than array_limit={self.array_limit}")
        try:
            information = self._archive.getinfo(member)
        except KeyError as error:
            self._fail(f"{where} is not in the archive", error)
        self._check_packing(information, where)
        if not 0 < information.file_size - entry.nbytes <= HEADER_LIMIT:
            self._fail(f"{where} has {information.file_size} bytes, but its shape and dtype come to {entry.nbytes}")
        return entry

    def _start_of_values(self, entry: Entry, data: bytes, where: str) -> int:
        """Compare the header of a .npy member with its entry; return where it ends."""
        stream = io.BytesIO(data)
        with self._reading(f"{where} has a damaged .npy header"):
            version = np.lib.format.read_magic(stream)
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        if version != (1, 0):
            self._fail(f"{where} is .npy version {version}; version 1.0 is read")
        if (shape, dtype.str) != (entry.shape, entry.dtype) or (fortran and len(shape) > 1):
            said = f"{entry.dtype} {shown(entry.shape)}"
            self._fail(f"{where} holds {visible(dtype.str, 80)} {shown(shape)}, the manifest says {said}")
        return stream.tell()

    @contextlib.contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Turn what damage raises into a BundleError."""
        try:
            yield
        except BundleError:
            raise
        except ARCHIVE_DAMAGE as error:
            self._fail(f"{what} ({reason(error)})", error)

    def _fail(self, why: str, cause: BaseException | None = None) -> NoReturn:
        msg = f"{self.path} is not a usable bundle: {why}."
        raise BundleError(msg) from cause


def is_bundle(path: str | os.PathLike[str]) -> bool:
    """Whether a file is an archive with the manifest that bundles have; it may be damaged all the same."""
    try:
        with open_regular(Path(path)) as file, zipfile.ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except ARCHIVE_DAMAGE:
        return False


def _text(value: object) -> str:
    if not isinstance(value, str):
        msg = f"{shown(value)} where a text should be"
        raise TypeError(msg)
    return value
