"""Mirrors `paddle.fluid` as the 1.x and 2.0 documentation describes it.

What Paddle 1.8.5 really released, with another argument order and another bias rule of its transposed convolution, is
in `..fluid_1_8`.
"""

from ...names import add_modules
from . import (
    activations,
    anchors,
    arrays,
    average,
    averages,
    boxes,
    cells,
    checkpoints,
    choices,
    classes,
    clip,
    compiled,
    composed,
    control,
    core,
    creation,
    data_feeder,
    elementwise,
    flags,
    framework,
    images,
    initializer,
    laws,
    layer_helper,
    learned,
    loaders,
    losses,
    metrics,
    norms,
    optimizers,
    products,
    readers,
    recurrent,
    reductions,
    regions,
    regularizer,
    resizing,
    shapes,
    transposed_convolution,
    unique_name,
    variable,
    windows,
)
from .dygraph import (
    backward_strategy,
    base,
    container,
    conv3d_transpose,
    dense,
    layers,
    learning_rate_scheduler,
    parallel,
    rows,
)
from .names import NAMES

__all__ = ["core"]

# imported for the rows that they hold
_: tuple[object, ...] = (
    activations,
    anchors,
    arrays,
    boxes,
    checkpoints,
    choices,
    classes,
    composed,
    control,
    creation,
    dense,
    elementwise,
    flags,
    images,
    learned,
    losses,
    norms,
    optimizers,
    products,
    recurrent,
    reductions,
    regions,
    resizing,
    rows,
    shapes,
    windows,
)
NAMES.by_hand("", compiled, data_feeder, framework, variable)
NAMES.by_hand("average", average)
NAMES.by_hand("clip", clip)
NAMES.by_hand("dygraph", backward_strategy, base, container, conv3d_transpose, layers, parallel)
NAMES.by_hand("dygraph.learning_rate_scheduler", learning_rate_scheduler)
NAMES.by_hand("initializer", initializer)
NAMES.by_hand("io", loaders, readers)
NAMES.by_hand("layer_helper", layer_helper)
NAMES.by_hand("layers", cells, laws, transposed_convolution)
NAMES.by_hand("metrics", metrics)
NAMES.by_hand("optimizer", averages)
NAMES.by_hand("regularizer", regularizer)
NAMES.by_hand("unique_name", unique_name)
add_modules(NAMES)
