# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.nn.weights import clip_grad_norm_ as clip_grad_norm_
from fourfold.frontends.paddle.nn.weights import clip_grad_value_ as clip_grad_value_
from fourfold.frontends.paddle.nn.weights import parameters_to_vector as parameters_to_vector
from fourfold.frontends.paddle.nn.weights import remove_weight_norm as remove_weight_norm
from fourfold.frontends.paddle.nn.weights import spectral_norm as spectral_norm
from fourfold.frontends.paddle.nn.weights import vector_to_parameters as vector_to_parameters
from fourfold.frontends.paddle.nn.weights import weight_norm as weight_norm

__all__ = ['clip_grad_norm_', 'clip_grad_value_', 'parameters_to_vector', 'remove_weight_norm', 'spectral_norm', 'vector_to_parameters', 'weight_norm']


def __getattr__(name: str) -> Any: ...
