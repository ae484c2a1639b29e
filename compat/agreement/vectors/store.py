"""Two files per framework: a manifest in JSON, and the arrays in one npz whose bytes depend on their content alone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...checkpoints.atomic import new_file
from ...checkpoints.shown import VisibleError
from ..request import Request
from .vector import Outcome, Vector, digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..data import Array

FORMAT, VERSION = "fourfold-vectors", 1
PROVENANCE = ("environment", "framework", "version", "python", "numpy", "platform", "command", "seed", "fourfold")
# The oldest time that a zip file can state.
EPOCH = (1980, 1, 1, 0, 0, 0)
KEY = 16  # characters of an array's sha256 that name it in the npz


class VectorsError(VisibleError):
    """A recording is damaged or of another version; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that was recorded from one framework.

    Attributes:
        provenance: environment, framework, version, python, numpy, platform, command, seed, fourfold.
        vectors: in the order of recording; their ids differ.
    """

    provenance: Mapping[str, Any]
    vectors: tuple[Vector, ...]


def paths(folder: Path, name: str) -> tuple[Path, Path]:
    """Return where manifest and arrays of a recording are."""
    return folder / f"{name}.json", folder / f"{name}.npz"


def write(recording: Recording, folder: Path, name: str) -> None:
    """Write both files; each appears whole or not at all, and what was there is replaced.

    Args:
        recording: what to write.
        folder: where; made if it is not there.
        name: of the files, without extension.
    """
    manifest_path, npz_path = paths(folder, name)
    table: dict[str, dict[str, Any]] = {}
    stored: dict[str, Array] = {}
    lines = []
    for vector in recording.vectors:
        keys = {}
        for quantity, values in vector.outcome.arrays.items():
            whole = digest({"": values})
            key = keys[quantity] = whole[:KEY]
            small = narrow(values)
            stored[key] = small
            table[key] = {
                "sha256": whole,
                "dtype": str(values.dtype),
                "stored": str(small.dtype),
                "shape": list(values.shape),
            }
        fields = {**vector.request.to_json(), "operands": vector.operands, "outcome": vector.outcome.to_json()}
        lines.append({**fields, "arrays": keys} if keys else fields)
    content = npz_bytes(stored)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "provenance": dict(recording.provenance),
        "npz": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = _lines(manifest, dict(sorted(table.items())), lines)
    for path, data in ((npz_path, content), (manifest_path, text.encode())):
        with new_file(path) as file:
            file.write(data)


def read(folder: Path, name: str) -> Recording:
    """Read a recording and check it: both hashes, every array, every operand's description.

    Args:
        folder: where the files are.
        name: of the files, without extension.

    Raises:
        VectorsError: the files are missing, damaged, inconsistent, or of another version.
    """
    manifest_path, npz_path = paths(folder, name)
    manifest = _manifest(manifest_path)
    try:
        content = npz_path.read_bytes()
    except OSError as error:
        msg = f"{npz_path}: cannot be read ({error.strerror}); {manifest_path.name} needs the file beside it."
        raise VectorsError(msg) from error
    found = hashlib.sha256(content).hexdigest()
    if found != manifest["npz"]["sha256"]:
        msg = f"{npz_path}: its sha256 is {found}, and {manifest_path.name} says {manifest['npz']['sha256']}."
        raise VectorsError(msg)
    arrays = _arrays(content, manifest["arrays"], npz_path)
    try:
        vectors = tuple(
            Vector(
                Request.from_json(fields),
                Outcome.from_json(
                    fields["outcome"], {name: arrays[key] for name, key in fields.get("arrays", {}).items()}
                ),
                fields["operands"],
            )
            for fields in manifest["vectors"]
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{manifest_path}: a vector is not what this version writes ({type(error).__name__}: {error})."
        raise VectorsError(msg) from error
    ids = [vector.request.id for vector in vectors]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        msg = f"{manifest_path}: {twice[0]!r} is there twice; ids must differ."
        raise VectorsError(msg)
    return Recording(manifest["provenance"], vectors)


def narrow(values: Array) -> Array:
    """Return the values in the smallest integer type that holds every bit of them, else as they are.

    >>> narrow(np.float32([1, -3])).dtype, narrow(np.float32([0.5])).dtype, narrow(np.float32([-0.0])).dtype
    (dtype('int8'), dtype('float32'), dtype('float32'))
    """
    if values.dtype.kind == "f" and np.isfinite(values).all():
        least, greatest = values.min(initial=0), values.max(initial=0)
        for kind in (np.int8, np.int16, np.int32):
            limits = np.iinfo(kind)
            if kind(0).itemsize < values.dtype.itemsize and limits.min <= least and greatest <= limits.max:
                small = values.astype(kind)
                if small.astype(values.dtype).tobytes() == values.tobytes():
                    return small
    return values


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return an npz file of the arrays: names sorted, times fixed, so that equal content gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            content = io.BytesIO()
            values = np.ascontiguousarray(arrays[name]).reshape(arrays[name].shape)
            np.lib.format.write_array(content, values.astype(values.dtype.newbyteorder("<")), version=(1, 0))
            archive.writestr(entry, content.getvalue(), compresslevel=9)
    return buffer.getvalue()


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). `fourfold vectors record` writes it."
        raise VectorsError(msg) from error
    except ValueError as error:
        msg = f"{path}: not JSON ({error})."
        raise VectorsError(msg) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        msg = f"{path}: not a manifest of recorded vectors; its format should be {FORMAT!r}."
        raise VectorsError(msg)
    if manifest.get("version") != VERSION:
        msg = f"{path}: version {manifest.get('version')!r} of the format; this reads version {VERSION}."
        raise VectorsError(msg)
    for name, kind in (("provenance", dict), ("npz", dict), ("arrays", dict), ("vectors", list)):
        if not isinstance(manifest.get(name), kind):
            msg = f"{path}: {name!r} is missing or no {kind.__name__}."
            raise VectorsError(msg)
    missing = [name for name in PROVENANCE if name not in manifest["provenance"]]
    if missing:
        msg = f"{path}: the provenance lacks {', '.join(missing)}."
        raise VectorsError(msg)
    return manifest


def _arrays(content: bytes, table: Mapping[str, Any], path: Path) -> dict[str, Array]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        if set(archive.files) != set(table):
            odd = sorted(set(archive.files) ^ set(table))[0]
            msg = f"{path}: array {odd} is in the npz or in the manifest, and not in both."
            raise VectorsError(msg)
        found = {}
        for key, facts in table.items():
            stored: Array = archive[key]
            try:
                values = stored.astype(facts["dtype"])
                known = (digest({"": values}), list(values.shape), str(stored.dtype))
                described = (facts["sha256"], facts["shape"], facts["stored"])
            except (KeyError, TypeError) as error:
                msg = f"{path}: the manifest's entry of array {key} cannot be read ({type(error).__name__}: {error})."
                raise VectorsError(msg) from error
            if known != described:
                msg = f"{path}: array {key} is not the one that the manifest describes."
                raise VectorsError(msg)
            values.flags.writeable = False
            found[key] = values
        return found


def _lines(manifest: dict[str, Any], table: dict[str, Any], vectors: Sequence[Any]) -> str:
    """Return the manifest as JSON with one array and one vector on a line: short, and readable in a diff."""

    def text(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)

    head = ",\n".join(f"{text(name)}:{text(value)}" for name, value in manifest.items())
    rows = ",\n".join(f"{text(key)}:{text(value)}" for key, value in table.items())
    return f'{{\n{head},\n"arrays":{{\n{rows}\n}},\n"vectors":[\n' + ",\n".join(map(text, vectors)) + "\n]}\n"
