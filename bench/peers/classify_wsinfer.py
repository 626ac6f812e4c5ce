"""Patches of a slide through a TorchScript model in the loop that WSInfer 0.6 runs: a Dataset that reads, converts and transforms one patch, a DataLoader,
no_grad, softmax or sigmoid, a CSV. Its transform is torchvision's on pictures, written out with PIL and torch where torchvision is absent.

Arguments: slide torchscript_model.pt config.json patches.csv(minx,miny,width,height) threads batch probabilities.csv [workers of the DataLoader: 0, WSInfer's default]
Prints one line: {"patches", "seconds_load", "seconds_total", "cpu_load", "cpu_total", "patches_per_s", ...}; without the start of Python and the imports. cpu_... are seconds of
processor time, those of the DataLoader's processes included.
"""
import csv
import json
import os
import sys
import time

import numpy as np
import openslide
import torch
from PIL import Image


def resize(image, size):
    if isinstance(size, int) or len(size) == 1:
        short = size if isinstance(size, int) else size[0]
        width, height = image.size
        if width <= height:
            target = (short, int(short * height / width))
        else:
            target = (int(short * width / height), short)
    else:
        target = (size[1], size[0])
    return image.resize(target, Image.BILINEAR)


def to_tensor(image):
    return torch.from_numpy(np.array(image, np.uint8, copy=True)).permute(2, 0, 1).contiguous().to(torch.float32).div(255)


def normalize(tensor, mean, std):
    mean, std = torch.as_tensor(mean, dtype=torch.float32).view(-1, 1, 1), torch.as_tensor(std, dtype=torch.float32).view(-1, 1, 1)
    return tensor.clone().sub_(mean).div_(std)


STEPS = {"Resize": resize, "ToTensor": to_tensor, "Normalize": normalize}


class Patches(torch.utils.data.Dataset):
    def __init__(self, path, coordinates, transform):
        self.path, self.coordinates, self.transform = path, coordinates, transform

    def worker_init(self, worker=None):
        self.slide = openslide.OpenSlide(self.path)

    def __len__(self):
        return len(self.coordinates)

    def __getitem__(self, index):
        x, y, width, height = self.coordinates[index]
        image = self.slide.read_region((x, y), 0, (width, height)).convert("RGB")
        for step in self.transform:
            image = STEPS[step["name"]](image, **step.get("arguments", {}))
        return image, torch.as_tensor([x, y, width, height])


def processor():
    return sum(os.times()[:4])


def main(slide, script, config, patches, threads, batch, output, workers="0"):
    torch.set_num_threads(int(threads))
    start, cpu_start = time.perf_counter(), processor()
    with open(config) as file:
        config = json.load(file)
    model = torch.jit.load(script, map_location="cpu")
    model.eval()
    loaded, cpu_loaded = time.perf_counter(), processor()

    with open(patches, newline="") as file:
        coordinates = [tuple(int(float(row[key])) for key in ("minx", "miny", "width", "height")) for row in csv.DictReader(file)]
    dataset = Patches(slide, coordinates, config["transform"])
    if int(workers) == 0:
        dataset.worker_init()
    loader = torch.utils.data.DataLoader(dataset, batch_size=int(batch), shuffle=False, num_workers=int(workers), worker_init_fn=dataset.worker_init)
    places, probabilities = [], []
    for images, where in loader:
        with torch.no_grad():
            logits = model(images).detach().cpu()
        if logits.dim() > 1 and logits.shape[1] > 1:
            probability = torch.nn.functional.softmax(logits, dim=1)
        else:
            probability = torch.sigmoid(logits.reshape(len(logits), 1))
        places.append(where.clone().numpy())
        probabilities.append(probability.numpy())

    with open(output, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["minx", "miny", "width", "height"] + [f"prob_{name}" for name in config["class_names"]])
        if places:
            for place, probability in zip(np.concatenate(places).tolist(), np.concatenate(probabilities).tolist()):
                writer.writerow(place + probability)
    total, cpu_total = time.perf_counter() - start, processor() - cpu_start
    print(json.dumps({
        "patches": len(coordinates), "seconds_load": round(loaded - start, 6), "seconds_total": round(total, 6), "cpu_load": round(cpu_loaded - cpu_start, 2), "cpu_total": round(cpu_total, 2),
        "patches_per_s": round(len(coordinates) / total, 3),
        "threads": int(threads), "batch": int(batch), "workers": int(workers), "torch": torch.__version__, "openslide": openslide.__version__,
    }))


if __name__ == "__main__":
    if len(sys.argv) not in (8, 9):
        sys.exit(__doc__)
    main(*sys.argv[1:])
