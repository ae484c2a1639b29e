"""Signatures that were typed, of what is written in C."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import pytest

from fourfold.frontends.names import Signatures, signatures

if TYPE_CHECKING:
    from pathlib import Path


def test_a_typed_line_stands_for_builtin() -> None:
    recorded = Signatures("oneflow", "0.9.0")
    assert str(recorded.signature("Tensor.clamp")) == "(min=None, max=None)"
    assert recorded.kind("clamp") == "def"
    assert "clamp" in recorded.typed
    assert "nn.Conv3d" not in recorded.typed


def test_every_typed_line_is_a_signature() -> None:
    recorded = Signatures("oneflow", "0.9.0")
    assert {type(recorded.signature(name)) for name in recorded.typed} == {inspect.Signature}


@pytest.mark.parametrize("name", ["stated", "absent"])
def test_a_line_is_typed_only_where_the_release_states_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "flow" / "signatures"
    folder.mkdir(parents=True)
    names = {"provenance": {}, "names": {"stated": "def (x)"}}
    (folder / "1.json").write_text(json.dumps(names), encoding="utf-8")
    (folder / "1.typed.txt").write_text(f"{name}: def (x, y)\n", encoding="utf-8")
    monkeypatch.setattr(signatures, "FRONTENDS", tmp_path)
    with pytest.raises(ValueError, match=f"'{name}' itself, or lacks it"):
        Signatures("flow", "1")
