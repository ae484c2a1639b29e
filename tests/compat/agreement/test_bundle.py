"""A bundle that is damaged, or made to harm, is refused with the reason."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from fourfold.compat.agreement.bundle import Bundle, BundleError
from fourfold.compat.agreement.recorder import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Members = dict[str, bytes]
FIRST = "inputs/00000.npy"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "model.fourfold.zip"
    record(nn.Linear(3, 2), np.ones((1, 3), np.float32), path)
    return path


@pytest.fixture
def edited(good: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write the good bundle again with its members or its manifest changed."""

    def edit(members: Callable[[Members], Any] | None = None, manifest: Callable[[Any], Any] | None = None) -> Path:
        with zipfile.ZipFile(good) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        if manifest is not None:
            described = json.loads(found["manifest.json"])
            manifest(described)
            found["manifest.json"] = json.dumps(described).encode()
        if members is not None:
            members(found)
        path = tmp_path / "edited.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in found.items():
                archive.writestr(name, data)
        return path

    return edit


def test_the_good_one_is_good(good: Path) -> None:
    with Bundle(good) as bundle:
        bundle.verify()
        assert bundle.inputs["0"].tolist() == [[1, 1, 1]]
        assert bundle.inputs["0"].flags.writeable


def first(**changes: Any) -> Callable[[Any], None]:
    """Change the entry of the first input."""
    return lambda manifest: manifest["inputs"][0].update(changes)


MANIFESTS = [
    pytest.param(lambda m: m.update(format="other"), "its format is 'other'", id="format"),
    pytest.param(lambda m: m.update(format_version=2), "format version is 2; this fourfold reads 1", id="version"),
    pytest.param(lambda m: m.pop("layers"), r"lacks a part.*KeyError: 'layers'", id="no-layers"),
    pytest.param(lambda m: m.update(model=[]), "lacks a part or has one of the wrong kind", id="wrong-kind"),
    pytest.param(lambda m: m.update(inputs=3), "lacks a part or has one of the wrong kind", id="inputs-a-number"),
    pytest.param(first(member="../evil.npy"), r"said to be in '\.\./evil\.npy'", id="leaves-the-archive"),
    pytest.param(first(member="/inputs/00000.npy"), "members are named GROUP/NUMBER", id="absolute"),
    pytest.param(first(member=7), "members are named GROUP/NUMBER", id="member-a-number"),
    pytest.param(first(member="inputs/00001.npy"), "is not in the archive", id="no-such-member"),
    pytest.param(first(dtype="|O"), r"has dtype '\|O'; a bundle holds numbers", id="objects"),
    pytest.param(first(dtype="<M8[s]"), "a bundle holds numbers and booleans", id="dates"),
    pytest.param(first(dtype="<f4,<f4"), "a bundle holds numbers and booleans", id="records"),
    pytest.param(first(shape=[1, -3]), r"has shape \[1, -3\]", id="negative"),
    pytest.param(first(shape=[1, 3.0]), "integers, 0 and above, are legal", id="fraction"),
    pytest.param(first(shape=[True, 3]), "integers, 0 and above, are legal", id="boolean"),
    pytest.param(first(shape=[1] * 33), "up to 32 integers", id="many-axes"),
    pytest.param(first(shape=None), "lacks a part or has one of the wrong kind", id="no-shape"),
    pytest.param(first(shape=[1, 3000]), "has 140 bytes, but its shape and dtype come to 12000", id="larger"),
    pytest.param(first(shape=[2**20, 2**20]), "more than array_limit=17179869184", id="enormous"),
    pytest.param(first(shape=[3, 1]), r"holds <f4 \(1, 3\), the manifest says <f4 \(3, 1\)", id="other-shape"),
    pytest.param(first(dtype="<i4"), "the manifest says <i4", id="other-dtype"),
    pytest.param(first(sha256="0" * 64), "does not have the sha256", id="sha256"),
    pytest.param(lambda m: m["state"].append(m["state"][0]), "two arrays have one name", id="twice"),
]


