# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import collator as collator
from . import colours as colours
from . import dataloader as dataloader
from . import dataset as dataset
from . import sampler as sampler
from . import transform as transform
from . import windows as windows
from fourfold.frontends.megengine.data.collator import Collator as Collator
from fourfold.frontends.megengine.data.dataloader import DataLoader as DataLoader
from fourfold.frontends.megengine.data.sampler import Infinite as Infinite
from fourfold.frontends.megengine.data.sampler import MapSampler as MapSampler
from fourfold.frontends.megengine.data.sampler import RandomSampler as RandomSampler
from fourfold.frontends.megengine.data.sampler import ReplacementSampler as ReplacementSampler
from fourfold.frontends.megengine.data.sampler import Sampler as Sampler
from fourfold.frontends.megengine.data.sampler import SequentialSampler as SequentialSampler
from fourfold.frontends.megengine.data.sampler import StreamSampler as StreamSampler

__all__ = ['Collator', 'DataLoader', 'Infinite', 'MapSampler', 'RandomSampler', 'ReplacementSampler', 'Sampler', 'SequentialSampler', 'StreamSampler', 'collator', 'colours', 'dataloader', 'dataset', 'sampler', 'transform', 'windows']


def __getattr__(name: str) -> Any: ...
