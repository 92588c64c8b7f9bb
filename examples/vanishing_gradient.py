"""What comes back through 1 to 10 layers: gradients vanish in sigmoids.

The slope of the sigmoid is at most 1/4, so n layers let through 0.25^n of a gradient at best.
tanh, ReLU and SiLU lose little of it on the way. The weights are random rotations,
which keep lengths, times a gain: Xavier's 1 for sigmoid and tanh, He's for ReLU and SiLU. The
picture shows the slopes and the share of the gradient that reaches the input.

    python examples/vanishing_gradient.py
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

import ogive


class Activation(NamedTuple):
    """A function, the gradient through it as backward(dy, x, y), and the gain of its weights."""

    forward: object
    backward: object
    gain: float


ACTIVATIONS = {
    "sigmoid": Activation(ogive.sigmoid, lambda dy, x, y: ogive.sigmoid_backward(dy, y), 1.0),
    # tanh x = 2 s(2x) - 1
    "tanh": Activation(ogive.tanh, lambda dy, x, y: dy * 4 * ogive.sigmoid_grad(2 * x), 1.0),
    "ReLU": Activation(lambda x: np.maximum(x, 0), lambda dy, x, y: dy * (x > 0), np.sqrt(2)),
    "SiLU": Activation(ogive.silu, lambda dy, x, y: ogive.silu_backward(dy, x), np.sqrt(2)),
}


def rotation(rng, width):
    """Return a random orthogonal matrix."""
    return np.linalg.qr(rng.standard_normal((width, width)))[0]


def shares(name, rng, depth=10, width=64):
    """Return |gradient at the input| / |gradient at the output| for 1 to `depth` layers."""
    forward, backward, gain = ACTIVATIONS[name]
    weights = [gain * rotation(rng, width) for _ in range(depth)]
    signal = rng.standard_normal(width)
    tape = []
    for weight in weights:
        x = weight @ signal
        signal = forward(x)
        tape.append((weight, x, signal))

    result = []
    for n in range(1, depth + 1):
        gradient = rng.standard_normal(width)
        size = np.linalg.norm(gradient)
        for weight, x, y in reversed(tape[:n]):
            gradient = weight.T @ backward(gradient, x, y)
        result.append(np.linalg.norm(gradient) / size)
    return np.array(result)


def draw(measured, path):
    """Draw the slopes, and the shares against the number of layers."""
    colors = {"sigmoid": "tab:blue", "tanh": "tab:orange", "ReLU": "tab:gray", "SiLU": "tab:green"}
    figure = Figure(figsize=(13, 5.5), layout="constrained")
    slopes, depths = figure.subplots(1, 2, width_ratios=[2, 3])

    x = np.linspace(-6, 6, 601)
    for name, (forward, backward, _) in ACTIVATIONS.items():
        slopes.plot(x, backward(np.ones_like(x), x, forward(x)), color=colors[name], label=name)
    slopes.axhline(0.25, color="tab:blue", linestyle=":")
    slopes.set_title("Slopes: the sigmoid's is at most 1/4")
    slopes.set_xlabel("x")
    slopes.grid(alpha=0.4)
    slopes.legend()

    layers = np.arange(1, len(next(iter(measured.values()))[0]) + 1)
    for name, values in measured.items():
        low, middle, high = np.quantile(values, [0, 0.5, 1], axis=0)
        depths.semilogy(layers, middle, "o-", color=colors[name], label=name)
        depths.fill_between(layers, low, high, color=colors[name], alpha=0.2)
    depths.semilogy(layers, 0.25**layers, ":", color="tab:blue", label="$0.25^n$: sigmoid at best")
    depths.set_title("What is left of a gradient (median and range of the networks)")
    depths.set_xlabel("layers")
    depths.set_xticks(layers)
    depths.set_ylabel("|gradient at the input| / |gradient at the output|")
    depths.grid(alpha=0.4)
    depths.legend(loc="lower left")
    figure.savefig(path, dpi=110)


def main(arguments=None):
    """Run the example."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("vanishing_gradient.png"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--depth", type=int, default=10, help="number of layers")
    parser.add_argument("--width", type=int, default=64, help="numbers in each layer")
    parser.add_argument("--networks", type=int, default=50, help="random networks of each kind")
    args = parser.parse_args(arguments)

    rng = np.random.default_rng(args.seed)
    measured = {
        name: np.array([shares(name, rng, args.depth, args.width) for _ in range(args.networks)])
        for name in ACTIVATIONS
    }
    print(f"share of the gradient behind {args.depth} layers, median of {args.networks} networks")
    for name, values in measured.items():
        print(f"{name:<8} {np.median(values[:, -1]):.2g}")
    print(f"0.25^{args.depth}  {0.25**args.depth:.2g}")
    draw(measured, args.output)
    print(f"picture  {args.output}")


if __name__ == "__main__":
    main()
