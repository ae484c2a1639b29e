# mypy: ignore-errors
# The documentation has the shapes of the function and no example.
import megengine
import numpy as np

inp = megengine.tensor(np.ones((2, 4, 5, 5, 5), "float32"))
weight = megengine.tensor(np.ones((4, 6, 3, 3, 3), "float32"))
print(megengine.functional.conv_transpose3d(inp, weight, stride=2).numpy().shape)
grouped = megengine.tensor(np.ones((2, 2, 3, 3, 3, 3), "float32"))
print(megengine.functional.conv_transpose3d(inp, grouped, groups=2).numpy().shape)
