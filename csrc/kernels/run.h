/* The loops of every function, written once.
 *
 * Over 400 lines: an element in doubt goes through most of them, from the vector where it is noted to
 * the phases that mend it, and CERTIFIED, the last, makes the kernels of a function of them all. */
#ifndef OGIVE_KERNELS_RUN_H
#define OGIVE_KERNELS_RUN_H

#include "../accurate/rounding.h"

#include <math.h>
#include <stddef.h>

/* The phases for what this backend leaves. */
#ifndef EXACTLY
#define EXACTLY(name) ogive_##name##_exactly
#endif

/* A block is of BLOCK vectors. */
enum { BLOCK = 16, MENDED_AT_ONCE = 64, MAX_LANES = 32, CACHE_LINE = 64 };

/* Elements in doubt: where they are, and their inputs, which an output may have overwritten. */
typedef struct {
    int count;
    ptrdiff_t at[MENDED_AT_ONCE + MAX_LANES];
    char x[MAX_INPUTS][(MENDED_AT_ONCE + MAX_LANES) * sizeof(double)];
} doubt_list;

typedef struct certified_function certified_function;
typedef struct number_type number_type;
static void mend(const certified_function *f, const number_type *type, doubt_list *doubts,
                 char *const *out);

/* Whether an output is one of the inputs. */
static int in_place(char *const *args, int inputs, int outputs)
{
    for (int k = 0; k < inputs; k++)
        for (int o = inputs; o < inputs + outputs; o++)
            if (args[k] == args[o])
                return 1;
    return 0;
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

OGIVE_INLINE uint32_t lowest_bits(ptrdiff_t n)
{
    return n < 32 ? (UINT32_C(1) << n) - 1 : UINT32_MAX;
}

/* The lanes in doubt of the vector whose first element is `at`. */
OGIVE_INLINE void note_doubts(doubt_list *doubts, uint32_t lanes, char *const *x, ptrdiff_t at,
                              int inputs, ptrdiff_t size)
{
    for (; lanes; lanes &= lanes - 1) {
        const ptrdiff_t i = at + lowest_bit(lanes), to = doubts->count++;
        doubts->at[to] = i;
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

/* Half-widths of the tests of plain results, of doubles and of floats, relative to their sizes; see the
 * kernels' budgets. */
#define PLAIN_ERROR_DOUBLES 0x1p-41
#define PLAIN_ERROR_f16 0x1.8p-22F
#define PLAIN_ERROR_bf16 0x1p-20F

/* Below, float results of bfloat16 may be clamped: 40 e^-40 is 2^-52.4. */
#define PLAIN_TINY 0x1p-51F

/* y -+ size 2^-41: the lower end, in doubt where the other rounds to another number of the type, may
 * be of another sign, or is NaN. */
#define PLAIN_TEST(type)                                                                           \
    OGIVE_INLINE vm vd_test_##type(vd y, vd size, vd *result)                                      \
    {                                                                                              \
        vd width = vd_mul(size, vd_set(PLAIN_ERROR_DOUBLES)), high = vd_add(y, width);             \
        *result = vd_sub(y, width);                                                                \
        vm wide = vd_not_at_least(vd_abs(y), width);                                               \
        return vm_or(vd_apart_##type(*result, high), wide);                                        \
    }
PLAIN_TEST(f32)
PLAIN_TEST(f16)
PLAIN_TEST(bf16)

#ifdef SIMD_FLOATS
OGIVE_INLINE vfm vf_test_f16(vf y, vf size, vf *result)
{
    vf width = vf_mul(size, vf_set(PLAIN_ERROR_f16)), high = vf_add(y, width);
    *result = vf_sub(y, width);
    vfm apart = vfm_and(vf_apart_f16(*result, high), vf_differs(*result, high));
    return vfm_or(apart, vf_differs(*result, *result));
}

OGIVE_INLINE vfm vf_test_bf16(vf y, vf size, vf *result)
{
    vf width = vf_mul(size, vf_set(PLAIN_ERROR_bf16)), high = vf_add(y, width);
    *result = vf_sub(y, width);
    vfm apart = vfm_and(vf_apart_bf16(*result, high), vf_differs(*result, high));
    vfm tiny =
        vfm_and(vf_not_at_least(vf_abs(y), vf_set(PLAIN_TINY)), vf_differs(size, vf_set(0.0F)));
    return vfm_or(vfm_or(apart, tiny), vf_differs(*result, *result));
}
#endif

/* What mends the elements of one function and dtype. */
typedef void plain_function(const vd *x, vd *y, vd *size);
typedef vm far_function(const vd *x, vd *y);

struct certified_function {
    int inputs, outputs;
    exact_function *exact;
    plain_function *plain;
    far_function *far; /* NULL where there is none */
};

struct number_type {
    ptrdiff_t size;
    const number_format *format;
    vd_load_function *load;
    vd_store_function *store;
    vm (*test)(vd y, vd size, vd *result); /* NULL for float64, which plain doubles do not help */
};

#define NUMBER_TYPE(type, test)                                                                    \
    static const number_type type_##type = {SIZE_##type, &format_##type, vd_load_##type,           \
                                            vd_store_##type, test};
NUMBER_TYPE(f64, NULL)
NUMBER_TYPE(f32, vd_test_f32)
NUMBER_TYPE(f16, vd_test_f16)
NUMBER_TYPE(bf16, vd_test_bf16)

/* By a switch, as moves of constant sizes are single instructions. */
OGIVE_INLINE void copy_element(char *to, const char *from, ptrdiff_t size)
{
    switch (size) {
    case SIZE_f64:
        memcpy(to, from, SIZE_f64);
        break;
    case SIZE_f32:
        memcpy(to, from, SIZE_f32);
        break;
    default:
        memcpy(to, from, SIZE_f16);
    }
}

/* The lanes of x in `doubtful`, exactly, into y. */
OGIVE_APART void mend_exactly(const certified_function *f, const number_type *type, const vd *x,
                              vd *y, uint32_t doubtful)
{
    double given[MAX_INPUTS][VD_LANES], results[MAX_OUTPUTS][VD_LANES];
    for (int k = 0; k < f->inputs; k++)
        vd_store_f64((char *)given[k], x[k]);
    for (int o = 0; o < f->outputs; o++)
        vd_store_f64((char *)results[o], y[o]);
    for (; doubtful; doubtful &= doubtful - 1) {
        const int lane = lowest_bit(doubtful);
        double one[MAX_INPUTS], exact[MAX_OUTPUTS];
        for (int k = 0; k < f->inputs; k++)
            one[k] = given[k][lane];
        f->exact(one, exact, type->format, 2);
        for (int o = 0; o < f->outputs; o++)
            results[o][lane] = exact[o];
    }
    for (int o = 0; o < f->outputs; o++)
        y[o] = vd_load_f64((const char *)results[o]);
}

/* y where the double next to the result tells how it is rounded; returns the other lanes. */
OGIVE_INLINE uint32_t round_far_to(const certified_function *f, const number_type *type,
                                   const vd *x, vd *y)
{
    vd far[MAX_OUTPUTS], rounded[MAX_OUTPUTS];
    vm doubt = f->far(x, far);
    for (int o = 0; o < f->outputs; o++) {
        vm infinite = vd_not_at_least(vd_set(DBL_MAX), vd_abs(far[o]));
        vd size = vd_select(infinite, vd_set(0.0), vd_abs(far[o]));
        doubt = vm_or(doubt, type->test(far[o], size, &rounded[o]));
    }
    for (int o = 0; o < f->outputs; o++)
        y[o] = vd_select(doubt, y[o], rounded[o]);
    return vm_bits(doubt);
}

/* Elements in doubt, by plain doubles where these are more than the kernel had, by e^-x where they are
 * little else, and exactly. */
OGIVE_APART void mend(const certified_function *f, const number_type *type, doubt_list *doubts,
                      char *const *out)
{
    const int count = doubts->count;
    for (int k = 0; k < f->inputs; k++)
        for (int i = count; i % VD_LANES; i++)
            copy_element(doubts->x[k] + i * type->size, doubts->x[k], type->size);
    for (int start = 0; start < count; start += VD_LANES) {
        const int rest = count - start, lanes = rest < VD_LANES ? rest : VD_LANES;
        uint32_t doubtful = lowest_bits(lanes);
        vd x[MAX_INPUTS], y[MAX_OUTPUTS], size[MAX_OUTPUTS];
        for (int k = 0; k < f->inputs; k++)
            x[k] = type->load(doubts->x[k] + start * type->size);
        for (int o = 0; o < f->outputs; o++)
            y[o] = vd_set(0.0);
        if (type->test) {
            uint32_t left = 0;
            f->plain(x, y, size);
            for (int o = 0; o < f->outputs; o++)
                left |= vm_bits(type->test(y[o], size[o], &y[o]));
            doubtful &= left;
            if (doubtful && f->far)
                doubtful &= round_far_to(f, type, x, y);
        } else if (f->far) {
            doubtful &= vm_bits(f->far(x, y));
        }
        if (doubtful)
            mend_exactly(f, type, x, y, doubtful);
        for (int o = 0; o < f->outputs; o++) {
            char rounded[sizeof(vd)];
            type->store(rounded, y[o]);
            for (int lane = 0; lane < lanes; lane++)
                copy_element(out[o] + doubts->at[start + lane] * type->size,
                             rounded + lane * type->size, type->size);
        }
    }
    doubts->count = 0;
}

/* Every element through phase 2, or phase 3 alone, for tests. */
OGIVE_COLD void run_exactly(const certified_function *f, char *const *args, ptrdiff_t n, int phase)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double x[MAX_INPUTS], y[MAX_OUTPUTS];
        for (int k = 0; k < f->inputs; k++)
            memcpy(&x[k], args[k] + i * SIZE_f64, SIZE_f64);
        f->exact(x, y, &format_f64, phase);
        for (int o = 0; o < f->outputs; o++)
            memcpy(args[f->inputs + o] + i * SIZE_f64, &y[o], SIZE_f64);
    }
}

/* A vector's memory: n elements, then the last of them again and again. By whole registers where there
 * is a way, as the kernel's loads wait for stores of parts of what they read: Emerald Rapids, sigmoid
 * of one float64 62 -> 32 ns, of one float32 58 -> 28, lstm_cell 205 -> 130. */
OGIVE_INLINE void fill_vector(char *to, const char *from, ptrdiff_t n, ptrdiff_t vector,
                              ptrdiff_t size)
{
    const char *last = from + (n - 1) * size;
#ifdef SIMD_FILLS
    enum { WORD = 4 };
    uint64_t repeated = 0;
    memcpy(&repeated, last, (size_t)size);
    repeated *= size == SIZE_f64 ? 1 : size == SIZE_f32 ? 0x100000001 : 0x0001000100010001;
    for (ptrdiff_t at = 0; at < vector * size; at += (ptrdiff_t)sizeof(reg)) {
        const ptrdiff_t words = (n * size - at) / WORD;
        reg_fill(to + at, words > 0 ? from + at : from, (int)words, (int64_t)repeated);
    }
#else
    char filler[sizeof(double)];
    memcpy(filler, last, (size_t)size);
    for (ptrdiff_t i = 0; i < vector; i++)
        memcpy(to + i * size, filler, (size_t)size);
    for (ptrdiff_t i = 0; i < n - 1; i++)
        memcpy(to + i * size, from + i * size, (size_t)size);
#endif
}

/* The last elements, fewer than a vector, go through the same instructions: in the last vector of
 * the array, whose first elements are then computed twice, or, where it is shorter or an input was
 * overwritten, in a vector filled up with the last element. */
OGIVE_INLINE void run_last(ogive_kernel *whole, char *const *args, ptrdiff_t n, ptrdiff_t vector,
                           int inputs, int outputs, ptrdiff_t size)
{
    vd buffers[MAX_INPUTS + MAX_OUTPUTS];
    char *last[MAX_INPUTS + MAX_OUTPUTS];
    const ptrdiff_t lanes = n % vector, start = n - lanes;
    if (n > vector && !in_place(args, inputs, outputs)) {
        for (int k = 0; k < inputs + outputs; k++)
            last[k] = args[k] + (n - vector) * size;
        whole(last, vector);
        return;
    }
    for (int k = 0; k < inputs + outputs; k++)
        last[k] = (char *)&buffers[k];
    for (int k = 0; k < inputs; k++)
        fill_vector(last[k], args[k] + start * size, lanes, vector, size);
    whole(last, lanes);
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
#ifdef SIMD_FLOATS
RUN_LAST(f32, vf, VF_LANES)
RUN_LAST(f16, vf, VF_LANES)
RUN_LAST(bf16, vf, VF_LANES)
#else
RUN_LAST(f16, vd, VD_LANES)
RUN_LAST(bf16, vd, VD_LANES)
#endif

/* One float64 of a function of one input, in every lane, so that the compiler computes one register of
 * them; 0 where it is in doubt. A call on a Python float waits for it: Emerald Rapids, sigmoid 50 -> 20 ns. */
OGIVE_INLINE int run_one(char *const *args, int outputs, vd_first_half *first,
                         vd_second_half *second)
{
    double all[VD_LANES];
    vd x, y[MAX_OUTPUTS];
    vd_terms terms;
    memcpy(all, args[0], SIZE_f64);
    x = vd_set(all[0]);
    if (first)
        first(&x, &terms);
    if (vm_bits(second(&x, &terms, y)))
        return 0;
    for (int o = 0; o < outputs; o++) {
        vd_store_f64((char *)all, y[o]);
        memcpy(args[1 + o], all, SIZE_f64);
    }
    return 1;
}

/* name_TYPE of any length, from one of whole vectors and, where it is not 0, one of a single number. */
#define OF_ANY_LENGTH(name, type, v, vector, inputs, outputs, one)                                 \
    static void name##_##type(char *const *args, ptrdiff_t n)                                      \
    {                                                                                              \
        const ptrdiff_t lanes = n % (vector);                                                      \
        if (n == 1 && (one))                                                                       \
            return;                                                                                \
        if (n >= (vector))                                                                         \
            name##_##type##_whole(args, n - lanes);                                                \
        if (lanes)                                                                                 \
            v##_run_last_##type(name##_##type##_whole, args, n, inputs, outputs);                  \
    }
/* name_TYPE, by vectors v of so many lanes. */
#define KERNEL(name, type, v, lanes, inputs, outputs, first, second, known, one)                   \
    static void name##_##type##_whole(char *const *args, ptrdiff_t n)                              \
    {                                                                                              \
        v##_run(args, n, inputs, outputs, outputs, first, second, known, v##_load_##type,          \
                v##_store_##type, &name##_certified, &type_##type, SIZE_##type);                   \
    }                                                                                              \
    OF_ANY_LENGTH(name, type, v, lanes, inputs, outputs, one)

#define KERNEL_F64(name, inputs, outputs, first)                                                   \
    KERNEL(name, f64, vd, VD_LANES, inputs, outputs, first##_in_doubles, name##_in_doubles,        \
           name##_known_in_doubles,                                                                \
           (inputs) == 1 && REG_LANES > 2 &&                                                       \
               run_one(args, outputs, first##_in_doubles, name##_in_doubles))

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

#define KERNEL_AROUND_CACHE(name, inputs)                                                          \
    static void name##_cached_f64_whole(char *const *args, ptrdiff_t n)                            \
    {                                                                                              \
        vd_run(args, n, inputs, 1, 1, NULL, name##_in_doubles, name##_known_in_doubles,            \
               vd_load_f64, vd_store_f64, &name##_certified, &type_f64, SIZE_f64);                 \
    }                                                                                              \
    OF_ANY_LENGTH(name##_cached, f64, vd, VD_LANES, inputs, 1, 0)                                  \
    static void name##_streamed(char *const *args, ptrdiff_t n)                                    \
    {                                                                                              \
        vd_run(args, n, inputs, 1, 0, NULL, name##_in_doubles, name##_known_in_doubles,            \
               vd_load_f64, vd_stream_f64, &name##_certified, &type_f64, SIZE_f64);                \
    }                                                                                              \
    static void name##_f64(char *const *args, ptrdiff_t n)                                         \
    {                                                                                              \
        run_around_cache(name##_cached_f64, name##_streamed, args, n, inputs);                     \
    }
#else
#define KERNEL_AROUND_CACHE(name, inputs) KERNEL_F64(name, inputs, 1, no_first)
#endif

/* A plain text and the test of what it leaves. */
#define TESTED(name, type, v, vm, in, outputs)                                                     \
    OGIVE_INLINE vm name##_tested_##type##_##in(const v *x, const v##_terms *terms, v *y)          \
    {                                                                                              \
        v size[MAX_OUTPUTS];                                                                       \
        vm doubt = vm##_none();                                                                    \
        name##_plain_##in(x, terms, y, size);                                                      \
        for (int o = 0; o < (outputs); o++)                                                        \
            doubt = vm##_or(doubt, v##_test_##type(y[o], size[o], &y[o]));                         \
        return doubt;                                                                              \
    }

#define PLAIN_IN_DOUBLES(name, type, inputs, outputs, first)                                       \
    TESTED(name, type, vd, vm, in_doubles, outputs)                                                \
    KERNEL(name, type, vd, VD_LANES, inputs, outputs, first##_plain_in_doubles,                    \
           name##_tested_##type##_in_doubles, name##_known_in_doubles, 0)

/* What backends with floats do in them. */
#ifdef SIMD_FLOATS
#define IN_PAIRS(name, inputs, outputs, first)                                                     \
    KERNEL(name, f32, vf, VF_LANES, inputs, outputs, first##_in_floats, name##_in_floats,          \
           name##_known_in_floats, 0)
#define PLAINLY(name, type, inputs, outputs, first)                                                \
    TESTED(name, type, vf, vfm, in_floats, outputs)                                                \
    KERNEL(name, type, vf, VF_LANES, inputs, outputs, first##_plain_in_floats,                     \
           name##_tested_##type##_in_floats, name##_known_in_floats, 0)
#else
#define IN_PAIRS IN_DOUBLES
#define PLAINLY PLAIN_IN_DOUBLES
#endif
#define IN_DOUBLES(name, inputs, outputs, first) PLAIN_IN_DOUBLES(name, f32, inputs, outputs, first)

#define no_far NULL
#define no_first_in_doubles NULL
#define no_first_in_floats NULL
#define no_first_plain_in_doubles NULL
#define no_first_plain_in_floats NULL

/* All kernels of a function but float64's; in_float32 is IN_PAIRS or IN_DOUBLES. */
#define CERTIFIED_BUT_F64(name, inputs, outputs, first, in_float32, far)                           \
    OGIVE_APART void name##_plain_at_once(const vd *x, vd *y, vd *size)                            \
    {                                                                                              \
        vd_first_half *begin = first##_plain_in_doubles;                                           \
        vd_terms terms;                                                                            \
        if (begin)                                                                                 \
            begin(x, &terms);                                                                      \
        name##_plain_in_doubles(x, &terms, y, size);                                               \
    }                                                                                              \
    static const certified_function name##_certified = {inputs, outputs, EXACTLY(name),            \
                                                        name##_plain_at_once, far};                \
    in_float32(name, inputs, outputs, first) PLAINLY(name, f16, inputs, outputs, first)            \
        PLAINLY(name, bf16, inputs, outputs, first) static void                                    \
        name##_f64_phase2(char *const *args, ptrdiff_t n)                                          \
    {                                                                                              \
        run_exactly(&name##_certified, args, n, 2);                                                \
    }                                                                                              \
    static void name##_f64_phase3(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_exactly(&name##_certified, args, n, 3);                                                \
    }

#define CERTIFIED(name, inputs, outputs, first, in_float32, far)                                   \
    CERTIFIED_BUT_F64(name, inputs, outputs, first, in_float32, far)                               \
    KERNEL_F64(name, inputs, outputs, first)

#define CERTIFIED_AROUND_CACHE(name, inputs)                                                       \
    CERTIFIED_BUT_F64(name, inputs, 1, no_first, IN_PAIRS, no_far)                                 \
    KERNEL_AROUND_CACHE(name, inputs)

#endif
