# Records SQuAD's normalisation, exact match and F1 (in the formulas of the published evaluation) and correlations (numpy, scipy) on made-up answers and labels.
# usage: python3 metrics.py > metrics.json
import collections, json, random, re, string
import numpy as np
from scipy import stats

def normalize(s):
    s = "".join(c for c in s.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())

def f1(a, b):
    a, b = normalize(a).split(), normalize(b).split()
    if not a or not b:
        return float(a == b)
    n = sum((collections.Counter(a) & collections.Counter(b)).values())
    if n == 0:
        return 0.0
    p, r = n / len(a), n / len(b)
    return 2 * p * r / (p + r)

random.seed(3)
words = ["The", "the", "a", "an", "A", "cat", "Cat's", "U.S.", "1,000", "—", "é", "Zürich", "the-end", "a.", "(the)", "and", "theatre", "ANY", "x_y", "$5", "½a", "a½", "\tthe\n", "北京", "a北", "ß", "\u00a0", "«the»", "", "cat", "sat", "mat", "\u0301a", "o'the", "—a—"]
text = lambda: " ".join(random.choice(words) for _ in range(random.randint(0, 7)))
answers = []
for _ in range(300):
    a, b = text(), text()
    if random.random() < 0.3:
        b = a.upper() if random.random() < 0.5 else "the " + a + "."
    answers.append({"a": a, "b": b, "normalized": normalize(a), "exact": normalize(a) == normalize(b), "f1": f1(a, b)})
labels = []
for _ in range(20):
    n = random.randint(5, 60)
    t = [random.randint(0, 1) for _ in range(n)]; p = [x if random.random() < 0.7 else 1 - x for x in t]
    t[0], t[1], p[0], p[1] = 0, 1, 1, 0
    labels.append({"truth": t, "predicted": p, "matthews": float(np.corrcoef(t, p)[0, 1])})
scores = []
for _ in range(10):
    n = random.randint(5, 40)
    t = [round(random.random() * 5, 1) for _ in range(n)]; p = [round(x + random.gauss(0, 1), 1) for x in t]
    scores.append({"truth": t, "predicted": p, "pearson": float(stats.pearsonr(t, p)[0]), "spearman": float(stats.spearmanr(t, p)[0])})
print(json.dumps({"answers": answers, "labels": labels, "scores": scores}))
