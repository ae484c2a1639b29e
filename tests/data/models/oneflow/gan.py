"""A GAN of pictures with a conditioned generator and hinge losses, weights averaged; in OneFlow (0.9) as it is."""

import json
import os
import sys
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn
import oneflow.nn.functional as F


class ConditionalNorm(nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.bn = nn.BatchNorm2d(features, affine=False)
        self.embed = nn.Embedding(classes, features * 2)

    def forward(self, x, label):
        gamma, beta = self.embed(label).chunk(2, dim=1)
        return (1 + gamma[:, :, None, None]) * self.bn(x) + beta[:, :, None, None]


class GenBlock(nn.Module):
    def __init__(self, inside, outside, classes):
        super().__init__()
        self.norm = ConditionalNorm(inside, classes)
        self.up = nn.UpsamplingNearest2d(scale_factor=2)
        self.conv = nn.Conv2d(inside, outside, 3, 1, 1)
        self.skip = nn.ConvTranspose2d(inside, outside, 2, stride=2)

    def forward(self, x, label):
        return self.conv(self.up(F.relu(self.norm(x, label)))) + self.skip(x)


class Generator(nn.Module):
    def __init__(self, latent=8, width=8, classes=3):
        super().__init__()
        self.width = width
        self.linear = nn.Linear(latent, 2 * width * 16)
        self.block1 = GenBlock(2 * width, width, classes)
        self.block2 = GenBlock(width, width, classes)
        self.out = nn.Sequential(nn.BatchNorm2d(width), nn.SiLU(), nn.Conv2d(width, 1, 3, padding=1), nn.Tanh())

    def forward(self, z, label):
        x = self.linear(z).reshape(z.shape[0], 2 * self.width, 4, 4)
        return self.out(self.block2(self.block1(x, label), label))


class Discriminator(nn.Module):
    def __init__(self, width=8, classes=3):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, width, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.InstanceNorm2d(2 * width, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
        )
        self.score = nn.Linear(2 * width, 1)
        self.embed = nn.Embedding(classes, 2 * width)

    def forward(self, x, label):
        h = self.main(x).mean(dim=[2, 3])
        return self.score(h) + (self.embed(label) * h).sum(dim=1, keepdim=True)


def pictures(random, count=6, size=16):
    label = random.randint(0, 3, count)
    rows, columns = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
    shapes = np.stack([np.abs(rows) + np.abs(columns), np.hypot(rows, columns), np.maximum(abs(rows), abs(columns))])
    images = np.where(shapes[label] < random.uniform(0.4, 0.9, (count, 1, 1)), 1.0, -1.0)[:, None]
    return flow.tensor(images.astype(np.float32)), flow.tensor(label.astype(np.int64))


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        plain = parameter.dim() == 1 and name.endswith("weight")
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        shape = tuple(parameter.shape)
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        values = np.ones(shape) if plain else scale * random.standard_normal(shape)
        parameter.data = flow.tensor(values.astype(np.float32))
    return model


def train(generator, critic, average, path):
    random = np.random.RandomState(0)
    of_generator = flow.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.0, 0.9), eps=1e-4)
    of_critic = flow.optim.RMSprop(critic.parameters(), lr=5e-4, alpha=0.9, eps=1e-3)
    losses = []
    generator.train()
    critic.train()
    for _ in range(3):
        real, label = pictures(random)
        fake = generator(flow.tensor(random.standard_normal((6, 8)).astype(np.float32)), label)
        of_critic.zero_grad()
        critical = F.relu(1 - critic(real, label)).mean() + F.relu(1 + critic(fake.detach(), label)).mean()
        critical.backward()
        of_critic.step()
        of_generator.zero_grad()
        fooled = -critic(fake, label).mean()
        fooled.backward()
        of_generator.step()
        with flow.no_grad():
            for mean, value in zip(average.parameters(), generator.parameters()):
                mean.mul_(0.5).add_(value * 0.5)
            for mean, value in zip(average.buffers(), generator.buffers()):
                mean.copy_(value)
        losses += [critical.item(), fooled.item()]
    flow.save(average.state_dict(), path)
    return losses


def main(folder, trained=None):
    losses = []
    if trained is None:
        losses = train(draw(Generator()), draw(Discriminator()), draw(Generator()), os.path.join(folder, "generator"))
    generator = Generator()
    generator.load_state_dict(flow.load(os.path.join(trained or folder, "generator")))
    generator.eval()
    with flow.no_grad():
        z = flow.tensor(np.random.RandomState(9).standard_normal((3, 8)).astype(np.float32))
        images = generator(z, flow.arange(3))
    metrics = {"light": (images > 0).float().mean().item()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": images.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
