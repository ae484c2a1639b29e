import numpy
from paddle import fluid

data = fluid.data(name="data", shape=[None, 1, 1, 1, 3], dtype="float32")
one = fluid.initializer.Constant(1.0)
summed = fluid.layers.conv3d_transpose(input=data, num_filters=1, filter_size=[1, 1, 2], param_attr=one, act="relu")
exe = fluid.Executor(fluid.CPUPlace())
exe.run(fluid.default_startup_program())
feed = {"data": numpy.array([-1, 2, 3], "float32").reshape(1, 1, 1, 1, 3)}
(output,) = exe.run(feed=feed, fetch_list=[summed])
print(output.ravel().tolist())
