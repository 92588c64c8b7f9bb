"""Two gates that learn what to trust: a soft choice by `mix` and a soft mask by `glu`.

Choice: two sensors measure the same quantity; one is good by day, the other by night. A small
network looks at the light and mixes the two. The best weight is known: with the variances
va and vb it is s(log(vb / va)), and the network comes close to it from the measurements alone.

Mask: a handwritten digit lies somewhere in a field of noise, always at the same place. Each
pixel passes a gate in front of a linear classifier, and open gates cost something. The gates
that stay open find the place.

    python examples/attention_gate.py
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.optimize import minimize
from sklearn.datasets import load_digits

import ogive

HIDDEN = 8  # numbers in the hidden layer of the choice
FIELD = 16  # pixels on a side
CORNER = (5, 3)  # of the digit in the field


def minimized(loss, start, data, steps):
    """Return the parameters that make loss(parameters, *data) smallest."""
    options = {"maxiter": steps}
    return minimize(loss, start, args=data, jac=True, method="L-BFGS-B", options=options).x


def deviations(light):
    """Return the standard deviations of the two sensors in this light, from 0 to 1."""
    camera = 0.1 + 1.5 * (1 - light) ** 2
    infrared = 0.2 + 0.8 * light
    return camera, infrared


def best_logit(light):
    """Return the logit of the weight that makes the variance of the mixture smallest."""
    camera, infrared = deviations(light)
    return 2 * np.log(infrared / camera)


def measure(rng, count):
    """Return light, truth and what the two sensors say."""
    light, truth = rng.uniform(size=count), rng.standard_normal(count)
    camera, infrared = (truth + s * rng.standard_normal(count) for s in deviations(light))
    return light, truth, camera, infrared


def choice(parameters, light):
    """Return the logit of the camera's weight, and the hidden layer behind it."""
    w, b, v, c = np.split(parameters, [HIDDEN, 2 * HIDDEN, 3 * HIDDEN])
    inner = np.multiply.outer(light, w) + b
    return ogive.silu(inner) @ v + c, inner


def estimates(network, light, camera, infrared):
    """Return what can be said about the truth, by the name of the method."""
    return {
        "camera": camera,
        "infrared": infrared,
        "average": (camera + infrared) / 2,
        "learned mix": ogive.mix(camera, infrared, choice(network, light)[0]),
        "best mix": ogive.mix(camera, infrared, best_logit(light)),
    }


def choice_loss(parameters, light, truth, a, b):
    """Return the mean square error of the mixture of a and b, and its gradient."""
    logit, inner = choice(parameters, light)
    error = ogive.mix(a, b, logit) - truth
    d_logit = 2 / len(light) * error * (a - b) * ogive.sigmoid_grad(logit)
    v = parameters[2 * HIDDEN : 3 * HIDDEN]
    d_inner = ogive.silu_backward(np.multiply.outer(d_logit, v), inner)
    d_v = d_logit @ ogive.silu(inner)
    gradient = np.concatenate([light @ d_inner, d_inner.sum(axis=0), d_v, [d_logit.sum()]])
    return np.mean(error**2), gradient


def learn_choice(rng, light, truth, a, b, steps=200):
    """Return the network that mixes sensors a and b with the smallest error."""
    start = rng.standard_normal(3 * HIDDEN + 1)
    return minimized(choice_loss, start, (light, truth, a, b), steps)


def noisy_fields(rng):
    """Return fields of noise (images, pixels) with a digit in each, and the digits, one-hot."""
    images, digits = load_digits(return_X_y=True)
    # Noise with the pixels' own distribution: no pixel stands out by its brightness.
    fields = rng.choice(images.ravel(), (len(images), FIELD, FIELD))
    row, column = CORNER
    fields[:, row : row + 8, column : column + 8] = images.reshape(-1, 8, 8)
    return fields.reshape(len(images), -1) / 16, np.eye(10)[digits]


def unpack(parameters):
    """Return the gates' logits, and the classifier's weights and biases."""
    gate, weights, bias = np.split(parameters, [FIELD**2, 11 * FIELD**2])
    return gate, weights.reshape(-1, 10), bias


def classify(parameters, fields):
    """Return the logit of each digit."""
    gate, weights, bias = unpack(parameters)
    return ogive.glu(fields, gate) @ weights + bias


def mask_loss(parameters, fields, t, cost=0.004, decay=0.002):
    """Return the loss of the classifier with the cost of open gates, and its gradient."""
    gate, weights, bias = unpack(parameters)
    gated = ogive.glu(fields, gate)
    loss, d_logits = ogive.bce_with_logits_and_grad(gated @ weights + bias, t)
    d_logits /= len(t)
    is_open, slope = ogive.sigmoid_and_grad(gate)
    d_open = ((d_logits @ weights.T) * fields).sum(axis=0) + cost
    d_weights = gated.T @ d_logits + decay * weights
    # Without the decay large weights would make up for gates that are almost closed.
    penalty = cost * is_open.sum() + decay / 2 * np.sum(weights**2)
    gradient = np.concatenate([d_open * slope, d_weights.ravel(), d_logits.sum(axis=0)])
    return loss.sum() / len(t) + penalty, gradient


