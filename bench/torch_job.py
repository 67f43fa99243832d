"""One whole job with PyTorch: see refrain-job.mjs."""

import math
import sys

import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, layer, hidden):
        super().__init__()
        self.rnn = getattr(nn, layer)(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.out(y[:, -1])


def at(i):
    return math.sin(2 * math.pi * i / 50) + 0.05 * math.sin(12.9898 * i) * math.cos(78.233 * i)


def windows(first, count, steps):
    x = [[[at(first + n + t)] for t in range(steps)] for n in range(count)]
    y = [[at(first + n + steps)] for n in range(count)]
    return torch.tensor(x), torch.tensor(y)


is_noisy_sine = sys.argv[1] == "noisy-sine"
net = Net("RNN", 64) if is_noisy_sine else Net("LSTM", 100)
optimizer = torch.optim.Adam(net.parameters())
loss = nn.MSELoss()
everything = windows(0, 450, 40)
for step in range(500 if is_noisy_sine else 80):
    x, y = windows((step * 8) % 400, 8, 10) if is_noisy_sine else everything
    error = loss(net(x), y)
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
    last = error.item()
print(f"{last:.5f}")
