"""IsolationForest of scikit-learn on the sets that are named, as PyOD's benchmark runs it: seconds to fit and score, and the area under the curve."""
import gzip, json, sys, time
import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

for path in sys.argv[1:]:
    table = np.genfromtxt(gzip.open(path, 'rt'), delimiter=',', skip_header=1)
    rows, labels, areas, seconds = table[:, :-1], table[:, -1], [], []
    for seed in range(10):
        order = np.random.RandomState(seed).permutation(len(rows))
        cut = int(round(0.6 * len(rows)))
        train, test = order[:cut], order[cut:]
        started = time.process_time()
        forest = IsolationForest(n_estimators=100, max_samples=min(256, cut), random_state=seed, n_jobs=1).fit(rows[train])
        scores = -forest.score_samples(rows[test])
        seconds.append(time.process_time() - started)
        areas.append(roc_auc_score(labels[test], scores))
    print(json.dumps({'path': path, 'area': float(np.mean(areas)), 'sd': float(np.std(areas, ddof=1)), 'seconds': float(np.mean(seconds))}), flush=True)
