import numpy
from paddle import fluid

with fluid.dygraph.guard():
    data = numpy.random.RandomState(0).random_sample((5, 3, 12, 32, 32)).astype("float32")
    layer = fluid.dygraph.nn.Conv3DTranspose("Conv3DTranspose", num_filters=12, filter_size=12, use_cudnn=False)
    ret = layer(fluid.dygraph.base.to_variable(data))
print(list(ret.shape))
