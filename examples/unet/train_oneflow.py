"""Train a small 3-D U-Net in OneFlow; save a checkpoint, and record a run: train_oneflow.py CHECKPOINT BUNDLE."""

import sys

import oneflow as flow
from blobs import blobs
from oneflow import nn
from recorder import record


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm3d(outside)
        self.act = nn.PReLU(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc0 = Block(1, 4)
        self.down0 = nn.Conv3d(4, 8, 2, stride=2)
        self.enc1 = Block(8, 8)
        self.down1 = nn.Conv3d(8, 16, 2, stride=2)
        self.enc2 = Block(16, 16)
        self.up0 = nn.ConvTranspose3d(16, 8, 2, stride=2)
        self.dec0 = Block(16, 8)
        self.up1 = nn.ConvTranspose3d(8, 4, 4, stride=2, padding=1)
        self.dec1 = Block(8, 4)
        self.head = nn.Conv3d(4, 1, 1)

    def forward(self, x):
        a = self.enc0(x)
        b = self.enc1(self.down0(a))
        c = self.enc2(self.down1(b))
        d = self.dec0(flow.cat([self.up0(c), b], 1))
        e = self.dec1(flow.cat([self.up1(d), a], 1))
        return self.head(e)


checkpoint, bundle = sys.argv[1:]
flow.manual_seed(1)
model = UNet()
optimizer = flow.optim.Adam(model.parameters(), lr=0.02)
loss_of = nn.BCEWithLogitsLoss()
for step in range(40):
    volumes, masks = map(flow.tensor, blobs(step))
    loss = loss_of(model(volumes), masks)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
print(f"loss {loss.item():.3f}")
flow.save(model.state_dict(), checkpoint)
model.eval()
record(model, blobs(1000, count=1)[0], bundle, gradients=False)
