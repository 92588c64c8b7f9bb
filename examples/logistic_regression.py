"""Logistic regression by Newton's method tells benign from malignant tumours.

`ogive.bce_with_logits_and_grad` gives the loss and its gradient, `ogive.sigmoid_grad` the
Hessian. A few steps on the breast-cancer data of scikit-learn (569 tumours, 30 measurements)
end at the coefficients of its `LogisticRegression`. The picture shows the two side by side,
the convergence, and the probabilities of tumours that were held out.

    python examples/logistic_regression.py
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import ogive


def load_data(rng, held_out=0.25):
    """Return ((x, t), (x, t)) to train and to test, standardized, and the names of the columns."""
    data = load_breast_cancer()
    order = rng.permutation(len(data.target))
    test, train = np.split(order, [round(held_out * len(order))])
    x = (data.data - data.data[train].mean(axis=0)) / data.data[train].std(axis=0)
    return (x[train], data.target[train]), (x[test], data.target[test]), data.feature_names


def fit(x, t, penalty=1.0, steps=20, tolerance=1e-10):
    """Minimize sum(bce(x w + b, t)) + penalty |w|^2 / 2 by Newton's method.

    Returns
    -------
    weights : ndarray
        w, and b behind it.
    history : list of (float, float)
        The loss and the norm of its gradient before each step and at the end.
    """
    x = np.column_stack([x, np.ones(len(x))])
    ridge = np.full(x.shape[1], penalty)
    ridge[-1] = 0  # the intercept is free
    weights = np.zeros(x.shape[1])
    history = []
    for _ in range(steps):
        logits = x @ weights
        loss, residual = ogive.bce_with_logits_and_grad(logits, t)
        gradient = x.T @ residual + ridge * weights
        history.append((loss.sum() + ridge @ weights**2 / 2, np.linalg.norm(gradient)))
        if history[-1][1] < tolerance:
            break
        hessian = (x.T * ogive.sigmoid_grad(logits)) @ x + np.diag(ridge)
        weights = weights - np.linalg.solve(hessian, gradient)
    return weights, history


def fit_scikit_learn(x, t, penalty=1.0):
    """Minimize the same with scikit-learn; return w, and b behind it."""
    model = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000).fit(x, t)
    return np.append(model.coef_, model.intercept_)


def draw(weights, theirs, history, names, logits, t, path):
    """Draw coefficients, convergence and the probabilities of the held-out tumours."""
    figure = Figure(figsize=(13, 7.5), layout="constrained")
    panels = figure.subplot_mosaic([["weights", "loss"], ["weights", "curve"]])

    axes = panels["weights"]
    order = np.argsort(weights[:-1])
    rows = np.arange(len(order))
    axes.barh(rows, weights[order], color="tab:blue", alpha=0.6, label="Newton on ogive")
    axes.plot(theirs[order], rows, "|", color="black", ms=9, mew=2, label="scikit-learn")
    axes.set_yticks(rows, names[order], fontsize=9)
    axes.set_ylim(-1, len(order))
    axes.axvline(0, color="gray", linewidth=0.8)
    axes.set_xlabel("coefficient (malignant < 0 < benign)")
    axes.set_title(f"Coefficients, at most {abs(weights - theirs).max():.0e} apart")
    axes.legend(loc="lower right")

    axes = panels["loss"]
    loss, gradient = np.array(history).T
    axes.semilogy(gradient, "o-", color="tab:blue", label="norm of the gradient")
    axes.semilogy(loss[:-1] - loss[-1], "s--", color="tab:orange", label="loss above its minimum")
    axes.set_xlabel("Newton step")
    axes.set_title("Convergence: in the end each step doubles the digits")
    axes.grid(alpha=0.4)
    axes.legend()

    axes = panels["curve"]
    span = np.linspace(-1, 1, 500) * abs(logits).max()
    axes.plot(span, ogive.sigmoid(span), color="gray", zorder=0)
    probability = ogive.sigmoid(logits)
    # Blue discs and orange triangles: told apart by colour-blind readers.
    for benign, color, marker, label in [
        (1, "tab:blue", "o", "benign"),
        (0, "tab:orange", "^", "malignant"),
    ]:
        chosen = t == benign
        axes.scatter(
            logits[chosen],
            probability[chosen],
            c=color,
            marker=marker,
            s=30,
            alpha=0.6,
            label=label,
        )
    wrong = (logits > 0) != t
    axes.scatter(
        logits[wrong],
        probability[wrong],
        s=130,
        facecolors="none",
        edgecolors="black",
        label="mistaken",
    )
    axes.set_xlabel("logit")
    axes.set_ylabel("probability of benign")
    axes.set_title(f"{len(t)} held-out tumours, {np.mean(~wrong):.1%} right")
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)


def main(arguments=None):
    """Run the example."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("logistic_regression.png"))
    parser.add_argument("--seed", type=int, default=0, help="of the choice of held-out tumours")
    parser.add_argument("--penalty", type=float, default=1.0, help="of the squared coefficients")
    args = parser.parse_args(arguments)

    (x, t), (x_test, t_test), names = load_data(np.random.default_rng(args.seed))
    weights, history = fit(x, t, args.penalty)
    theirs = fit_scikit_learn(x, t, args.penalty)
    logits = x_test @ weights[:-1] + weights[-1]
    print(f"Newton steps            {len(history) - 1}")
    print(f"loss                    {history[0][0]:.2f} -> {history[-1][0]:.6f}")
    print(f"norm of the gradient    {history[0][1]:.2f} -> {history[-1][1]:.1e}")
    print(f"scikit-learn's weights  at most {abs(weights - theirs).max():.1e} away")
    print(f"held-out tumours        {np.mean((logits > 0) == t_test):.1%} right of {len(t_test)}")
    draw(weights, theirs, history, names, logits, t_test, args.output)
    print(f"picture                 {args.output}")


if __name__ == "__main__":
    main()
