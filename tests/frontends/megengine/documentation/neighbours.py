# mypy: ignore-errors

import megengine as mge
import megengine.functional as F
import megengine.module as M
import numpy as np
from megengine import Tensor

m = M.Conv3d(in_channels=3, out_channels=1, kernel_size=3)
inp = mge.tensor(np.arange(0, 384).astype("float32").reshape(2, 3, 4, 4, 4))
oup = m(inp)
print(oup.numpy().shape)

m = M.BatchNorm2d(4)
inp = mge.tensor(np.ones((1, 4, 3, 3), "float32"))
oup = m(inp)
print(m.weight.numpy().flatten(), m.bias.numpy().flatten())
m = M.BatchNorm2d(4, affine=False)
oup = m(inp)
print(m.weight, m.bias)

inp = Tensor(np.arange(2 * 3 * 4 * 4).astype(np.float32).reshape(2, 3, 4, 4))
m = M.GroupNorm(3, 3)
out = m(inp)
print(out.numpy().shape)
m = M.InstanceNorm(3)
out = m(inp)
print(out.numpy().shape)

m = M.Linear(in_features=3, out_features=1)
inp = mge.tensor(np.arange(0, 6).astype("float32").reshape(2, 3))
oup = m(inp)
print(oup.numpy().shape)

data = mge.tensor(np.array([-1.2, -3.7, 2.7]).astype(np.float32))
prelu = M.PReLU()
output = prelu(data)
print(output.numpy())

m = M.MaxPool2d(kernel_size=3, stride=1, padding=0)
inp = mge.tensor(np.arange(0, 16).astype("float32").reshape(1, 1, 4, 4))
oup = m(inp)
print(oup.numpy())

m = M.AvgPool2d(kernel_size=2, stride=2, padding=[1, 0], mode="average")
inp = mge.tensor(np.arange(1 * 1 * 3 * 4).astype(np.float32).reshape(1, 1, 3, 4))
output = m(inp)
print(output.numpy())

x = Tensor(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
print(F.sum(x).numpy(), F.mean(x).numpy(), F.max(x, axis=1).numpy())
