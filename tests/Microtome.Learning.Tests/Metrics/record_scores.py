"""Records the values of RecordedScoresTests: the same discs, scored with whole masks in numpy (no pair table, no shared code)."""
import numpy as np


def discs(seed, count, size, dx=0, drop=0):
    state, img = seed, np.zeros((size, size), np.int32)
    yy, xx = np.mgrid[0:size, 0:size]

    def rnd(n):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 8) % n

    for k in range(1, count + 1):
        x, y, r, jx, jy = rnd(size), rnd(size), 3 + rnd(7), rnd(5) - 2, rnd(5) - 2
        if drop and k % drop == 0:
            continue
        if dx:
            x, y = x + jx * dx, y + jy * dx
        img[(xx - x) ** 2 + (yy - y) ** 2 <= r * r] = k * 3
    return img


def masks(img):
    # In the order of the first pixel, row by row.
    labels, first = np.unique(img, return_index=True)
    return [img == l for l in labels[np.argsort(first)] if l]


def score(t, p):
    T, P = masks(t), masks(p)
    I = np.array([[(a & b).sum() for b in P] for a in T], float)
    U = np.array([[(a | b).sum() for b in P] for a in T], float)
    iou = I / U
    dice = 2 * ((t > 0) & (p > 0)).sum() / ((t > 0).sum() + (p > 0).sum())
    best = iou.argmax(1)
    inter = union = 0.0
    for i in range(len(T)):
        if iou[i].max() > 0:
            inter, union = inter + I[i, best[i]], union + U[i, best[i]]
        else:
            union += T[i].sum()
    used = {best[i] for i in range(len(T)) if iou[i].max() > 0}
    union += sum(P[j].sum() for j in range(len(P)) if j not in used)
    tp = iou > 0.5
    n = tp.sum()
    fp, fn = len(P) - n, len(T) - n
    dq, sq = n / (n + fp / 2 + fn / 2), iou[tp].sum() / n
    ct = np.array([np.argwhere(a).mean(0) for a in T])
    cp = np.array([np.argwhere(b).mean(0) for b in P])
    d = np.sqrt(((ct[:, None] - cp[None]) ** 2).sum(-1))
    det = 0
    while d.size and d.min() <= 12:
        i, j = np.unravel_index(d.argmin(), d.shape)
        d[i, :] = d[:, j] = np.inf
        det += 1
    return [len(T), len(P), dice, inter / union, dq * sq, dq, sq, 2 * det / (len(T) + len(P))]


for args in [(7, 60, 128, 1, 0), (99, 90, 160, 2, 5), (1234, 40, 200, 1, 3)]:
    t, p = discs(*args[:3]), discs(*args)
    print(args, ", ".join(repr(round(float(v), 12)) for v in score(t, p)))
