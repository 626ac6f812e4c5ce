"""The same tiles through openslide-python: read_region and convert("RGB"), as its users do. Arguments and output as read_openslide.c."""
import resource
import sys

import openslide

path, tile, level, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


for number in range(-1, passes):  # the first pass does not count
    if number <= 0:
        start, tiles = cpu_seconds(), 0
    with openslide.OpenSlide(path) as slide:
        width, height = slide.level_dimensions[level]
        downsample = slide.level_downsamples[level]
        for y in range(0, height - tile + 1, tile):
            for x in range(0, width - tile + 1, tile):
                slide.read_region((int(x * downsample), int(y * downsample)), level, (tile, tile)).convert("RGB")
                tiles += 1
print(tiles, f"{cpu_seconds() - start:.6f}", openslide.__version__)
