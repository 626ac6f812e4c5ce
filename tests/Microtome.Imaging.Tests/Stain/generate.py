"""Records what scikit-image and a short numpy Macenko and Reinhard give for a crop of the sample slide, for StainGoldenTests.

Run: python3 generate.py (development only; tests do not need it). Needs numpy, scipy, scikit-image, openslide.
"""
import base64
import json
import os
import numpy as np
import openslide
from scipy.optimize import nnls
from skimage.color import separate_stains, rgb_from_hed

here = os.path.dirname(os.path.abspath(__file__))
slide = openslide.OpenSlide(os.path.join(here, "../../../samples/cmu-1-small-region.svs"))
SIZE = 72
rgb = np.asarray(slide.read_region((700, 900), 0, (SIZE * 8, SIZE * 8)).convert("RGB"))[::8, ::8].copy()
flat = rgb.reshape(-1, 3)

# skimage: natural-log densities over log(1e-6), rows of the matrix not unit; third stain DAB. Two-stain problem: H, E, and their normalised cross product.
h, e = rgb_from_hed[0] / np.linalg.norm(rgb_from_hed[0]), rgb_from_hed[1] / np.linalg.norm(rgb_from_hed[1])
cross = np.cross(h, e)
matrix = np.array([h, e, cross / np.linalg.norm(cross)])
skimage_amounts = separate_stains(np.maximum(rgb, 1), np.linalg.inv(matrix)) * 6  # log(1e-6) = 6 decades

od = -np.log10(np.maximum(flat, 1) / 255.0)
beta = 0.15 / np.log(10)
keep = (od > beta).all(axis=1) & (flat.max(axis=1) > 12)  # black is dirt or ink, no stain
x = od[keep]
_, vectors = np.linalg.eigh(np.cov(x.T))
plane = vectors[:, [2, 1]]
plane = plane * np.where(plane.sum(axis=0) < 0, -1, 1)
phi = np.arctan2(x @ plane[:, 1], x @ plane[:, 0])
low, high = np.percentile(phi, 1), np.percentile(phi, 99)
v1, v2 = plane @ [np.cos(low), np.sin(low)], plane @ [np.cos(high), np.sin(high)]
stains = np.array([v1, v2] if v1[0] > v2[0] else [v2, v1])
amounts = np.linalg.lstsq(stains.T, x.T, rcond=None)[0]
strongest = np.percentile(amounts, 99, axis=1)
target = np.array([[0.5626, 0.7201, 0.4062], [0.2159, 0.8012, 0.5581]])
target = target / np.linalg.norm(target, axis=1)[:, None]
target_strongest = np.array([1.9705, 1.0308]) / np.log(10)
every = np.linalg.lstsq(stains.T, od.T, rcond=None)[0]
normal = 255 * 10 ** -(target.T @ (every * (target_strongest / strongest)[:, None]))
macenko = np.clip(normal, 0, 255).T.reshape(rgb.shape)

lms_matrix = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
lab_matrix = np.diag(1 / np.sqrt([3, 6, 2])) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])
lab = np.log(np.maximum(flat, 1) @ lms_matrix.T) @ lab_matrix.T
mean, std = lab[keep].mean(axis=0), lab[keep].std(axis=0)
target_mean, target_std = np.array([8.63234435, -0.11501964, 0.03868433]), np.array([0.57506023, 0.10403329, 0.01364062])
moved = (lab - mean) / std * target_std + target_mean
reinhard = np.exp(moved @ np.linalg.inv(lab_matrix).T) @ np.linalg.inv(lms_matrix).T
share = np.clip((od.mean(axis=1) - 0.03) / 0.07, 0, 1)[:, None]
reinhard = flat + share * (np.clip(reinhard, 0, 255) - flat)

# Vahadane: plain projected gradient descent from many random starts; the best cost found is the bar.
lam = 0.1 / np.log(10)


def sparse_amounts(w, v):
    # min |v - W h|^2 / 2 + lam sum(h), h >= 0, as non-negative least squares with one more row per stain pair (completed square).
    gram, right = w.T @ w, w.T @ v - lam
    root = np.linalg.cholesky(gram)
    return np.array([nnls(root.T, np.linalg.solve(root, right[:, i]))[0] for i in range(v.shape[1])]).T


def cost(w, v):
    a = sparse_amounts(w, v)
    return 0.5 * ((v - w @ a) ** 2).sum() + lam * a.sum()


few = x[:: max(1, len(x) // 800)].T
best = None
for seed in range(4):
    r = np.random.RandomState(seed)
    w = np.array([r.rand(3), r.rand(3)]).T
    w /= np.linalg.norm(w, axis=0)
    for step in range(200):
        a = sparse_amounts(w, few)
        g = (w @ a - few) @ a.T
        w = np.maximum(w - g / np.linalg.norm(a @ a.T, 2), 0)
        w /= np.maximum(np.linalg.norm(w, axis=0), 1e-9)
    c = cost(w, few)
    if best is None or c < best[0]:
        best = (c, w)
w = best[1].T
w = w if w[0][0] > w[1][0] else w[::-1]

json.dump(dict(width=SIZE, height=SIZE, rgb=base64.b64encode(rgb.tobytes()).decode(), stained=int(keep.sum()),
               hed=[round(float(v), 6) for v in skimage_amounts[..., :2].ravel()[:4000]],
               macenko=dict(vectors=stains.tolist(), strongest=strongest.tolist(), image=[round(float(v), 3) for v in macenko.ravel()[:3000]]),
               reinhard=dict(means=mean.tolist(), deviations=std.tolist(), image=[round(float(v), 3) for v in reinhard.ravel()[:3000]]),
               vahadane=dict(vectors=w.tolist(), cost=best[0], pixels=[round(float(v), 7) for v in few.T.ravel()])),
          open(os.path.join(here, "golden.json"), "w"), indent=0)
print(stains, strongest, w, best[0], keep.sum())
