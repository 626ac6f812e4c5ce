"""Prints the numbers that RankCorrelationTests compares with (SciPy)."""
import numpy as np
from scipy import stats

x = np.array([0, 3, 5, 5, 9, 12, 14, 20, 20, 31, 40, 44, 52, 60, 64, 7, 33, 18], float)
y = np.array([1, 1, 1, 2, 1, 2, 1, 2, 3, 2, 2, 3, 3, 3, 3, 1, 3, 2])
print("spearman", repr(stats.spearmanr(x, y).correlation))
r = np.corrcoef(x, y)[0, 1]
tau = stats.norm.ppf([np.mean(y <= 1), np.mean(y <= 2)])
print("pearson", repr(r))
print("polyserial", repr(r * y.std() / stats.norm.pdf(tau).sum()))
for p in (1e-12, 1e-5, 0.01, 0.2, 0.5, 0.9, 0.999):
    print("quantile", p, repr(stats.norm.ppf(p)))