@pytest.mark.parametrize(("change", "message"), MANIFESTS)
def test_a_wrong_manifest_is_refused(edited: Callable[..., Path], change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        check(edited(manifest=change))


MEMBERS = [
    pytest.param(lambda m: m.pop("manifest.json"), r"it has no manifest\.json", id="no-manifest"),
    pytest.param(lambda m: m.update({"manifest.json": b"{"}), r"manifest\.json cannot be read", id="broken-json"),
    pytest.param(lambda m: m.update({"manifest.json": b"[]"}), "holds a list, not an object", id="list"),
    pytest.param(lambda m: m.update({"manifest.json": b"[" * 100_000}), r"manifest\.json cannot be read", id="deep"),
    pytest.param(lambda m: m.update({"extra.npy": b""}), r"different members \(such as \['extra\.npy'\]\)", id="extra"),
    pytest.param(lambda m: m.pop(FIRST), "is not in the archive", id="missing"),
    pytest.param(lambda m: m.update({FIRST: m[FIRST][:-1]}), "does not have the sha256", id="short"),
    pytest.param(lambda m: m.update({FIRST: b""}), "has 0 bytes, but its shape and dtype come to 12", id="empty"),
    pytest.param(lambda m: m.update({FIRST: bytes(5000)}), "has 5000 bytes, but its shape", id="long"),
    pytest.param(lambda m: m.update({FIRST: m[FIRST][:-1] + b"\0"}), "does not have the sha256", id="changed"),
]


@pytest.mark.parametrize(("change", "message"), MEMBERS)
def test_wrong_members_are_refused(edited: Callable[..., Path], change: Callable[[Members], Any], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        check(edited(members=change))


def numpy_member(descr: str, values: bytes) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1, 3)}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values


@pytest.mark.parametrize(
    ("member", "message"),
    [
        pytest.param(
            numpy_member("|O", b"cbuiltins\nexit\n."), r"holds \|O \(1, 3\), the manifest says <f4", id="pickle"
        ),
        pytest.param(numpy_member("<f4", bytes(11)), "holds 11 bytes of values", id="too-short"),
        pytest.param(numpy_member("<f4", bytes(13)), "holds 13 bytes of values", id="too-long"),
        pytest.param(b"\x93NUMPY\x02\x00" + bytes(99), r"damaged \.npy header|version 1\.0 is read", id="version-2"),
        pytest.param(b"NUMPY" + bytes(99), r"damaged \.npy header", id="no-numpy-file"),
    ],
)
def test_a_member_with_the_right_hash_and_the_wrong_content_is_refused(
    edited: Callable[..., Path], member: bytes, message: str
) -> None:
    path = edited(
        members=lambda found: found.update({FIRST: member}),
        manifest=first(sha256=hashlib.sha256(member).hexdigest()),
    )
    with pytest.raises(BundleError, match=message):
        check(path)


def test_an_empty_array_is_read(tmp_path: Path) -> None:
    record(nn.ReLU(), np.ones((0, 3), np.float32), tmp_path / "x")
    assert check(tmp_path / "x")["0"].shape == (0, 3)


def test_a_claim_that_no_compression_can_keep_is_refused(edited: Callable[..., Path]) -> None:
    path = edited(manifest=first(shape=[2**28, 1]))
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # the first member in the central directory: 24 bytes on is its size
    struct.pack_into("<I", data, entry + 24, 2**30 + 128)
    path.write_bytes(data)
    with pytest.raises(BundleError, match=r"claims 1073741952 bytes out of \d+ compressed ones"):
        check(path)


def test_an_array_above_the_limit_is_refused_and_the_limit_can_be_raised(good: Path) -> None:
    with pytest.raises(BundleError, match="takes 12 bytes, more than array_limit=11"):
        Bundle(good, array_limit=11)
    Bundle(good, array_limit=24).close()


def test_a_limit_below_one_is_refused(good: Path) -> None:
    with pytest.raises(ValueError, match="array_limit=0 bytes"):
        Bundle(good, array_limit=0)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 9], ids=["empty", "two-bytes", "text"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="it is not a zip archive"):
        Bundle(path)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Bundle(tmp_path / "nowhere")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), cut=st.booleans())
def test_a_changed_byte_is_noticed_or_harmless(
    good: Path, tmp_path: Path, position: float, value: int, cut: bool
) -> None:
    data = bytearray(good.read_bytes())
    index = int(position * len(data))
    data[index] = value
    path = tmp_path / "changed"
    path.write_bytes(data[:index] if cut else data)
    try:
        found = check(path)
    except BundleError:
        return
    expected = check(good)
    assert list(found) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def check(path: Path) -> dict[str, Any]:
    """Read everything in a bundle."""
    with Bundle(path) as bundle:
        bundle.verify()
        return {**bundle.inputs, **bundle.state, **bundle.outputs, **bundle.parameter_gradients}


