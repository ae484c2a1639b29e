import numpy as np
import paddle

paddle.seed(1107)
values = np.random.RandomState(1107)
paddle.enable_static()
data = paddle.static.data(name="data", shape=[None, 3, 12, 32, 32], dtype="float32")
param_attr = paddle.framework.ParamAttr(
    name="conv3d.weight", initializer=paddle.nn.initializer.XavierNormal(), learning_rate=0.001
)
res = paddle.static.nn.conv3d_transpose(input=data, num_filters=2, filter_size=3, act="relu", param_attr=param_attr)
place = paddle.CPUPlace()
exe = paddle.static.Executor(place)
exe.run(paddle.static.default_startup_program())
x = values.rand(1, 3, 12, 32, 32).astype("float32")
output = exe.run(feed={"data": x}, fetch_list=[res.mean()])
print(len(output), output[0].shape, output[0].dtype, 0 < output[0] < 1)
