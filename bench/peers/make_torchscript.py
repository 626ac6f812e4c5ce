"""A patch classifier for `bench classify`: one network of seeded random weights in both forms that Microtome reads, and its config.json.

Arguments: architecture folder [seed, 0] [folder of a model of ours: its config.json and model.safetensors are taken (patchnet); "" for random weights]
    [slide and patches.csv(minx,miny,width,height): the random weights are scaled so that these patches get probabilities that differ]
Writes folder/config.json, folder/torchscript_model.pt (torch.jit.script, as the WSInfer zoo's files are made) and folder/safetensors/{config.json,model.safetensors}.
The networks follow their papers; the names in their state are those of torchvision and timm. Needs PyTorch alone. Last line: torch's version.
"""
import csv
import json
import os
import struct
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    """ResNet's block of two 3x3 convolutions (arXiv 1512.03385)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.downsample = None if same else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        across = x
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.downsample is not None:
            across = self.downsample(x)
        y += across
        return self.relu(y)


class ResNet34(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for i, (blocks, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512))):
            stage = []
            for j in range(blocks):
                stage.append(BasicBlock(inputs, width, 2 if j == 0 and i > 0 else 1))
                inputs = width
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Vgg16(nn.Module):
    """VGG-16, configuration D of arXiv 1409.1556."""

    def __init__(self, classes, hidden):
        super().__init__()
        layers, inputs = [], 3
        for stage in ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)):
            for width in stage:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        layers, inputs = [], 512 * 49
        for width in hidden:
            layers += [nn.Linear(inputs, width), nn.ReLU(inplace=True), nn.Dropout()]
            inputs = width
        self.classifier = nn.Sequential(*layers, nn.Linear(inputs, classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class InceptionConvolution(nn.Module):
    def __init__(self, norm, inputs, outputs, kernel, stride=1, padding=(0, 0)):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=not norm)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3) if norm else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class Branches(nn.ModuleDict):
    def forward(self, x):
        results = []
        for branch in self.values():
            results.append(branch(x))
        return torch.cat(results, 1)


class InceptionC(nn.Module):
    def __init__(self, same, point):
        super().__init__()
        self.branch0 = point(1536, 256)
        self.branch1_0 = point(1536, 384)
        self.branch1_1a, self.branch1_1b = same(384, 256, (1, 3)), same(384, 256, (3, 1))
        self.branch2_0 = point(1536, 384)
        self.branch2_1, self.branch2_2 = same(384, 448, (3, 1)), same(448, 512, (1, 3))
        self.branch2_3a, self.branch2_3b = same(512, 256, (1, 3)), same(512, 256, (3, 1))
        self.branch3 = nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), point(1536, 256))

    def forward(self, x):
        y = self.branch1_0(x)
        z = self.branch2_2(self.branch2_1(self.branch2_0(x)))
        return torch.cat([self.branch0(x), self.branch1_1a(y), self.branch1_1b(y), self.branch2_3a(z), self.branch2_3b(z), self.branch3(x)], 1)


class InceptionV4(nn.Module):
    """Inception-v4 (arXiv 1602.07261), with batch norm or with biases in its place."""

    def __init__(self, classes, norm):
        super().__init__()

        def valid(inputs, outputs, kernel=(3, 3), stride=1):
            return InceptionConvolution(norm, inputs, outputs, kernel, stride)

        def same(inputs, outputs, kernel=(3, 3)):
            return InceptionConvolution(norm, inputs, outputs, kernel, 1, (kernel[0] // 2, kernel[1] // 2))

        def point(inputs, outputs):
            return valid(inputs, outputs, (1, 1))

        def average():
            return nn.AvgPool2d(3, 1, 1, count_include_pad=False)

        row, column = (1, 7), (7, 1)

        def a():
            return Branches({
                "branch0": point(384, 96),
                "branch1": nn.Sequential(point(384, 64), same(64, 96)),
                "branch2": nn.Sequential(point(384, 64), same(64, 96), same(96, 96)),
                "branch3": nn.Sequential(average(), point(384, 96)),
            })

        def b():
            return Branches({
                "branch0": point(1024, 384),
                "branch1": nn.Sequential(point(1024, 192), same(192, 224, row), same(224, 256, column)),
                "branch2": nn.Sequential(point(1024, 192), same(192, 192, column), same(192, 224, row), same(224, 224, column), same(224, 256, row)),
                "branch3": nn.Sequential(average(), point(1024, 128)),
            })

        self.features = nn.Sequential(
            valid(3, 32, stride=2), valid(32, 32), same(32, 64),
            Branches({"maxpool": nn.MaxPool2d(3, 2), "conv": valid(64, 96, stride=2)}),
            Branches({
                "branch0": nn.Sequential(point(160, 64), valid(64, 96)),
                "branch1": nn.Sequential(point(160, 64), same(64, 64, row), same(64, 64, column), valid(64, 96)),
            }),
            Branches({"conv": valid(192, 192, stride=2), "maxpool": nn.MaxPool2d(3, 2)}),
            *[a() for _ in range(4)],
            Branches({
                "branch0": valid(384, 384, stride=2),
                "branch1": nn.Sequential(point(384, 192), same(192, 224), valid(224, 256, stride=2)),
                "branch2": nn.MaxPool2d(3, 2),
            }),
            *[b() for _ in range(7)],
            Branches({
                "branch0": nn.Sequential(point(1024, 192), valid(192, 192, stride=2)),
                "branch1": nn.Sequential(point(1024, 256), same(256, 256, row), same(256, 320, column), valid(320, 320, stride=2)),
                "branch2": nn.MaxPool2d(3, 2),
            }),
            *[InceptionC(same, point) for _ in range(3)],
        )
        self.avg_pool = nn.AdaptiveAvgPool2d((1, 1))
        self.last_linear = nn.Linear(1536, classes)

    def forward(self, x):
        return self.last_linear(torch.flatten(self.avg_pool(self.features(x)), 1))


class ConvNormRelu(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)), inplace=True)


class PatchNet(nn.Module):
    """Microtome's small network."""

    def __init__(self, classes):
        super().__init__()
        self.trunk = nn.Sequential(ConvNormRelu(3, 24, 2), ConvNormRelu(24, 48), nn.MaxPool2d(2, ceil_mode=True), ConvNormRelu(48, 96), ConvNormRelu(96, 96))
        self.deep = nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), ConvNormRelu(96, 128), ConvNormRelu(128, 128))
        self.lateral = nn.Conv2d(128, 96, 1)
        self.merge = ConvNormRelu(96, 96)
        self.cells = nn.Conv2d(96, 3, 1)
        self.head = nn.Linear(6 + 128, classes)

    def forward(self, x):
        features = self.trunk(x)
        coarse = self.deep(features)
        back = F.interpolate(self.lateral(coarse), scale_factor=2.0, mode="nearest")[:, :, :features.size(2), :features.size(3)]
        present = torch.sigmoid(self.cells(self.merge(features + back)))
        return self.head(torch.cat([torch.log(present.sum([2, 3]) + 1), present.amax([2, 3]), coarse.mean([2, 3])], 1))


