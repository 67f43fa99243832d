"""Times one workload after another with PyTorch: see refrain-peer.mjs for what is asked and answered."""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
WARM_UP_S = 1


class Net(nn.Module):
    def __init__(self, layer, inputs, hidden, outputs):
        super().__init__()
        self.rnn = getattr(nn, layer)(inputs, hidden, batch_first=True)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.out(y[:, -1])


def steps_of(workload):
    torch.manual_seed(0)
    net = Net(*(workload[key] for key in ("layer", "inputs", "hidden", "outputs")))
    optimizer = torch.optim.Adam(net.parameters())
    loss = nn.MSELoss()
    x = torch.randn(workload["batch"], workload["steps"], workload["inputs"])
    y = torch.randn(workload["batch"], workload["outputs"])

    def train():
        error = loss(net(x), y)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()

    def forward():
        with torch.no_grad():
            net(x)

    return {"train": train, "forward": forward}


steps = None
for line in sys.stdin:
    request = json.loads(line)
    if "workload" in request:
        steps = steps_of(request["workload"])
        started = time.perf_counter()
        warmed = 0
        while warmed < 3 or time.perf_counter() - started < WARM_UP_S:
            steps["train"]()
            steps["forward"]()
            warmed += 1
        answer = {"backend": f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()})"}
    else:
        step = steps[request["kind"]]
        started = time.perf_counter()
        for _ in range(request["repeats"]):
            step()
        answer = {"ms": (time.perf_counter() - started) * 1000 / request["repeats"]}
    print(json.dumps(answer), flush=True)
