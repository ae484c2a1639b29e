"""The rows of OneFlow's functions and layers, by idea; `fourfold.frontends.oneflow` imports them all."""
