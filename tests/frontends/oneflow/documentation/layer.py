# mypy: ignore-errors

import oneflow as flow
from oneflow import nn

m = nn.ConvTranspose3d(16, 33, 3, stride=2)
m = nn.ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
input = flow.randn(20, 16, 10, 50, 100)
output = m(input)
print(output.shape, output.dtype is flow.float32, output.requires_grad)