MAKERS = {
    "patchnet": PatchNet,
    "resnet34": ResNet34,
    "vgg16": lambda classes: Vgg16(classes, (4096, 4096)),
    "vgg16mod": lambda classes: Vgg16(classes, (1024,)),
    "inception_v4": lambda classes: InceptionV4(classes, True),
    "inception_v4nobn": lambda classes: InceptionV4(classes, False),
}


def config(architecture):
    """The published geometries: tumor patches for ResNet-34, patches of lymphocytes for the others."""
    tumor = architecture == "resnet34"
    halves = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    published = {"mean": [0.7238, 0.5716, 0.6779], "std": [0.1120, 0.1459, 0.1089]}
    side = 100 if architecture == "patchnet" else 299 if architecture.startswith("inception") else 224
    return {
        "spec_version": "1.0",
        "architecture": architecture,
        "num_classes": 2,
        "patch_size_pixels": 350 if tumor else 100,
        "spacing_um_px": 0.25 if tumor else 0.5,
        "class_names": ["Other", "Tumor" if tumor else "Lymphocytes"],
        "transform": [
            {"name": "Resize", "arguments": {"size": side}},
            {"name": "ToTensor"},
            {"name": "Normalize", "arguments": published if architecture.startswith(("resnet", "vgg")) else halves},
        ],
    }


