"""The peer of `bench post`: the usual scipy and scikit-image way from maps to measured nuclei, on the same maps.

Arguments: file of maps (foreground, distance, then RGB, 8 bit), width, height, rounds.
Last line: scikit-image's version, Mpx per CPU-second to labels, Mpx per CPU-second to measured objects with outlines, objects.
"""
import sys
import time

import numpy as np
import scipy.ndimage as ndi
import skimage
from skimage.measure import find_contours, regionprops
from skimage.morphology import h_maxima, remove_small_objects
from skimage.segmentation import watershed

path, width, height, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
raw = np.fromfile(path, np.uint8)
area = width * height
foreground = raw[:area].reshape(height, width).astype(np.float32) / 255
distance = raw[area:2 * area].reshape(height, width).astype(np.float32) / 255
rgb = raw[2 * area:].reshape(height, width, 3)


def labels_of():
    mask = ndi.binary_fill_holes(foreground > 0.5)
    smooth = ndi.gaussian_filter(distance, 1.5) * mask
    # Steps of 1/255: reconstruction of floats takes many times longer.
    markers, _ = ndi.label(h_maxima((smooth * 255).astype(np.uint8), 15))
    return remove_small_objects(watershed(-smooth, markers, mask=mask), 40)


def nuclei_of():
    labels = labels_of()
    density = -np.log10(np.maximum(rgb, 1) / 255.0)
    found = []
    for r in regionprops(labels, intensity_image=density):
        outline = find_contours(np.pad(r.image, 1).astype(np.uint8), 0.5)[0]
        found.append((r.centroid, r.area, r.perimeter, r.eccentricity, r.solidity, r.major_axis_length, r.minor_axis_length, r.mean_intensity, outline))
    return found


def rate(work):
    best = 1e9
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return area / 1e6 / best, result


split, _ = rate(labels_of)
whole, found = rate(nuclei_of)
print(skimage.__version__, split, whole, len(found))
