# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import arange as arange
from fourfold.frontends.megengine.functional import broadcast_to as broadcast_to
from fourfold.frontends.megengine.functional import complex as complex
from fourfold.frontends.megengine.functional import concat as concat
from fourfold.frontends.megengine.functional import cond_take as cond_take
from fourfold.frontends.megengine.functional import copy as copy
from fourfold.frontends.megengine.functional import cumsum as cumsum
from fourfold.frontends.megengine.functional import diag as diag
from fourfold.frontends.megengine.functional import expand_dims as expand_dims
from fourfold.frontends.megengine.functional import eye as eye
from fourfold.frontends.megengine.functional import flatten as flatten
from fourfold.frontends.megengine.functional import full as full
from fourfold.frontends.megengine.functional import full_like as full_like
from fourfold.frontends.megengine.functional import gather as gather
from fourfold.frontends.megengine.functional import imag as imag
from fourfold.frontends.megengine.functional import linspace as linspace
from fourfold.frontends.megengine.functional import meshgrid as meshgrid
from fourfold.frontends.megengine.functional import ones as ones
from fourfold.frontends.megengine.functional import ones_like as ones_like
from fourfold.frontends.megengine.functional import polar as polar
from fourfold.frontends.megengine.functional import real as real
from fourfold.frontends.megengine.functional import repeat as repeat
from fourfold.frontends.megengine.functional import reshape as reshape
from fourfold.frontends.megengine.functional import roll as roll
from fourfold.frontends.megengine.functional import scatter as scatter
from fourfold.frontends.megengine.functional import split as split
from fourfold.frontends.megengine.functional import squeeze as squeeze
from fourfold.frontends.megengine.functional import stack as stack
from fourfold.frontends.megengine.functional import swapaxes as swapaxes
from fourfold.frontends.megengine.functional import tile as tile
from fourfold.frontends.megengine.functional import transpose as transpose
from fourfold.frontends.megengine.functional import where as where
from fourfold.frontends.megengine.functional import zeros as zeros
from fourfold.frontends.megengine.functional import zeros_like as zeros_like

__all__ = ['arange', 'broadcast_to', 'complex', 'concat', 'cond_take', 'copy', 'cumsum', 'diag', 'expand_dims', 'eye', 'flatten', 'full', 'full_like', 'gather', 'imag', 'linspace', 'meshgrid', 'ones', 'ones_like', 'polar', 'real', 'repeat', 'reshape', 'roll', 'scatter', 'split', 'squeeze', 'stack', 'swapaxes', 'tile', 'transpose', 'where', 'zeros', 'zeros_like']


def __getattr__(name: str) -> Any: ...
