"""A denoising auto-encoder of volumes, trained and evaluated as nn.Graph; in OneFlow (0.9) as it is."""

import json
import os
import sys
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn


class AutoEncoder(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv3d(1, width, 3, stride=2, padding=1), nn.SELU(), nn.Conv3d(width, 2 * width, 3, padding=1), nn.SELU()
        )
        self.decoder = nn.ConvTranspose3d(2 * width, width, 2, stride=2)
        self.act = nn.Mish()
        self.head = nn.Conv3d(width, 1, 3, padding=1)

    def forward(self, x):
        return self.head(self.act(self.decoder(self.encoder(x))))


class TrainGraph(nn.Graph):
    def __init__(self, model, loss_fn, optimizer, scheduler):
        super().__init__()
        self.model = model
        self.loss_fn = loss_fn
        self.add_optimizer(optimizer, lr_sch=scheduler)

    def build(self, noisy, clean):
        loss = self.loss_fn(self.model(noisy), clean)
        loss.backward()
        return loss


class EvalGraph(nn.Graph):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def build(self, noisy):
        return self.model(noisy)


def volumes(seed, count=2, size=8):
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    clean = np.cos((random.uniform(0.2, 0.9, (count, 3, 1, 1, 1)) * grid).sum(axis=1, keepdims=True))
    noisy = clean + 0.3 * random.standard_normal(clean.shape)
    return flow.tensor(noisy.astype(np.float32)), flow.tensor(clean.astype(np.float32))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        shape = tuple(value.shape)
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        state[name] = flow.tensor((scale * random.standard_normal(shape)).astype(np.float32))
    model.load_state_dict(state)
    return model


def train(model, path):
    optimizer = flow.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = flow.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    graph = TrainGraph(model, nn.MSELoss(reduction="mean"), optimizer, scheduler)
    model.train()
    losses = [graph(*volumes(step)).numpy().item() for step in range(4)]
    flow.save(model.state_dict(), path)
    return losses


def main(folder, trained=None):
    losses = train(draw(AutoEncoder()), os.path.join(folder, "autoencoder")) if trained is None else []
    model = AutoEncoder()
    model.load_state_dict(flow.load(os.path.join(trained or folder, "autoencoder")))
    model.eval()
    noisy, clean = volumes(99)
    restored = EvalGraph(model)(noisy)
    metrics = {"error": flow.mean(flow.abs(restored - clean)).item()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": restored.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
