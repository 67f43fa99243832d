"""One whole job with PyTorch: see refrain-job.mjs, line by line the same."""

import math
import sys

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, layer, hidden):
        super().__init__()
        self.rnn = getattr(nn, layer)(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.out(y[:, -1])


def windows_at(values, starts, steps):
    x = torch.tensor([values[i : i + steps] for i in starts], dtype=torch.float32)
    y = torch.tensor([values[i + steps] for i in starts], dtype=torch.float32)
    return x.unsqueeze(2), y.unsqueeze(1)


def noisy_sine():
    np.random.seed(1)
    ys = np.sin(np.linspace(0, 10 * math.pi, 500)) + np.random.normal(scale=0.1, size=500)
    order = np.random.permutation(359)
    values = ys.tolist()

    def batch(step):
        start = 32 * step % 359
        return windows_at(values, order[start : start + 32].tolist(), 50)

    return batch


def sine_windows():
    values = [math.sin(2 * math.pi * i / 50) for i in range(490)]
    everything = windows_at(values, range(450), 40)
    return lambda step: everything


layer, hidden, steps, batches = (
    ("RNN", 50, 500, noisy_sine()) if sys.argv[1] == "noisy-sine" else ("LSTM", 100, 80, sine_windows())
)
torch.manual_seed(1)
net = Net(layer, hidden)
optimizer = torch.optim.Adam(net.parameters())
loss = nn.MSELoss()
for step in range(steps):
    x, y = batches(step)
    error = loss(net(x), y)
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
    last = error.item()
print(f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()})")
print(f"{last:.6g}")
