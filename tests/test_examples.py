"""Each script in examples: what it shows is so, and it draws it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from matplotlib import image

import ogive

FOLDER = Path(__file__).parents[1] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


attention_gate = load("attention_gate")
logistic_regression = load("logistic_regression")
lstm = load("lstm")
vanishing_gradient = load("vanishing_gradient")

each_cell = pytest.mark.parametrize("cell", [lstm.LSTM, lstm.GRU])


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine BLAS's threads would wait for each other at every small product."""
    with threadpoolctl.threadpool_limits(1):
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def slope_along(function, x, direction, step=1e-5):
    """The derivative of the function at x in this direction, by differences."""
    return (function(x + step * direction) - function(x - step * direction)) / (2 * step)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_each_runs_without_docstrings(path):
    if path.stem == "dask_cluster":
        pytest.importorskip("dask.array")
        pytest.importorskip("zarr")
    done = subprocess.run(
        [sys.executable, "-OO", path, "--help"], capture_output=True, text=True, timeout=300
    )
    assert done.stdout.startswith("usage: "), done.stderr


# What they print and draw


@pytest.mark.parametrize(
    ("module", "arguments", "mention"),
    [
        (attention_gate, ["--steps", "3", "--measurements", "500"], "learned mix"),
        (logistic_regression, [], "Newton steps"),
        (lstm, ["--epochs", "1", "--hidden", "8"], "GRU"),
        (vanishing_gradient, ["--networks", "3"], "SiLU"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_example_prints_figures_and_draws(
    module, arguments, mention, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    module.main(arguments)
    assert mention in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == [f"{module.__name__}.png"]
    height, width, _ = image.imread(f"{module.__name__}.png").shape
    assert height >= 600
    assert width >= 800
    assert Path(f"{module.__name__}.png").stat().st_size > 20_000


def test_output_names_the_picture(tmp_path):
    path = tmp_path / "other.png"
    vanishing_gradient.main(["--networks", "1", "--output", str(path)])
    assert path.read_bytes().startswith(b"\x89PNG\r\n")


def test_every_example_is_tested_and_in_the_readme():
    tested = {"attention_gate", "logistic_regression", "lstm", "vanishing_gradient"}
    tested.add("dask_cluster")  # by test_cluster.py
    assert {path.stem for path in FOLDER.glob("*.py")} == tested
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    for name in tested:
        command = f"python examples/{name}.py"
        assert f"`{command}" in readme
        assert command in (FOLDER / f"{name}.py").read_text(encoding="utf-8").partition("import")[0]


# Logistic regression


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
def test_newton_finds_the_coefficients_of_scikit_learn(penalty, rng):
    (x, t), (x_test, t_test), _ = logistic_regression.load_data(rng)
    weights, history = logistic_regression.fit(x, t, penalty)
    np.testing.assert_allclose(
        weights, logistic_regression.fit_scikit_learn(x, t, penalty), rtol=0, atol=1e-4
    )
    assert len(history) <= 15
    assert history[-1][1] < 1e-9
    assert np.mean((x_test @ weights[:-1] + weights[-1] > 0) == t_test) > 0.95


# Vanishing gradient


@pytest.mark.parametrize("name", vanishing_gradient.ACTIVATIONS)
def test_backward_is_the_slope(name, rng):
    forward, backward, _ = vanishing_gradient.ACTIVATIONS[name]
    x = rng.standard_normal(100)
    slope = slope_along(forward, x, 1.0)
    np.testing.assert_allclose(backward(3.0, x, forward(x)), 3 * slope, rtol=1e-6, atol=1e-8)


def test_sigmoids_let_through_a_quarter_to_the_nth_at_best(rng):
    for _ in range(20):
        share = vanishing_gradient.shares("sigmoid", rng)
        assert (share <= 0.25 ** np.arange(1, 11) * (1 + 1e-12)).all()
        assert (share >= 0.15 ** np.arange(1, 11)).all()


@pytest.mark.parametrize("name", ["tanh", "ReLU", "SiLU"])
def test_other_activations_keep_the_gradient(name, rng):
    shares = [vanishing_gradient.shares(name, rng)[-1] for _ in range(20)]
    assert 0.01 < min(shares) <= max(shares) < 10


# LSTM and GRU


@each_cell
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_outputs_and_gradients_are_those_of_torch(cell, dtype, tolerance, rng):
    torch = pytest.importorskip("torch")
    weights = lstm.initial_weights(cell, rng, inputs=5, hidden=7, outputs=2)
    weights = {name: weight.astype(dtype) for name, weight in weights.items()}
    x = rng.standard_normal((20, 3, 5)).astype(dtype)
    layer = getattr(torch.nn, cell.__name__)(5, 7, dtype=getattr(torch, np.dtype(dtype).name))
    layer.load_state_dict({f"{name}_l0": torch.tensor(weights[name]) for name in lstm.LAYER})

    hidden, tape = lstm.read(cell, weights, x)
    expected, _ = layer(torch.tensor(x))
    assert hidden.dtype == dtype
    np.testing.assert_allclose(hidden, expected.detach().numpy(), rtol=0, atol=tolerance)

    d_hidden = rng.standard_normal(hidden.shape).astype(dtype)
    expected.backward(torch.tensor(d_hidden))
    for name, gradient in lstm.read_backward(cell, weights, tape, d_hidden).items():
        expected_gradient = getattr(layer, f"{name}_l0").grad.numpy()
        np.testing.assert_allclose(gradient, expected_gradient, rtol=tolerance, atol=tolerance)


@each_cell
def test_backpropagation_through_time_is_the_gradient(cell, rng):
    weights = lstm.initial_weights(cell, rng, inputs=4, hidden=6, outputs=10)
    x = rng.standard_normal((5, 3, 4))
    t = np.eye(10)[[1, 5, 7]]
    _, gradients = lstm.loss_and_gradients(cell, weights, x, t)
    assert gradients.keys() == weights.keys()
    for name, weight in weights.items():
        direction = rng.standard_normal(weight.shape)
        slope = slope_along(
            lambda weight, name=name: lstm.loss_and_gradients(
                cell, {**weights, name: weight}, x, t
            )[0],
            weight,
            direction,
        )
        assert np.sum(gradients[name] * direction) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@each_cell
def test_network_remembers_the_rows_it_has_read(cell, rng):
    data = lstm.load_data(rng)
    _, accuracy = lstm.train(cell, rng, data, epochs=4)
    assert accuracy[-1] > lstm.accuracy_of_last_row(data) + 0.2


# Gates


def assert_gradient(loss, data, count, rng):
    parameters, direction = rng.standard_normal((2, count)) / 4
    slope = slope_along(lambda p: loss(p, *data)[0], parameters, direction)
    assert loss(parameters, *data)[1] @ direction == pytest.approx(slope, rel=1e-6)


def test_choice_follows_the_gradient(rng):
    data = attention_gate.measure(rng, 50)
    assert_gradient(attention_gate.choice_loss, data, 3 * attention_gate.HIDDEN + 1, rng)


def test_mask_follows_the_gradient(rng):
    fields, t = attention_gate.noisy_fields(rng)
    data = fields[:50], t[:50]
    assert_gradient(attention_gate.mask_loss, data, 11 * attention_gate.FIELD**2 + 10, rng)


def test_choice_comes_close_to_the_best_weight(rng):
    network = attention_gate.learn_choice(rng, *attention_gate.measure(rng, 5000))
    tested = attention_gate.measure(rng, 100_000)
    light, truth, camera, infrared = tested
    learned, best = attention_gate.choice(network, light)[0], attention_gate.best_logit(light)
    assert abs(ogive.sigmoid(learned) - ogive.sigmoid(best)).max() < 0.08
    error = {
        name: np.sqrt(np.mean((estimate - truth) ** 2))
        for name, estimate in attention_gate.estimates(network, light, camera, infrared).items()
    }
    assert error["learned mix"] < 1.01 * error["best mix"]
    assert error["learned mix"] < 0.7 * min(error["camera"], error["infrared"], error["average"])


def test_mask_opens_where_the_digits_are(rng):
    fields, t = attention_gate.noisy_fields(rng)
    mask = attention_gate.learn_mask(fields[:1350], t[:1350])
    inside, outside = attention_gate.openness(mask)
    assert inside > 0.5
    assert outside < 0.02
    guess = attention_gate.classify(mask, fields[1350:]).argmax(axis=1)
    assert np.mean(guess == t[1350:].argmax(axis=1)) > 0.8
