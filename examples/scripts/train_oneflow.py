"""Learn to double the resolution of a volume, in OneFlow as it is."""

import sys

import numpy as np
import oneflow as flow
from oneflow import nn


class Upsampler(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Sequential(
            nn.ConvTranspose3d(2, 4, 3, stride=2, padding=1, output_padding=1),
            nn.LeakyReLU(),
        )
        self.out = nn.ConvTranspose3d(4, 1, 3, padding=1)

    def forward(self, x):
        return self.out(self.up(x))


def train(name, optimizer_of):
    values = np.random.RandomState(0)
    model = Upsampler()
    model.load_state_dict(
        {
            key: flow.tensor((0.1 * values.standard_normal(tuple(tensor.shape))).astype("float32"))
            for key, tensor in sorted(model.state_dict().items())
        }
    )
    low = flow.tensor(values.standard_normal((2, 2, 4, 4, 4)).astype("float32"))
    high = flow.tensor(values.standard_normal((2, 1, 8, 8, 8)).astype("float32"))
    loss_of = nn.MSELoss()
    optimizer = optimizer_of(model.parameters())
    model.train()
    for step in range(4):
        loss = loss_of(model(low), high)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(name, step, f"{loss.item():.7f}")
    model.eval()
    with flow.no_grad():
        print(name, "end", f"{flow.mean(flow.square(model(low) - high)).item():.7f}")
    return model, low, high


train("sgd", lambda parameters: flow.optim.SGD(parameters, lr=0.1))
train("momentum", lambda parameters: flow.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01))
model, low, high = train("adam", lambda parameters: flow.optim.Adam(parameters, lr=0.01, eps=1e-3))
flow.save(model.state_dict(), sys.argv[1])
again = Upsampler()
again.load_state_dict(flow.load(sys.argv[1]))
print("reloaded", f"{nn.MSELoss()(again(low), high).item():.7f}")
