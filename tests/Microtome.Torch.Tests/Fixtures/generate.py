"""Records what PyTorch answers, for the tests of Microtome.Torch.

    OMP_WAIT_POLICY=PASSIVE python3 generate.py        (python3-torch 1.13 of Debian 12)

Writes next to itself
  ops.safetensors, ops.json            per case: inputs, outputs, gradients
  trajectories.safetensors, .json      optimisers, schedulers, random numbers
  model.pt, model-tuple.pt, model.safetensors   a TorchScript file and its weights

The gradient of a case is that of sum(output * weight) over its floating outputs with
weight[i] = ((i * 37 + 11) % 17 - 8) / 8, which is exact in binary. Keys: "<case>/in0", "<case>/out0", "<case>/grad0".
"""
import json
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.int32: "I32", torch.bool: "BOOL",
         torch.uint8: "U8", torch.float16: "F16", torch.bfloat16: "BF16", torch.int16: "I16", torch.int8: "I8"}


def write_safetensors(path, tensors, metadata=None):
    header, blobs, offset = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name in sorted(tensors):
        t = tensors[name].detach().contiguous()
        raw = t.view(torch.int16).numpy().tobytes() if t.dtype == torch.bfloat16 else t.numpy().tobytes()
        header[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape), "data_offsets": [offset, offset + len(raw)]}
        blobs.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


cases, store = [], {}
generator = torch.Generator().manual_seed(20261123)


def r(*shape, lo=None, hi=None):
    """Normal numbers, or uniform ones between lo and hi."""
    if lo is not None:
        return lo + (hi - lo) * torch.rand(*shape, generator=generator)
    return torch.randn(*shape, generator=generator)


def ints(high, *shape):
    return torch.randint(0, high, shape, generator=generator)


def weight(t):
    i = torch.arange(t.numel(), dtype=torch.int64)
    return (((i * 37 + 11) % 17 - 8).to(t.dtype) / 8).reshape(t.shape)


def case(op, inputs, fn, grad=True, **args):
    name = f"{len(cases):03d}-{op}"
    leaves = [t.clone().requires_grad_(grad and t.is_floating_point()) for t in inputs]
    out = fn(*leaves)
    outs = list(out) if isinstance(out, (tuple, list)) else [out]
    for i, t in enumerate(inputs):
        store[f"{name}/in{i}"] = t
    for i, t in enumerate(outs):
        store[f"{name}/out{i}"] = t
    grads = []
    if grad:
        loss = sum((t * weight(t)).sum() for t in outs if t.is_floating_point() and t.requires_grad)
        loss.backward()
        for i, t in enumerate(leaves):
            if t.requires_grad and t.grad is not None:
                store[f"{name}/grad{i}"] = t.grad
                grads.append(i)
    cases.append({"name": name, "op": op, "args": args, "inputs": len(inputs), "outputs": len(outs), "grads": grads})


