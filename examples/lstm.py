"""An LSTM and a GRU in NumPy read handwritten digits, row by row.

The cells are `ogive.lstm_cell` and `ogive.gru_cell`, with the weights of `torch.nn.LSTM` and
`torch.nn.GRU` in PyTorch's layout: the gates lie side by side in one matrix. Backpropagation
through time is written out on ogive's gradient functions. The task: the 8 x 8 pixels of
scikit-learn's digits come one row at a time, and after each row the network says for every
digit how probable it is. The picture shows how it learns, and what it believes as it reads.

    python examples/lstm.py
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import ogive

LAYER = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")  # the weights of the recurrent layer


def tanh_backward(dy, y):
    """Return the gradient through a hyperbolic tangent from its output y."""
    return dy * (1 - y) * (1 + y)


class LSTM:
    """The step of an LSTM; its state is (h, c)."""

    gates = 4
    states = 2

    @staticmethod
    def step(from_x, from_h, h, c):
        """Return the next state from the weighted input and hidden state."""
        i, f, g, o = np.split(from_x + from_h, 4, axis=1)
        return ogive.lstm_cell(i, f, g, o, c)

    @staticmethod
    def backward(from_x, from_h, state, new_state, d_new_state):
        """Return the gradients of `from_x`, of `from_h` and of `state` itself."""
        i, f, g, o = np.split(from_x + from_h, 4, axis=1)
        i, f, o = ogive.sigmoid(i), ogive.sigmoid(f), ogive.sigmoid(o)
        g, squashed = ogive.tanh(g), ogive.tanh(new_state[1])
        dh, dc = d_new_state
        dc = dc + tanh_backward(dh * o, squashed)
        d_gates = np.concatenate(
            [
                ogive.sigmoid_backward(dc * g, i),
                ogive.sigmoid_backward(dc * state[1], f),
                tanh_backward(dc * i, g),
                ogive.sigmoid_backward(dh * squashed, o),
            ],
            axis=1,
        )
        return d_gates, d_gates, (0, dc * f)


class GRU:
    """The step of a GRU; its state is (h,)."""

    gates = 3
    states = 1

    @staticmethod
    def step(from_x, from_h, h):
        """Return the next state from the weighted input and hidden state."""
        xr, xz, xn = np.split(from_x, 3, axis=1)
        hr, hz, hn = np.split(from_h, 3, axis=1)
        return (ogive.gru_cell(xr + hr, xz + hz, xn, hn, h),)

    @staticmethod
    def backward(from_x, from_h, state, new_state, d_new_state):
        """Return the gradients of `from_x`, of `from_h` and of `state` itself."""
        xr, xz, xn = np.split(from_x, 3, axis=1)
        hr, hz, hn = np.split(from_h, 3, axis=1)
        r, z = ogive.sigmoid(xr + hr), ogive.sigmoid(xz + hz)
        n = ogive.tanh(xn + r * hn)
        (h,), (dh,) = state, d_new_state
        dn = tanh_backward(dh * (1 - z), n)
        dr = ogive.sigmoid_backward(dn * hn, r)
        dz = ogive.sigmoid_backward(dh * (h - n), z)
        return (
            np.concatenate([dr, dz, dn], axis=1),
            np.concatenate([dr, dz, dn * r], axis=1),
            (dh * z,),
        )


def initial_weights(cell, rng, inputs, hidden, outputs):
    """Return random weights: PyTorch's of a recurrent layer, and a linear layer behind it."""

    def uniform(*shape):
        return rng.uniform(-1, 1, shape) / np.sqrt(hidden)

    return {
        "weight_ih": uniform(cell.gates * hidden, inputs),
        "weight_hh": uniform(cell.gates * hidden, hidden),
        "bias_ih": uniform(cell.gates * hidden),
        "bias_hh": uniform(cell.gates * hidden),
        "weight_out": uniform(outputs, hidden),
        # Where learning begins each digit is as probable as the others.
        "bias_out": np.full(outputs, ogive.logit(1 / outputs)),
    }


def read(cell, weights, x):
    """Run a recurrent layer over x of shape (steps, batch, inputs).

    Returns
    -------
    hidden : ndarray
        The hidden state after each step, (steps, batch, hidden).
    tape : list
        What `read_backward` needs, step by step.
    """
    state = (np.zeros((x.shape[1], weights["weight_hh"].shape[1]), x.dtype),) * cell.states
    tape = []
    for row in x:
        from_x = row @ weights["weight_ih"].T + weights["bias_ih"]
        from_h = state[0] @ weights["weight_hh"].T + weights["bias_hh"]
        new_state = cell.step(from_x, from_h, *state)
        tape.append((row, from_x, from_h, state, new_state))
        state = new_state
    return np.stack([new_state[0] for *_, new_state in tape]), tape


def read_backward(cell, weights, tape, d_hidden):
    """Return the gradients of the layer's weights by backpropagation through time."""
    gradients = {name: np.zeros_like(weights[name]) for name in LAYER}
    d_state = (0,) * cell.states
    for step, dh in zip(reversed(tape), d_hidden[::-1], strict=True):
        row, from_x, from_h, state, new_state = step
        d_state = (d_state[0] + dh, *d_state[1:])
        d_from_x, d_from_h, d_state = cell.backward(from_x, from_h, state, new_state, d_state)
        d_state = (d_state[0] + d_from_h @ weights["weight_hh"], *d_state[1:])
        gradients["weight_ih"] += d_from_x.T @ row
        gradients["weight_hh"] += d_from_h.T @ state[0]
        gradients["bias_ih"] += d_from_x.sum(axis=0)
        gradients["bias_hh"] += d_from_h.sum(axis=0)
    return gradients


