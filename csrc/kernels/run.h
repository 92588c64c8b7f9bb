/* The loops of every function, written once.
 *
 * A kernel maps one vd of each input to one of each output and returns the lanes in doubt. The
 * doubtful lanes of a block are noted and mended after it: a call inside the loop would spill its
 * registers. */
#ifndef OGIVE_KERNELS_RUN_H
#define OGIVE_KERNELS_RUN_H

#include "../accurate/rounding.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* Half-width of float32's rounding test, relative to the result; see the kernels' budgets. */
#define NARROW_ERROR 0x1p-38

/* A block is as many vectors as keep KEPT inputs in all, which are held until it is mended: an
 * output may overwrite its input. */
enum { KEPT = 64, MAX_INPUTS = 5, MAX_OUTPUTS = 2 };

typedef vm kernel(const vd *x, vd *y);
typedef vd load_function(const char *from);
typedef void store_function(char *to, vd a);

typedef struct {
    ptrdiff_t at; /* of its first lane, in elements */
    uint32_t lanes;
} doubtful;

typedef void mend_function(const doubtful *doubt, const vd *x, char *const *out);

/* n is a multiple of VD_LANES. */
OGIVE_INLINE void run(char *const *args, ptrdiff_t n, int inputs, int outputs, kernel *compute,
                      load_function *load, store_function *store, size_t size, mend_function *mend)
{
    const ptrdiff_t block = KEPT / inputs * VD_LANES, width = (ptrdiff_t)size;
    char *const *out = args + inputs;
    vd kept[KEPT];
    doubtful doubts[KEPT];

    for (ptrdiff_t start = 0; start < n; start += block) {
        ptrdiff_t end = n - start < block ? n : start + block;
        int count = 0;
        for (ptrdiff_t i = start; i < end; i += VD_LANES) {
            vd x[MAX_INPUTS], y[MAX_OUTPUTS];
            for (int k = 0; k < inputs; k++)
                x[k] = load(args[k] + i * width);
            uint32_t lanes = vm_bits(compute(x, y));
            for (int o = 0; o < outputs; o++)
                store(out[o] + i * width, y[o]);
            if (lanes) {
                memcpy(kept + count * inputs, x, (size_t)inputs * sizeof x[0]);
                doubts[count++] = (doubtful){i, lanes};
            }
        }
        for (int d = 0; d < count; d++)
            mend(&doubts[d], kept + d * inputs, out);
    }
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
    int in_place = 0;
    for (int k = 0; k < inputs; k++)
        for (int o = inputs; o < inputs + outputs; o++)
            in_place |= args[k] == args[o];
    if (n > vector && !in_place) {
        for (int k = 0; k < inputs + outputs; k++)
            last[k] = args[k] + (n - vector) * size;
        whole(last, vector);
        return;
    }
    for (int k = 0; k < inputs + outputs; k++)
        last[k] = buffers[k];
    for (int k = 0; k < inputs; k++)
        for (ptrdiff_t i = 0; i < vector; i++) {
            ptrdiff_t from = i < lanes ? start + i : n - 1;
            memcpy(last[k] + i * size, args[k] + from * size, (size_t)size);
        }
    whole(last, vector);
    for (int o = inputs; o < inputs + outputs; o++)
        for (ptrdiff_t i = 0; i < lanes; i++)
            memcpy(args[o] + (start + i) * size, last[o] + i * size, (size_t)size);
}

/* For each type, as moves of a constant size take a few of run_last's nanoseconds, calls of memcpy
 * took 80. */