DEEP = 100_000
# Each ends another part of NumPy's reader of headers: its tokenizer, its parser, its arithmetic.
HEADERS = [
    pytest.param("{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 3", id="tokens"),
    pytest.param("{'descr': '<f4', 'shape': (1L, " + '"' * 3, id="text-without-an-end"),
    pytest.param("(" * 900 + ")" * 900, id="deep"),
    pytest.param("-" * 3000 + "1", id="signs"),
    pytest.param("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3e999)}", id="infinite"),
    pytest.param("{'descr': [('a', '<f4')] * 3, 'fortran_order': False, 'shape': (1, 3)}", id="expression"),
    pytest.param("{'descr': '<f4', 'fortran_order': False, 'shape': (1, " + "9" * 900 + ")}", id="digits"),
    pytest.param("{'descr': '" + "(2,)" * 700 + "f4', 'fortran_order': False, 'shape': (1, 3)}", id="dtype"),
    pytest.param("\0" * 300, id="zeros"),
]


@pytest.mark.parametrize("header", HEADERS)
def test_whatever_numpy_raises_of_a_header_is_a_bundle_error(edited: Callable[..., Path], header: str) -> None:
    data = header.encode()
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(data)) + data + bytes(12)
    path = edited(
        members=lambda found: found.update({FIRST: member}),
        manifest=first(sha256=hashlib.sha256(member).hexdigest()),
    )
    with pytest.raises(BundleError, match=r"damaged \.npy header|the manifest says") as caught:
        check(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < len(str(path)) + 600


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
@pytest.mark.parametrize("name", ["manifest.json", FIRST])
def test_only_deflate_unpacks(good: Path, tmp_path: Path, method: int, name: str) -> None:
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(tmp_path / "x", "w") as other:
        for each in archive.namelist():
            other.writestr(each, archive.read(each), method if each == name else zipfile.ZIP_DEFLATED)
    with pytest.raises(BundleError, match=f"is compressed by method {method}; stored and deflated are read"):
        check(tmp_path / "x")


MANIFESTS_OF_STRANGERS = [
    pytest.param(b'{"x":[' + b",".join([b"{}"] * DEEP) + b"]}", "brackets", id="objects"),
    pytest.param(b'{"x":[' + b",".join([b"[]"] * DEEP) + b"]}", "brackets", id="lists"),
    pytest.param(b'{"x":' * 2000, "cannot be read", id="deep"),
    pytest.param(b'{"x":' + b"9" * 5000 + b"}", "cannot be read", id="digits"),
    pytest.param(b'{"x":NaN}', "NaN in JSON", id="nan"),
    pytest.param(b'{"format":"\xff"}', "UnicodeDecodeError", id="not-utf-8"),
]


@pytest.mark.parametrize(("manifest", "message"), MANIFESTS_OF_STRANGERS)
def test_a_manifest_of_strangers_ends_in_a_bundle_error(
    edited: Callable[..., Path], manifest: bytes, message: str
) -> None:
    with pytest.raises(BundleError, match=message):
        check(edited(members=lambda found: found.update({"manifest.json": manifest})))


WRONG = [
    pytest.param(lambda m: m["layers"][0].update(call=[]), "wrong kind", id="call-a-list"),
    pytest.param(first(name=["a"]), r"\['a'\] where a text should be", id="name-a-list"),
    pytest.param(lambda m: m["framework"].update(version={"a": 1}), "where a text should be", id="version"),
    pytest.param(lambda m: m.update(format="a\x1b[2J\n\u202e"), r"'a\\x1b\[2J\\n\\u202e'", id="terminal"),
    pytest.param(lambda m: m.update(format="a" * 10**6), r"a\.\.\., not 'fourfold-bundle'", id="long"),
    pytest.param(lambda m: m["state"].extend([m["state"][0]] * 5000), "two arrays have one name", id="many"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_message_about_a_manifest_is_short_and_steers_no_terminal(
    edited: Callable[..., Path], change: Callable[[Any], Any], message: str
) -> None:
    path = edited(manifest=change)
    with pytest.raises(BundleError, match=message) as caught:
        check(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < len(str(path)) + 600


def test_an_empty_array_that_no_memory_can_address_is_a_bundle_error(edited: Callable[..., Path]) -> None:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': (0, {10**30})}}".encode()
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    path = edited(
        members=lambda found: found.update({FIRST: member}),
        manifest=first(sha256=hashlib.sha256(member).hexdigest(), shape=[0, 10**30]),
    )
    with pytest.raises(BundleError, match="impossible shape"):
        check(path)


def test_a_number_beyond_all_is_a_bundle_error(edited: Callable[..., Path]) -> None:
    def change(found: Members) -> None:
        found["manifest.json"] = found["manifest.json"].replace(b'"call": 0', b'"call": 1e999')

    with pytest.raises(BundleError, match="OverflowError"):
        check(edited(members=change))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes with paths")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(BundleError, match="it is not a regular file"):
        Bundle(tmp_path / "x")