def predict(cell, weights, x):
    """Return the logit of each digit after each row, (steps, batch, digits)."""
    return read(cell, weights, x)[0] @ weights["weight_out"].T + weights["bias_out"]


def loss_and_gradients(cell, weights, x, t):
    """Return the cross-entropy of the digits, mean over rows and images, and its gradients."""
    hidden, tape = read(cell, weights, x)
    logits = hidden @ weights["weight_out"].T + weights["bias_out"]
    loss, d_logits = ogive.bce_with_logits_and_grad(logits, t)
    count = x.shape[0] * x.shape[1]
    d_logits /= count
    gradients = read_backward(cell, weights, tape, d_logits @ weights["weight_out"])
    gradients["weight_out"] = np.einsum("sbd,sbh->dh", d_logits, hidden)
    gradients["bias_out"] = d_logits.sum(axis=(0, 1))
    return loss.sum() / count, gradients


def train(cell, rng, data, *, hidden=32, epochs=12, batch=25, rate=0.02):
    """Train by Adam; return the weights and the accuracy on the test data after each epoch."""
    x, digit, x_test, digit_test = data
    t = np.eye(10)[digit]
    weights = initial_weights(cell, rng, x.shape[2], hidden, 10)
    mean = dict.fromkeys(weights, 0)
    square = dict.fromkeys(weights, 0)
    accuracy, step = [], 0
    for epoch in range(epochs):
        slower = rate * (1 - epoch / epochs)
        for chosen in np.array_split(rng.permutation(len(digit)), len(digit) // batch):
            _, gradients = loss_and_gradients(cell, weights, x[:, chosen], t[chosen])
            step += 1
            for name, gradient in gradients.items():
                mean[name] = 0.9 * mean[name] + 0.1 * gradient
                square[name] = 0.99 * square[name] + 0.01 * gradient**2
                scale = np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8
                weights[name] -= slower * mean[name] / (1 - 0.9**step) / scale
        guess = predict(cell, weights, x_test)[-1].argmax(axis=1)
        accuracy.append(np.mean(guess == digit_test))
    return weights, accuracy


def load_data(rng, held_out=0.25):
    """Return the rows (8, images, 8) and digits to train on, and those to test."""
    images, digits = load_digits(return_X_y=True)
    order = rng.permutation(len(digits))
    rows = images[order].reshape(-1, 8, 8).transpose(1, 0, 2) / 8 - 1  # from 0..16
    test, train = np.split(np.arange(len(digits)), [round(held_out * len(digits))])
    return rows[:, train], digits[order][train], rows[:, test], digits[order][test]


def accuracy_of_last_row(data):
    """Return the accuracy on the test data of who has forgotten all rows but the last."""
    x, digit, x_test, digit_test = data
    return LogisticRegression(max_iter=1000).fit(x[-1], digit).score(x_test[-1], digit_test)


def draw(curves, baseline, probabilities, images, digits, path):
    """Draw the learning curves, and the probabilities of some digits while they are read."""
    figure = Figure(figsize=(15, 6.5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 2])

    axes = left.subplots()
    for name, accuracy in curves.items():
        epochs = np.arange(1, len(accuracy) + 1)
        axes.plot(epochs, accuracy, "o-", label=f"{name}: {accuracy[-1]:.1%} in the end")
    axes.axhline(baseline, color="gray", linestyle="--", label=f"last row alone: {baseline:.1%}")
    axes.set_ylim(0, 1)
    axes.set_xlabel("epoch")
    axes.set_title("Digits of the test data named right")
    axes.grid(alpha=0.4)
    axes.legend(loc="lower right")

    panels = right.subplots(2, 4, sharey=True)
    for (seen, believed), image, digit, probability in zip(
        panels.reshape(4, 2), images, digits, probabilities, strict=True
    ):
        seen.imshow(image, cmap="gray_r", aspect="auto")
        seen.set_title(f"a {digit}")
        seen.set_xticks([])
        shades = believed.imshow(probability, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        believed.set_title("believed")
        believed.set_xticks(range(10))
        believed.set_xlabel("digit")
    for axes in panels[:, 0]:
        axes.set_yticks(range(8), range(1, 9))
        axes.set_ylabel("row")
    right.colorbar(shades, ax=panels, label="probability", shrink=0.5)
    right.suptitle("Four test images, and what the LSTM believes after each of their rows")
    figure.savefig(path, dpi=110)


def main(arguments=None):
    """Run the example."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("lstm.png"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hidden", type=int, default=32, help="size of the hidden state")
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args(arguments)

    rng = np.random.default_rng(args.seed)
    data = load_data(rng)
    *_, x_test, digit_test = data
    baseline = accuracy_of_last_row(data)
    print(f"last row alone  {baseline:.1%} of {len(digit_test)} right")
    weights, curves = {}, {}
    for cell in (LSTM, GRU):
        name = cell.__name__
        weights[name], curves[name] = train(cell, rng, data, hidden=args.hidden, epochs=args.epochs)
        print(f"{name:<15} {curves[name][-1]:.1%}")
    shown = [np.flatnonzero(digit_test == digit)[0] for digit in (3, 5, 7, 8)]
    probabilities = ogive.sigmoid(predict(LSTM, weights["LSTM"], x_test[:, shown]))
    draw(
        curves,
        baseline,
        probabilities.transpose(1, 0, 2),
        x_test[:, shown].transpose(1, 0, 2),
        digit_test[shown],
        args.output,
    )
    print(f"picture         {args.output}")


if __name__ == "__main__":
    main()