#define RUN_LAST(type)                                                                             \
    static void run_last_##type(ogive_kernel *whole, char *const *args, ptrdiff_t n,               \
                                ptrdiff_t vector, int inputs, int outputs)                         \
    {                                                                                              \
        run_last(whole, args, n, vector, inputs, outputs, SIZE_##type);                            \
    }
RUN_LAST(f64)
RUN_LAST(f32)
RUN_LAST(f16)
RUN_LAST(bf16)

/* name_TYPE of any length, from one of whole vectors. */
#define OF_ANY_LENGTH(name, type, vector, inputs, outputs)                                         \
    static void name##_##type(char *const *args, ptrdiff_t n)                                      \
    {                                                                                              \
        const ptrdiff_t lanes = n % (vector);                                                      \
        name##_##type##_whole(args, n - lanes);                                                    \
        if (lanes)                                                                                 \
            run_last_##type(name##_##type##_whole, args, n, vector, inputs, outputs);              \
    }
#define KERNEL(name, type, inputs, outputs, compute, mend)                                         \
    static void name##_##type##_whole(char *const *args, ptrdiff_t n)                              \
    {                                                                                              \
        run(args, n, inputs, outputs, compute, vd_load_##type, vd_store_##type, SIZE_##type,       \
            mend);                                                                                 \
    }                                                                                              \
    OF_ANY_LENGTH(name, type, VD_LANES, inputs, outputs)

/* Writes those lanes of y that are in doubt. */
OGIVE_INLINE void put_lanes(const doubtful *doubt, const double *y, char *out,
                            store_function *store, size_t size)
{
    char buffer[sizeof(vd)];
    store(buffer, vd_load_f64((const char *)y));
    for (int lane = 0; lane < VD_LANES; lane++)
        if (doubt->lanes >> lane & 1)
            memcpy(out + (size_t)(doubt->at + lane) * size, buffer + (size_t)lane * size, size);
}

/* Correctly rounded functions of one input
 * ----------------------------------------
 *   name_quick    float64, with a rounding test
 *   name_narrow   within NARROW_ERROR of the result, in doubles, where it is a normal float
 *   name_half     the same for every x: what float16 and bfloat16 use, without a rounding test, as
 *                 all inputs were run, and float32 for the lanes in doubt
 *   name_floats   of those CORRECTLY_ROUNDED_IN_FLOATS: float32 where the vocabulary has floats,
 *                 with a rounding test, in place of name_narrow
 *   name_halves   of the same: float16, rounded to odd at 24 bits, in place of name_half
 */

/* float64, and through doubles rounded to odd what is narrower. */
OGIVE_INLINE void mend_exactly(const doubtful *doubt, const vd *x, char *const *out, int outputs,
                               const accurate_function *const *accurate, store_function *store,
                               size_t size)
{
    double given[VD_LANES], y[VD_LANES] = {0};
    vd_store_f64((char *)given, *x);
    for (int o = 0; o < outputs; o++) {
        for (int lane = 0; lane < VD_LANES; lane++)
            if (doubt->lanes >> lane & 1)
                y[lane] = size == 8 ? accurate_f64(accurate[o], given[lane], 2)
                                    : accurate_to_odd(accurate[o], given[lane]);
        put_lanes(doubt, y, out[o], store, size);
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

/* Elements number at[...] of those `lanes` of x: rounds both ends of the error interval, which
 * decides below the normal range as well. */
OGIVE_INLINE void mend_f32(const ptrdiff_t *at, uint32_t lanes, const vd *x, char *const *out,
                           int outputs, kernel *half, const accurate_function *const *accurate)
{
    double given[VD_LANES];
    vd y[MAX_OUTPUTS];
    vd_store_f64((char *)given, *x);
    uint32_t unknown = vm_bits(half(x, y));
    for (int o = 0; o < outputs; o++) {
        float low[VD_LANES], high[VD_LANES];
        vd_store_f32((char *)low, vd_mul(y[o], vd_set(1 - NARROW_ERROR)));
        vd_store_f32((char *)high, vd_mul(y[o], vd_set(1 + NARROW_ERROR)));
        for (int lane = 0; lane < VD_LANES; lane++) {
            if (!(lanes >> lane & 1))
                continue;
            if (low[lane] != high[lane] || unknown >> lane & 1)
                low[lane] = (float)accurate_to_odd(accurate[o], given[lane]);
            memcpy(out[o] + at[lane] * 4, &low[lane], 4);
        }
    }
}

#ifdef SIMD_FLOATS
/* float32 functions of one input whose kernel computes in floats. Its doubtful lanes, one in
 * hundreds, are mended VD_LANES at a time, in doubles. */
typedef vfm float_kernel(const vf *x, vf *y);
typedef void mend_floats_function(const ptrdiff_t *at, const float *x, int count, char *const *out);

enum { FLOATS_KEPT = 64 };

/* n is a multiple of VF_LANES. */
OGIVE_INLINE void run_floats(char *const *args, ptrdiff_t n, int outputs, float_kernel *compute,
                             mend_floats_function *mend)
{
    char *const *out = args + 1;
    ptrdiff_t at[FLOATS_KEPT + VF_LANES];
    float kept[FLOATS_KEPT + VF_LANES];
    int count = 0;

    for (ptrdiff_t i = 0; i < n; i += VF_LANES) {
        vf y[MAX_OUTPUTS], x = vf_load_f32(args[0] + i * 4);
        uint32_t lanes = vfm_bits(compute(&x, y));
        for (int o = 0; o < outputs; o++)
            vf_store_f32(out[o] + i * 4, y[o]);
        if (lanes) {
            float given[VF_LANES];
            vf_store_f32((char *)given, x);
            for (int lane = 0; lane < VF_LANES; lane++) {
                kept[count] = given[lane];
                at[count] = i + lane;
                count += (int)(lanes >> lane & 1);
            }
            if (count >= FLOATS_KEPT) {
                mend(at, kept, count, out);
                count = 0;
            }
        }
    }
    mend(at, kept, count, out);
}

OGIVE_INLINE void mend_floats(const ptrdiff_t *at, const float *x, int count, char *const *out,
                              int outputs, kernel *half, const accurate_function *const *accurate)
{
    for (int start = 0; start < count; start += VD_LANES) {
        const int lanes = count - start < VD_LANES ? count - start : VD_LANES;
        float some[VD_LANES];
        for (int lane = 0; lane < VD_LANES; lane++)
            some[lane] = x[start + (lane < lanes ? lane : 0)];
        const vd given = vd_load_f32((const char *)some);
        mend_f32(at + start, (UINT32_C(1) << lanes) - 1, &given, out, outputs, half, accurate);
    }
}

/* In floats, where no lane is in doubt. */
typedef void certain_kernel(const vf *x, vf *y);
typedef vf load_floats_function(const char *from);
typedef void store_floats_function(char *to, vf a);

OGIVE_INLINE void run_certain(char *const *args, ptrdiff_t n, int outputs, certain_kernel *compute,
                              load_floats_function *load, store_floats_function *store,
                              ptrdiff_t width)
{
    for (ptrdiff_t i = 0; i < n; i += VF_LANES) {
        vf y[MAX_OUTPUTS], x = load(args[0] + i * width);
        compute(&x, y);
        for (int o = 0; o < outputs; o++)
            store(args[1 + o] + i * width, y[o]);
    }
}

#define CERTAIN_KERNEL(name, type, outputs, compute)                                               \
    static void name##_##type##_whole(char *const *args, ptrdiff_t n)                              \
    {                                                                                              \
        run_certain(args, n, outputs, compute, vf_load_##type, vf_store_##type, SIZE_##type);      \
    }                                                                                              \
    OF_ANY_LENGTH(name, type, VF_LANES, 1, outputs)
#endif

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

/* Lanes in doubt go to the accurate phases at once. */
#define EXACTLY_MENDED_KERNEL(name, outputs, compute, type)                                        \
    OGIVE_COLD void name##_mend_##type(const doubtful *doubt, const vd *x, char *const *out)       \
    {                                                                                              \
        mend_exactly(doubt, x, out, outputs, name##_accurate_paths, vd_store_##type, SIZE_##type); \
    }                                                                                              \
    KERNEL(name, type, 1, outputs, compute, name##_mend_##type)

/* The kernels of one function, with the accurate_function of each output. */
#define ALWAYS_IN_DOUBLES(name, outputs, ...)                                                      \
    static const accurate_function *const name##_accurate_paths[] = {__VA_ARGS__};                 \
    EXACTLY_MENDED_KERNEL(name, outputs, name##_quick, f64)                                        \
    EXACTLY_MENDED_KERNEL(name, outputs, name##_half, bf16)                                        \
    static void name##_f64_phase2(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 2);                                  \
    }                                                                                              \
    static void name##_f64_phase3(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 3);                                  \
    }

#define CORRECTLY_ROUNDED(name, outputs, ...)                                                      \
    ALWAYS_IN_DOUBLES(name, outputs, __VA_ARGS__)                                                  \
    OGIVE_COLD void name##_mend_f32(const doubtful *doubt, const vd *x, char *const *out)          \
    {                                                                                              \
        ptrdiff_t at[VD_LANES];                                                                    \
        for (int lane = 0; lane < VD_LANES; lane++)                                                \
            at[lane] = doubt->at + lane;                                                           \
        mend_f32(at, doubt->lanes, x, out, outputs, name##_half, name##_accurate_paths);           \
    }                                                                                              \
    OGIVE_INLINE vm name##_tested_narrow(const vd *x, vd *y)                                       \
    {                                                                                              \
        vm doubt = name##_narrow(x, y);                                                            \
        for (int o = 0; o < outputs; o++)                                                          \
            doubt = vm_or(doubt, near_tie_f32(y[o]));                                              \
        return doubt;                                                                              \
    }                                                                                              \
    KERNEL(name, f32, 1, outputs, name##_tested_narrow, name##_mend_f32)                           \
    EXACTLY_MENDED_KERNEL(name, outputs, name##_half, f16)

/* Where the vocabulary has floats, float32 by name_floats and float16 by name_halves. */
#ifdef SIMD_FLOATS
#define CORRECTLY_ROUNDED_IN_FLOATS(name, outputs, ...)                                            \
    ALWAYS_IN_DOUBLES(name, outputs, __VA_ARGS__)                                                  \
    OGIVE_COLD void name##_mend_f32(const ptrdiff_t *at, const float *x, int count,                \
                                    char *const *out)                                              \
    {                                                                                              \
        mend_floats(at, x, count, out, outputs, name##_half, name##_accurate_paths);               \
    }                                                                                              \
    static void name##_f32_whole(char *const *args, ptrdiff_t n)                                   \
    {                                                                                              \
        run_floats(args, n, outputs, name##_floats, name##_mend_f32);                              \
    }                                                                                              \
    OF_ANY_LENGTH(name, f32, VF_LANES, 1, outputs)                                                 \
    CERTAIN_KERNEL(name, f16, outputs, name##_halves)
#else
#define CORRECTLY_ROUNDED_IN_FLOATS CORRECTLY_ROUNDED
#endif

/* Functions of several inputs
 * ---------------------------
 *   name_quick    float64, below 1 ulp, the same operations on every backend
 *   name_narrow   float32, float16 and bfloat16, in doubles that are rounded once
 *   name_careful  one element in double-double, whatever its inputs: the lanes that the others
 *                 return. `digits` is the precision of the dtype.
 */
typedef void careful_function(const double *x, double *y, int digits);

OGIVE_INLINE void mend_carefully(const doubtful *doubt, const vd *x, char *const *out, int inputs,
                                 int outputs, careful_function *careful, store_function *store,
                                 size_t size, int digits)
{
    double given[MAX_INPUTS][VD_LANES], y[MAX_OUTPUTS][VD_LANES] = {{0}};
    for (int k = 0; k < inputs; k++)
        vd_store_f64((char *)given[k], x[k]);
    for (int lane = 0; lane < VD_LANES; lane++) {
        double one_x[MAX_INPUTS], one_y[MAX_OUTPUTS];
        if (!(doubt->lanes >> lane & 1))
            continue;
        for (int k = 0; k < inputs; k++)
            one_x[k] = given[k][lane];
        careful(one_x, one_y, digits);
        for (int o = 0; o < outputs; o++)
            y[o][lane] = one_y[o] == one_y[o] ? one_y[o] : NAN;
    }
    for (int o = 0; o < outputs; o++)
        put_lanes(doubt, y[o], out[o], store, size);
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

#define SEVERAL_INPUTS_KERNEL(name, inputs, outputs, compute, type, digits)                        \
    OGIVE_COLD void name##_mend_##type(const doubtful *doubt, const vd *x, char *const *out)       \
    {                                                                                              \
        mend_carefully(doubt, x, out, inputs, outputs, name##_careful, vd_store_##type,            \
                       SIZE_##type, digits);                                                       \
    }                                                                                              \
    KERNEL(name, type, inputs, outputs, compute, name##_mend_##type)

#define SEVERAL_INPUTS(name, inputs, outputs)                                                      \
    SEVERAL_INPUTS_KERNEL(name, inputs, outputs, name##_quick, f64, 53)                            \
    SEVERAL_INPUTS_KERNEL(name, inputs, outputs, name##_narrow, f32, 24)                           \
    SEVERAL_INPUTS_KERNEL(name, inputs, outputs, name##_narrow, f16, 11)                           \
    SEVERAL_INPUTS_KERNEL(name, inputs, outputs, name##_narrow, bf16, 8)                           \
    static void name##_f64_phase2(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_carefully(args, n, inputs, outputs, name##_careful);                                   \
    }

#endif
