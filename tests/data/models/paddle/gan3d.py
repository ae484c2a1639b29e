"""3-D GAN: generator of voxels and critic, with a penalty of the critic's gradient; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn


class Generator(nn.Layer):
    def __init__(self, latent=10, width=8):
        super().__init__()

        def up(inside, outside, **options):
            return [
                nn.Conv3DTranspose(inside, outside, 4, bias_attr=False, **options),
                nn.BatchNorm3D(outside, momentum=0.8),
                nn.ReLU(),
            ]

        self.main = nn.Sequential(
            *up(latent, 4 * width),
            *up(4 * width, 2 * width, stride=2, padding=1),
            nn.Conv3DTranspose(2 * width, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, z):
        return self.main(z.reshape([z.shape[0], -1, 1, 1, 1]))


class Critic(nn.Layer):
    def __init__(self, width=8):
        super().__init__()
        self.conv1 = nn.Conv3D(1, width, 4, stride=2, padding=1)
        self.conv2 = nn.Conv3D(width, 2 * width, 4, stride=2, padding=1)
        self.score = nn.Linear(2 * width * 4**3, 1)

    def forward(self, x):
        x = F.elu(self.conv1(x))
        x = F.elu(self.conv2(x))
        return self.score(x.reshape([x.shape[0], -1]))


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = 1 / np.sqrt(np.prod(parameter.shape[1:]) if parameter.ndim > 2 else parameter.shape[0])
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def tables(random, count=4, size=16):
    """Voxels of tables: a plate on four legs."""
    voxels = np.zeros([count, 1, size, size, size], "float32")
    for table in voxels[:, 0]:
        height, thick = random.randint(4, size - 2), random.randint(1, 4)
        table[height - 1 : height + 1] = 1
        for i in (0, size - thick):
            for j in (0, size - thick):
                table[:height, i : i + thick, j : j + thick] = 1
    return paddle.to_tensor(voxels)


def gradient_penalty(critic, real, fake, share):
    mixed = share * real + (1 - share) * fake.detach()
    mixed.stop_gradient = False
    (gradient,) = paddle.grad(critic(mixed).sum(), [mixed], create_graph=True, retain_graph=True)
    norm = paddle.sqrt(paddle.sum(paddle.square(gradient), axis=[1, 2, 3, 4]) + 1e-12)
    return paddle.mean((norm - 1) ** 2)


def train(generator, critic, folder, steps=2):
    random = np.random.RandomState(0)
    of_generator = paddle.optimizer.Adam(2e-3, beta1=0.5, epsilon=1e-4, parameters=generator.parameters())
    of_critic = paddle.optimizer.RMSProp(5e-4, rho=0.9, epsilon=1e-4, parameters=critic.parameters())
    losses = []
    generator.train()
    for _ in range(steps):
        real = tables(random)
        fake = generator(paddle.to_tensor(random.standard_normal([4, 10]).astype("float32")))
        share = paddle.to_tensor(random.uniform(size=[4, 1, 1, 1, 1]).astype("float32"))
        critical = critic(fake.detach()).mean() - critic(real).mean()
        critical = critical + 10 * gradient_penalty(critic, real, fake, share)
        critical.backward()
        of_critic.step()
        of_critic.clear_grad()
        for parameter in critic.parameters():
            parameter.stop_gradient = True
        fooled = -critic(fake).mean()
        fooled.backward()
        of_generator.step()
        of_generator.clear_grad()
        for parameter in critic.parameters():
            parameter.stop_gradient = False
        losses += [float(critical), float(fooled)]
    paddle.save(generator.state_dict(), str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(Generator()), draw(Critic()), folder) if trained is None else []
    generator = Generator()
    generator.set_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    generator.eval()
    with paddle.no_grad():
        z = np.random.RandomState(9).standard_normal([1, 10]).astype("float32")
        voxels = generator(paddle.to_tensor(z))
    metrics = {"filled": float((voxels > 0.5).astype("float32").mean())}
    result = {"losses": losses, "metrics": metrics, "output": voxels.numpy()[0, 0, ::5].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
