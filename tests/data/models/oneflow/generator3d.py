"""A dense generator of volumes beside its critic, trained in turns; in OneFlow (0.9) as it is."""

import argparse
import json
import os
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn
import oneflow.nn.functional as F


class DenseLayer(nn.Module):
    """What it finds is put beside what it is given."""

    def __init__(self, channels, growth):
        super().__init__()
        self.add_module("norm", nn.BatchNorm3d(channels))
        self.add_module("act", nn.ReLU(inplace=False))
        self.add_module("conv", nn.Conv3d(channels, growth, kernel_size=3, padding=1, bias=False))

    def forward(self, x):
        return flow.cat([x, self.conv(self.act(self.norm(x)))], dim=1)


class Generator(nn.Module):
    def __init__(self, latent=8, width=8, growth=4):
        super().__init__()
        self.width = width
        self.project = nn.Linear(latent, width * 8)
        self.dense = nn.Sequential(DenseLayer(width, growth), DenseLayer(width + growth, growth))
        wide = width + 2 * growth
        self.up1 = nn.Sequential(
            nn.ConvTranspose3d(wide, width, 4, stride=2, padding=1, bias=False), nn.BatchNorm3d(width), nn.ReLU()
        )
        self.dense2 = DenseLayer(width, growth)
        self.up2 = nn.ConvTranspose3d(width + growth, 1, 3, stride=2, padding=1, output_padding=1)

    def forward(self, z):
        x = self.project(z).view(-1, self.width, 2, 2, 2)
        return flow.tanh(self.up2(self.dense2(self.up1(self.dense(x)))))


class Critic(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.Conv3d(1, width, 4, stride=2, padding=1), nn.Conv3d(width, 2 * width, 4, stride=2, padding=1)]
        )
        self.score = nn.Linear(2 * width * 8, 1)

    def forward(self, x):
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.score(flow.flatten(x, start_dim=1))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if value.dim() > 1 or ("norm" not in name and name.endswith("bias")):
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            values = np.sqrt(2 / value[0].numel()) * random.standard_normal(tuple(value.shape))
            state[name] = flow.tensor((values if value.dim() > 1 else 0.1 * values).astype(np.float32))
    model.load_state_dict(state)
    return model


def real_volumes(random, count=4, size=8):
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    radius = random.uniform(2, 3.5, (count, 1, 1, 1))
    inside = np.sqrt(np.square(grid[None] - (size - 1) / 2).sum(axis=1)) < radius
    return flow.tensor((2 * inside[:, None] - 1).astype(np.float32))


def train(generator, critic, folder, steps):
    random = np.random.RandomState(0)
    of_generator = flow.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    of_critic = flow.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.999))
    schedule = flow.optim.lr_scheduler.StepLR(of_generator, step_size=2, gamma=0.5)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    generator.train()
    for _ in range(steps):
        real = real_volumes(random)
        fake = generator(flow.tensor(random.standard_normal((4, 8)).astype(np.float32)))
        right, wrong = flow.ones(4, 1), flow.zeros(4, 1)
        of_critic.zero_grad()
        critical = criterion(critic(real), right) + criterion(critic(fake.detach()), wrong)
        critical.backward()
        of_critic.step()
        of_generator.zero_grad()
        fooled = criterion(critic(fake), right)
        fooled.backward()
        of_generator.step()
        schedule.step()
        losses += [critical.item(), fooled.item()]
    flow.save(generator.state_dict(), os.path.join(folder, "model"))
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    parser.add_argument("--steps", type=int, default=3)
    options = parser.parse_args()
    flow.manual_seed(0)
    losses = []
    if options.trained is None:
        losses = train(draw(Generator()), draw(Critic()), options.folder, options.steps)
    generator = Generator()
    generator.load_state_dict(flow.load(os.path.join(options.trained or options.folder, "model")))
    generator.eval()
    with flow.no_grad():
        z = flow.tensor(np.random.RandomState(9).standard_normal((2, 8)).astype(np.float32))
        volumes = generator(z)
    metrics = {"filled": float((volumes > 0).to(flow.float32).mean().numpy())}
    with open(os.path.join(options.folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": volumes.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main()
