import paddle
import paddle.nn.functional as F

x_var = paddle.randn((2, 3, 8, 8, 8), dtype="float32")
w_var = paddle.randn((3, 6, 3, 3, 3), dtype="float32")
y_var = F.conv3d_transpose(x_var, w_var)
print(y_var.shape)
