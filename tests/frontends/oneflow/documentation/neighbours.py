# mypy: ignore-errors

import numpy as np
import oneflow as flow
from oneflow import nn

m = nn.Conv3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(4, 2, 0))
input = flow.randn(2, 16, 10, 10, 10)
output = m(input)
print(output.shape)

x = flow.randn(3, 2, 5, 8, 4)
m = nn.BatchNorm3d(num_features=2, eps=1e-5, momentum=0.1)
y = m(x)
print(y.shape, m)

m = nn.InstanceNorm3d(100, affine=True)
x = flow.randn(2, 100, 3, 3, 2)
y = m(x)
print(y.shape)

input = flow.randn(2, 6, 3, 3)
m = nn.GroupNorm(3, 6)
output = m(input)
print(output.shape)

m = nn.MaxPool3d(kernel_size=3, padding=1, stride=1)
x = flow.randn(1, 4, 4, 4, 4)
y = m(x)
print(y.shape)

m = nn.AvgPool3d(kernel_size=(2, 2, 2), padding=(0, 0, 0), stride=(1, 1, 1))
x = flow.randn(2, 3, 4, 5, 6)
y = m(x)
print(y.shape)

input = flow.tensor(np.arange(1, 5).reshape((1, 1, 2, 2)), dtype=flow.float32)
m = nn.Upsample(scale_factor=2.0, mode="nearest")
output = m(input)
print(output)

x1 = flow.tensor(np.array([[2, 3, 4], [1.5, 2.6, 3.7]]).astype(np.float32), requires_grad=True)
m1 = nn.ReLU()
out1 = m1(x1)
out1 = out1.sum()
out1.backward()
norm1 = nn.utils.clip_grad_norm_(x1, 0.6, 1.0)
print(norm1, x1.grad.numpy())
