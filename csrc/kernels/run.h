/* The loops of every function, written once. */
#ifndef OGIVE_KERNELS_RUN_H
#define OGIVE_KERNELS_RUN_H

#include "../accurate/rounding.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* Half-width of float32's rounding test, relative to the result; see the kernels' budgets. */
#define NARROW_ERROR 0x1p-38

/* A block is of BLOCK vectors. */
enum {
    BLOCK = 16,
    MAX_INPUTS = 5,
    MAX_OUTPUTS = 2,
    MENDED_AT_ONCE = 64,
    MAX_LANES = 32,
    CACHE_LINE = 64
};

/* The lanes in doubt of one vector; `at` is its first element in the block. */
typedef struct {
    ptrdiff_t at;
    uint32_t lanes;
} doubtful;

/* Elements in doubt: where they are, and their inputs, which an output may have overwritten. */
typedef struct {
    int count;
    ptrdiff_t at[MENDED_AT_ONCE + MAX_LANES];
    char x[MAX_INPUTS][(MENDED_AT_ONCE + MAX_LANES) * sizeof(double)];
} doubt_list;

/* Writes their results, and empties the list. */
typedef void mend_function(doubt_list *doubts, char *const *out);

/* Whether an output is one of the inputs. */
static int in_place(char *const *args, int inputs, int outputs)
{
    for (int k = 0; k < inputs; k++)
        for (int o = inputs; o < inputs + outputs; o++)
            if (args[k] == args[o])
                return 1;
    return 0;
}

/* The inputs of a block, or copies of them. */
OGIVE_INLINE void inputs_of_block(char *const *args, int inputs, ptrdiff_t start, ptrdiff_t bytes,
                                  char *copies, char **x)
{
    for (int k = 0; k < inputs; k++) {
        x[k] = args[k] + start;
        if (copies)
            x[k] = memcpy(copies + k * bytes, x[k], (size_t)bytes);
    }
}

/* Has the cache fetch what the vector `at` of the next blocks will read and write: the processor does
 * not see that far beyond a long chain. Both may lie outside of the arrays. */
OGIVE_INLINE void fetch_ahead(char *const *args, int inputs, int outputs, ptrdiff_t at,
                              ptrdiff_t bytes)
{
    for (ptrdiff_t line = at; line < at + bytes; line += CACHE_LINE) {
        for (int k = 0; k < inputs; k++)
            PREFETCH_READ(args[k] + line + 2 * BLOCK * bytes);
        for (int o = inputs; o < inputs + outputs; o++)
            PREFETCH_WRITE(args[o] + line + BLOCK * bytes);
    }
}

OGIVE_INLINE void note_doubts(doubt_list *doubts, const doubtful *some, char *const *x,
                              ptrdiff_t start, int inputs, ptrdiff_t size)
{
    for (uint32_t lanes = some->lanes; lanes; lanes &= lanes - 1) {
        const ptrdiff_t i = some->at + lowest_bit(lanes), to = doubts->count++;
        doubts->at[to] = start + i;
        for (int k = 0; k < inputs; k++)
            memcpy(doubts->x[k] + to * size, x[k] + i * size, (size_t)size);
    }
}

#define VALUE vd
#define V(op) vd_##op
#define MASK vm
#define M(op) vm_##op
#define PAIR vdd
#define LANES VD_LANES
#include "blocks.h"

#ifdef SIMD_FLOATS
#define VALUE vf
#define V(op) vf_##op
#define MASK vfm
#define M(op) vfm_##op
#define PAIR vff
#define LANES VF_LANES
#include "blocks.h"
#endif

/* The results of the first `lanes` of x, as doubles that remain to be stored. */
typedef void correct_function(const vd *x, int lanes, vd *y);

OGIVE_INLINE void mend(doubt_list *doubts, char *const *out, int inputs, int outputs,
                       vd_load_function *load, vd_store_function *store, ptrdiff_t size,
                       correct_function *correct)
{
    for (int start = 0; start < doubts->count; start += VD_LANES) {
        const int rest = doubts->count - start, lanes = rest < VD_LANES ? rest : VD_LANES;
        vd x[MAX_INPUTS], y[MAX_OUTPUTS];
        for (int k = 0; k < inputs; k++) {
            char *given = doubts->x[k] + start * size;
            for (int lane = lanes; lane < VD_LANES; lane++)
                memcpy(given + lane * size, given, (size_t)size);
            x[k] = load(given);
        }
        correct(x, lanes, y);
        for (int o = 0; o < outputs; o++) {
            char results[sizeof(vd)];
            store(results, y[o]);
            for (int lane = 0; lane < lanes; lane++)
                memcpy(out[o] + doubts->at[start + lane] * size, results + lane * size,
                       (size_t)size);
        }
    }
    doubts->count = 0;
}

