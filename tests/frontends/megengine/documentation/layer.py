# mypy: ignore-errors

import megengine
import torch

conv_transpose = megengine.module.conv.ConvTranspose3d(3, 64, 3, stride=2, padding=1)
input = megengine.tensor(torch.randn(16, 3, 32, 32, 32))
output = conv_transpose.forward(input)
print(output.numpy().shape)
