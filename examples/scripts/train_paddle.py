"""Learn to double the resolution of a volume, in Paddle (3.3) as it is."""

import sys

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn


class Upsampler(nn.Layer):
    def __init__(self):
        super().__init__()
        self.up = nn.Sequential(
            nn.Conv3DTranspose(2, 4, 3, stride=2, padding=1, output_padding=1),
            nn.LeakyReLU(),
        )
        self.out = nn.Conv3DTranspose(4, 1, 3, padding=1)

    def forward(self, x):
        return self.out(self.up(x))


def train(name, optimizer_of):
    values = np.random.RandomState(0)
    model = Upsampler()
    for parameter in model.parameters():
        parameter.set_value((0.1 * values.standard_normal(parameter.shape)).astype("float32"))
    low = paddle.to_tensor(values.standard_normal((2, 2, 4, 4, 4)).astype("float32"))
    high = paddle.to_tensor(values.standard_normal((2, 1, 8, 8, 8)).astype("float32"))
    optimizer = optimizer_of(model.parameters())
    model.train()
    for step in range(4):
        loss = F.mse_loss(model(low), high)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        print(name, step, f"{float(loss):.7f}")
    model.eval()
    with paddle.no_grad():
        print(name, "end", f"{float(nn.MSELoss()(model(low), high)):.7f}")
    return model, low, high


train("sgd", lambda parameters: paddle.optimizer.SGD(learning_rate=0.1, parameters=parameters))
train("momentum", lambda parameters: paddle.optimizer.Momentum(0.1, 0.9, parameters, weight_decay=0.01))
model, low, high = train("adam", lambda parameters: paddle.optimizer.Adam(0.01, epsilon=1e-3, parameters=parameters))
paddle.save(model.state_dict(), sys.argv[1])
again = Upsampler()
again.set_state_dict(paddle.load(sys.argv[1]))
print("reloaded", f"{float(F.mse_loss(again(low), high)):.7f}")