def stained(side):
    """Purple in pink in smooth patches, more of it from picture to picture, with grain: [8, 3, side, side], 0..1."""
    fields = F.interpolate(torch.randn(8, 1, 14, 14), size=(side, side), mode="bilinear", align_corners=False)
    share = torch.sigmoid(4 * (fields + torch.linspace(-1, 1, 8).view(-1, 1, 1, 1)))
    purple, pink = torch.tensor([0.4, 0.25, 0.55]).view(1, 3, 1, 1), torch.tensor([0.88, 0.72, 0.83]).view(1, 3, 1, 1)
    return (share * purple + (1 - share) * pink + 0.04 * torch.randn(8, 3, side, side)).clamp(0, 1)


def tissue(slide, table, side):
    """Eight patches of a table, evenly spaced: [8, 3, side, side], 0..1."""
    import openslide
    with open(table, newline="") as file:
        places = [[int(float(row[key])) for key in ("minx", "miny", "width", "height")] for row in csv.DictReader(file)]
    slide, pictures = openslide.OpenSlide(slide), []
    for i in range(8):
        x, y, width, height = places[i * (len(places) - 1) // 7]
        image = slide.read_region((x, y), 0, (width, height)).convert("RGB").resize((side, side))
        pictures.append(torch.from_numpy(np.array(image, np.float32) / 255).permute(2, 0, 1))
    return torch.stack(pictures)


def fill(network, pictures, mean, std):
    """Random weights that keep the size of signals, norms that fit the pictures, and logits that differ from one to the next without being certain."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    pictures = (pictures - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    with torch.no_grad():
        norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = None
        if norms:
            network.train()
            network(pictures)
        network.eval()
        logits = network(pictures)
        head = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
        scale = logits.std(0) + 1e-6
        head.weight /= scale[:, None]
        head.bias.copy_((head.bias - logits.mean(0)) / scale)


KINDS = {torch.float32: "F32", torch.int64: "I64"}


def write_safetensors(path, state):
    header, offset = {}, 0
    for name, tensor in state.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": KINDS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in state.values():
            file.write(tensor.contiguous().numpy().tobytes())


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    types = {"F32": np.float32, "I64": np.int64}
    return {
        name: torch.from_numpy(np.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


def main(architecture, folder, seed="0", model=None, slide=None, table=None):
    torch.manual_seed(int(seed))
    description = config(architecture)
    if model:
        with open(os.path.join(model, "config.json")) as file:
            description = json.load(file)
    network = MAKERS[architecture](description["num_classes"])
    if model:
        network.load_state_dict(read_safetensors(os.path.join(model, "model.safetensors")), strict=True)
    else:
        side = description["transform"][0]["arguments"]["size"]
        fill(network, tissue(slide, table, side) if slide else stained(side), **description["transform"][-1]["arguments"])
    network.eval()
    ours = os.path.join(folder, "safetensors")
    os.makedirs(ours, exist_ok=True)
    for place in (folder, ours):
        with open(os.path.join(place, "config.json"), "w") as file:
            json.dump(description, file, indent=1)
    torch.jit.script(network).save(os.path.join(folder, "torchscript_model.pt"))
    write_safetensors(os.path.join(ours, "model.safetensors"), network.state_dict())
    print(torch.__version__)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4, 5, 7) or sys.argv[1] not in MAKERS:
        sys.exit(f"{__doc__}\nArchitectures: {', '.join(MAKERS)}")
    main(*sys.argv[1:])
