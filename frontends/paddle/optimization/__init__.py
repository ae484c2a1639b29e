"""What `paddle.optimizer` and `paddle.optimizer.lr` are made of: the base classes, and the rows over them."""
