"""Learn to double the resolution of a volume, in MegEngine as it is."""

import sys

import megengine as mge
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np
from megengine.autodiff import GradManager


class Upsampler(M.Module):
    def __init__(self):
        super().__init__()
        self.up = M.Sequential(
            M.ConvTranspose3d(2, 4, 3, stride=2, padding=1, output_padding=1),
            M.LeakyReLU(),
        )
        self.out = M.ConvTranspose3d(4, 1, 3, padding=1)

    def forward(self, x):
        return self.out(self.up(x))


def train(name, optimizer_of):
    values = np.random.RandomState(0)
    model = Upsampler()
    model.load_state_dict(
        {
            key: (0.1 * values.standard_normal(array.shape)).astype("float32")
            for key, array in sorted(model.state_dict().items())
        }
    )
    low = mge.tensor(values.standard_normal((2, 2, 4, 4, 4)).astype("float32"))
    high = mge.tensor(values.standard_normal((2, 1, 8, 8, 8)).astype("float32"))
    optimizer = optimizer_of(model.parameters())
    manager = GradManager().attach(model.parameters())
    model.train()
    for step in range(4):
        with manager:
            loss = F.nn.square_loss(model(low), high)
            manager.backward(loss)
        optimizer.step().clear_grad()
        print(name, step, f"{loss.item():.7f}")
    model.eval()
    print(name, "end", f"{F.mean(F.square(model(low) - high)).item():.7f}")
    return model, low, high


train("sgd", lambda parameters: optim.SGD(parameters, lr=0.1))
train("momentum", lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01))
model, low, high = train("adam", lambda parameters: optim.Adam(parameters, lr=0.01, eps=1e-3))
mge.save(model.state_dict(), sys.argv[1])
again = Upsampler()
again.load_state_dict(mge.load(sys.argv[1]))
print("reloaded", f"{F.loss.square_loss(again(low), high).item():.7f}")
