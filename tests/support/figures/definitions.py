"""Statistics from their definitions or by scipy and scikit-learn, with nothing of the monitor's own."""

from typing import Any

import numpy as np
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics


def column(rows: list[dict[str, Any]], feature: str) -> list[Any]:
    if feature == "_prediction":
        return [row["predicted_label"] or row["predicted_number"] for row in rows]
    if feature == "_confidence":
        return [row["confidence"] for row in rows]
    return [row["features"][feature] for row in rows]


def of_numbers(reference: dict[str, Any], values: np.ndarray, weights: np.ndarray) -> Any:  # type: ignore[type-arg]
    """Every statistic of a number, from its definition or by scipy."""
    sample, edges = np.array(reference["sample"]), np.array(reference["bin_edges"])
    before = np.array(reference["counts"]) / reference["n"]
    now, _ = np.histogram(values, np.r_[-np.inf, edges, np.inf], weights=weights)
    now = now / weights.sum()
    deviation = np.sqrt(reference["variance"])
    repeated = np.repeat(values, weights.astype(int))
    mean = np.average(values, weights=weights)
    before, now = np.clip(before, 1e-4, None), np.clip(now, 1e-4, None)
    return {
        "psi": float(np.sum((now - before) * np.log(now / before))),
        "ks": stats.ks_2samp(sample, repeated).statistic,
        "wasserstein": stats.wasserstein_distance(sample, values, v_weights=weights) / deviation,
        "delta_mean": (mean - reference["mean"]) / deviation,
        "delta_variance": np.cov(values, aweights=weights, bias=True) / reference["variance"] - 1,
    }


def of_categories(reference: dict[str, Any], values: list[str], weights: np.ndarray) -> Any:  # type: ignore[type-arg]
    names = list(reference["counts"])
    of_name = np.array([weights[[v == n for v in values]].sum() for n in names])
    new = weights.sum() - of_name.sum()
    before, now = np.array([*reference["counts"].values()], float), of_name
    if new:
        before, now = np.r_[before, 0.0], np.r_[now, new]
    p, q = before / before.sum(), now / now.sum()
    shown = {"jensen_shannon": distance.jensenshannon(p, q, base=2)}
    p, q = np.clip(p, 1e-4, None), np.clip(q, 1e-4, None)
    shown["psi"] = float(np.sum((q - p) * np.log(q / p)))
    return shown | {"new_category_rate": new / weights.sum()}


def kish(weights: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(weights.sum() ** 2 / (weights**2).sum())


def p_value_of(reference: dict[str, Any], values: list[Any], weights: np.ndarray) -> float:  # type: ignore[type-arg]
    """By scipy, over as many rows as the weighted ones are worth."""
    n = kish(weights)
    if reference["type"] == "number":
        sample, m = reference["sample"], len(reference["sample"])
        d = stats.ks_2samp(sample, np.repeat(values, weights.astype(int))).statistic
        of_ks = stats.kstwo.sf(d, round(n * m / (n + m)))
        mean = np.average(values, weights=weights)
        variance = np.cov(values, aweights=weights, bias=True)
        error = np.sqrt(reference["variance"] / reference["n"] + variance / n)
        of_means = 2 * stats.norm.sf(abs(mean - reference["mean"]) / error)
        return float(min(1, 2 * of_ks, 2 * of_means))
    names = [*reference["counts"], *sorted(set(values) - set(reference["counts"]))]
    now = np.array([weights[[v == name for v in values]].sum() for name in names])
    before = [reference["counts"].get(name, 0) for name in names]
    table = np.vstack([before, now * n / now.sum()])
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def holm(p_values: dict[str, float]) -> dict[str, float]:
    found, before = {}, 0.0
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        before = found[name] = max(before, min(1.0, p * (len(p_values) - place)))
    return found


def regression_figures(rows: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    weights = np.array([row["weight"] for row in rows])
    truth, said = (np.array([row[n] for row in rows]) for n in ("true_number", "predicted_number"))
    low, high = (np.array([row[n] for row in rows]) for n in ("interval_low", "interval_high"))
    return {
        ("mae", ""): metrics.mean_absolute_error(truth, said, sample_weight=weights),
        ("rmse", ""): metrics.root_mean_squared_error(truth, said, sample_weight=weights),
        ("mean_error", ""): np.average(said - truth, weights=weights),
        ("interval_coverage", ""): np.average((low <= truth) & (truth <= high), weights=weights),
    }
