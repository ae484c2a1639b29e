# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.loading.datasets import ChainDataset as ChainDataset
from fourfold.frontends.paddle.loading.datasets import ComposeDataset as ComposeDataset
from fourfold.frontends.paddle.loading.datasets import ConcatDataset as ConcatDataset
from fourfold.frontends.paddle.loading.datasets import Dataset as Dataset
from fourfold.frontends.paddle.loading.datasets import IterableDataset as IterableDataset
from fourfold.frontends.paddle.loading.datasets import Subset as Subset
from fourfold.frontends.paddle.loading.datasets import TensorDataset as TensorDataset
from fourfold.frontends.paddle.loading.datasets import random_split as random_split
from fourfold.frontends.paddle.loading.loader import DataLoader as DataLoader
from fourfold.frontends.paddle.loading.loader import get_worker_info as get_worker_info
from fourfold.frontends.paddle.loading.samplers import BatchSampler as BatchSampler
from fourfold.frontends.paddle.loading.samplers import DistributedBatchSampler as DistributedBatchSampler
from fourfold.frontends.paddle.loading.samplers import RandomSampler as RandomSampler
from fourfold.frontends.paddle.loading.samplers import Sampler as Sampler
from fourfold.frontends.paddle.loading.samplers import SequenceSampler as SequenceSampler
from fourfold.frontends.paddle.loading.samplers import SubsetRandomSampler as SubsetRandomSampler
from fourfold.frontends.paddle.loading.samplers import WeightedRandomSampler as WeightedRandomSampler

__all__ = ['BatchSampler', 'ChainDataset', 'ComposeDataset', 'ConcatDataset', 'DataLoader', 'Dataset', 'DistributedBatchSampler', 'IterableDataset', 'RandomSampler', 'Sampler', 'SequenceSampler', 'Subset', 'SubsetRandomSampler', 'TensorDataset', 'WeightedRandomSampler', 'get_worker_info', 'random_split']


def __getattr__(name: str) -> Any: ...
