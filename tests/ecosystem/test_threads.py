"""Several Python threads at once, and processes forked or spawned by one that has used the engine."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.ecosystem.cases import (
    CASES,
    LARGE,
    Case,
    assert_equal,
    expected,
    make,
    parameters,
    run_with_gradients,
    volume,
)
from torch.utils.data import DataLoader, Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fourfold.frontends.torch import nn

THREADS = 4
SOME = ["kernel-is-stride", "kernel-3-stride-2", "stride-1", "grouped", "depthwise", "large-kernel-is-stride"]
ALL = {**CASES, **LARGE}

needs_fork = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
may_fork = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each task in a thread of its own, all starting at the same moment."""
    barrier = threading.Barrier(len(tasks))

    def start(task: Callable[[], Any]) -> Any:
        barrier.wait(30)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(start, tasks))


def infer(layer: nn.ConvTranspose3d, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    with torch.inference_mode():
        return [layer(input) for input in inputs]


@pytest.mark.parametrize("case", parameters(ALL, SOME))
def test_threads_that_share_a_layer_get_their_own_results(case: Case) -> None:
    layer = make(case)
    inputs = [[volume(case, seed=10 * thread + call) for call in range(3)] for thread in range(THREADS)]
    wanted = [[expected(layer, input).detach() for input in each] for each in inputs]
    results = together([partial(infer, layer, each) for each in inputs])
    assert_equal(list(itertools.chain(*results)), list(itertools.chain(*wanted)))


@pytest.mark.parametrize("case", parameters(ALL, SOME))
def test_threads_that_share_a_layer_at_different_sizes_get_their_own_results(case: Case) -> None:
    layer = make(case)
    inputs = [[volume(case, seed=thread)[..., : -1 - thread, :] for _ in range(3)] for thread in range(THREADS - 1)]
    wanted = [[expected(layer, input).detach() for input in each] for each in inputs]
    results = together([partial(infer, layer, each) for each in inputs])
    assert_equal(list(itertools.chain(*results)), list(itertools.chain(*wanted)))


def test_threads_with_layers_of_every_kind_get_their_own_results() -> None:
    layers = [make(case) for case in CASES.values()]
    inputs = [[volume(case, seed=seed) for seed in range(8)] for case in CASES.values()]
    wanted = [infer_by_torch(layer, each) for layer, each in zip(layers, inputs, strict=True)]
    tasks = [partial(infer, *job) for job in zip(layers, inputs, strict=True)]
    assert_equal(list(itertools.chain(*together(tasks))), list(itertools.chain(*wanted)))


def infer_by_torch(layer: nn.ConvTranspose3d, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    return [expected(layer, input).detach() for input in inputs]


@pytest.mark.parametrize("case", parameters(ALL, SOME))
def test_threads_that_train_get_their_own_gradients(case: Case) -> None:
    layer = make(case)
    inputs = [volume(case, seed=thread) for thread in range(THREADS)]
    wanted = [run_with_gradients(lambda x: expected(layer, x), layer, input) for input in inputs]
    results = together([partial(run_with_gradients, layer, layer, input) for input in inputs])
    assert_equal(list(itertools.chain(*results)), list(itertools.chain(*wanted)))


@pytest.mark.parametrize("case", parameters(CASES, SOME[:-1]))
def test_a_layer_is_trained_while_others_infer(case: Case) -> None:
    trained, used, input = make(case), make(case, seed=3), volume(case)
    wanted = expected(used, input).detach()

    def train() -> list[torch.Tensor]:
        for _ in range(8):
            with torch.no_grad():
                trained.weight.add_(1)
            trained(input).sum().backward()
        return []

    results = together([train, *[lambda: infer(used, [input] * 8)] * (THREADS - 1)])
    assert_equal(list(itertools.chain(*results)), [wanted] * 8 * (THREADS - 1))
    assert torch.equal(trained(input), expected(trained, input))


@torch.no_grad()
def overwrite(layer: nn.ConvTranspose3d, input: torch.Tensor) -> None:
    layer(input).fill_(7)


@pytest.mark.parametrize("case", parameters(ALL, ["kernel-is-stride", "large-kernel-is-stride"]))
def test_an_output_outlives_the_thread_that_made_it(case: Case) -> None:
    layer = make(case)
    (outputs,) = together([partial(infer, layer, [volume(case)])])
    overwrite(layer, volume(case, seed=20))
    together([partial(overwrite, layer, volume(case, seed=21))])
    assert_equal(outputs, [expected(layer, volume(case)).detach()])


@pytest.mark.parametrize("case", parameters(ALL, ["kernel-is-stride", "large-kernel-is-stride"]))
def test_an_output_dropped_by_another_thread_harms_nobody(case: Case) -> None:
    layer = make(case)
    kept = infer(layer, [volume(case, seed=20)])
    handed = infer(layer, [volume(case, seed=21)])
    together([handed.clear])
    overwrite(layer, volume(case, seed=22))
    assert_equal(kept, [expected(layer, volume(case, seed=20)).detach()])


def compute(layer: nn.ConvTranspose3d, input: torch.Tensor, results: Any) -> None:
    # OpenMP's threads do not survive a fork: torch's own operators hang without this, and its DataLoader sets it
    torch.set_num_threads(1)
    results.put([tensor.numpy() for tensor in run_with_gradients(layer, layer, input)])


def in_child(method: str, layer: nn.ConvTranspose3d, input: torch.Tensor) -> list[torch.Tensor]:
    context: Any = multiprocessing.get_context(method)
    results = context.Queue()
    child = context.Process(target=compute, args=(layer, input, results))
    child.start()
    try:
        return [torch.from_numpy(array) for array in results.get(timeout=60)]
    finally:
        child.join(30)
        child.kill()


@needs_fork
@may_fork
@pytest.mark.parametrize("case", parameters(ALL, SOME))
def test_a_forked_child_computes_the_same(case: Case) -> None:
    layer, input = make(case), volume(case)
    wanted = run_with_gradients(layer, layer, input)  # whatever the engine keeps is there before the fork
    assert_equal(in_child("fork", layer, input), wanted)
    assert_equal(run_with_gradients(layer, layer, input), wanted)


@needs_fork
@may_fork
def test_a_child_forked_while_threads_compute_computes_the_same() -> None:
    case = CASES["kernel-is-stride"]
    layer, input = make(case), volume(case)
    wanted = run_with_gradients(layer, layer, input)
    stop = threading.Event()

    def keep_busy() -> None:
        while not stop.is_set():
            infer(layer, [input])

    busy = [threading.Thread(target=keep_busy) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        assert_equal(in_child("fork", layer, input), wanted)  # a lock held at the fork would hang it
    finally:
        stop.set()
        for thread in busy:
            thread.join(30)


@pytest.mark.thorough
def test_a_spawned_child_computes_the_same() -> None:
    case = CASES["kernel-3-stride-2"]
    layer, input = make(case), volume(case)
    wanted = run_with_gradients(layer, layer, input)
    assert_equal(in_child("spawn", layer.share_memory(), input), wanted)


class Upsampled(Dataset[torch.Tensor]):
    """Volumes that a layer enlarges in the worker."""

    def __init__(self, case: Case) -> None:
        self.case, self.layer = case, make(case)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> torch.Tensor:
        with torch.no_grad():
            output: torch.Tensor = self.layer(volume(self.case, seed=index))
            return output


@needs_fork
@may_fork
@pytest.mark.parametrize("case", parameters(ALL, ["kernel-is-stride", "large-kernel-is-stride"]))
def test_data_loader_workers_use_it(case: Case) -> None:
    data = Upsampled(case)
    wanted = [data[index] for index in range(len(data))]
    loader = DataLoader(data, batch_size=None, num_workers=2, multiprocessing_context="fork")
    assert_equal(list(loader), wanted)
