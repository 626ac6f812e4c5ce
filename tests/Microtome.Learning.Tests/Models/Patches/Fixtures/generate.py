"""Writes the TorchScript models of PatchClassifierTests.cs and what Python's own loop answers: answers.json to pictures, slide.csv to patches
of the bundled slide.

Run with Debian 12's python3-torch (1.13.1), python3-pil (9.4.0), python3-openslide: python3 generate.py
The transform is torchvision's Resize, ToTensor, Normalize on a picture, written out: Resize is PIL's, ToTensor divides by 255, Normalize subtracts and divides in float32.
"""
import csv
import json
import pathlib

import openslide
import torch
from PIL import Image
from torch import nn

torch.manual_seed(7)
MEAN, STD, SIDE = (0.7238, 0.5716, 0.6779), (0.1120, 0.1459, 0.1089), 32


def picture(width, height):
    samples = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                samples.append(((x * 2654435761 ^ y * 40503 ^ c * 2246822519) >> 7) & 255)
    return Image.frombytes("RGB", (width, height), bytes(samples))


def transform(image):
    image = image.resize((SIDE, SIDE), Image.BILINEAR)
    x = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(SIDE, SIDE, 3).permute(2, 0, 1).contiguous().float().div(255)
    return x.sub_(torch.tensor(MEAN).view(3, 1, 1)).div_(torch.tensor(STD).view(3, 1, 1))


class MeanColour(nn.Module):
    def __init__(self, classes, scale: float = 1.0):
        super().__init__()
        self.head = nn.Linear(3, classes)
        self.scale = scale

    def forward(self, x):
        return self.head(x.mean((2, 3))) * self.scale


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3)
        )

    def forward(self, x):
        return self.layers(x)


class OtherSize(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3 * 16 * 16, 2)

    def forward(self, x):
        return self.head(x.flatten(1))


class NotANumber(MeanColour):
    def forward(self, x):
        y = self.head(x.mean((2, 3)))
        return (y - y) / (y - y)


class NotANumberOnWhite(MeanColour):
    """Finite on tissue; log of a negative number where the picture is white."""

    def forward(self, x):
        return self.head(x.mean((2, 3))) + torch.log(2.3 - x.mean((1, 2, 3))).unsqueeze(1)


class Pair(MeanColour):
    def forward(self, x):
        y = self.head(x.mean((2, 3)))
        return y, y


class Wide(MeanColour):
    def forward(self, x):
        return self.head(x.mean((2, 3))).unsqueeze(2).unsqueeze(3)


class Flat(MeanColour):
    def forward(self, x):
        return self.head(x.mean((2, 3))).squeeze(1)


class MixesTheBatch(MeanColour):
    def forward(self, x):
        return self.head((x - x.mean(0, keepdim=True)).mean((2, 3)))


class Random(MeanColour):
    def forward(self, x):
        return self.head(x.mean((2, 3))) + torch.rand(x.size(0), 1)


class WritesAFile(MeanColour):
    def forward(self, x):
        torch.save(x, "microtome-was-here")
        return self.head(x.mean((2, 3)))


class ReadsAFile(MeanColour):
    def forward(self, x):
        return self.head(x.mean((2, 3))) + torch.from_file("microtome-was-here", True, 1)


def save(name, module, training=False):
    if not training:
        module.eval()
    torch.jit.script(module).save(name + ".pt")
    return module


mean2 = save("mean2", MeanColour(2))
mean1 = save("mean1", MeanColour(1))
flat1 = save("flat1", Flat(1))
convolutions = Convolutions()
convolutions.train()
for _ in range(20):  # the batch norms get statistics of their own
    convolutions(torch.stack([transform(picture(40 + i, 40)) for i in range(4)]))
save("training3", convolutions, training=True)
convolutions = save("convolutions3", convolutions)
torch.jit.freeze(torch.jit.script(convolutions)).save("frozen3.pt")
torch.jit.trace(OtherSize().eval(), torch.rand(1, 3, 16, 16)).save("othersize2.pt")
save("nan2", NotANumber(2))
save("nanonwhite2", NotANumberOnWhite(2))
save("pair2", Pair(2))
save("wide2", Wide(2))
save("mixes2", MixesTheBatch(2))
save("random2", Random(2))
save("writes2", WritesAFile(2))
save("reads2", ReadsAFile(2))
one = torch.jit.trace(lambda x: x.mean((2, 3)).view(1, 3)[:, :2], torch.rand(1, 3, SIDE, SIDE))
one.save("onebyone2.pt")

answers = {}
with torch.no_grad():
    for size in (100, 32, 50):
        batch = transform(picture(size, size)).unsqueeze(0)
        answers[f"mean2-{size}"] = torch.softmax(mean2(batch), 1)[0].tolist()
        answers[f"mean1-{size}"] = torch.sigmoid(mean1(batch))[0].tolist()
        answers[f"flat1-{size}"] = torch.sigmoid(flat1(batch)).tolist()
        answers[f"convolutions3-{size}"] = answers[f"training3-{size}"] = answers[f"frozen3-{size}"] = torch.softmax(convolutions(batch), 1)[0].tolist()
        answers[f"onebyone2-{size}"] = torch.softmax(one(batch), 1)[0].tolist()
with open("answers.json", "w") as file:
    json.dump(answers, file, indent=1)

# The method page's E4: patches of 50 um at the slide's own 0.499 um/px (100 px) and as if it had 0.2325 (215 px). None crosses the edge of the slide: what lies outside is
# black in the Python loop (transparent pixels without their alpha) and white in ours.
slide = openslide.OpenSlide(str(pathlib.Path(__file__).resolve().parents[5] / "samples" / "cmu-1-small-region.svs"))
with open("slide.csv", "w", newline="") as file, torch.no_grad():
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["mpp", "minx", "miny", "width", "height", "prob_A", "prob_B", "prob_C", "prob_Tumor"])
    for mpp in (0.499, 0.2325):
        side = round(100 * 0.5 / mpp)
        for y in range(0, 2800, 700):
            for x in range(100, 2000, 450):
                batch = transform(slide.read_region((x, y), 0, (side, side)).convert("RGB")).unsqueeze(0)
                writer.writerow([mpp, x, y, side, side] + torch.softmax(convolutions(batch), 1)[0].tolist() + torch.sigmoid(mean1(batch))[0].tolist())