def convolutions():
    shapes = {1: (9,), 2: (8, 7), 3: (5, 6, 4)}
    for n in (1, 2, 3):
        conv, tconv = getattr(F, f"conv{n}d"), getattr(F, f"conv_transpose{n}d")
        for stride, padding, dilation, groups, bias in ((1, 0, 1, 1, True), (2, 1, 1, 1, False), (1, 2, 2, 2, True), (2, 1, 1, 4, True)):
            x, w = r(2, 4, *shapes[n]), r(4, 4 // groups, *([3] * n)) * 0.5
            ins = [x, w] + ([r(4)] if bias else [])
            case(f"conv{n}d", ins, lambda *a: conv(a[0], a[1], a[2] if len(a) > 2 else None, stride, padding, dilation, groups),
                 stride=stride, padding=padding, dilation=dilation, groups=groups)
        for stride, padding, output_padding, groups, dilation in ((1, 0, 0, 1, 1), (2, 1, 1, 1, 1), (2, 0, 0, 2, 1), (2, 1, 1, 1, 2)):
            x, w = r(2, 4, *[max(3, s // 2) for s in shapes[n]]), r(4, 4 // groups, *([3] * n)) * 0.5
            case(f"conv_transpose{n}d", [x, w, r(4)], lambda a, b, c: tconv(a, b, c, stride, padding, output_padding, groups, dilation),
                 stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation)
    case("conv2d_pair", [r(1, 3, 9, 7), r(2, 3, 3, 1)], lambda a, b: F.conv2d(a, b, None, (2, 1), (1, 0), (1, 2)),
         stride=[2, 1], padding=[1, 0], dilation=[1, 2])


def pools():
    shapes = {1: (11,), 2: (9, 7), 3: (6, 5, 4)}
    for n in (1, 2, 3):
        x = r(2, 3, *shapes[n])
        mp, ap = getattr(F, f"max_pool{n}d"), getattr(F, f"avg_pool{n}d")
        for k, s, p, ceil in ((2, 2, 0, False), (3, 2, 1, False), (3, 1, 1, True), (2, 2, 0, True)):
            case(f"max_pool{n}d", [x], lambda a: mp(a, k, s, p, ceil_mode=ceil), kernel=k, stride=s, padding=p, ceil=ceil)
            case(f"avg_pool{n}d", [x], lambda a: ap(a, k, s, p, ceil, False), kernel=k, stride=s, padding=p, ceil=ceil, count_include_pad=False)
        case(f"avg_pool{n}d", [x], lambda a: ap(a, 3, 2, 1), kernel=3, stride=2, padding=1, ceil=False, count_include_pad=True)
        for size in ([1] * n, [3, 2, 2][:n]):
            case(f"adaptive_avg_pool{n}d", [x], lambda a: getattr(F, f"adaptive_avg_pool{n}d")(a, size), size=size)
            case(f"adaptive_max_pool{n}d", [x], lambda a: getattr(F, f"adaptive_max_pool{n}d")(a, size), size=size)
    case("max_pool2d_with_indices", [r(1, 2, 6, 6)], lambda a: F.max_pool2d(a, 2, 2, return_indices=True), kernel=2, stride=2)
    case("max_unpool2d", [r(1, 2, 3, 3), torch.arange(9).mul(2).add(0).view(1, 1, 3, 3).repeat(1, 2, 1, 1)],
         lambda a, i: F.max_unpool2d(a, i, 2, 2, 0, (6, 6)), size=[6, 6])


def norms():
    for shape in ((4, 6), (3, 6, 5), (2, 6, 4, 3), (2, 6, 3, 2, 4)):
        x, mean, var = r(*shape), r(6), r(6, lo=0.5, hi=2)
        for training in (True, False):
            def bn(a, w, b, m, v):
                m2, v2 = m.detach().clone(), v.detach().clone()
                y = F.batch_norm(a, m2, v2, w, b, training, 0.1, 1e-5)
                return y, m2, v2
            case("batch_norm", [x, r(6), r(6), mean, var], bn, training=training, momentum=0.1, eps=1e-5)
        if len(shape) > 2:
            case("instance_norm", [x, r(6), r(6)], lambda a, w, b: F.instance_norm(a, None, None, w, b, True, 0.1, 1e-5), eps=1e-5)
        for groups in (1, 2, 6):
            case("group_norm", [x, r(6), r(6)], lambda a, w, b: F.group_norm(a, groups, w, b, 1e-5), groups=groups, eps=1e-5)
    x = r(3, 4, 5)
    for dims in ((5,), (4, 5)):
        case("layer_norm", [x, r(*dims), r(*dims)], lambda a, w, b: F.layer_norm(a, dims, w, b, 1e-5), shape=list(dims), eps=1e-5)
    case("layer_norm", [x], lambda a: F.layer_norm(a, (5,)), shape=[5], eps=1e-5)
    case("local_response_norm", [r(2, 7, 3, 3)], lambda a: F.local_response_norm(a, 5, 1e-2, 0.75, 2.0), size=5, alpha=1e-2, beta=0.75, k=2.0)
    case("normalize", [r(3, 4, 2)], lambda a: F.normalize(a, 2.0, 1), p=2.0, dim=1)
    case("cosine_similarity", [r(3, 4, 2), r(3, 4, 2)], lambda a, b: F.cosine_similarity(a, b, 1), dim=1)


def upsampling():
    for mode, shape, size in (("nearest", (1, 2, 5), [8]), ("linear", (1, 2, 5), [8]), ("nearest", (1, 2, 3, 4), [6, 9]), ("bilinear", (1, 2, 3, 4), [6, 9]),
                              ("bicubic", (1, 2, 5, 4), [8, 9]), ("nearest", (1, 2, 3, 2, 4), [5, 4, 6]), ("trilinear", (1, 2, 3, 2, 4), [5, 4, 6]),
                              ("area", (1, 2, 6, 8), [3, 3]), ("bilinear", (1, 2, 8, 6), [3, 4])):
        for align in ((False, True) if "linear" in mode or "cubic" in mode else (None,)):
            case("interpolate_size", [r(*shape)], lambda a: F.interpolate(a, size=size, mode=mode, align_corners=align), size=size, mode=mode, align=align)
    for mode, shape in (("nearest", (1, 2, 3, 4)), ("bilinear", (1, 2, 3, 4)), ("trilinear", (1, 2, 3, 2, 4))):
        scale = [2.0] * (len(shape) - 2)
        align = False if "linear" in mode else None
        case("interpolate_scale", [r(*shape)], lambda a: F.interpolate(a, scale_factor=scale, mode=mode, align_corners=align, recompute_scale_factor=False),
             scale=scale, mode=mode, align=align)
    case("pixel_shuffle", [r(1, 8, 3, 2)], lambda a: F.pixel_shuffle(a, 2), factor=2)
    case("pixel_unshuffle", [r(1, 2, 4, 6)], lambda a: F.pixel_unshuffle(a, 2), factor=2)
    grid = r(2, 5, 4, 2, lo=-1.2, hi=1.2)
    for mode in ("bilinear", "nearest", "bicubic"):
        for pad in ("zeros", "border", "reflection"):
            case("grid_sample", [r(2, 2, 4, 5), grid], lambda a, g: F.grid_sample(a, g, mode, pad, False), mode=mode, padding=pad, align=False)
    case("grid_sample", [r(1, 2, 3, 4, 3), r(1, 2, 3, 2, 3, lo=-1.1, hi=1.1)], lambda a, g: F.grid_sample(a, g, "bilinear", "zeros", True), mode="bilinear", padding="zeros", align=True)
    case("affine_grid", [r(2, 2, 3)], lambda a: F.affine_grid(a, [2, 1, 4, 5], False), size=[2, 1, 4, 5], align=False)


def activations():
    x = r(3, 7) * 2
    simple = ("relu", "sigmoid", "tanh", "gelu", "silu", "mish", "softplus", "softsign", "hardswish", "hardsigmoid", "relu6", "selu", "logsigmoid", "tanhshrink", "hardtanh")
    for name in simple:
        case(name, [x], getattr(F, name) if name not in ("sigmoid", "tanh") else getattr(torch, name))
    case("gelu_tanh", [x], lambda a: F.gelu(a, approximate="tanh"))
    case("leaky_relu", [x], lambda a: F.leaky_relu(a, 0.2), slope=0.2)
    case("elu", [x], lambda a: F.elu(a, 0.7), alpha=0.7)
    case("celu", [x], lambda a: F.celu(a, 0.7), alpha=0.7)
    case("prelu", [r(2, 3, 4), r(3, lo=0.1, hi=0.5)], F.prelu)
    case("glu", [r(3, 6)], lambda a: F.glu(a, 1), dim=1)
    for dim in (0, 1, -1):
        case("softmax", [r(3, 4, 2)], lambda a: F.softmax(a, dim), dim=dim)
        case("log_softmax", [r(3, 4, 2)], lambda a: F.log_softmax(a, dim), dim=dim)


def losses():
    reductions = ("mean", "sum", "none")
    for red in reductions:
        x, y = r(5, 4), ints(4, 5)
        case("cross_entropy", [x, y], lambda a, t: F.cross_entropy(a, t, reduction=red), reduction=red, smoothing=0.0, ignore=-100, weighted=False)
        case("cross_entropy", [x, y, r(4, lo=0.5, hi=2)], lambda a, t, w: F.cross_entropy(a, t, w.detach(), reduction=red, label_smoothing=0.1),
             reduction=red, smoothing=0.1, ignore=-100, weighted=True)
        y2 = ints(3, 2, 4, 5)
        y2[0, 1, 2] = 255
        y2[1, 0, 0] = 255
        case("cross_entropy", [r(2, 3, 4, 5), y2], lambda a, t: F.cross_entropy(a, t, ignore_index=255, reduction=red), reduction=red, smoothing=0.0, ignore=255, weighted=False)
        case("cross_entropy", [x, F.softmax(r(5, 4), 1)], lambda a, t: F.cross_entropy(a, t, reduction=red), reduction=red, smoothing=0.0, ignore=-100, weighted=False)
        case("nll_loss", [F.log_softmax(x, 1), y], lambda a, t: F.nll_loss(a, t, reduction=red), reduction=red)
        p, t01 = r(4, 5), r(4, 5, lo=0, hi=1)
        case("bce_with_logits", [p, t01], lambda a, t: F.binary_cross_entropy_with_logits(a, t.detach(), reduction=red), reduction=red, weighted=False)
        case("bce_with_logits", [p, t01, r(4, 5, lo=0, hi=2), r(5, lo=0.5, hi=3)],
             lambda a, t, w, pw: F.binary_cross_entropy_with_logits(a, t.detach(), w.detach(), reduction=red, pos_weight=pw.detach()), reduction=red, weighted=True)
        case("binary_cross_entropy", [r(4, 5, lo=0.05, hi=0.95), t01], lambda a, t: F.binary_cross_entropy(a, t.detach(), reduction=red), reduction=red)
        for name in ("mse_loss", "l1_loss"):
            case(name, [r(4, 3), r(4, 3)], lambda a, b: getattr(F, name)(a, b, reduction=red), reduction=red)
        case("smooth_l1_loss", [r(4, 3) * 2, r(4, 3)], lambda a, b: F.smooth_l1_loss(a, b, reduction=red, beta=0.7), reduction=red, beta=0.7)
        case("huber_loss", [r(4, 3) * 2, r(4, 3)], lambda a, b: F.huber_loss(a, b, reduction=red, delta=0.7), reduction=red, delta=0.7)
        case("kl_div", [F.log_softmax(r(4, 3), 1), F.softmax(r(4, 3), 1)], lambda a, b: F.kl_div(a, b.detach(), reduction=red), reduction=red)
        case("poisson_nll_loss", [r(4, 3), r(4, 3, lo=0, hi=5)], lambda a, b: F.poisson_nll_loss(a, b.detach(), reduction=red), reduction=red)
        case("margin_ranking_loss", [r(6), r(6), torch.tensor([1., -1, 1, -1, 1, 1])], lambda a, b, t: F.margin_ranking_loss(a, b, t.detach(), 0.2, reduction=red), reduction=red, margin=0.2)
        case("triplet_margin_loss", [r(4, 5), r(4, 5), r(4, 5)], lambda a, b, c: F.triplet_margin_loss(a, b, c, reduction=red), reduction=red)
        case("cosine_embedding_loss", [r(4, 5), r(4, 5), torch.tensor([1., -1, 1, -1])], lambda a, b, t: F.cosine_embedding_loss(a, b, t.detach(), 0.1, reduction=red), reduction=red, margin=0.1)
        lp = F.log_softmax(r(9, 3, 5), 2)
        case("ctc_loss", [lp, ints(4, 3, 4) + 1, torch.tensor([9, 8, 7]), torch.tensor([4, 3, 2])],
             lambda a, t, i, l: F.ctc_loss(a, t, i, l, blank=0, reduction=red, zero_infinity=True), reduction=red)


def linear_and_attention():
    case("linear", [r(2, 3, 4), r(5, 4), r(5)], F.linear)
    case("linear", [r(6, 4), r(5, 4)], F.linear)
    case("bilinear", [r(3, 4), r(3, 5), r(2, 4, 5), r(2)], F.bilinear)
    case("embedding", [ints(7, 2, 5), r(7, 4)], lambda i, w: F.embedding(i, w))
    case("embedding", [ints(7, 2, 5), r(7, 4)], lambda i, w: F.embedding(i, w, padding_idx=3), padding_idx=3)
    for eq, shapes in (("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]), ("nchw,oc->nohw", [(2, 3, 4, 5), (6, 3)]), ("ij,ij->", [(3, 4), (3, 4)]), ("ii->i", [(4, 4)]),
                       ("bij,bjk,bkl->bil", [(2, 3, 4), (2, 4, 2), (2, 2, 5)])):
        case("einsum", [r(*s) for s in shapes], lambda *a: torch.einsum(eq, *a), equation=eq)
    q, k, v = r(2, 2, 4, 6), r(2, 2, 5, 6), r(2, 2, 5, 6)

    def attention(q, k, v, mask=None):
        s = q @ k.transpose(-2, -1) / (q.shape[-1] ** 0.5)
        if mask is not None:
            s = s.masked_fill(~mask, float("-inf"))
        return s.softmax(-1) @ v
    case("attention", [q, k, v], attention, causal=False)
    causal = torch.ones(4, 5, dtype=torch.bool).tril()
    case("attention", [q, k, v, causal], attention, causal=False)
    case("attention", [r(1, 2, 5, 4), r(1, 2, 5, 4), r(1, 2, 5, 4)], lambda a, b, c: attention(a, b, c, torch.ones(5, 5, dtype=torch.bool).tril()), causal=True)
    torch.manual_seed(7)
    for batch_first in (False, True):
        m = torch.nn.MultiheadAttention(8, 2, batch_first=batch_first)
        m.in_proj_bias.data.normal_()

        def mha(q, k, v, wi, bi, wo, bo):
            from torch.nn.utils.stateless import functional_call
            return functional_call(m, {"in_proj_weight": wi, "in_proj_bias": bi, "out_proj.weight": wo, "out_proj.bias": bo}, (q, k, v))[0]
        case("multihead_attention", [r(3, 2, 8)] * 3 + [m.in_proj_weight.data, m.in_proj_bias.data, m.out_proj.weight.data, m.out_proj.bias.data], mha, heads=2, batch_first=batch_first,
             names=["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
    case("matmul", [r(2, 3, 4), r(4, 5)], torch.matmul)
    case("matmul", [r(4), r(4)], torch.matmul)
    case("mm", [r(3, 4), r(4, 2)], torch.mm)
    case("bmm", [r(2, 3, 4), r(2, 4, 2)], torch.bmm)
    case("addmm", [r(3, 2), r(3, 4), r(4, 2)], lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), beta=0.5, alpha=2.0)
    case("baddbmm", [r(2, 3, 2), r(2, 3, 4), r(2, 4, 2)], lambda c, a, b: torch.baddbmm(c, a, b, beta=0.5, alpha=2), beta=0.5, alpha=2.0)
    case("outer", [r(3), r(4)], torch.outer)
    case("dot", [r(5), r(5)], torch.dot)

    torch.manual_seed(8)
    for kind, cls, layers, both in (("lstm", torch.nn.LSTM, 1, False), ("lstm", torch.nn.LSTM, 2, True), ("gru", torch.nn.GRU, 2, True)):
        m = cls(3, 4, num_layers=layers, batch_first=both, bidirectional=both)
        names = [n for n, _ in m.named_parameters()]

        def rnn(x, *w):
            start = torch.zeros(layers * (2 if both else 1), x.shape[0 if both else 1], 4)
            if kind == "lstm":
                return torch.lstm(x, (start, start), w, True, layers, 0.0, True, both, both)
            return torch.gru(x, start, w, True, layers, 0.0, True, both, both)
        case(kind, [r(2, 5, 3)] + [p.data for p in m.parameters()], rnn, layers=layers, both=both, names=names)


def indexing():
    x = r(4, 5, 3)
    for largest in (True, False):
        case("topk", [x], lambda a: torch.topk(a, 2, 1, largest, True), k=2, dim=1, largest=largest)
    for desc in (True, False):
        case("sort", [x], lambda a: torch.sort(a, dim=1, descending=desc), dim=1, descending=desc)
    case("argsort", [x], lambda a: torch.argsort(a, 1), grad=False, dim=1)
    case("kthvalue", [x], lambda a: torch.kthvalue(a, 2, 1), k=2, dim=1)
    case("gather", [x, ints(5, 4, 2, 3)], lambda a, i: torch.gather(a, 1, i), dim=1)
    perm = torch.stack([torch.randperm(5, generator=generator)[:2] for _ in range(12)]).view(4, 3, 2).transpose(1, 2).contiguous()
    case("scatter", [x, perm, r(4, 2, 3)], lambda a, i, s: torch.scatter(a, 1, i, s), dim=1)
    case("scatter_add", [x, ints(5, 4, 2, 3), r(4, 2, 3)], lambda a, i, s: torch.scatter_add(a, 1, i, s), dim=1)
    case("index_select", [x, torch.tensor([3, 0, 3])], lambda a, i: torch.index_select(a, 0, i), dim=0)
    case("index_add", [x, torch.tensor([3, 0]), r(2, 5, 3)], lambda a, i, s: torch.index_add(a, 0, i, s), dim=0)
    case("index_tensor", [x, torch.tensor([[0, 2], [1, 3]])], lambda a, i: a[i])
    case("index_two", [x, torch.tensor([0, 2, 3]), torch.tensor([4, 1, 0])], lambda a, i, j: a[i, j])
    case("index_mask", [x, x > 0.2], lambda a, m: a[m])
    case("index_put", [x, torch.tensor([0, 2, 0]), r(3, 5, 3)], lambda a, i, v: torch.index_put(a, (i,), v, accumulate=True), accumulate=True)
    case("masked_select", [x, x > 0], torch.masked_select)
    case("masked_fill", [x, x > 0], lambda a, m: a.masked_fill(m, -2.0), value=-2.0)
    case("where", [x > 0, x, r(4, 5, 3)], torch.where)
    case("take_along_dim", [x, ints(5, 4, 2, 3)], lambda a, i: torch.take_along_dim(a, i, 1), dim=1)
    case("slice", [x], lambda a: a[1:4:2, :, -2:], )
    case("select", [x], lambda a: a.select(1, 2), dim=1, index=2)
    case("narrow", [x], lambda a: a.narrow(1, 1, 3), dim=1, start=1, length=3)
    case("nonzero", [x > 0.5], torch.nonzero, grad=False)
    case("one_hot", [ints(4, 2, 3)], lambda i: F.one_hot(i, 5), grad=False, classes=5)
    case("bincount", [ints(6, 20)], lambda i: torch.bincount(i, minlength=8), grad=False, minlength=8)
    case("unique", [ints(6, 20)], lambda i: torch.unique(i, sorted=True, return_inverse=True, return_counts=True), grad=False)
    case("searchsorted", [torch.sort(r(6))[0], r(4)], torch.searchsorted, grad=False)
    case("bucketize", [r(4, 3), torch.sort(r(6))[0]], torch.bucketize, grad=False)
    case("histc", [r(40)], lambda a: torch.histc(a, 8, -2, 2), grad=False, bins=8, min=-2.0, max=2.0)
    case("isin", [ints(9, 12), torch.tensor([1, 4, 7])], torch.isin, grad=False)


def shapes():
    x = r(2, 3, 4)
    case("reshape", [x], lambda a: a.reshape(4, -1), shape=[4, -1])
    case("permute", [x], lambda a: a.permute(2, 0, 1).contiguous(), dims=[2, 0, 1])
    case("transpose", [x], lambda a: a.transpose(0, 2).contiguous(), dim0=0, dim1=2)
    case("flatten", [x], lambda a: a.flatten(1), start=1)
    case("unsqueeze", [x], lambda a: a.unsqueeze(1), dim=1)
    case("squeeze", [r(2, 1, 3)], lambda a: a.squeeze(1), dim=1)
    case("expand", [r(2, 1, 3)], lambda a: a.expand(2, 4, 3).contiguous(), shape=[2, 4, 3])
    case("repeat", [x], lambda a: a.repeat(2, 1, 2), repeats=[2, 1, 2])
    case("repeat_interleave", [x], lambda a: a.repeat_interleave(3, 1), repeats=3, dim=1)
    case("flip", [x], lambda a: a.flip(0, 2), dims=[0, 2])
    case("roll", [x], lambda a: a.roll((1, -2), (1, 2)), shifts=[1, -2], dims=[1, 2])
    case("rot90", [x], lambda a: a.rot90(1, (1, 2)), k=1, dims=[1, 2])
    case("cat", [r(2, 3), r(2, 4)], lambda a, b: torch.cat((a, b), 1), dim=1)
    case("stack", [r(2, 3), r(2, 3)], lambda a, b: torch.stack((a, b), 1), dim=1)
    case("chunk", [r(2, 7)], lambda a: torch.chunk(a, 3, 1), chunks=3, dim=1)
    case("split", [r(2, 7)], lambda a: torch.split(a, 3, 1), size=3, dim=1)
    case("unbind", [x], lambda a: torch.unbind(a, 1), dim=1)
    case("tril", [r(4, 5)], lambda a: a.tril(1), diagonal=1)
    case("triu", [r(4, 5)], lambda a: a.triu(-1), diagonal=-1)
    case("diagonal", [r(4, 5)], lambda a: a.diagonal(1).contiguous(), offset=1)
    case("movedim", [x], lambda a: a.movedim(0, 2).contiguous(), source=0, destination=2)
    case("unfold_dim", [r(2, 9)], lambda a: a.unfold(1, 4, 2).contiguous(), dim=1, size=4, step=2)
    case("unfold", [r(1, 2, 6, 7)], lambda a: F.unfold(a, 3, 1, 1, 2), kernel=3, dilation=1, padding=1, stride=2)
    case("fold", [r(1, 18, 12)], lambda a: F.fold(a, (6, 7), 3, 1, 1, 2), size=[6, 7], kernel=3, dilation=1, padding=1, stride=2)
    for mode in ("constant", "reflect", "replicate", "circular"):
        case("pad", [r(1, 2, 5)], lambda a: F.pad(a, (2, 1), mode, 0.5 if mode == "constant" else 0), pad=[2, 1], mode=mode, value=0.5 if mode == "constant" else 0.0)
        case("pad", [r(1, 2, 4, 5)], lambda a: F.pad(a, (2, 1, 0, 3), mode, 0.5 if mode == "constant" else 0), pad=[2, 1, 0, 3], mode=mode, value=0.5 if mode == "constant" else 0.0)
        case("pad", [r(1, 2, 3, 4, 5)], lambda a: F.pad(a, (2, 1, 0, 3, 1, 1), mode, 0.5 if mode == "constant" else 0), pad=[2, 1, 0, 3, 1, 1], mode=mode,
             value=0.5 if mode == "constant" else 0.0)


def reductions():
    x = r(3, 4, 5)
    for op in ("sum", "mean", "prod", "std", "var", "logsumexp", "amax", "amin"):
        if op not in ("logsumexp",):
            case(op + "_all", [x if op != "prod" else r(6)], lambda a: getattr(a, op)())
        for dims, keep in (([1], False), ([0, 2], True)):
            if op == "prod":
                if len(dims) == 1:
                    case("prod", [x], lambda a: a.prod(dims[0], keep), dims=dims, keepdim=keep)
                continue
            case(op, [x], lambda a: getattr(a, op)(dims, keepdim=keep), dims=dims, keepdim=keep)
    case("var_biased", [x], lambda a: a.var(1, unbiased=False), dim=1)
    for op in ("max", "min", "median", "cummax"):
        case(op + "_dim", [x], lambda a: getattr(a, op)(1), dim=1)
    for op in ("max", "min", "median"):
        case(op + "_all", [x], lambda a: getattr(a, op)())
    for op in ("cumsum", "cumprod"):
        case(op, [x], lambda a: getattr(a, op)(1), dim=1)
    case("argmax", [x], lambda a: a.argmax(1), grad=False, dim=1)
    case("argmin", [x], lambda a: a.argmin(1), grad=False, dim=1)
    case("all_dim", [x > -1], lambda a: a.all(1), grad=False, dim=1)
    case("any_dim", [x > 1], lambda a: a.any(1), grad=False, dim=1)
    case("count_nonzero", [ints(3, 4, 5)], lambda a: torch.count_nonzero(a, 1), grad=False, dim=1)
    for p in (1.0, 2.0, float("inf")):
        case("norm", [x], lambda a: torch.linalg.vector_norm(a, p, 1), p=str(p), dim=1)
    case("quantile", [x], lambda a: torch.quantile(a, 0.3, 1), q=0.3, dim=1)
    case("cdist", [r(3, 4), r(5, 4)], lambda a, b: torch.cdist(a, b))


def arithmetic():
    a, b = r(3, 1, 4), r(2, 1)
    pos = r(3, 1, 4, lo=0.3, hi=2)
    for op in ("add", "sub", "mul", "div", "maximum", "minimum", "atan2", "fmod", "remainder"):
        second = b if op not in ("div", "fmod", "remainder") else b.sign() * (b.abs() + 0.5)
        case(op, [a, second], getattr(torch, op))
    case("pow", [pos, b], torch.pow)
    case("pow_scalar", [pos], lambda t: t ** 2.5, exponent=2.5)
    case("add_scalar", [a], lambda t: t + 1.5, value=1.5)
    case("sub_scalar", [a], lambda t: t - 1.5, value=1.5)
    case("rsub_scalar", [a], lambda t: 1.5 - t, value=1.5)
    case("mul_scalar", [a], lambda t: t * 1.5, value=1.5)
    case("div_scalar", [a], lambda t: t / 1.5, value=1.5)
    case("rdiv_scalar", [pos], lambda t: 1.5 / t, value=1.5)
    case("add_alpha", [a, b], lambda s, t: torch.add(s, t, alpha=0.3), alpha=0.3)
    case("addcmul", [a, b, r(4)], lambda s, t, u: torch.addcmul(s, t, u, value=0.3), value=0.3)
    case("addcdiv", [a, b, pos], lambda s, t, u: torch.addcdiv(s, t, u, value=0.3), value=0.3)
    case("lerp", [a, b], lambda s, t: torch.lerp(s.expand(3, 2, 4), t.expand(3, 2, 4), 0.3), weight=0.3)
    x = r(3, 5)
    for op in ("abs", "neg", "exp", "sin", "cos", "tan", "atan", "sinh", "cosh", "erf", "expm1", "square", "sign", "floor", "ceil", "round", "trunc", "frac"):
        case(op, [x], getattr(torch, op))
    y = r(3, 5, lo=0.2, hi=3)
    for op in ("sqrt", "rsqrt", "log", "log2", "log10", "log1p", "reciprocal", "lgamma", "digamma"):
        case(op, [y], getattr(torch, op))
    z = r(3, 5, lo=-0.9, hi=0.9)
    for op in ("asin", "acos", "atanh", "erfinv"):
        case(op, [z], getattr(torch, op))
    case("clamp", [x], lambda t: t.clamp(-0.5, 0.8), min=-0.5, max=0.8)
    case("clamp_min", [x], lambda t: t.clamp_min(0.1), min=0.1)
    case("nan_to_num", [torch.tensor([1.0, float("nan"), float("inf"), -float("inf")])], lambda t: torch.nan_to_num(t, 0.5, 3, -3), grad=False, nan=0.5, posinf=3.0, neginf=-3.0)
    q = torch.round(r(3, 4) * 2)
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        case(op, [q, torch.round(r(3, 4) * 2)], getattr(torch, op), grad=False)
    m = q > 0
    for op in ("logical_and", "logical_or", "logical_xor"):
        case(op, [m, q < 1], getattr(torch, op), grad=False)
    case("logical_not", [m], torch.logical_not, grad=False)
    case("to_int", [q], lambda t: t.to(torch.int64), grad=False)
    case("floor_divide", [ints(20, 6), ints(4, 6) + 1], lambda s, t: torch.div(s, t, rounding_mode="floor"), grad=False)
    case("isnan", [torch.tensor([1.0, float("nan"), float("inf")])], torch.isnan, grad=False)
    case("isfinite", [torch.tensor([1.0, float("nan"), float("inf")])], torch.isfinite, grad=False)


def linear_algebra():
    a = r(2, 4, 4)
    spd = a @ a.transpose(-2, -1) + 2 * torch.eye(4)
    case("linalg_inv", [a + 3 * torch.eye(4)], torch.linalg.inv)
    case("linalg_det", [a], torch.linalg.det)
    case("linalg_slogdet", [a], lambda t: torch.linalg.slogdet(t))
    case("linalg_solve", [a + 3 * torch.eye(4), r(2, 4, 3)], torch.linalg.solve)
    case("linalg_cholesky", [spd], torch.linalg.cholesky)
    case("linalg_svdvals", [r(4, 3)], torch.linalg.svdvals)
    case("linalg_eigvalsh", [spd], torch.linalg.eigvalsh)
    # Vectors are known up to sign; the absolute value is what can be compared.
    case("linalg_eigh_abs", [spd], lambda t: (torch.linalg.eigh(t)[0], torch.linalg.eigh(t)[1].abs()))
    case("linalg_svd_abs", [r(4, 3)], lambda t: tuple(u.abs() for u in torch.linalg.svd(t, full_matrices=False)))
    case("linalg_qr_abs", [r(4, 3)], lambda t: tuple(u.abs() for u in torch.linalg.qr(t)))
    case("linalg_pinv", [r(4, 3)], torch.linalg.pinv)
    case("linalg_lstsq", [r(5, 3), r(5, 2)], lambda u, v: torch.linalg.lstsq(u, v, driver="gelsd").solution, grad=False)
    case("linalg_norm", [r(3, 4)], lambda t: torch.linalg.norm(t))
    case("trace", [r(4, 4)], torch.trace)
    case("cross", [r(3, 3), r(3, 3)], lambda u, v: torch.linalg.cross(u, v, dim=1), dim=1)
    case("kron", [r(2, 2), r(2, 3)], torch.kron)


def trajectories():
    """Five steps of each optimiser on a fixed, uneven bowl; learning rates of each scheduler over 12 epochs; clipping; random numbers."""
    data, man = {}, {"optimizers": [], "schedulers": [], "clip": [], "random": []}
    o = torch.optim
    table = [
        ("sgd", dict(lr=0.05), o.SGD), ("sgd", dict(lr=0.05, momentum=0.9, weight_decay=0.01), o.SGD),
        ("sgd", dict(lr=0.05, momentum=0.9, nesterov=True), o.SGD), ("sgd", dict(lr=0.05, momentum=0.9, dampening=0.3), o.SGD),
        ("adam", dict(lr=0.05), o.Adam), ("adam", dict(lr=0.05, betas=(0.8, 0.95), weight_decay=0.1), o.Adam), ("adam", dict(lr=0.05, amsgrad=True), o.Adam),
        ("adamw", dict(lr=0.05), o.AdamW), ("adamw", dict(lr=0.05, weight_decay=0.2, betas=(0.8, 0.95)), o.AdamW), ("adamw", dict(lr=0.05, amsgrad=True), o.AdamW),
        ("rmsprop", dict(lr=0.02), o.RMSprop), ("rmsprop", dict(lr=0.02, centered=True, momentum=0.9, alpha=0.95), o.RMSprop),
        ("rmsprop", dict(lr=0.02, weight_decay=0.1), o.RMSprop),
    ]
    for i, (name, args, cls) in enumerate(table):
        key = f"optim{i:02d}"
        p0, q0, s = r(3, 4), r(5), r(3, 4, lo=0.3, hi=3)
        p, q = torch.nn.Parameter(p0.clone()), torch.nn.Parameter(q0.clone())
        opt = cls([p, q], **args)
        data[key + "/p0"], data[key + "/q0"], data[key + "/s"] = p0, q0, s
        for step in range(5):
            opt.zero_grad()
            loss = (s * p * p).sum() + (q ** 4).sum() + p.sum() * q.sum()
            loss.backward()
            opt.step()
            data[f"{key}/p{step + 1}"], data[f"{key}/q{step + 1}"] = p.detach().clone(), q.detach().clone()
        man["optimizers"].append({"key": key, "name": name, "args": {k: list(v) if isinstance(v, tuple) else v for k, v in args.items()}})
    s = o.lr_scheduler
    table = [("step", s.StepLR, dict(step_size=3, gamma=0.5)), ("multistep", s.MultiStepLR, dict(milestones=[2, 5, 9], gamma=0.3)), ("exponential", s.ExponentialLR, dict(gamma=0.9)),
             ("cosine", s.CosineAnnealingLR, dict(T_max=12, eta_min=0.001)), ("onecycle", s.OneCycleLR, dict(max_lr=0.4, total_steps=14)), ("linear", s.LinearLR, dict(start_factor=0.25, end_factor=1.0, total_iters=5)),
             ("constant", s.ConstantLR, dict(factor=0.25, total_iters=4)), ("polynomial", s.PolynomialLR, dict(total_iters=10, power=2.0)),
             ("cosine_restarts", s.CosineAnnealingWarmRestarts, dict(T_0=4, T_mult=2, eta_min=0.0)), ("lambda", s.LambdaLR, dict())]
    for name, cls, args in table:
        opt = o.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
        sch = cls(opt, lr_lambda=lambda e: 0.95 ** e / (1 + e)) if name == "lambda" else cls(opt, **args)
        rates = [opt.param_groups[0]["lr"]]
        for _ in range(12):
            opt.step()
            sch.step()
            rates.append(opt.param_groups[0]["lr"])
        man["schedulers"].append({"name": name, "args": args, "rates": rates})
    opt = o.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    sch = s.ReduceLROnPlateau(opt, factor=0.5, patience=1, threshold=1e-3)
    metrics, rates = [1.0, 0.9, 0.95, 0.91, 0.92, 0.93, 0.8, 0.9, 0.85, 0.86, 0.87], []
    for m in metrics:
        sch.step(m)
        rates.append(opt.param_groups[0]["lr"])
    man["schedulers"].append({"name": "plateau", "args": {"factor": 0.5, "patience": 1, "threshold": 1e-3, "metrics": metrics}, "rates": rates})
    for i, (kind, limit) in enumerate((("norm2", 1.0), ("norm2", 100.0), ("norm1", 2.0), ("norminf", 0.5), ("value", 0.4))):
        key = f"clip{i}"
        g = [r(3, 2), r(4)]
        ps = [torch.nn.Parameter(torch.zeros_like(t)) for t in g]
        for p, t in zip(ps, g):
            p.grad = t.clone()
        total = 0.0
        if kind == "value":
            torch.nn.utils.clip_grad_value_(ps, limit)
        else:
            total = float(torch.nn.utils.clip_grad_norm_(ps, limit, norm_type={"norm2": 2.0, "norm1": 1.0, "norminf": float("inf")}[kind]))
        for j in range(2):
            data[f"{key}/g{j}"], data[f"{key}/clipped{j}"] = g[j], ps[j].grad
        man["clip"].append({"key": key, "kind": kind, "limit": limit, "total": total})
    for i, (kind, shape, fn) in enumerate((
            ("randn", [5], lambda: torch.randn(5)), ("randn", [4, 9], lambda: torch.randn(4, 9)), ("rand", [4, 5], lambda: torch.rand(4, 5)),
            ("randint", [20], lambda: torch.randint(0, 1000, (20,))), ("randperm", [17], lambda: torch.randperm(17)),
            ("bernoulli", [30], lambda: torch.bernoulli(torch.full((30,), 0.3))), ("normal_", [3, 8], lambda: torch.empty(3, 8).normal_(2.0, 0.5)),
            ("uniform_", [3, 8], lambda: torch.empty(3, 8).uniform_(-2.0, 0.5)), ("multinomial", [12], lambda: torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 12, True)),
            ("dropout", [40], lambda: F.dropout(torch.ones(40), 0.4, True)), ("kaiming_uniform_", [6, 4, 3, 3], lambda: torch.nn.init.kaiming_uniform_(torch.empty(6, 4, 3, 3))),
            ("kaiming_normal_", [6, 4, 3, 3], lambda: torch.nn.init.kaiming_normal_(torch.empty(6, 4, 3, 3), mode="fan_out", nonlinearity="relu")),
            ("xavier_uniform_", [6, 4], lambda: torch.nn.init.xavier_uniform_(torch.empty(6, 4))), ("xavier_normal_", [6, 4], lambda: torch.nn.init.xavier_normal_(torch.empty(6, 4))),
            ("Linear", [3, 4], lambda: torch.nn.Linear(4, 3).weight.detach()), ("Conv2d", [3, 2, 3, 3], lambda: torch.nn.Conv2d(2, 3, 3).weight.detach()),
            ("Embedding", [5, 3], lambda: torch.nn.Embedding(5, 3).weight.detach()))):
        torch.manual_seed(100 + i)
        data[f"random{i:02d}"] = fn()
        man["random"].append({"key": f"random{i:02d}", "kind": kind, "shape": shape, "seed": 100 + i})
    write_safetensors(os.path.join(HERE, "trajectories.safetensors"), data)
    with open(os.path.join(HERE, "trajectories.json"), "w") as f:
        json.dump(man, f, indent=1)
        f.write("\n")


class Tiny(torch.nn.Module):
    """Convolution, norm, dropout (so that eval matters), linear."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.drop, self.head = torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.drop(torch.relu(self.norm(self.conv(x)))).mean((2, 3))
        return self.head(x)


class Pair(torch.nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor):
        return x + y, x * y


class Convolutions(torch.nn.Module):
    """3x3 convolutions with all that may stand behind them, and what must keep them apart from it."""

    def __init__(self):
        super().__init__()
        def make(i=32, o=32, stride=1, groups=1):
            return torch.nn.Conv2d(i, o, 3, stride, 1, groups=groups)
        self.first, self.second, self.third, self.fourth, self.fifth, self.norm = make(16), make(), make(), make(), make(), torch.nn.BatchNorm2d(32)
        self.across, self.strided, self.grouped = torch.nn.Conv2d(16, 32, 1), make(stride=2), make(groups=2)

    def forward(self, x: torch.Tensor):
        # A block of a ResNet: the sum and the ReLU lie behind the second convolution, the projection between them.
        block = self.norm(self.second(torch.relu(self.first(x))))
        block += self.across(x)
        block = torch.relu_(block)
        # Read twice: before and after the ReLU.
        twice = self.third(block)
        both = twice + torch.relu(twice)
        # A sum with a factor, and one into the other summand, which is read again.
        scaled = torch.add(self.fourth(block), block, alpha=2)
        other = block * 0.5
        other += self.fifth(block)
        seen = other - block
        # The input changes between the convolution and the sum.
        moved = both * 1.0
        late = self.fifth(moved)
        moved.mul_(3.0)
        late = torch.relu(late + moved)
        return block, both, scaled, seen, late, self.strided(block), self.grouped(block), torch.relu(self.fourth(block[:, :, :5, :7]))


def convolution_script():
    torch.manual_seed(5)
    m = Convolutions()
    m.norm.running_mean.normal_()
    m.norm.running_var.uniform_(0.5, 2)
    m.eval()
    x = r(3, 16, 14, 13)
    torch.jit.script(m).save(os.path.join(HERE, "convolutions.pt"))
    with torch.no_grad():
        tensors = {f"output{i}": t.contiguous() for i, t in enumerate(m(x.clone()))}
    write_safetensors(os.path.join(HERE, "convolutions.safetensors"), {"input": x, **tensors})


def script_files():
    torch.manual_seed(3)
    m = Tiny()
    m.norm.running_mean.normal_()
    x = r(2, 3, 5, 6)
    m.eval()
    script = torch.jit.script(m)
    script.save(os.path.join(HERE, "model.pt"))
    torch.jit.script(Pair()).save(os.path.join(HERE, "model-tuple.pt"))
    a, b = r(3), r(3)
    tensors = {"weights." + k: v for k, v in m.state_dict().items()}
    tensors.update({"input": x, "output": m(x).detach(), "a": a, "b": b, "sum": a + b, "product": a * b})
    write_safetensors(os.path.join(HERE, "model.safetensors"), tensors, {"format": "pt", "made by": "generate.py"})
    kinds = {"f16": r(2, 3).half(), "bf16": r(2, 3).bfloat16(), "f32": r(2, 3), "f64": r(2, 3).double(), "i8": ints(99, 3).to(torch.int8), "i16": ints(9999, 3).to(torch.int16),
             "i32": ints(9999, 3).to(torch.int32), "i64": ints(9999, 3), "u8": ints(255, 3).to(torch.uint8), "bool": ints(2, 5).bool(), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3)}
    write_safetensors(os.path.join(HERE, "dtypes.safetensors"), kinds, {"snow": "\u96ea \"quoted\""})


def main():
    torch.set_num_threads(1)
    for part in (convolutions, pools, norms, upsampling, activations, losses, linear_and_attention, indexing, shapes, reductions, arithmetic, linear_algebra):
        part()
    write_safetensors(os.path.join(HERE, "ops.safetensors"), store)
    with open(os.path.join(HERE, "ops.json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    trajectories()
    script_files()
    convolution_script()
    print(len(cases), "cases,", len({c["op"] for c in cases}), "operations, torch", torch.__version__, file=sys.stderr)


main()
