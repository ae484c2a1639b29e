# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine import coalesce_free_memory as coalesce_free_memory
from fourfold.frontends.megengine import get_allocated_memory as get_allocated_memory
from fourfold.frontends.megengine import get_cuda_compute_capability as get_cuda_compute_capability
from fourfold.frontends.megengine import get_cuda_device_property as get_cuda_device_property
from fourfold.frontends.megengine import get_cuda_driver_version as get_cuda_driver_version
from fourfold.frontends.megengine import get_cuda_version as get_cuda_version
from fourfold.frontends.megengine import get_cudnn_version as get_cudnn_version
from fourfold.frontends.megengine import get_default_device as get_default_device
from fourfold.frontends.megengine import get_device_count as get_device_count
from fourfold.frontends.megengine import get_max_allocated_memory as get_max_allocated_memory
from fourfold.frontends.megengine import get_max_reserved_memory as get_max_reserved_memory
from fourfold.frontends.megengine import get_mem_status_bytes as get_mem_status_bytes
from fourfold.frontends.megengine import get_reserved_memory as get_reserved_memory
from fourfold.frontends.megengine import is_atlas_available as is_atlas_available
from fourfold.frontends.megengine import is_cambricon_available as is_cambricon_available
from fourfold.frontends.megengine import is_cuda_available as is_cuda_available
from fourfold.frontends.megengine import is_rocm_available as is_rocm_available
from fourfold.frontends.megengine import reset_max_memory_stats as reset_max_memory_stats
from fourfold.frontends.megengine import set_default_device as set_default_device

__all__ = ['coalesce_free_memory', 'get_allocated_memory', 'get_cuda_compute_capability', 'get_cuda_device_property', 'get_cuda_driver_version', 'get_cuda_version', 'get_cudnn_version', 'get_default_device', 'get_device_count', 'get_max_allocated_memory', 'get_max_reserved_memory', 'get_mem_status_bytes', 'get_reserved_memory', 'is_atlas_available', 'is_cambricon_available', 'is_cuda_available', 'is_rocm_available', 'reset_max_memory_stats', 'set_default_device']


def __getattr__(name: str) -> Any: ...
