"""Pairs that tear layers and blocks apart, and pairs that do not."""

from __future__ import annotations

import pytest

from fourfold.compat.porting.blocks import Pair, torn


def pairs(text: str) -> list[Pair]:
    """Read `source>target`, apart by blanks; `source=target` is stated."""
    found = []
    for one in text.split():
        source, target = one.replace("=", ">").split(">")
        found.append(Pair(source, target, "=" in one))
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a.weight>x.weight a.bias>y.bias", id="a-layer-scatters"),
        pytest.param("a.weight>x.weight b.bias>x.bias", id="a-layer-draws-from-two"),
        pytest.param("a.conv.w>x.conv.w a.norm.w>y.norm.w b.norm.w>x.norm.w", id="blocks-cross"),
        pytest.param("a.conv.w=x.conv.w a.norm.w>y.norm.w b.norm.w>x.norm.w", id="an-order-crosses-what-is-stated"),
        pytest.param("net.a.c.w>x.c.w net.a.n.w>y.n.w net.b.n.w>x.n.w", id="blocks-within-a-block"),
        pytest.param("a.c.w>x.c.w a.w>y.w b.c.w>x.d.w b.w>x.w", id="blocks-with-tensors-of-their-own"),
    ],
)
def test_what_is_torn(text: str) -> None:
    assert torn(pairs(text)) is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("conv_0.w>a.conv.w norm_0.w>a.norm.w conv_1.w>b.conv.w", id="a-source-without-blocks"),
        pytest.param("a.conv.w>0.w a.norm.w>1.w b.conv.w>2.w", id="a-model-without-blocks"),
        pytest.param("a.two.0.w>x.w a.two.1.w>y.w b.w>z.w", id="nested-deeper-there"),
        pytest.param("a0.w>a.0.w a1.w>a.1.w b.w>b.w", id="nested-deeper-here"),
        pytest.param("w>w b>b", id="a-model-of-one-layer"),
        pytest.param("net.pos>pos net.a.w>a.w net.a.b>a.b", id="within-one-name"),
        pytest.param("a.conv.w=x.conv.w a.norm.w=y.norm.w b.norm.w=x.norm.w a.act.w>x.act.w", id="stated-so"),
    ],
)
def test_what_is_whole(text: str) -> None:
    assert torn(pairs(text)) is None


def test_the_pairs_that_tear_are_told() -> None:
    found = torn(pairs("a.conv.w>x.conv.w a.norm.w>y.norm.w b.norm.w>x.norm.w"))
    assert found == (Pair("a.conv.w", "x.conv.w", False), Pair("a.norm.w", "y.norm.w", False))
