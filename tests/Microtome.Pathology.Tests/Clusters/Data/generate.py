"""Records affinity propagation and cluster indices by their definitions, with NumPy alone and no line of Microtome's: python3 generate.py

Affinity propagation: Frey and Dueck, Science 315:972 (2007), messages by the formulas of the paper, the damping, rounds and preference of R's apcluster, the
noise of Microtome's documentation. Indices: the formulas of R's clusterCrit (Desgraupes, Clustering Indices, 2017), all pairs written out.
"""
import json
import os

import numpy as np


def noise(n):
    i = np.arange(n * n, dtype=np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        z = i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(11)).astype(float) / 2.0**53).reshape(n, n)


def affinity(points, damping=0.9, rounds=1000, steady=100, preference=None):
    n = len(points)
    s = -((points[:, None, :] - points[None, :, :]) ** 2).sum(2).astype(float)
    off = s[~np.eye(n, dtype=bool)]
    np.fill_diagonal(s, np.median(off) if preference is None else preference)
    s *= 1 + 1e-9 * noise(n)
    r, a = np.zeros((n, n)), np.zeros((n, n))
    before, held = None, 0
    for _ in range(rounds):
        new = np.empty((n, n))
        for k in range(n):
            rest = (a + s).copy()
            rest[:, k] = -np.inf
            new[:, k] = s[:, k] - rest.max(1)
        r = damping * r + (1 - damping) * new
        for k in range(n):
            positive = np.maximum(0, r[:, k])
            positive[k] = 0
            column = np.minimum(0, r[k, k] + positive.sum() - positive)
            column[k] = positive.sum()
            new[:, k] = column
        a = damping * a + (1 - damping) * new
        chosen = np.diag(r + a) > 0
        held = held + 1 if before is not None and (chosen == before).all() and chosen.any() else 0
        before = chosen
        if held >= steady:
            break
    exemplars = np.flatnonzero(before)

    def assign(e):
        labels = s[:, e].argmax(1)
        labels[e] = np.arange(len(e))
        return labels

    labels = assign(exemplars)
    bare = s - np.diag(np.diag(s))
    refined = []
    for c in range(len(exemplars)):
        members = np.flatnonzero(labels == c)
        refined.append(members[bare[np.ix_(members, members)].sum(0).argmax()])
    exemplars = np.sort(refined)
    return exemplars, assign(exemplars), held >= steady


def indices(points, labels):
    x, n, count = points.astype(float), len(points), labels.max() + 1
    groups = [x[labels == k] for k in range(count)]
    centres = np.array([g.mean(0) for g in groups])
    wg = [(g - g.mean(0)).T @ (g - g.mean(0)) for g in groups]
    w, t = sum(wg), (x - x.mean(0)).T @ (x - x.mean(0))
    distance = np.sqrt(((x[:, None] - x[None]) ** 2).sum(2))
    upper = np.triu(np.ones((n, n), bool), 1)
    same = labels[:, None] == labels[None]
    inside, everything = distance[upper & same], np.sort(distance[upper])
    m = len(inside)
    low, high = everything[:m].sum(), everything[len(everything) - m:].sum()
    spread = [np.sqrt(((g - c) ** 2).sum(1)).mean() for g, c in zip(groups, centres)]
    apart = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(2))
    davies = np.mean([max((spread[k] + spread[l]) / apart[k, l] for l in range(count) if l != k) for k in range(count)])
    nearest = apart[np.triu_indices(count, 1)].min()
    between = distance[upper & ~same].min()
    return {
        "Ball_Hall": float(np.mean([np.trace(g) / len(p) for g, p in zip(wg, groups)])),
        "Banfield_Raftery": float(sum(len(p) * np.log(np.trace(g) / len(p)) for g, p in zip(wg, groups))) if all(np.trace(g) > 0 for g in wg) else None,
        "C_index": float((inside.sum() - low) / (high - low)),
        "Det_Ratio": float(np.linalg.det(t) / np.linalg.det(w)),
        "Calinski_Harabasz": float((np.trace(t - w) / (count - 1)) / (np.trace(w) / (n - count))),
        "Davies_Bouldin": float(davies),
        "Dunn": float(between / inside.max()),
        "Ray_Turi": float(np.trace(w) / n / nearest**2),
        "Xie_Beni": float(np.trace(w) / n / between**2),
        "Log_SS_Ratio": float(np.log(np.trace(t - w) / np.trace(w))),
    }


def main():
    random = np.random.default_rng(7)
    cases = {}
    clumps = np.unique(np.concatenate([np.rint(random.normal(c, s, (m, 2))).astype(int) for c, s, m in (((10, 12), 2, 40), ((40, 15), 3, 50), ((25, 44), 4, 60), ((60, 60), 2, 25))]), axis=0)
    cases["clumps"] = clumps
    cases["scattered"] = np.unique(random.integers(0, 40, (120, 2)), axis=0)
    cases["two"] = np.unique(np.concatenate([random.integers(0, 5, (20, 2)), random.integers(30, 36, (25, 2))]), axis=0)
    recorded = {}
    for name, points in cases.items():
        points = points[np.lexsort((points[:, 0], points[:, 1]))]
        exemplars, labels, settled = affinity(points)
        recorded[name] = {"points": points.tolist(), "exemplars": exemplars.tolist(), "labels": labels.tolist(), "settled": bool(settled), "indices": indices(points, labels)}
        print(name, len(points), "points", len(exemplars), "clusters", settled, recorded[name]["indices"])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "clusters.json"), "w") as file:
        json.dump(recorded, file)
        file.write("\n")


main()
