"""What the documented and the released Conv3DTranspose share: parameters, and when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch

from .....backend import ConvTranspose3dSpec
from .....backend.arguments import integer
from ....module import TransposedConvolution
from ...attributes import check_weight_attr, to_param_attr
from ...nn.padding import filter_size_for
from ..activations import activation
from ..arguments import check_name, spatial
from ..operator import check_input, conv3d_transpose
from .layers import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TransposedConvolution3D"]


class TransposedConvolution3D(Layer, TransposedConvolution):
    """Base of both classes named Conv3DTranspose."""

    dtypes: ClassVar[tuple[str, ...]]

    # Parameters, or None: what a type checker asks callers to rule out is the rule here, not the exception
    weight: Any
    bias: Any

    def __init__(self, name_scope: str | None, dtype: Any, name: str | None) -> None:
        if not isinstance(dtype, str) or dtype not in self.dtypes:
            msg = (
                f"dtype={dtype!r}: Can not create parameter with default initializer when dtype is not float type; "
                f"legal are {', '.join(map(repr, self.dtypes))}."
            )
            raise TypeError(msg)
        check_name(name)
        if name is not None and name_scope is not None:
            msg = f"name={name!r} and the name scope {name_scope!r} both name the parameters; leave one of them out."
            raise ValueError(msg)
        super().__init__(name_scope, dtype)
        self._dtype = dtype
        if name is not None:
            self._full_name = name

    def _configure(
        self,
        *,
        num_channels: Any,
        num_filters: Any,
        filter_size: Any,
        output_size: Any,
        padding: Any,
        stride: Any,
        dilation: Any,
        groups: Any,
        param_attr: Any,
        bias_attr: Any,
        use_cudnn: Any,
        act: Any,
    ) -> None:
        """Store the arguments, check them, and create the parameters where their shapes are known."""
        if not isinstance(use_cudnn, bool):
            msg = f"use_cudnn should be True or False; it is {use_cudnn!r}."
            raise ValueError(msg)
        check_weight_attr(param_attr, "param_attr", "in conv3d_transpose")
        if filter_size is None and output_size is None:
            msg = "output_size must be set when filter_size is None; give one of them."
            raise ValueError(msg)
        for attr in (param_attr, bias_attr):
            to_param_attr(attr)
        self._num_channels = None if num_channels is None else integer(num_channels, "num_channels")
        self._num_filters = integer(num_filters, "num_filters")
        self._filter_size = None if filter_size is None else spatial(filter_size, "conv3d_transpose.filter_size")
        self._output_size = None if output_size is None else spatial(output_size, "output_size")
        self._padding = spatial(padding, "padding")
        self._stride = spatial(stride, "stride")
        self._dilation = spatial(dilation, "dilation")
        self._groups = 1 if groups is None else integer(groups, "groups")
        self._param_attr = param_attr
        self._bias_attr = bias_attr
        self._use_cudnn = use_cudnn
        self._act = act
        self.register_parameter("weight", None)
        self.register_parameter("bias", None)
        # what is not known yet cannot be wrong: groups channels, a filter of 1
        spec = self._spec(
            self._groups if self._num_channels is None else self._num_channels, self._filter_size or [1, 1, 1]
        )
        if self._num_channels is not None and self._filter_size is not None:
            self._create_parameters(spec)

    def _spec(self, num_channels: int, filter_size: list[int]) -> ConvTranspose3dSpec:
        return ConvTranspose3dSpec(
            in_channels=num_channels,
            out_channels=self._num_filters,
            kernel_size=filter_size,
            stride=self._stride,
            padding=self._padding,
            dilation=self._dilation,
            groups=self._groups,
        )

    def _create_parameters(self, spec: ConvTranspose3dSpec, device: Any = None) -> None:
        self._num_channels, self._filter_size = spec.in_channels, list(spec.kernel_size)
        self.weight = self.create_parameter(spec.weight_shape, attr=self._param_attr, dtype=self._dtype, device=device)
        self.bias = self.create_parameter(
            [spec.out_channels], attr=self._bias_attr, dtype=self._dtype, is_bias=True, device=device
        )

    def _create_for(self, input: torch.Tensor) -> None:
        if torch.compiler.is_compiling():
            msg = "the layer has no parameters yet; call it once, or load its state, before torch.compile traces it."
            raise RuntimeError(msg)
        check_input(input)
        _, found, depth, height, width = input.shape
        filter_size = self._filter_size
        if filter_size is None:
            filter_size = filter_size_for(
                self._output_size or [],
                (depth, height, width),
                stride=self._stride,
                padding=self._padding,
                dilation=self._dilation,
            )
        self._create_parameters(self._spec(self._num_channels or found, filter_size), input.device)

    def _create_from(self, stat_dict: Mapping[str, Any], prefix: str, use_structured_name: bool) -> None:
        if self.weight is not None:
            return
        attr = to_param_attr(self._param_attr)
        own_name = (attr.name if attr is not None else None) or f"{self._full_name}.w_0"
        key = f"{prefix}weight" if use_structured_name else own_name
        if key not in stat_dict:
            msg = (
                f"Parameter not found, Can't not find [ {key} ] in stat_dict (use_structured_name is set to "
                f"[{use_structured_name}]); the layer has no weight yet and takes its shape from there."
            )
            raise RuntimeError(msg)
        self._create_to_fit(key, stat_dict[key])

    def _create_to_fit(self, key: str, value: Any) -> None:
        found = [int(size) for size in getattr(value, "shape", ())]
        needed: list[int | None] = [self._num_channels, self._num_filters // self._groups]
        needed += self._filter_size or [None, None, None]
        if len(found) != 5 or any(want not in (None, size) for want, size in zip(needed, found, strict=True)):
            shape = ["any" if size is None else size for size in needed]
            msg = (
                f"Variable Shape not match, Variable [ {key} ] need tensor with shape {shape} but load set tensor with "
                f"shape {found}."
            )
            raise AssertionError(msg)
        self._create_parameters(self._spec(found[0], found[2:]), getattr(value, "device", None))

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # torch's load_state_dict comes here, of this layer or of a torch module around it
        key = f"{prefix}weight"
        if self.weight is None:
            if key in state_dict:
                self._create_to_fit(key, state_dict[key])
            else:
                missing_keys.append(key)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Apply the layer.

        Args:
            input: `(N, num_channels, D, H, W)`; a plain torch tensor gives a plain one.

        Raises:
            EnforceNotMet: input and layer do not fit, `output_size` is out of range, or there is no such activation.
            TypeError: `act` is not a str.
        """
        apply = activation(self._act)
        if self.weight is None:
            self._create_for(input)
        output = conv3d_transpose(
            input,
            self.weight,
            self._added_bias(),
            stride=self._stride,
            padding=self._padding,
            dilation=self._dilation,
            groups=self._groups,
            output_size=self._output_size,
            use_cudnn=self._use_cudnn,
        )
        return output if apply is None else apply(output)

    def _added_bias(self) -> torch.Tensor | None:
        raise NotImplementedError
