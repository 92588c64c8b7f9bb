"""The functions in libraries that compile a formula or a graph: numexpr, Numba, ONNX Runtime.

The formulas are of what these can compile, which has no logaddexp; NumPy's are in peers.py.
"""

import functools
import importlib
import math
import re

import numpy as np

from ogive.fallback import FUNCTIONS

_sigmoid = "(1 / (1 + exp(-{})))".format
_softplus = "log1p(exp({}))".format
_silu_grad = f"{_sigmoid('x')} * (1 + x * (1 - {_sigmoid('x')}))"
_loss = f"{_softplus('x')} - x * t"
_loss_grad = f"{_sigmoid('x')} - t"

# Where there are two results: each by its name, in the order of computation.
FORMULAS = {
    "sigmoid": _sigmoid("x"),
    "sigmoid_grad": f"{_sigmoid('x')} * (1 - {_sigmoid('x')})",
    "sigmoid_grad_from_output": "y * (1 - y)",
    "sigmoid_and_grad": {"y": _sigmoid("x"), "dy": "y * (1 - y)"},
    "log_sigmoid": f"-{_softplus('-x')}",
    "softplus": _softplus("x"),
    "logit": "log(p / (1 - p))",
    "silu": "x / (1 + exp(-x))",
    "silu_grad": _silu_grad,
    "tanh": "tanh(x)",
    "bce_with_logits": _loss,
    "bce_with_logits_grad": _loss_grad,
    "bce_with_logits_and_grad": {"loss": _loss, "grad": _loss_grad},
    "sigmoid_backward": "dy * y * (1 - y)",
    "silu_backward": f"dy * {_silu_grad}",
    "glu": f"a * {_sigmoid('b')}",
    "swiglu": "a / (1 + exp(-a)) * b",
    "mix": f"{_sigmoid('x')} * a + (1 - {_sigmoid('x')}) * b",
    "lstm_cell": {
        "c_new": f"{_sigmoid('f')} * c + {_sigmoid('i')} * tanh(g)",
        "h": f"{_sigmoid('o')} * tanh(c_new)",
    },
    "gru_cell": (f"(1 - {_sigmoid('z')}) * tanh(xn + {_sigmoid('r')} * hn) + {_sigmoid('z')} * h"),
}

# In the textual syntax of ONNX, of which s - s s is s (1 - s).
GRAPHS = {
    "sigmoid": "result = Sigmoid(x)",
    "sigmoid_grad": "s = Sigmoid(x) q = Mul(s, s) result = Sub(s, q)",
    "sigmoid_grad_from_output": "q = Mul(y, y) result = Sub(y, q)",
    "sigmoid_and_grad": "y = Sigmoid(x) q = Mul(y, y) dy = Sub(y, q)",
    "log_sigmoid": "n = Neg(x) s = Softplus(n) result = Neg(s)",
    "softplus": "result = Softplus(x)",
    "logit": "q = Sub(one, p) r = Div(p, q) result = Log(r)",
    "silu": "s = Sigmoid(x) result = Mul(x, s)",
    "silu_grad": "s = Sigmoid(x) y = Mul(x, s) u = Add(s, y) v = Mul(y, s) result = Sub(u, v)",
    "tanh": "result = Tanh(x)",
    "bce_with_logits": "s = Softplus(x) u = Mul(x, t) result = Sub(s, u)",
    "bce_with_logits_grad": "s = Sigmoid(x) result = Sub(s, t)",
    "bce_with_logits_and_grad": (
        "p = Softplus(x) u = Mul(x, t) loss = Sub(p, u) s = Sigmoid(x) grad = Sub(s, t)"
    ),
    "sigmoid_backward": "q = Mul(y, y) d = Sub(y, q) result = Mul(dy, d)",
    "silu_backward": (
        "s = Sigmoid(x) y = Mul(x, s) u = Add(s, y) v = Mul(y, s) d = Sub(u, v) result = Mul(dy, d)"
    ),
    "glu": "s = Sigmoid(b) result = Mul(a, s)",
    "swiglu": "s = Sigmoid(a) t = Mul(a, s) result = Mul(t, b)",
    "mix": "s = Sigmoid(x) d = Sub(a, b) m = Mul(s, d) result = Add(b, m)",
    "lstm_cell": (
        "sf = Sigmoid(f) u = Mul(sf, c) si = Sigmoid(i) tg = Tanh(g) v = Mul(si, tg) "
        "c_new = Add(u, v) so = Sigmoid(o) tc = Tanh(c_new) h = Mul(so, tc)"
    ),
    "gru_cell": (
        "sr = Sigmoid(r) m = Mul(sr, hn) k = Add(xn, m) n = Tanh(k) "
        "s = Sigmoid(z) d = Sub(h, n) e = Mul(s, d) result = Add(n, e)"
    ),
}