def learn_mask(fields, t, steps=100):
    """Return the gates and the classifier with the smallest loss."""
    start = np.zeros(11 * FIELD**2 + 10)
    start[-10:] = ogive.logit(0.1)  # each digit is as probable as the others
    return minimized(mask_loss, start, (fields, t), steps)


def openness(parameters):
    """Return how far the gates are open on average where the digits are, and elsewhere."""
    is_open = ogive.sigmoid(unpack(parameters)[0]).reshape(FIELD, FIELD)
    row, column = CORNER
    inside = np.zeros((FIELD, FIELD), bool)
    inside[row : row + 8, column : column + 8] = True
    return is_open[inside].mean(), is_open[~inside].mean()


def errors_by_light(light, error, bins):
    """Return the root mean square of the error in each bin of the light."""
    chosen = np.minimum((light * bins).astype(int), bins - 1)
    return np.sqrt(np.bincount(chosen, error**2) / np.bincount(chosen))


def draw(network, tested, mask, fields, t, path):
    """Draw the learned choice and its errors, and two fields beside the learned mask."""
    light, truth, camera, infrared = tested
    figure = Figure(figsize=(15, 7), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[3, 5])
    upper, lower = left.subplots(2, sharex=True)

    learned = {"color": "tab:blue", "linewidth": 3, "alpha": 0.7}
    best = {"color": "black", "linestyle": "--"}
    span = np.linspace(0, 1, 200)
    upper.plot(span, ogive.sigmoid(choice(network, span)[0]), label="learned", **learned)
    upper.plot(span, ogive.sigmoid(best_logit(span)), label="best", **best)
    upper.set_title("Choice by mix: the weight of the camera")

    styles = {
        "camera": {"color": "tab:orange"},
        "infrared": {"color": "tab:red"},
        "average": {"color": "tab:gray"},
        "learned mix": learned,
        "best mix": best,
    }
    bins = 20
    centers = (np.arange(bins) + 0.5) / bins
    for name, estimate in estimates(network, light, camera, infrared).items():
        error = errors_by_light(light, estimate - truth, bins)
        lower.plot(centers, error, label=name, **styles[name])
    lower.set_ylim(0, None)
    lower.set_title("Error of each, root mean square")
    lower.set_xlabel("light")
    for axes in (upper, lower):
        axes.grid(alpha=0.4)
    upper.legend()
    lower.legend(loc="upper center")

    panels = right.subplot_mosaic([["one", "mask"], ["two", "mask"]], width_ratios=[1, 2])
    for name, field, digit in zip(("one", "two"), fields, t.argmax(axis=1), strict=True):
        panels[name].imshow(field.reshape(FIELD, FIELD), cmap="gray_r")
        panels[name].set_title(f"A {digit} in the noise")
    is_open = ogive.sigmoid(unpack(mask)[0]).reshape(FIELD, FIELD)
    shades = panels["mask"].imshow(is_open, cmap="Blues", vmin=0, vmax=1)
    row, column = CORNER
    box = Rectangle((column - 0.5, row - 0.5), 8, 8, fill=False, color="tab:red", linewidth=2)
    panels["mask"].add_patch(box)
    panels["mask"].set_title("Mask by glu: the gates that stay open (box: the digits' place)")
    right.colorbar(shades, ax=panels["mask"], label="s(gate)", shrink=0.6)
    for axes in panels.values():
        axes.set_xticks([])
        axes.set_yticks([])
    figure.savefig(path, dpi=110)


def main(arguments=None):
    """Run the example."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("attention_gate.png"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measurements", type=int, default=5000, help="of the two sensors")
    parser.add_argument("--steps", type=int, default=100, help="of learning the mask")
    args = parser.parse_args(arguments)
    rng = np.random.default_rng(args.seed)

    network = learn_choice(rng, *measure(rng, args.measurements))
    tested = measure(rng, 100_000)
    light, truth, camera, infrared = tested
    for name, estimate in estimates(network, light, camera, infrared).items():
        print(f"{name:<12} error {np.sqrt(np.mean((estimate - truth) ** 2)):.4f}")

    fields, t = noisy_fields(rng)
    held_out = len(t) // 4
    mask = learn_mask(fields[held_out:], t[held_out:], args.steps)
    inside, outside = openness(mask)
    guess = classify(mask, fields[:held_out]).argmax(axis=1)
    right = np.mean(guess == t[:held_out].argmax(axis=1))
    print(f"mask         {inside:.3f} open where the digits are, {outside:.3f} elsewhere")
    print(f"classifier   {right:.1%} of {held_out} digits right")
    draw(network, tested, mask, fields[:2], t[:2], args.output)
    print(f"picture      {args.output}")


if __name__ == "__main__":
    main()
