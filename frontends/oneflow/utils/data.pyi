# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.data import BatchSampler as BatchSampler
from fourfold.frontends.oneflow.framework.data import ConcatDataset as ConcatDataset
from fourfold.frontends.oneflow.framework.data import DataLoader as DataLoader
from fourfold.frontends.oneflow.framework.data import Dataset as Dataset
from fourfold.frontends.oneflow.framework.data import IterableDataset as IterDataPipe
from fourfold.frontends.oneflow.framework.data import IterableDataset as IterableDataset
from fourfold.frontends.oneflow.framework.data import RandomSampler as RandomSampler
from fourfold.frontends.oneflow.framework.data import Sampler as Sampler
from fourfold.frontends.oneflow.framework.data import SequentialSampler as SequentialSampler
from fourfold.frontends.oneflow.framework.data import Subset as Subset
from fourfold.frontends.oneflow.framework.data import SubsetRandomSampler as SubsetRandomSampler
from fourfold.frontends.oneflow.framework.data import TensorDataset as TensorDataset
from fourfold.frontends.oneflow.framework.data import random_split as random_split

__all__ = ['BatchSampler', 'ConcatDataset', 'DataLoader', 'Dataset', 'IterDataPipe', 'IterableDataset', 'RandomSampler', 'Sampler', 'SequentialSampler', 'Subset', 'SubsetRandomSampler', 'TensorDataset', 'random_split']


def __getattr__(name: str) -> Any: ...
