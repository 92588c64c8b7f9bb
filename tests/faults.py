"""The faults that `python -m tests.mutate` plants.

Over 400 lines: a list, with one entry for each fault.
"""

from typing import NamedTuple


class Fault(NamedTuple):
    """`old`, which stands in `file` once, becomes `new`; `tests` are the arguments of pytest.

    Without tests, it is the install that should fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str


INSTALL = ""
RUN = "csrc/kernels/run.h"
BLOCKS = "csrc/kernels/blocks.h"
SIGMOID = "csrc/kernels/sigmoid.h"
EXP = "csrc/kernels/exp.h"
EXP_CONSTANTS = "csrc/kernels/exp_constants.h"
PAIRS = "csrc/kernels/pairs.h"
TANH = "csrc/kernels/tanh.h"
GATES = "csrc/kernels/gates.h"
CELLS = "csrc/kernels/cells.h"
LOSS = "csrc/kernels/loss.h"
FAR = "csrc/kernels/far.h"
LOGIT = "csrc/kernels/logit.h"
COMPLEX = "csrc/kernels/complex.h"
SCALED = "csrc/accurate/scaled.h"
BIG = "csrc/accurate/big.h"
PACK = "csrc/simd/pack.h"
PORTABLE = "csrc/simd/portable.h"
GENERIC = "csrc/simd/generic.h"
ENVIRONMENT = "csrc/environment.h"
LOOPS = "src/ogive/_buffer_loops.pxd"
LONG_DOUBLES = "src/ogive/_long_double.pxd"
COMPLEX_LOOPS = "src/ogive/_complex.pxd"
PROMOTION = "src/ogive/_promotion.pxd"
POOL = "csrc/threads.c"

# Two functions, of one output and of two, show what a fault in the common code does.
WORST = "tests/test_worst.py -k 'worst_cases_of_all and (sigmoid or logit)'"
HALF_WIDTHS = "tests/test_worst.py -k half_widths"
LAYOUT = "tests/test_layout.py -k '(no_byte or fields) and (sigmoid_and_grad or tanh)'"
LENGTHS = "tests/test_layout.py -k 'long_arrays and (sigmoid_and_grad or tanh)'"
BEYOND_CACHES = "tests/test_layout.py -k beyond_the_caches"
GUARDS = "tests/test_memory.py -k 'beside_the_operands and (sigmoid_and_grad or tanh)'"
IN_PLACE = "tests/test_layout.py -k 'in_place and float32 and tanh'"
DOUBTS_IN_PLACE = "tests/test_several_inputs.py -k 'may_be_any and (glu or lstm)'"
OVERLAP = "tests/test_layout.py -k later_input"
SPECIAL = "tests/test_special_values.py"
FLAGS = "tests/test_environment.py -k '(loops_raise or flush or rounding_mode) and tanh'"
SEVERAL = "tests/test_values.py -k 'several_inputs_are and (glu or mix or grad or cell)'"
PHASES = "tests/test_values.py -k 'phases_of_several'"
HALF = "tests/test_values.py -k 'float16_is and tanh'"
SILU_HALF = "tests/test_values.py -k 'float16_is and silu'"  # of tiny x between two halves
LONG_DOUBLE = "tests/test_values.py -k 'longdouble_is and sigmoid'"
THREADS = "tests/test_threads.py -k '(any_number or forked) and sigmoid_and_grad'"
FILES = "tests/test_apply.py -k 'replaces or interrupted or disk'"

FAULTS = [
    # The loop of the kernels
    Fault(
        "the tail is one element short",
        RUN,
        "i < lanes; i++)",
        "i < lanes - 1; i++)",
        LAYOUT,
    ),
    Fault(
        "the tail is written as a whole vector",
        RUN,
        "i < lanes; i++)",
        "i < VD_LANES; i++)",
        LAYOUT,
    ),
    Fault(
        "a block begins one element late",
        BLOCKS,
        "for (ptrdiff_t i = start; i < end;)",
        "for (ptrdiff_t i = start + (start > 0); i < end;)",
        LENGTHS,
    ),
    Fault(
        "the tail is read from the front",
        RUN,
        "args[k] + start * size, lanes",
        "args[k], lanes",
        IN_PLACE,
    ),
    Fault(
        "the last elements are read with a word behind them",
        RUN,
        "(n * size - at) / WORD",
        "(n * size - at) / WORD + 1",
        GUARDS,
    ),
    Fault(
        "the last vector reads what it has overwritten",
        RUN,
        "n > vector && !in_place(args, inputs, outputs)",
        "n > vector",
        IN_PLACE,
    ),
    Fault(
        "the last vector begins one element early",
        RUN,
        "(n - vector) * size",
        "(n - vector - 1) * size",
        "tests/test_layout.py -k 'every_length_and and float32 and tanh'",
    ),
    Fault(
        "what comes before the first whole line is left out",
        RUN,
        "cached(args, head);",
        "cached(args, 0);",
        BEYOND_CACHES,
    ),
    Fault(
        "another lane is mended",
        RUN,
        "doubts->at[to] = i;",
        "doubts->at[to] = i ^ 1;",
        WORST,
    ),
    Fault(
        "all are mended from the first elements of the block",
        RUN,
        "to * size, x[k] + i * size, (size_t)size);",
        "to * size, x[k] + to * size, (size_t)size);",
        WORST,
    ),
    Fault(
        "a second output is mended with the first one's values",
        RUN,
        "results[o][lane] = exact[o];",
        "results[o][lane] = exact[0];",
        WORST,
    ),
    Fault(
        "known results lose the canonical NaN",
        PAIRS,
        "V(set)((SCALAR)NAN), y[o]);",
        "V(set)(-(SCALAR)NAN), y[o]);",
        SPECIAL,
    ),
    # Rounding tests
    Fault(
        "float64's rounding test is too narrow",
        EXP,
        "#define DOUBLE_ERROR 0x1.2p-66",
        "#define DOUBLE_ERROR 0x1.2p-76",
        WORST,
    ),
    Fault(
        "the test of plain doubles is too narrow",
        RUN,
        "#define PLAIN_ERROR_DOUBLES 0x1p-41",
        "#define PLAIN_ERROR_DOUBLES 0x1p-51",
        WORST,
    ),
    Fault(
        "the rounding test in floats is too narrow",
        EXP,
        "? 0x1.ap-35F : 0x1.2p-36F)",
        "? 0x1.ap-45F : 0x1.2p-46F)",
        WORST,
    ),
    Fault(
        "the last doubts are forgotten",
        BLOCKS,
        "if (doubts.count)\n        mend(f, type, &doubts, args + inputs);",
        "",
        WORST,
    ),
    Fault(
        "doubts are mended from what has overwritten them",
        BLOCKS,
        "note_doubts(",
        "store(y_of[0] + i * size, y[0]);\n                    note_doubts(",
        DOUBTS_IN_PLACE,
    ),
    Fault(
        "float16's rounding test in floats is too narrow",
        RUN,
        "#define PLAIN_ERROR_f16 0x1.8p-22F",
        "#define PLAIN_ERROR_f16 0x1.8p-32F",
        SILU_HALF,
    ),
    Fault(
        "phase 2 claims too small an error",
        SCALED,
        "#define SCALED_ERROR 0x1p-103",
        "#define SCALED_ERROR 0x1p-120",
        HALF_WIDTHS,
    ),
    Fault(
        "phase 2 forgets what cancelled",
        SCALED,
        "a.error + b.error * scale, 0};",
        "0.0, 0};",
        PHASES,
    ),
    Fault(
        "phase 2 forgets on which side a tie is left",
        SCALED,
        "a.side = -a.side;",
        "",
        PHASES,
    ),
    Fault(
        "an error on the other side is forgotten",
        SCALED,
        "error_b == 0 || side_a == side_b ? side_a : 0;",
        "side_a;",
        PHASES,
    ),
    Fault(
        "the end of an interval is rounded away",
        SCALED,
        "a.error > unit || a.error == 0 ? a.error : unit;",
        "a.error;",
        "tests/test_values.py -k opposite_terms",
    ),
    Fault(
        "the sign of two terms out of sight is that of the first",
        CELLS,
        "gate = ADD(SUBTRACT(gate, SET(larger)), SET(-1460));",
        "gate = SET(-1460);",
        PHASES,
    ),
    Fault(
        "phase 3 is never asked",
        "csrc/accurate/phase2_text.h",
        "y[o] = phase3(x, o, format);",
        "",
        WORST,
    ),
    Fault(
        "phase 3 loses bits between words",
        BIG,
        "rest ? low >> rest | high << (32 - rest) : low;",
        "rest ? low >> rest : low;",
        PHASES,
    ),
    Fault(
        "phase 3 rounds a midpoint up",
        BIG,
        "(below == half && (more || (count & 1)))",
        "below == half",
        PHASES,
    ),
    # The half-widths of the rounding tests: `python -m tests.half_widths`
    Fault(
        "half the width for sums of doubles",
        EXP,
        "DOUBLE_ERROR 0x1.2p-66",
        "DOUBLE_ERROR 0x1.2p-67",
        HALF_WIDTHS,
    ),
    Fault(
        "half the width for sums of floats",
        EXP,
        "0x1.ap-35F : 0x1.2p-36F",
        "0x1.ap-36F : 0x1.2p-37F",
        HALF_WIDTHS,
    ),
    Fault(
        "an eighth of the error is left of a product's low part",
        "csrc/kernels/with_doubles.h",
        "PER_LOW 0x1.1p54",
        "PER_LOW 0x1.1p51",
        HALF_WIDTHS,
    ),
    Fault(
        "an eighth of the error is left of a product's low part, in floats",
        "csrc/kernels/with_floats.h",
        "PER_LOW 0x1.1p25F",
        "PER_LOW 0x1.1p22F",
        HALF_WIDTHS,
    ),
    Fault(
        "a tiny x is off by what is added to it, and no rounding",
        LOSS,
        "vd_set(2 * UNSEEN)",
        "vd_set(UNSEEN)",
        "tests/test_worst.py -k 'half_widths and bce'",
    ),
    Fault(
        "half the width of plain floats for float16",
        RUN,
        "PLAIN_ERROR_f16 0x1.8p-22F",
        "PLAIN_ERROR_f16 0x1.8p-23F",
        HALF_WIDTHS,
    ),
    # Arithmetic
    Fault(
        "the second half of ln2/16 is dropped",
        EXP,
        "*tail = vd_fma(k, vd_set(EXP_STEP_TAIL), vd_table_get(tails, shifted));",
        "*tail = vd_table_get(tails, shifted);",
        WORST,
    ),
    Fault(
        "the residual of a product is dropped",
        PAIRS,
        "e.low = V(fma)(power, u.low, V(residual)(power, u.high, V(sub)(e.high, power)));",
        "e.low = V(mul)(power, u.low);",
        WORST,
    ),
    Fault(
        "the residual of the division is dropped",
        SIGMOID,
        "return V(fma)(q, e.low, rest);",
        "return V(mul)(q, e.low);",
        WORST,
    ),
    Fault(
        "a coefficient has a wrong bit",
        EXP_CONSTANTS,
        "#define EXP_C2 0x1.11111110a194bp-6",
        "#define EXP_C2 0x1.11113110a194bp-6",
        WORST,
    ),
    Fault(
        "two table entries are swapped",
        EXP_CONSTANTS,
        "    UINT64_C(0x3feec49182a3f090),\n    UINT64_C(0x3feeace5422aa0db),\n",
        "    UINT64_C(0x3feeace5422aa0db),\n    UINT64_C(0x3feec49182a3f090),\n",
        WORST,
    ),
    Fault(
        "the tail of a table entry is missing",
        EXP_CONSTANTS,
        "0x1.063e1e21c5409p-54,",
        "0x0p+0,",
        WORST,
    ),
    # Pairs
    Fault(
        "a quotient keeps what it left over",
        PAIRS,
        "q.low = V(mul)(rest, V(sub)(V(set)(0), inverse));",
        "q.low = V(set)(0);",
        SEVERAL,
    ),
    Fault(
        "1 + e is rounded",
        PAIRS,
        "sum.low = V(add)(b.low, V(sub)(smaller, V(sub)(sum.high, larger)));",
        "sum.low = V(set)(0);",
        SEVERAL,
    ),
    Fault(
        "tanh takes the rounded cell",
        TANH,
        "    if (low)\n",
        "    if (low && 0)\n",
        SEVERAL,
    ),
    Fault(
        "a cell forgets what a bound of its gates costs",
        CELLS,
        "V(set)(GATE_OUT_OF_SIGHT));\n    terms->value = V(fma)(V(abs)(kept.high),",
        "V(set)(0));\n    terms->value = V(fma)(V(abs)(kept.high),",
        SEVERAL,
    ),
    Fault(
        "1 - t is as for a t in [0, 1]",
        LOSS,
        "PAIR w = P(one_minus_any)(t);",
        "PAIR w = P(one_minus)(t);",
        "tests/test_values.py -k 'several_inputs_are and bce'",
    ),
    Fault(
        "a size that underflowed is that of an exact zero",
        CELLS,
        "return V(at_least)(size, V(at_most)(terms, V(set)(SMALLEST_NORMAL)));",
        "(void)terms;\n    return size;",
        "tests/test_bfloat16.py -k terms_that_underflow",
    ),
    Fault(
        "a huge error of a tanh's argument is small",
        CELLS,
        "P(exceeds)(terms->value, FAR_BELOW_1));",
        "M(none)());",
        SEVERAL,
    ),
    Fault(
        "an underflow within a product is not seen",
        GATES,
        "P(tiny)(V(at_most)(V(abs)(*y), V(abs)(silu.high)), x[0]);",
        "P(tiny)(*y, x[0]);",
        "tests/test_values.py -k 'several_inputs_are and swiglu'",
    ),
    Fault(
        "phase 2 takes a tanh's argument for large that may be anything",
        "csrc/accurate/exp.h",
        "if (a.error < 0x1p-10)",
        "if (1)",
        "tests/test_values.py -k little_is_left",
    ),
    Fault(
        "a cell behind shut gates is far below 1 whatever c is",
        CELLS,
        "vm_or(unsure, vm_and(shut, huge))",
        "vm_or(unsure, vm_and(shut, infinite))",
        "tests/test_values.py -k gates_are_shut",
    ),
    Fault(
        "e^-320 is a single double",
        FAR,
        "#define EXP_NEG_FAR_LOW -0x1.13651bfbcdf30p-4",
        "#define EXP_NEG_FAR_LOW 0.0",
        "tests/test_values.py -k 'next_to_zero and sigmoid'",
    ),
    Fault(
        "what breaks a tie of 1 - t is lost",
        LOSS,
        "last_bit = vd_set_bits(1),",
        "last_bit = vd_set_bits(0),",
        "tests/test_values.py -k 'several_inputs_are and bce'",
    ),
    Fault(
        "a cut logit brings no error",
        LOSS,
        "vd_add(width, vd_set(LOSS_OUT_OF_SIGHT))",
        "width",
        "tests/test_values.py -k tie_where",
    ),
    Fault(
        "logit in floats takes the rounded quotient",
        LOGIT,
        "vf_fma(s.low, square, s.low)",
        "vf_set(0.0F)",
        "tests/test_values.py -k 'all_magnitudes and logit'",
    ),
    # Special values
    Fault(
        "a bound swallows NaN",
        GENERIC,
        "reg_at_most(reg x, reg bound) { return x > bound ? bound : x; }",
        "reg_at_most(reg x, reg bound) { return x < bound ? x : bound; }",
        SPECIAL,
    ),
    Fault(
        "tanh loses the sign of zero",
        TANH,
        "*y = V(with_sign_of)(*y, *x);\n    return doubt;",
        "*y = V(select)(P(below)(*x, 0), V(sub)(V(set)(0), *y), *y);\n    return doubt;",
        SPECIAL,
    ),
    Fault(
        "what is known of silu(-inf) has the other zero",
        "csrc/kernels/silu.h",
        "*y = V(set)(-(SCALAR)0);\n    MASK known",
        "*y = V(set)(0);\n    MASK known",
        SPECIAL,
    ),
    Fault(
        "mix counts the side without weight",
        GATES,
        "if (!b_finite && IS_BELOW(falling, -to->format->digits - 1))",
        "if (0 && IS_BELOW(falling, -to->format->digits - 1))",
        SPECIAL,
    ),
    Fault(
        "a cell of zeros loses their sign",
        PAIRS,
        "*y = V(sub)(sum.high, V(sub)(width, sum.low));",
        "*y = V(add)(sum.high, V(sub)(sum.low, width));",
        SPECIAL,
    ),
    # Narrow floats
    Fault(
        "float16 loses its sticky bit",
        PACK,
        "a = vd_or_bits(vd_and_bits(a, kept), sticky);",
        "a = vd_and_bits(a, kept);",
        SILU_HALF,
    ),
    Fault(
        "float16 rounds halves up",
        GENERIC,
        "bits += (UINT64_C(1) << 41) - 1 + (bits >> 42 & 1);",
        "bits += UINT64_C(1) << 41;",
        "tests/test_values.py -k 'float16_is and from_output'",
    ),
    Fault(
        "float16 overflows too late",
        GENERIC,
        "else if (distance >= 65520)",
        "else if (distance >= 1e300)",
        "tests/test_values.py -k 'several_inputs_are and float16 and swiglu'",
    ),
    Fault(
        "float16 rounds halves up in vectors",
        PORTABLE,
        "bits += ((bits >> 42) & 1) + ((UINT64_C(1) << 41) - 1);",
        "bits += UINT64_C(1) << 41;",
        "tests/test_values.py -k 'float16_is and from_output'",
    ),
    Fault(
        "a product without fma lacks its last part",
        PACK,
        "vd_add(lost, vd_mul(a_low, b_low))",
        "lost",
        WORST,
    ),
    Fault(
        "a step times k is rounded",
        PACK,
        "vd_upper_bits(step, 14)",
        "vd_upper_bits(step, 1)",
        WORST,
    ),
    # The floating-point environment
    Fault(
        "flags leak",
        ENVIRONMENT,
        "if (!(saved & OGIVE_MXCSR_INEXACT) || _mm_getcsr() != saved)\n        _mm_setcsr(saved);",
        "if ((_mm_getcsr() ^ saved) & ~0x3fu)\n        _mm_setcsr(saved);",
        FLAGS,
    ),
    Fault(
        "flush-to-zero stays on",
        ENVIRONMENT,
        "_mm_setcsr(OGIVE_MXCSR_DEFAULT);",
        "_mm_setcsr(OGIVE_MXCSR_DEFAULT | (saved & 0x8040));",
        FLAGS,
    ),
    Fault(
        "the caller's environment is not restored after long double",
        ENVIRONMENT,
        "ogive_leave_long_double(const fenv_t *saved) { fesetenv(saved); }",
        "ogive_leave_long_double(const fenv_t *saved) { (void)saved; }",
        FLAGS,
    ),
    # The loops around the kernels
    Fault(
        "strided outputs are written at half the stride",
        LOOPS,
        "call.args[i] + start * step, step,\n                    operands[i],",
        "call.args[i] + start * step, step // 2,\n                    operands[i],",
        LAYOUT,
    ),
    Fault(
        "the second block of strided inputs is the first again",
        LOOPS,
        "call.args[i] + start * step, step, loop.itemsize, size,",
        "call.args[i], step, loop.itemsize, size,",
        "tests/test_layout.py -k '(sigmoid_and_grad or tanh) and not compiler'",
    ),
    Fault(
        "overlap is not looked for",
        LOOPS,
        "if depends_on_order(args, steps, call.loop, n):",
        "if n < 0 and depends_on_order(args, steps, call.loop, n):",
        OVERLAP,
    ),
    Fault(
        "outputs that overlap each other are written by vectors",
        LOOPS,
        "for i in range(o):",
        "for i in range(loop.inputs):",
        "tests/test_layout.py -k overlap_each_other",
    ),
    Fault(
        "overlap is looked for in one direction",
        LOOPS,
        "args[i] + max(other_span, 0) + loop.itemsize <= args[o] + min(output_span, 0)",
        "args[i] + loop.itemsize <= args[o] + min(output_span, 0)",
        OVERLAP,
    ),
    Fault(
        "contiguity of outputs is not looked at",
        LOOPS,
        "for i in range(call.loop.operands):\n        call.strided +=",
        "for i in range(call.loop.inputs):\n        call.strided +=",
        LAYOUT,
    ),
    # The pool of threads
    Fault(
        "threads leave out an element between two parts",
        POOL,
        "pool.job.next = stop;",
        "pool.job.next = stop + 1;",
        THREADS,
    ),
    Fault(
        "a call does not wait for its threads",
        POOL,
        "while (pool.working)\n        wait_for",
        "while (pool.working < 0)\n        wait_for",
        THREADS,
    ),
    Fault(
        "a forked child counts on the threads of its parent",
        POOL,
        "pool.workers = pool.wanted",
        "pool.wanted",
        THREADS,
    ),
    Fault(
        "forks are not handled before the first thread",
        POOL,
        "__attribute__((constructor)) static",
        "static __attribute__((unused))",
        "tests/test_processes.py -k ask_too",
    ),
    Fault(
        "integers become float32",
        PROMOTION,
        "number)\n    return dtype_class(NPY_DOUBLE)",
        "number)\n    return dtype_class(NPY_FLOAT)",
        "tests/test_several_inputs.py -k dtypes_that_differ",
    ),
    Fault(
        "the promotion is NumPy's own",
        PROMOTION,
        "if dtype is None:\n",
        "if dtype is not None:\n",
        "tests/test_several_inputs.py -k dtypes_that_differ",
    ),
    Fault(
        "a quiet loop takes the kernel of another dtype",
        "src/ogive/_ufuncs.pxd",
        "place = FLOAT32",
        "place = FLOAT64",
        WORST,
    ),
    Fault(
        "long double takes the wrong branch",
        LONG_DOUBLES,
        "y[0] = over(1 if x[0] >= 0 else e, 0, d, e - (d - 1))",
        "y[0] = over(1, 0, d, e - (d - 1))",
        LONG_DOUBLE,
    ),
    Fault(
        "long double forgets what rounding took",
        LONG_DOUBLES,
        "return y + (fmal(-y, d, n) + n_rest - y * d_rest) / d",
        "return y",
        LONG_DOUBLE,
    ),
    # Complex numbers
    Fault(
        "the cosine of an angle has the sign of the sine",
        COMPLEX,
        "sign_of_quadrant(vd_add(shifted, one))",
        "sign_of_quadrant(shifted)",
        "tests/test_complex.py -k 'close_in_ulp and tanh'",
    ),
    Fault(
        "an angle near a pole has lost its low part",
        COMPLEX,
        "vd low = vd_fnma(half, r.low, r.low);",
        "vd low = vd_set(0.0);",
        "tests/test_complex.py -k 'close_in_ulp and sigmoid'",
    ),
    Fault(
        "a complex step of silu cancels",
        COMPLEX_LOOPS,
        "if loop.textbook == silu and fabs(z[0] + 1.2784645) < 0.01 and fabs(z[1]) < 1e-4:",
        "if False:",
        "tests/test_complex.py -k 'close_in_ulp and silu'",
    ),
    # Python
    Fault(
        "a formula of the fallback cancels",
        "src/ogive/_factors.py",
        "np.where(d > -0.25, d + exp_z * np.expm1(d), 1 + x + e)",
        "1 + x + e",
        "tests/test_fallback.py -k 'hard_spots and float64 and silu_grad'",
    ),
    Fault(
        "the fallback exchanges two gates",
        "src/ogive/fallback.py",
        "return glu.kernel(n, -z) + glu.kernel(h, z)",
        "return glu.kernel(n, z) + glu.kernel(h, -z)",
        "tests/test_fallback.py -k 'hard_spots and float32 and (silu_grad or gru_cell)'",
    ),
    Fault(
        "an unfinished output file stays",
        "src/ogive/_files.py",
        "beside.unlink(missing_ok=True)",
        "pass",
        FILES,
    ),
    Fault(
        "output is written under its final name",
        "src/ogive/_files.py",
        'beside = resolved.parent / f".ogive-{secrets.token_hex(8)}.tmp"',
        "beside = resolved",
        FILES,
    ),
    Fault(
        "any name of a backend is taken",
        "src/ogive/_dispatch.py",
        "if isa not in possible:",
        "if isa not in possible and not isa:",
        "tests/test_dispatch.py",
    ),
    # What no test can run
    Fault(
        "a syntax error, beside what an earlier build left",
        "csrc/kernels/tanh.h",
        "*y = V(with_sign_of)(*y, *x);\n    return doubt;",
        "*y = V(with_sign_of)(*y, *x;\n    return doubt;",
        INSTALL,
    ),
]
