"""Records a tiny BERT with random weights under Hugging Face's names, and its logits as PyTorch's own encoder gives them.

python3 tiny_bert.py tiny-bert    (PyTorch 1.13; run once, the results are kept)
"""
import json
import struct
import sys

import numpy as np
import torch

VOCABULARY, WIDTH, LAYERS, HEADS, HIDDEN, PLACES, EPSILON = 60, 24, 2, 3, 48, 16, 1e-12
torch.manual_seed(5)
folder = sys.argv[1]
weights = {}


def keep(name, shape, scale=0.3, shift=0.0):
    weights[name] = torch.randn(shape) * scale + shift
    return weights[name]


word = keep("bert.embeddings.word_embeddings.weight", (VOCABULARY, WIDTH))
place = keep("bert.embeddings.position_embeddings.weight", (PLACES, WIDTH))
kind = keep("bert.embeddings.token_type_embeddings.weight", (2, WIDTH))
norm = [keep("bert.embeddings.LayerNorm.gamma", (WIDTH,), 0.1, 1), keep("bert.embeddings.LayerNorm.beta", (WIDTH,), 0.1)]
layers = []
for i in range(LAYERS):
    layer = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, dropout=0, activation="gelu", layer_norm_eps=EPSILON, batch_first=True, norm_first=False).train()
    at = f"bert.encoder.layer.{i}."
    parts = [(keep(at + f"attention.self.{n}.weight", (WIDTH, WIDTH)), keep(at + f"attention.self.{n}.bias", (WIDTH,))) for n in ("query", "key", "value")]
    state = {
        "self_attn.in_proj_weight": torch.cat([p[0] for p in parts]),
        "self_attn.in_proj_bias": torch.cat([p[1] for p in parts]),
        "self_attn.out_proj.weight": keep(at + "attention.output.dense.weight", (WIDTH, WIDTH)),
        "self_attn.out_proj.bias": keep(at + "attention.output.dense.bias", (WIDTH,)),
        "norm1.weight": keep(at + "attention.output.LayerNorm.weight", (WIDTH,), 0.1, 1),
        "norm1.bias": keep(at + "attention.output.LayerNorm.bias", (WIDTH,), 0.1),
        "linear1.weight": keep(at + "intermediate.dense.weight", (HIDDEN, WIDTH)),
        "linear1.bias": keep(at + "intermediate.dense.bias", (HIDDEN,)),
        "linear2.weight": keep(at + "output.dense.weight", (WIDTH, HIDDEN)),
        "linear2.bias": keep(at + "output.dense.bias", (WIDTH,)),
        "norm2.weight": keep(at + "output.LayerNorm.weight", (WIDTH,), 0.1, 1),
        "norm2.bias": keep(at + "output.LayerNorm.bias", (WIDTH,), 0.1),
    }
    layer.load_state_dict(state)
    layers.append(layer)
dense = [keep("cls.predictions.transform.dense.weight", (WIDTH, WIDTH)), keep("cls.predictions.transform.dense.bias", (WIDTH,))]
head_norm = [keep("cls.predictions.transform.LayerNorm.weight", (WIDTH,), 0.1, 1), keep("cls.predictions.transform.LayerNorm.bias", (WIDTH,), 0.1)]
bias = keep("cls.predictions.bias", (VOCABULARY,))
weights["cls.predictions.decoder.weight"] = word.clone()
keep("bert.pooler.dense.weight", (WIDTH, WIDTH))
keep("bert.pooler.dense.bias", (WIDTH,))
keep("cls.seq_relationship.weight", (2, WIDTH))
keep("cls.seq_relationship.bias", (2,))

tokens = torch.tensor([[2, 17, 44, 9, 31, 3, 8, 59, 3, 0], [2, 5, 6, 7, 3, 58, 1, 12, 20, 3]])
segments = torch.tensor([[0, 0, 0, 0, 0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]])
present = torch.ones(2, 10)
present[0, 9] = 0
with torch.no_grad():
    x = torch.nn.functional.layer_norm(word[tokens] + place[:10] + kind[segments], (WIDTH,), norm[0], norm[1], EPSILON)
    for layer in layers:
        x = layer(x, src_key_padding_mask=present == 0)
    h = torch.nn.functional.layer_norm(torch.nn.functional.gelu(x @ dense[0].T + dense[1]), (WIDTH,), head_norm[0], head_norm[1], EPSILON)
    logits = h @ word.T + bias

header, body = {}, b""
for name, value in sorted(weights.items()):
    data = value.numpy().astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]}
    body += data
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open(f"{folder}/model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + body)
config = {"architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": HIDDEN,
          "hidden_act": "gelu", "max_position_embeddings": PLACES, "type_vocab_size": 2, "layer_norm_eps": EPSILON, "hidden_dropout_prob": 0.1}
json.dump(config, open(f"{folder}/config.json", "w"), indent=1)
json.dump({"tokens": tokens.tolist(), "segments": segments.tolist(), "present": present.tolist(), "logits": np.round(logits.numpy().astype(float), 6).tolist()}, open(f"{folder}/recorded.json", "w"))
