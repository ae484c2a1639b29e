from paddle import fluid

data = fluid.data(name="data", shape=[None, 3, 12, 32, 32], dtype="float32")
conv3d_transpose = fluid.layers.conv3d_transpose(input=data, num_filters=2, filter_size=3)
print(list(conv3d_transpose.shape), [p.name for p in fluid.default_main_program().all_parameters()])
