"""Writes tiny decoders and the logits that PyTorch gives for them, in double precision, after each token of a text.

The formulas are those of the published models (Gemma-2 report and Hugging Face's configuration fields; Llama; Spark Transformer sections 3.2 and 3.3), written out here once more
with torch operations. Run: python3 generate.py (torch 1.13). Needed only to make the files anew.
"""
import json
import math
import os
import struct

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}


def save(path, tensors):
    header, blobs, at = {}, [], 0
    for name, t in tensors.items():
        raw = t.contiguous().view(torch.int16).numpy().tobytes() if t.element_size() == 2 else t.contiguous().numpy().tobytes()
        header[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        blobs.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def norm(x, w, c):
    y = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + c["rms_norm_eps"])
    return y * (1 + w if c["model_type"] == "gemma2" else w)


def frequencies(width, c):
    f = c["rope_theta"] ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    s = c.get("rope_scaling")
    if s and s["rope_type"] == "linear":
        f = f / s["factor"]
    if s and s["rope_type"] == "llama3":
        wave, old = 2 * math.pi / f, s["original_max_position_embeddings"]
        smooth = (old / wave - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"])
        mid = (1 - smooth) * f / s["factor"] + smooth * f
        f = torch.where(wave > old / s["low_freq_factor"], f / s["factor"], torch.where(wave < old / s["high_freq_factor"], f, mid))
    return f


def rotate(x, c):
    """x [heads, n, width]."""
    n, width = x.shape[-2:]
    angle = torch.outer(torch.arange(n, dtype=torch.float64), frequencies(width, c))
    cos, sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)
    half = torch.cat([-x[..., width // 2:], x[..., :width // 2]], -1)
    return x * cos + half * sin


def cap(x, limit):
    return limit * torch.tanh(x / limit) if limit else x


def threshold(x, k):
    n = x.numel()
    if k >= n:
        return torch.tensor(-math.inf, dtype=torch.float64)
    return x.mean() + x.std(unbiased=False) * math.sqrt(2) * torch.erfinv(torch.tensor(2 * (1 - k / n) - 1, dtype=torch.float64))


def attention(x, w, c, layer):
    n, heads, shared, width = x.shape[0], c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
    q = (x @ w("self_attn.q_proj").T).view(n, heads, width).transpose(0, 1)
    k = (x @ w("self_attn.k_proj").T).view(n, shared, width).transpose(0, 1).repeat_interleave(heads // shared, 0)
    v = (x @ w("self_attn.v_proj").T).view(n, shared, width).transpose(0, 1).repeat_interleave(heads // shared, 0)
    window = c.get("sliding_window") if c["model_type"] == "gemma2" and layer % 2 == 0 else None
    ra = c.get("spark_ra", 0)
    if ra:
        q1, q2, k1, k2 = rotate(q[..., :ra], c), rotate(q[..., ra:], c), rotate(k[..., :ra], c), rotate(k[..., ra:], c)
    else:
        q, k = rotate(q, c), rotate(k, c)
    out = torch.zeros(n, heads, width, dtype=torch.float64)
    for h in range(heads):
        for t in range(n):
            first = max(0, t - window + 1) if window else 0
            seen = slice(first, t + 1)
            if ra:
                p = cap(k1[h, seen] @ q1[h, t] / math.sqrt(ra), c.get("attn_logit_softcapping"))
                p = torch.where(p > threshold(p, c["spark_ka"]), p, torch.tensor(-math.inf, dtype=torch.float64))
                weight = torch.softmax(p, 0) * torch.nn.functional.softplus(k2[h, seen] @ q2[h, t] / math.sqrt(width - ra))
            else:
                scale = c.get("query_pre_attn_scalar", width) ** -0.5
                weight = torch.softmax(cap(k[h, seen] @ q[h, t] * scale, c.get("attn_logit_softcapping")), 0)
            out[t, h] = weight @ v[h, seen]
    return out.reshape(n, heads * width) @ w("self_attn.o_proj").T


def gelu(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def feed_forward(x, w, c):
    r = c.get("spark_r", 0)
    if r:
        s = x[:, :r] @ w("mlp.predictor").T
        theta = torch.stack([threshold(row, c["spark_k"]) for row in s])[:, None]
        a = gelu(torch.clamp(s - theta, min=0)) if c["spark_k"] < s.shape[1] else gelu(s)
        return (a * (x[:, r:] @ w("mlp.value").T)) @ w("mlp.down_proj").T
    act = gelu if c.get("hidden_act", "gelu_pytorch_tanh") == "gelu_pytorch_tanh" else torch.nn.functional.silu
    return (act(x @ w("mlp.gate_proj").T) * (x @ w("mlp.up_proj").T)) @ w("mlp.down_proj").T


def logits(tokens, tensors, c):
    get = {k: v.double() for k, v in tensors.items()}
    gemma = c["model_type"] == "gemma2"
    x = get["model.embed_tokens.weight"][tokens] * (math.sqrt(c["hidden_size"]) if gemma else 1)
    for i in range(c["num_hidden_layers"]):
        w = lambda name: get[f"model.layers.{i}.{name}.weight"]
        y = attention(norm(x, w("input_layernorm"), c), w, c, i)
        if gemma:
            x = x + norm(y, w("post_attention_layernorm"), c)
            x = x + norm(feed_forward(norm(x, w("pre_feedforward_layernorm"), c), w, c), w("post_feedforward_layernorm"), c)
        else:
            x = x + y
            x = x + feed_forward(norm(x, w("post_attention_layernorm"), c), w, c)
    x = norm(x, get["model.norm.weight"], c)
    head = get.get("lm_head.weight", get["model.embed_tokens.weight"])
    return cap(x @ head.T, c.get("final_logit_softcapping"))


def make(name, c, dtype, seed):
    torch.manual_seed(seed)
    d, ff, heads, shared, width = c["hidden_size"], c.get("spark_d_ff", c["intermediate_size"]), c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
    tensors = {}

    def add(key, *shape, scale=None):
        t = torch.randn(*shape) * (scale if scale else shape[-1] ** -0.5 * 1.5)
        tensors[key] = t.to(dtype)

    add("model.embed_tokens.weight", c["vocab_size"], d, scale=1.0)
    gemma = c["model_type"] == "gemma2"
    norms = ["input_layernorm", "post_attention_layernorm"] + (["pre_feedforward_layernorm", "post_feedforward_layernorm"] if gemma else [])
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        for n in norms:
            tensors[p + n + ".weight"] = ((0 if gemma else 1) + 0.2 * torch.randn(d)).to(dtype)
        add(p + "self_attn.q_proj.weight", heads * width, d)
        add(p + "self_attn.k_proj.weight", shared * width, d)
        add(p + "self_attn.v_proj.weight", shared * width, d)
        add(p + "self_attn.o_proj.weight", d, heads * width)
        if c.get("spark_r"):
            add(p + "mlp.predictor.weight", ff, c["spark_r"])
            add(p + "mlp.value.weight", ff, d - c["spark_r"])
        else:
            add(p + "mlp.gate_proj.weight", ff, d)
            add(p + "mlp.up_proj.weight", ff, d)
        add(p + "mlp.down_proj.weight", d, ff)
    tensors["model.norm.weight"] = ((0 if gemma else 1) + 0.2 * torch.randn(d)).to(dtype)
    if not c.get("tie_word_embeddings", gemma):
        add("lm_head.weight", c["vocab_size"], d)
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    save(os.path.join(folder, "model.safetensors"), tensors)
    tokens = torch.randint(0, c["vocab_size"], (18,)).tolist()
    answer = logits(tokens, tensors, c)
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(c, f, indent=2)
        f.write("\n")
    with open(os.path.join(folder, "logits.json"), "w") as f:
        json.dump({"tokens": tokens, "logits": [[float(f"{v:.9g}") for v in row] for row in answer.tolist()]}, f)
        f.write("\n")


GEMMA = dict(model_type="gemma2", hidden_size=40, intermediate_size=70, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=12, vocab_size=61,
             max_position_embeddings=64, rms_norm_eps=1e-6, rope_theta=10000.0, attn_logit_softcapping=5.0, final_logit_softcapping=30.0, sliding_window=5,
             query_pre_attn_scalar=16, hidden_activation="gelu_pytorch_tanh", eos_token_id=[1, 7], bos_token_id=2)
LLAMA = dict(model_type="llama", hidden_size=36, intermediate_size=50, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3, head_dim=6, vocab_size=53,
             max_position_embeddings=64, rms_norm_eps=1e-5, rope_theta=500000.0, hidden_act="silu", tie_word_embeddings=False, eos_token_id=3, bos_token_id=1,
             rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16))
if __name__ == "__main__":
    make("gemma2", GEMMA, torch.bfloat16, 1)
    make("llama", LLAMA, torch.float32, 2)
    make("llama-gelu", {**LLAMA, "hidden_act": "gelu_pytorch_tanh", "tie_word_embeddings": True, "rope_scaling": None}, torch.float16, 3)
    make("spark", {**GEMMA, "spark_r": 17, "spark_k": 12, "spark_d_ff": 105, "spark_ra": 6, "spark_ka": 3}, torch.float32, 4)
