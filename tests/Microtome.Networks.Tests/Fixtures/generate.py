"""Records what torchvision, timm and WSInfer answer, for the tests of the networks that classify patches.

    OMP_WAIT_POLICY=PASSIVE PYTHONPATH=TIMM python3 generate.py WSINFER
        (python3-torch 1.13 and python3-torchvision 0.14 of Debian 12)

TIMM    folder that holds the package timm of github.com/huggingface/pytorch-image-models
WSINFER folder with resnet_preact.py and inceptionv4_no_batchnorm.py of github.com/SBU-BMI/wsinfer (wsinfer/_modellib and custom_models)

Writes classifiers.json next to itself. Weights and inputs follow a formula instead of a file: element i of the tensor called `name` is
    u(name, i) = (mix(fnv1a(name) + i * 0x9E3779B9) >> 8) / 2^23 - 1   in [-1, 1), all integers modulo 2^32,
times a scale that depends on its kind (see value); exact in float32 up to the rounding of that product.
"""
import hashlib
import json
import math
import os
import sys

import numpy as np
import torch
import torchvision

HERE = os.path.dirname(os.path.abspath(__file__))


def fnv1a(name):
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def uniform(name, count):
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(fnv1a(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / 8388608 - 1


def value(name, shape):
    u = uniform(name, math.prod(shape)).reshape(shape)
    if len(shape) > 1:
        return u * math.sqrt(6 / math.prod(shape[1:]))  # the variance 2 / fan-in
    if name.endswith("running_var"):
        return 1 + 0.5 * u
    if name.endswith("running_mean"):
        return 0.1 * u
    if name.endswith("weight"):
        return 1 + 0.25 * u
    return 0.1 * u


def fill(network):
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(value(name, tuple(tensor.shape)).astype(np.float32)))


def names_of_state(network):
    lines = sorted(f"{name} [{', '.join(str(n) for n in tensor.shape)}]" for name, tensor in network.state_dict().items())
    return {"entries": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def vgg16mod(classes):
    """VGG-16 with one hidden layer of 1024 units, as WSInfer describes it."""
    network = torchvision.models.vgg16()
    network.classifier = torch.nn.Sequential(torch.nn.Linear(512 * 49, 1024), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(1024, classes))
    return network


def main():
    sys.path.insert(0, sys.argv[1])
    import timm
    import inceptionv4_no_batchnorm
    import resnet_preact

    makers = {
        "resnet18": (lambda n: torchvision.models.resnet18(num_classes=n), 224),
        "resnet34": (lambda n: torchvision.models.resnet34(num_classes=n), 224),
        "resnet50": (lambda n: torchvision.models.resnet50(num_classes=n), 224),
        "preactresnet34": (resnet_preact.resnet34_preact, 224),
        "vgg16": (lambda n: torchvision.models.vgg16(num_classes=n), 224),
        "vgg16mod": (vgg16mod, 224),
        "inception_v4": (lambda n: timm.create_model("inception_v4", num_classes=n), 299),
        "inception_v4nobn": (lambda n: inceptionv4_no_batchnorm.InceptionV4(num_classes=n), 299),
    }
    records = {}
    for name, (make, side) in makers.items():
        record = {"parameters": {}, "outputs": []}
        for classes in [2, 1000]:
            network = make(classes)
            record["parameters"][str(classes)] = sum(p.numel() for p in network.parameters())
            del network
        network = make(2)
        record["state"] = names_of_state(network)
        fill(network)
        network.eval()
        # The second size is off every grid; WSInfer's average of the pre-activation network wants a square.
        for shape in [[1, 3, side, side], [2, 3, 117, 117 if name == "preactresnet34" else 101]]:
            x = torch.from_numpy(uniform("input", math.prod(shape)).reshape(shape).astype(np.float32))
            with torch.no_grad():
                logits = network(x)
            record["outputs"].append({"shape": shape, "logits": [float(v) for v in logits.flatten()]})
        records[name] = record
        print(name, record, flush=True)
    note = f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}"
    with open(os.path.join(HERE, "classifiers.json"), "w") as f:
        json.dump({"recorded_with": note, "networks": records}, f, indent=1)
        f.write("\n")


main()
