# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import nn as nn
from fourfold.frontends.paddle import create_parameter as create_parameter
from fourfold.frontends.paddle.static.executor import Executor as Executor
from fourfold.frontends.paddle.static.graph import Variable as Variable
from fourfold.frontends.paddle.static.input_spec import InputSpec as InputSpec
from fourfold.frontends.paddle.static.mode import data as data
from fourfold.frontends.paddle.static.program import Program as Program
from fourfold.frontends.paddle.static.program import default_main_program as default_main_program
from fourfold.frontends.paddle.static.program import default_startup_program as default_startup_program
from fourfold.frontends.paddle.static.program import program_guard as program_guard

__all__ = ['Executor', 'InputSpec', 'Program', 'Variable', 'accuracy', 'cpu_places', 'create_parameter', 'cuda_places', 'data', 'default_main_program', 'default_startup_program', 'gradients', 'nn', 'program_guard']

def accuracy(input: Any, label: Any, k: Any = ..., correct: Any = ..., total: Any = ...) -> Any: ...
def cpu_places(device_count: Any = ...) -> Any: ...
def cuda_places(device_ids: Any = ...) -> Any: ...
def gradients(targets: Any, inputs: Any, target_gradients: Any = ..., no_grad_set: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
