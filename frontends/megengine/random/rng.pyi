# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.random import beta as beta
from fourfold.frontends.megengine.random import gamma as gamma
from fourfold.frontends.megengine.random import normal as normal
from fourfold.frontends.megengine.random import permutation as permutation
from fourfold.frontends.megengine.random import poisson as poisson
from fourfold.frontends.megengine.random import seed as seed
from fourfold.frontends.megengine.random import shuffle as shuffle
from fourfold.frontends.megengine.random import uniform as uniform
from fourfold.frontends.megengine.rng import RNG as RNG

__all__ = ['RNG', 'beta', 'gamma', 'normal', 'permutation', 'poisson', 'seed', 'shuffle', 'uniform']


def __getattr__(name: str) -> Any: ...
