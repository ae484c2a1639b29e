"""Train a small 3-D U-Net in MegEngine; save a checkpoint, and record a run: train_megengine.py CHECKPOINT BUNDLE."""

import sys

import megengine as mge
import megengine.functional as F
import megengine.module as M
from blobs import blobs
from megengine.autodiff import GradManager
from megengine.optimizer import Adam
from recorder import record


def as_planes(x):
    """MegEngine normalises no volumes: depth and height become one axis."""
    return x.reshape(x.shape[0], x.shape[1], x.shape[2] * x.shape[3], x.shape[4])


class BatchNorm3d(M.BatchNorm2d):
    def forward(self, x):
        return super().forward(as_planes(x)).reshape(x.shape)


class PReLU3d(M.PReLU):
    def forward(self, x):
        return super().forward(as_planes(x)).reshape(x.shape)


class Block(M.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = M.Conv3d(inside, outside, 3, padding=1, bias=False)
        self.norm = BatchNorm3d(outside)
        self.act = PReLU3d(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(M.Module):
    def __init__(self):
        super().__init__()
        self.enc0 = Block(1, 4)
        self.down0 = M.Conv3d(4, 8, 2, stride=2)
        self.enc1 = Block(8, 8)
        self.down1 = M.Conv3d(8, 16, 2, stride=2)
        self.enc2 = Block(16, 16)
        self.up0 = M.ConvTranspose3d(16, 8, 2, stride=2)
        self.dec0 = Block(16, 8)
        self.up1 = M.ConvTranspose3d(8, 4, 4, stride=2, padding=1)
        self.dec1 = Block(8, 4)
        self.head = M.Conv3d(4, 1, 1)

    def forward(self, x):
        a = self.enc0(x)
        b = self.enc1(self.down0(a))
        c = self.enc2(self.down1(b))
        d = self.dec0(F.concat([self.up0(c), b], 1))
        e = self.dec1(F.concat([self.up1(d), a], 1))
        return self.head(e)


checkpoint, bundle = sys.argv[1:]
mge.random.seed(1)
model = UNet()
optimizer = Adam(model.parameters(), lr=0.02)
manager = GradManager().attach(model.parameters())
for step in range(40):
    volumes, masks = map(mge.tensor, blobs(step))
    with manager:
        loss = F.nn.binary_cross_entropy(model(volumes), masks)
        manager.backward(loss)
    optimizer.step().clear_grad()
print(f"loss {loss.item():.3f}")
mge.save(model.state_dict(), checkpoint)
model.eval()
record(model, blobs(1000, count=1)[0], bundle, gradients=False)