_RESULTS = {  # in ogive's order
    "sigmoid_and_grad": ["y", "dy"],
    "bce_with_logits_and_grad": ["loss", "grad"],
    "lstm_cell": ["h", "c_new"],
}


def _names(function):
    """The names of a function's inputs and those of its results."""
    kernel = FUNCTIONS[function].kernel
    return list(kernel.__code__.co_varnames[: kernel.__code__.co_argcount]), _RESULTS.get(
        function, ["result"]
    )


def _formulas(function):
    formulas = FORMULAS[function]
    return formulas if isinstance(formulas, dict) else {"result": formulas}


def numexpr():
    library = importlib.import_module("numexpr")

    def bind(case, inputs, outputs, threads):
        library.set_num_threads(threads)
        names, results = _names(case.function)
        given = dict(zip(names, inputs, strict=True))
        out = dict(zip(results, outputs, strict=True))

        def call():
            known = dict(given)
            for name, formula in _formulas(case.function).items():
                known[name] = library.evaluate(formula, known, {}, out=out[name])
            return tuple(known[name] for name in results)

        return call

    return bind


def numba():
    library = importlib.import_module("numba")

    @functools.cache
    def compiled(function, dtype):
        """@vectorize of the formula, @guvectorize of two."""
        names, results = _names(function)
        number = library.from_dtype(np.dtype(dtype))
        scope = {f: getattr(math, f) for f in ("exp", "log", "log1p", "tanh")}
        scope["one"] = np.dtype(dtype).type(1)  # a plain 1 would make float32 float64
        formulas = {
            name: re.sub(r"\b1\b", "one", formula) for name, formula in _formulas(function).items()
        }
        if len(results) == 1:
            exec(f"def formula({', '.join(names)}): return {formulas['result']}", scope)
            return library.vectorize([number(*[number] * len(names))])(scope["formula"])
        pointers = [f"{name}_" for name in results]
        lines = [f"{name} = {formula}" for name, formula in formulas.items()]
        lines += [f"{name}_[0] = {name}" for name in results]
        exec(f"def formula({', '.join(names + pointers)}):\n  " + "\n  ".join(lines), scope)
        signature = library.void(*[number] * len(names), *[number[:]] * len(results))
        layout = f"{','.join(['()'] * len(names))}->{','.join(['()'] * len(results))}"
        return library.guvectorize([signature], layout)(scope["formula"])

    def bind(case, inputs, outputs, threads):
        given = [output for output in outputs if output is not None]
        return functools.partial(compiled(case.function, case.dtype), *inputs, *given)

    return bind


def onnx_runtime():
    runtime = importlib.import_module("onnxruntime")
    onnx = importlib.import_module("onnx")
    missing = runtime.capi.onnxruntime_pybind11_state.NotImplemented  # some operators of float64
    kinds = {"float16": "float16", "float32": "float", "float64": "double"}

    @functools.cache
    def session(function, dtype, threads):
        names, results = _names(function)
        kind = kinds[dtype]
        code = onnx.TensorProto.DataType.Value(kind.upper())
        model = onnx.parser.parse_model(
            '<ir_version: 8, opset_import: ["" : 17]> '
            f"{function} ({', '.join(f'{kind}[n] {name}' for name in names)}) => "
            f"({', '.join(f'{kind}[n] {name}' for name in results)}) {{"
            " number = Constant<value_float = 1.0>()"
            f" one = Cast<to = {code}>(number)"
            f" {GRAPHS[function]} }}"
        )
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 3
        # Threads that spin after their work would slow down whatever is timed next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def bind(case, inputs, outputs, threads):
        names, results = _names(case.function)
        try:
            run = session(case.function, case.dtype, threads)
        except missing:
            return None
        # It takes contiguous arrays alone: those of another layout are copied in each call.
        ready = [np.empty(case.size, case.dtype) for _ in inputs]
        pairs = [(a.reshape(x.shape), x) for a, x in zip(ready, inputs, strict=True)]
        binding = run.io_binding()
        for name, array in zip(names, ready, strict=True):
            binding.bind_cpu_input(name, array)
        for name, output in zip(results, outputs, strict=True):
            if output is not None:
                flat = output.reshape(-1)
                binding.bind_output(name, "cpu", 0, flat.dtype, flat.shape, flat.ctypes.data)

        def arrange():
            for array, x in pairs:
                np.copyto(array, x)

        def call():
            if case.layout != "contiguous":
                arrange()
            if case.out == "new":
                return run.run(results, dict(zip(names, ready, strict=True)))
            run.run_with_iobinding(binding)
            return outputs

        arrange()
        return call

    return bind