#define MEND(name, type, inputs, outputs)                                                          \
    OGIVE_COLD void name##_mend_##type(doubt_list *doubts, char *const *out)                       \
    {                                                                                              \
        mend(doubts, out, inputs, outputs, vd_load_##type, vd_store_##type, SIZE_##type,           \
             name##_correct_##type);                                                               \
    }

/* The last elements, fewer than a vector, go through the same instructions: in the last vector of
 * the array, whose first elements are then computed twice, or, where it is shorter or an input was
 * overwritten, in a vector filled up with the last element. */
OGIVE_INLINE void run_last(ogive_kernel *whole, char *const *args, ptrdiff_t n, ptrdiff_t vector,
                           int inputs, int outputs, ptrdiff_t size)
{
    char buffers[MAX_INPUTS + MAX_OUTPUTS][sizeof(vd)];
    char *last[MAX_INPUTS + MAX_OUTPUTS];
    const ptrdiff_t lanes = n % vector, start = n - lanes;
    if (n > vector && !in_place(args, inputs, outputs)) {
        for (int k = 0; k < inputs + outputs; k++)
            last[k] = args[k] + (n - vector) * size;
        whole(last, vector);
        return;
    }
    for (int k = 0; k < inputs + outputs; k++)
        last[k] = buffers[k];
    for (int k = 0; k < inputs; k++) {
        char filler[sizeof(double)];
        memcpy(filler, args[k] + (n - 1) * size, (size_t)size);
        for (ptrdiff_t i = 0; i < vector; i++)
            memcpy(last[k] + i * size, filler, (size_t)size);
        for (ptrdiff_t i = 0; i < lanes - 1; i++)
            memcpy(last[k] + i * size, args[k] + (start + i) * size, (size_t)size);
    }
    whole(last, vector);
    for (int o = inputs; o < inputs + outputs; o++)
        for (ptrdiff_t i = 0; i < lanes; i++)
            memcpy(args[o] + (start + i) * size, last[o] + i * size, (size_t)size);
}

/* For each type and length of a vector, as moves of constant sizes take a few of run_last's
 * nanoseconds, calls of memcpy took 80. */
#define RUN_LAST(type, v, vector)                                                                  \
    static void v##_run_last_##type(ogive_kernel *whole, char *const *args, ptrdiff_t n,           \
                                    int inputs, int outputs)                                       \
    {                                                                                              \
        run_last(whole, args, n, vector, inputs, outputs, SIZE_##type);                            \
    }
RUN_LAST(f64, vd, VD_LANES)
RUN_LAST(f32, vd, VD_LANES)
RUN_LAST(f16, vd, VD_LANES)
RUN_LAST(bf16, vd, VD_LANES)
#ifdef SIMD_FLOATS
RUN_LAST(f32, vf, VF_LANES)
RUN_LAST(f16, vf, VF_LANES)
#endif

/* name_TYPE of any length, from one of whole vectors. */
#define OF_ANY_LENGTH(name, type, v, vector, inputs, outputs)                                      \
    static void name##_##type(char *const *args, ptrdiff_t n)                                      \
    {                                                                                              \
        const ptrdiff_t lanes = n % (vector);                                                      \
        if (n >= (vector))                                                                         \
            name##_##type##_whole(args, n - lanes);                                                \
        if (lanes)                                                                                 \
            v##_run_last_##type(name##_##type##_whole, args, n, inputs, outputs);                  \
    }
#define KERNEL_IN_HALVES(name, type, v, lanes, inputs, outputs, first, second, mend)               \
    static void name##_##type##_whole(char *const *args, ptrdiff_t n)                              \
    {                                                                                              \
        v##_run(args, n, inputs, outputs, outputs, first, second, v##_load_##type,                 \
                v##_store_##type, SIZE_##type, mend);                                              \
    }                                                                                              \
    OF_ANY_LENGTH(name, type, v, lanes, inputs, outputs)

/* float64 of one output in half a kernel: it waits for memory. An output that the last cache cannot
 * hold goes around it, as whole lines that need not be read before. Zen 5, 16 Mi elements:
 * sigmoid_grad_from_output 0.39 -> 0.32 ns, sigmoid_backward 0.65 -> 0.50. Others lose: longer
 * kernels store in bursts (sigmoid 0.54 -> 0.58), float32 gains 1 to 4 %. */
#ifdef SIMD_STREAMS
static void run_around_cache(ogive_kernel *cached, ogive_kernel *streamed, char *const *args,
                             ptrdiff_t n, int inputs)
{
    char *at[MAX_INPUTS + 1];
    const uintptr_t out = (uintptr_t)args[inputs];
    const int fits = n <= ogive_last_cache / SIZE_f64 / (inputs + 1) || !ogive_last_cache;
    if (fits || out % SIZE_f64 || in_place(args, inputs, 1)) {
        cached(args, n);
        return;
    }
    const ptrdiff_t head = (ptrdiff_t)(-out % CACHE_LINE / SIZE_f64);
    const ptrdiff_t whole = (n - head) / VD_LANES * VD_LANES, stop = head + whole;
    cached(args, head);
    for (int k = 0; k <= inputs; k++)
        at[k] = args[k] + head * SIZE_f64;
    streamed(at, whole);
    streams_end();
    for (int k = 0; k <= inputs; k++)
        at[k] = args[k] + stop * SIZE_f64;
    cached(at, n - stop);
}

#define KERNEL_AROUND_CACHE(name, inputs, second, mend)                                            \
    KERNEL_IN_HALVES(name##_cached, f64, vd, VD_LANES, inputs, 1, NULL, second, mend)              \
    static void name##_streamed(char *const *args, ptrdiff_t n)                                    \
    {                                                                                              \
        vd_run(args, n, inputs, 1, 0, NULL, second, vd_load_f64, vd_stream_f64, SIZE_f64, mend);   \
    }                                                                                              \
    static void name##_f64(char *const *args, ptrdiff_t n)                                         \
    {                                                                                              \
        run_around_cache(name##_cached_f64, name##_streamed, args, n, inputs);                     \
    }
#else
#define KERNEL_AROUND_CACHE(name, inputs, second, mend)                                            \
    KERNEL_IN_HALVES(name, f64, vd, VD_LANES, inputs, 1, NULL, second, mend)
#endif

#define KERNEL(name, type, inputs, outputs, compute, mend)                                         \
    OGIVE_INLINE vm name##_##type##_at_once(const vd *x, const vd_terms *terms, vd *y)             \
    {                                                                                              \
        (void)terms;                                                                               \
        return compute(x, y);                                                                      \
    }                                                                                              \
    KERNEL_IN_HALVES(name, type, vd, VD_LANES, inputs, outputs, NULL, name##_##type##_at_once, mend)

typedef vm kernel(const vd *x, vd *y);

/* Correctly rounded functions of one input
 * ----------------------------------------
 *   name_quick    float64, with a rounding test, from what `first` leaves
 *   name_narrow   within NARROW_ERROR of the result, in doubles, where it is a normal float
 *   name_half     the same for every x: what float16 and bfloat16 use, without a rounding test, as
 *                 all inputs were run, and float32 for the lanes in doubt
 *   name_floats   of those CORRECTLY_ROUNDED_IN_FLOATS: float32 where the vocabulary has floats,
 *                 with a rounding test, in place of name_narrow
 *   name_short    where it has floats: float16, in single floats, with a rounding test
 */

OGIVE_INLINE void correct_exactly(const vd *x, int lanes, vd *y, int outputs,
                                  const accurate_function *const *accurate)
{
    double given[VD_LANES], results[VD_LANES] = {0};
    vd_store_f64((char *)given, *x);
    for (int o = 0; o < outputs; o++) {
        for (int lane = 0; lane < lanes; lane++)
            results[lane] = accurate_f64(accurate[o], given[lane], 2);
        y[o] = vd_load_f64((const char *)results);
    }
}

/* float16 and bfloat16 */
OGIVE_INLINE void correct_half(const vd *x, int lanes, vd *y, int outputs, kernel *half,
                               const accurate_function *const *accurate)
{
    double given[VD_LANES], results[VD_LANES];
    vd_store_f64((char *)given, *x);
    uint32_t unknown = vm_bits(half(x, y));
    for (int o = 0; o < outputs; o++) {
        vd_store_f64((char *)results, y[o]);
        for (int lane = 0; lane < lanes; lane++)
            if (unknown >> lane & 1)
                results[lane] = accurate_to_odd(accurate[o], given[lane]);
        y[o] = vd_load_f64((const char *)results);
    }
}

/* The lanes of y, correct to NARROW_ERROR and a normal float, that could round either way: those
 * whose 29 bits below float's 24 lie within 2^53 NARROW_ERROR of a half. */
OGIVE_INLINE vm near_tie_f32(vd y)
{
    const uint64_t width = (uint64_t)(0x1p53 * NARROW_ERROR), half = UINT64_C(1) << 28;
    const vd shift = vd_set_bits(width - half);
    const vd rest = vd_set_bits((2 * half - 1) & ~(2 * width - 1));
    return vd_no_common_bits(vd_add_bits(y, shift), rest);
}

/* Rounds both ends of the error interval, which decides below the normal range as well. */
OGIVE_INLINE void correct_narrow(const vd *x, int lanes, vd *y, int outputs, kernel *half,
                                 const accurate_function *const *accurate)
{
    double given[VD_LANES], results[VD_LANES] = {0};
    vd_store_f64((char *)given, *x);
    uint32_t unknown = vm_bits(half(x, y));
    for (int o = 0; o < outputs; o++) {
        float low[VD_LANES], high[VD_LANES];
        vd_store_f32((char *)low, vd_mul(y[o], vd_set(1 - NARROW_ERROR)));
        vd_store_f32((char *)high, vd_mul(y[o], vd_set(1 + NARROW_ERROR)));
        for (int lane = 0; lane < lanes; lane++)
            results[lane] = low[lane] != high[lane] || unknown >> lane & 1
                                ? accurate_to_odd(accurate[o], given[lane])
                                : low[lane];
        y[o] = vd_load_f64((const char *)results);
    }
}

/* Every element through one phase of the accurate path, for tests. */
OGIVE_INLINE void run_accurate(char *const *args, ptrdiff_t n, int outputs,
                               const accurate_function *const *accurate, int phase)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double x;
        memcpy(&x, args[0] + i * 8, 8);
        for (int o = 0; o < outputs; o++) {
            double y = accurate_f64(accurate[o], x, phase);
            memcpy(args[1 + o] + i * 8, &y, 8);
        }
    }
}

#define HALF_MENDED(name, type, outputs)                                                           \
    OGIVE_INLINE void name##_correct_##type(const vd *x, int lanes, vd *y)                         \
    {                                                                                              \
        correct_half(x, lanes, y, outputs, name##_half, name##_accurate_paths);                    \
    }                                                                                              \
    MEND(name, type, 1, outputs)

/* The kernels of one function, with the accurate_function of each output. */
#define ALWAYS_IN_DOUBLES(name, first, outputs, ...)                                               \
    static const accurate_function *const name##_accurate_paths[] = {__VA_ARGS__};                 \
    OGIVE_INLINE void name##_correct_f64(const vd *x, int lanes, vd *y)                            \
    {                                                                                              \
        correct_exactly(x, lanes, y, outputs, name##_accurate_paths);                              \
    }                                                                                              \
    MEND(name, f64, 1, outputs)                                                                    \
    HALF_MENDED(name, f16, outputs)                                                                \
    HALF_MENDED(name, bf16, outputs)                                                               \
    OGIVE_INLINE void name##_correct_f32(const vd *x, int lanes, vd *y)                            \
    {                                                                                              \
        correct_narrow(x, lanes, y, outputs, name##_half, name##_accurate_paths);                  \
    }                                                                                              \
    MEND(name, f32, 1, outputs)                                                                    \
    KERNEL_IN_HALVES(name, f64, vd, VD_LANES, 1, outputs, first##_quick, name##_quick,             \
                     name##_mend_f64)                                                              \
    KERNEL(name, bf16, 1, outputs, name##_half, name##_mend_bf16)                                  \
    static void name##_f64_phase2(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 2);                                  \
    }                                                                                              \
    static void name##_f64_phase3(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 3);                                  \
    }

/* float16 in floats, the doubtful lanes in doubles. */
#ifdef SIMD_FLOATS
#define HALF_KERNEL(name, first, outputs)                                                          \
    KERNEL_IN_HALVES(name, f16, vf, VF_LANES, 1, outputs, first##_short, name##_short,             \
                     name##_mend_f16)
#else
#define HALF_KERNEL(name, first, outputs)                                                          \
    KERNEL(name, f16, 1, outputs, name##_half, name##_mend_f16)
#endif

#define CORRECTLY_ROUNDED(name, first, outputs, ...)                                               \
    ALWAYS_IN_DOUBLES(name, first, outputs, __VA_ARGS__)                                           \
    OGIVE_INLINE vm name##_tested_narrow(const vd *x, const vd_terms *terms, vd *y)                \
    {                                                                                              \
        vm doubt = name##_narrow(x, terms, y);                                                     \
        for (int o = 0; o < outputs; o++)                                                          \
            doubt = vm_or(doubt, near_tie_f32(y[o]));                                              \
        return doubt;                                                                              \
    }                                                                                              \
    KERNEL_IN_HALVES(name, f32, vd, VD_LANES, 1, outputs, first##_narrow, name##_tested_narrow,    \
                     name##_mend_f32)                                                              \
    HALF_KERNEL(name, first, outputs)

/* Where the vocabulary has floats, float32 by name_floats. */
#ifdef SIMD_FLOATS
#define CORRECTLY_ROUNDED_IN_FLOATS(name, first, outputs, ...)                                     \
    ALWAYS_IN_DOUBLES(name, first, outputs, __VA_ARGS__)                                           \
    KERNEL_IN_HALVES(name, f32, vf, VF_LANES, 1, outputs, first##_floats, name##_floats,           \
                     name##_mend_f32)                                                              \
    HALF_KERNEL(name, first, outputs)
#else
#define CORRECTLY_ROUNDED_IN_FLOATS CORRECTLY_ROUNDED
#endif

/* Functions of several inputs
 * ---------------------------
 *   name_quick    float64, below 1 ulp, the same operations on every backend, after name_first
 *   name_narrow   float32, float16 and bfloat16, in doubles that are rounded once, after
 *                 name_first_narrow
 *   name_careful  one element in double-double, whatever its inputs: the lanes that the others
 *                 return. `digits` is the precision of the dtype.
 */
typedef void careful_function(const double *x, double *y, int digits);

OGIVE_INLINE void correct_carefully(const vd *x, int lanes, vd *y, int inputs, int outputs,
                                    careful_function *careful, int digits)
{
    double given[MAX_INPUTS][VD_LANES], results[MAX_OUTPUTS][VD_LANES] = {{0}};
    for (int k = 0; k < inputs; k++)
        vd_store_f64((char *)given[k], x[k]);
    for (int lane = 0; lane < lanes; lane++) {
        double one_x[MAX_INPUTS], one_y[MAX_OUTPUTS];
        for (int k = 0; k < inputs; k++)
            one_x[k] = given[k][lane];
        careful(one_x, one_y, digits);
        for (int o = 0; o < outputs; o++)
            results[o][lane] = one_y[o] == one_y[o] ? one_y[o] : NAN;
    }
    for (int o = 0; o < outputs; o++)
        y[o] = vd_load_f64((const char *)results[o]);
}

/* Every element through name_careful, for tests. */
OGIVE_INLINE void run_carefully(char *const *args, ptrdiff_t n, int inputs, int outputs,
                                careful_function *careful)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double x[MAX_INPUTS], y[MAX_OUTPUTS];
        for (int k = 0; k < inputs; k++)
            memcpy(&x[k], args[k] + i * 8, 8);
        careful(x, y, DBL_MANT_DIG);
        for (int o = 0; o < outputs; o++) {
            double result = y[o] == y[o] ? y[o] : NAN;
            memcpy(args[inputs + o] + i * 8, &result, 8);
        }
    }
}

#define CAREFULLY_MENDED(name, type, inputs, outputs, digits)                                      \
    OGIVE_INLINE void name##_correct_##type(const vd *x, int lanes, vd *y)                         \
    {                                                                                              \
        correct_carefully(x, lanes, y, inputs, outputs, name##_careful, digits);                   \
    }                                                                                              \
    MEND(name, type, inputs, outputs)

#define SEVERAL_INPUTS_KERNEL(name, type, inputs, outputs, digits)                                 \
    CAREFULLY_MENDED(name, type, inputs, outputs, digits)                                          \
    KERNEL_IN_HALVES(name, type, vd, VD_LANES, inputs, outputs, name##_first_narrow,               \
                     name##_narrow, name##_mend_##type)

#define SEVERAL_INPUTS(name, inputs, outputs)                                                      \
    CAREFULLY_MENDED(name, f64, inputs, outputs, 53)                                               \
    KERNEL_IN_HALVES(name, f64, vd, VD_LANES, inputs, outputs, name##_first, name##_quick,         \
                     name##_mend_f64)                                                              \
    SEVERAL_NARROW_INPUTS(name, inputs, outputs)

#define SEVERAL_NARROW_INPUTS(name, inputs, outputs)                                               \
    SEVERAL_INPUTS_KERNEL(name, f32, inputs, outputs, 24)                                          \
    SEVERAL_INPUTS_KERNEL(name, f16, inputs, outputs, 11)                                          \
    SEVERAL_INPUTS_KERNEL(name, bf16, inputs, outputs, 8)                                          \
    static void name##_f64_phase2(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_carefully(args, n, inputs, outputs, name##_careful);                                   \
    }

#endif
