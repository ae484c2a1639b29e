"""Mirrors `megengine.hub` as far as models need it: weights that were downloaded before."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from ..names import native

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load_serialized_obj_from_url", "pretrained"]

_load = native("megengine", "load")


def load_serialized_obj_from_url(url: str, model_dir: Any = None) -> Any:
    """Read what is behind an address from MegEngine's cache, where its release keeps it too.

    Args:
        url: where it was downloaded from; nothing is, here.
        model_dir: the folder. Default: None, `serialized` in `$MGE_HOME`, which is `~/.cache/megengine` unless set.

    Raises:
        FileNotFoundError: it is not there.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("MGE_HOME", str(Path(cache) / "megengine"))).expanduser()
    digest = hashlib.sha256(url.encode()).hexdigest()[:6]
    path = Path(model_dir or home / "serialized") / f"{digest}_{Path(urlparse(url).path).name}"
    if not path.exists():
        msg = f"fourfold downloads nothing; there is no {path}. Download {url} and put it there."
        raise FileNotFoundError(msg)
    return _load(str(path), None)


class pretrained:  # noqa: N801, its name
    """Decorates what makes a model, so that `pretrained=True` loads the weights behind an address into it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def made(pretrained: bool = False, **kwargs: Any) -> Any:
            model = func(**kwargs)
            if pretrained:
                model.load_state_dict(load_serialized_obj_from_url(self.url))
            return model

        return made
