"""Records what scikit-image 0.19 and SciPy give, for ShapeGoldenTests. Run: python3 generate.py (development only; tests do not need it)."""
import json
import os
import numpy as np
from scipy import ndimage
from skimage.measure import regionprops

rng = np.random.RandomState(7)
here = os.path.dirname(os.path.abspath(__file__))


def blobs(seed, size, sigma, threshold):
    r = np.random.RandomState(seed)
    field = ndimage.gaussian_filter(r.randn(size, size), sigma)
    return field > threshold * field.std()


def rows(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


cases = []
yy, xx = np.mgrid[0:41, 0:41]
shapes = {
    "disk": (xx - 20) ** 2 + (yy - 20) ** 2 <= 15 ** 2,
    "ellipse": ((xx - 20) / 18) ** 2 + ((yy - 19) / 7) ** 2 <= 1,
    "tilted": ((xx - 20 + yy - 20) / 24) ** 2 + ((xx - 20 - yy + 20) / 10) ** 2 <= 1,
    "ring": ((xx - 20) ** 2 + (yy - 20) ** 2 <= 15 ** 2) & ((xx - 20) ** 2 + (yy - 20) ** 2 > 6 ** 2),
    "square": (xx >= 5) & (xx < 17) & (yy >= 4) & (yy < 12),
    "bar": (xx >= 5) & (xx < 30) & (yy >= 4) & (yy < 6),
}
for seed in range(12):
    field = blobs(seed, 36, 2.5, 0.6)
    labels, n = ndimage.label(field)
    areas = ndimage.sum(field, labels, range(1, n + 1))
    shapes["blob%d" % seed] = labels == 1 + int(np.argmax(areas))
for name, mask in shapes.items():
    p = regionprops(mask.astype(int))[0]
    cases.append(dict(name=name, rows=rows(mask), area=int(p.area), centroid_row=p.centroid[0], centroid_col=p.centroid[1],
                      perimeter=float(p.perimeter), major=float(p.axis_major_length), minor=float(p.axis_minor_length),
                      eccentricity=float(p.eccentricity), convex_area=int(p.area_convex), solidity=float(p.solidity)))
image = rng.rand(13, 17).astype(np.float32)
blur = {str(s): [float(v) for v in ndimage.gaussian_filter(image, s).ravel()] for s in (0.7, 1.5, 6.0)}
mask = blobs(99, 24, 1.2, 0.0)
json.dump(dict(regions=cases, image=dict(width=17, height=13, samples=[float(v) for v in image.ravel()], blur=blur),
               mask=rows(mask), distance=[float(v) for v in ndimage.distance_transform_edt(mask).ravel()],
               filled=rows(ndimage.binary_fill_holes(mask)), four=int(ndimage.label(mask)[1]),
               eight=int(ndimage.label(mask, np.ones((3, 3)))[1])),
          open(os.path.join(here, "golden.json"), "w"), indent=0)
