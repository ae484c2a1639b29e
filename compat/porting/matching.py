"""Find for every tensor of a module its source, and load it through the layout rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from ...frontends.tensor import plain
from .conversion import conversion
from .errors import PortingError
from .finding import Patterns, check_rules, find, misfit
from .renames import Renames
from .report import PortedTensor, PortReport
from .wanted import Wanted, wanted_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import nn

    from ..literals import Api

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A tensor of a module and its source.

    Attributes:
        source: its name in the source.
        wanted: the tensor, with the layouts that it has in the source and here.
    """

    source: str
    wanted: Wanted

    @property
    def target(self) -> str:
        """Its name here; of a shared tensor, the first of them."""
        return self.wanted.full_name

    @property
    def tensor(self) -> torch.Tensor:
        """The parameter or buffer."""
        assert self.wanted.tensor is not None
        return self.wanted.tensor

    def convert(self, array: Array) -> Array:
        """Lay a source's array, the tensor or its gradient, out as the module does; no value changes.

        Raises:
            PortingError: it has none of the shapes that the rule allows.
        """
        try:
            found = conversion(self.wanted, self.source, array.shape, self.wanted.form)
        except PortingError as error:
            msg = f"{error} Nothing is reshaped by guess: build the layer with the sizes of the source."
            raise PortingError(msg) from error
        return np.array(found.apply(array), order="C")

    @property
    def rule(self) -> str:
        """What `convert` does, for a report: `as is`, or how the two sides lie, as `transposed -> as is`."""
        if self.wanted.layer is None or self.wanted.source is None:
            return "passed through"
        there = " or ".join(form.name for form in self.wanted.source.forms)
        return there if there == self.wanted.form.name else f"{there} -> {self.wanted.form.name}"

    def load(self, array: Array) -> None:
        """Copy an array of the source into the tensor.

        Raises:
            PortingError: the shape is not one that the rule allows, or a value would change in the tensor's dtype.
        """
        values = torch.from_numpy(self.convert(array))
        converted = values.to(self.tensor.dtype)
        if not _same_values(converted.to(values.dtype), values):
            msg = (
                f"{self.source!r} is {array.dtype}, and its values change in the {self.tensor.dtype} of "
                f"{self.target!r}. Build the module with the dtype of the source."
            )
            raise PortingError(msg)
        with torch.no_grad():
            plain(self.tensor).copy_(converted)


def match_state(
    module: nn.Module,
    names: Sequence[str],
    *,
    source: Api,
    renames: Renames | None = None,
    passthrough: Sequence[str] = (),
) -> list[Match]:
    """Find for every parameter and buffer of a module its name in a source.

    Args:
        module: a torch module; its layers may be torch's or of a front end.
        names: the tensors of the source.
        source: the framework that they come from, one of `fourfold.compat.porting.APIS`.
        renames: names of the source to names here. Default: none, the names are the same.
        passthrough: patterns (`*`, `?`) of names here of tensors that have no rule, and lie here as in the source.

    Raises:
        PortingError: tensors here have no rule, or no source, or names of the source have no tensor here, or two
            have the same one. The message lists them.

    Example:
        >>> import numpy as np
        >>> from torch import nn
        >>> (match,) = match_state(nn.Linear(2, 3, bias=False), ["weight"], source="paddle")
        >>> match.convert(np.arange(6).reshape(2, 3)).tolist()
        [[0, 3], [1, 4], [2, 5]]
    """
    renames = renames or Renames()
    available = renames.of(names)
    wanted = wanted_by(module, {}, source=source, target=source)
    check_rules(Patterns(passthrough).unruled(wanted), source, "the module")
    finds = [one for one in find(wanted, available) if one.wanted.tensor is not None]
    renames.check_used(names)
    lacking = [one.wanted for one in finds if not one.names and not one.wanted.optional]
    tensors = [PortedTensor(None, (one.names(one.source) or [one.full_name])[0], ("missing",)) for one in lacking]
    tensors += [PortedTensor(name, None, ("unexpected",)) for name in sorted(available.values())]
    if tensors:
        raise PortingError(misfit(PortReport(source, source, tuple(tensors)), "the module"))
    # what is tied is loaded once
    return [Match(name, one.wanted) for one in finds if one.how != ("tied",) for name in one.names]


def load_state(
    module: nn.Module,
    state: Mapping[str, Array],
    *,
    source: Api,
    renames: Renames | None = None,
    passthrough: Sequence[str] = (),
) -> list[Match]:
    """Load arrays of another framework into a module, in place; return what went where.

    Args:
        module: see `match_state`.
        state: arrays by the source's names. One is read at a time.
        source: see `match_state`.
        renames: see `match_state`.
        passthrough: see `match_state`.

    Raises:
        PortingError: as `match_state`, or an array has a shape or values that do not fit. Names are checked before
            anything is loaded.

    Example:
        >>> import numpy as np
        >>> from torch import nn
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> [match.target for match in load_state(layer, {"weight": np.float32([[3], [4]])}, source="paddle")]
        ['weight']
        >>> layer.weight.tolist()
        [[3.0, 4.0]]
    """
    matches = match_state(module, list(state), source=source, renames=renames, passthrough=passthrough)
    for match in matches:
        match.load(state[match.source])
    return matches


def _same_values(left: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.equal(left, right) or bool(((left == right) | (left.isnan() & right.isnan())).all())
