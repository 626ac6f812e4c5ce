"""The peer of `bench train`: a BERT of the same shape in plain PyTorch, on the same batches with the same recipe.

Arguments: file of batches (64-bit integers: inputs then targets of each step, then of the held-out batches), rows, length, steps, held-out batches, vocabulary, layers, width, heads, hidden units, peak
learning rate, warm-up steps, threads, seed.
Last line: PyTorch's version, tokens per second, held-out loss after the last step.
"""
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

path = sys.argv[1]
rows, length, steps, held_out, vocabulary, layers, width, heads, hidden = map(int, sys.argv[2:11])
rate, warmup, threads, seed = float(sys.argv[11]), int(sys.argv[12]), int(sys.argv[13]), int(sys.argv[14])
torch.set_num_threads(threads)
torch.manual_seed(seed)
data = torch.from_numpy(np.fromfile(path, np.int64)).reshape(steps + held_out, 2, rows, length)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        q, k, v = (f(x).view(rows, length, heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v))
        a = (q @ k.transpose(-2, -1) / (width // heads) ** 0.5).softmax(-1) @ v
        x = self.norm1(x + self.o(a.transpose(1, 2).flatten(2)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places, self.kinds = nn.Embedding(vocabulary, width), nn.Embedding(length, width), nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.dense, self.head_norm, self.bias = nn.Linear(width, width), nn.LayerNorm(width, 1e-12), nn.Parameter(torch.zeros(vocabulary))
        for m in self.modules():
            if isinstance(m, (nn.Linear, nn.Embedding)):
                nn.init.normal_(m.weight, 0, 0.02)
            if isinstance(m, nn.Linear):
                nn.init.zeros_(m.bias)

    def loss(self, inputs, targets):
        x = self.norm(self.tokens(inputs) + self.places.weight + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x)
        chosen = (targets.flatten() >= 0).nonzero().squeeze(1)
        x = self.head_norm(F.gelu(self.dense(x.flatten(0, 1).index_select(0, chosen))))
        return F.cross_entropy(F.linear(x, self.tokens.weight, self.bias), targets.flatten()[chosen])


model = Bert()
groups = [{"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.01}, {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0}]
adam = torch.optim.AdamW(groups, lr=rate, eps=1e-6)
start = time.perf_counter()
for step in range(steps):
    if step == min(3, steps - 1):
        start = time.perf_counter()
    for group in adam.param_groups:
        group["lr"] = rate * (step + 1) / warmup if step < warmup else rate * (steps - step) / max(1, steps - warmup)
    adam.zero_grad(set_to_none=True)
    loss = model.loss(data[step, 0], data[step, 1])
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adam.step()
    loss.item()
seconds = time.perf_counter() - start
with torch.no_grad():
    total, count = 0.0, 0
    for batch in data[steps:]:
        places = int((batch[1] >= 0).sum())
        total, count = total + model.loss(batch[0], batch[1]).item() * places, count + places
print(torch.__version__, rows * length * (steps - min(3, steps - 1)) / seconds, total / max(1, count))
