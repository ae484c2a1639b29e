import paddle
from paddle import nn

paddle.disable_static()
x_var = paddle.uniform((2, 4, 8, 8, 8), dtype="float32", min=-1.0, max=1.0)
conv = nn.Conv3DTranspose(4, 6, (3, 3, 3))
y_var = conv(x_var)
print(y_var.shape)
