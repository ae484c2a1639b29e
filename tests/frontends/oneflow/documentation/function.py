# mypy: ignore-errors

import oneflow as flow
import oneflow.nn.functional as F

inputs = flow.randn(20, 16, 50, 10, 20)
weights = flow.randn(16, 33, 3, 3, 3)
outputs = F.conv_transpose3d(inputs, weights)
print(outputs.shape)
