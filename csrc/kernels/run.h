/* The loops of a correctly rounded unary function, written once.
 *
 * A quick kernel maps a vd of inputs to its outputs and returns the lanes in doubt. The doubtful
 * lanes of a block are noted and mended after it: a call inside the loop would spill its
 * registers. */
#ifndef OGIVE_KERNELS_RUN_H
#define OGIVE_KERNELS_RUN_H

#include "../accurate/rounding.h"

#include <math.h>
#include <stddef.h>

/* Half-widths of the rounding tests, relative to the result; see the kernels' budgets. */
#define QUICK_ERROR 0x1.2p-66
#define NARROW_ERROR 0x1p-38

/* A narrow kernel need only be right for |x| <= NARROW_BOUND: e^-104 < 2^-150, half of float32's
 * smallest subnormal, so that beyond it float32 results change no more. Up to NARROW_NORMAL,
 * e^-87 > 2^-126, they are normal. */
#define NARROW_BOUND 104.0
#define NARROW_NORMAL 87.0

enum { BLOCK = 64 * VD_LANES, MAX_OUTPUTS = 2 };

typedef vm quick_kernel(vd x, vd *y);
typedef void narrow_kernel(vd x, vd *y);
typedef vd load_function(const char *from);
typedef void store_function(char *to, vd a);

typedef struct {
    vd x;
    ptrdiff_t at; /* of its first lane, in elements */
    uint32_t lanes;
} doubtful;

typedef void mend_function(const doubtful *doubt, char *const *out);

/* The last, partial vector goes through the same instructions, padded with zeros. */
OGIVE_INLINE vd load_part(load_function *load, size_t size, const char *from, ptrdiff_t lanes)
{
    char buffer[sizeof(vd)] = {0};
    memcpy(buffer, from, (size_t)lanes * size);
    return load(buffer);
}

OGIVE_INLINE void store_part(store_function *store, size_t size, char *to, vd a, ptrdiff_t lanes)
{
    char buffer[sizeof(vd)];
    store(buffer, a);
    memcpy(to, buffer, (size_t)lanes * size);
}

OGIVE_INLINE void run(char *const *args, ptrdiff_t n, int outputs, quick_kernel *quick,
                      load_function *load, store_function *store, size_t size, mend_function *mend)
{
    const char *in = args[0];
    char *const *out = args + 1;
    doubtful doubts[BLOCK / VD_LANES];

    for (ptrdiff_t start = 0; start < n; start += BLOCK) {
        ptrdiff_t end = n - start < BLOCK ? n : start + BLOCK, i = start;
        int count = 0;
        vd x, y[MAX_OUTPUTS];
        for (; i + VD_LANES <= end; i += VD_LANES) {
            x = load(in + i * (ptrdiff_t)size);
            uint32_t lanes = vm_bits(quick(x, y));
            for (int o = 0; o < outputs; o++)
                store(out[o] + i * (ptrdiff_t)size, y[o]);
            if (lanes)
                doubts[count++] = (doubtful){x, i, lanes};
        }
        if (i < end) {
            x = load_part(load, size, in + i * (ptrdiff_t)size, end - i);
            uint32_t lanes = vm_bits(quick(x, y)) & ((UINT32_C(1) << (end - i)) - 1);
            for (int o = 0; o < outputs; o++)
                store_part(store, size, out[o] + i * (ptrdiff_t)size, y[o], end - i);
            if (lanes)
                doubts[count++] = (doubtful){x, i, lanes};
        }
        for (int d = 0; d < count; d++)
            mend(&doubts[d], out);
    }
}

OGIVE_INLINE void mend_f64(const doubtful *doubt, char *const *out, int outputs,
                           const accurate_function *const *accurate)
{
    double x[VD_LANES];
    vd_store_f64((char *)x, doubt->x);
    for (int lane = 0; lane < VD_LANES; lane++) {
        if (!(doubt->lanes >> lane & 1))
            continue;
        for (int o = 0; o < outputs; o++) {
            double y = accurate_f64(accurate[o], x[lane], 2);
            memcpy(out[o] + (doubt->at + lane) * 8, &y, 8);
        }
    }
}

OGIVE_INLINE vd narrow_bounded(vd x)
{
    return vd_at_least(vd_at_most(x, vd_set(NARROW_BOUND)), vd_set(-NARROW_BOUND));
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
OGIVE_INLINE void mend_f32(const doubtful *doubt, char *const *out, int outputs,
                           narrow_kernel *narrow, const accurate_function *const *accurate)
{
    double x[VD_LANES];
    vd y[MAX_OUTPUTS];
    vd_store_f64((char *)x, doubt->x);
    narrow(narrow_bounded(doubt->x), y);
    for (int o = 0; o < outputs; o++) {
        float low[VD_LANES], high[VD_LANES];
        vd_store_f32((char *)low, vd_mul(y[o], vd_set(1 - NARROW_ERROR)));
        vd_store_f32((char *)high, vd_mul(y[o], vd_set(1 + NARROW_ERROR)));
        for (int lane = 0; lane < VD_LANES; lane++) {
            if (!(doubt->lanes >> lane & 1))
                continue;
            if (low[lane] != high[lane])
                low[lane] = accurate_f32(accurate[o], x[lane]);
            memcpy(out[o] + (doubt->at + lane) * 4, &low[lane], 4);
        }
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

/* All kernels of one function: name_f64 from name_quick, name_f32 and name_f16 from
 * name_narrow, and the accurate_function of each output behind them. */
#define CORRECTLY_ROUNDED(name, outputs, ...)                                                      \
    static const accurate_function *const name##_accurate_paths[] = {__VA_ARGS__};                 \
    OGIVE_COLD void name##_mend_f64(const doubtful *doubt, char *const *out)                       \
    {                                                                                              \
        mend_f64(doubt, out, outputs, name##_accurate_paths);                                      \
    }                                                                                              \
    OGIVE_COLD void name##_mend_f32(const doubtful *doubt, char *const *out)                       \
    {                                                                                              \
        mend_f32(doubt, out, outputs, name##_narrow, name##_accurate_paths);                       \
    }                                                                                              \
    OGIVE_INLINE vm name##_quick_f32(vd x, vd *y)                                                  \
    {                                                                                              \
        name##_narrow(x, y);                                                                       \
        vm doubt = vd_not_at_least(vd_set(NARROW_NORMAL), vd_abs(x));                              \
        for (int o = 0; o < outputs; o++)                                                          \
            doubt = vm_or(doubt, near_tie_f32(y[o]));                                              \
        return doubt;                                                                              \
    }                                                                                              \
    OGIVE_INLINE vm name##_quick_f16(vd x, vd *y)                                                  \
    {                                                                                              \
        name##_narrow(narrow_bounded(x), y);                                                       \
        for (int o = 0; o < outputs; o++)                                                          \
            y[o] = vd_select(vd_differs(x, x), vd_set(NAN), y[o]);                                 \
        return vm_none();                                                                          \
    }                                                                                              \
    static void name##_f64(char *const *args, ptrdiff_t n)                                         \
    {                                                                                              \
        run(args, n, outputs, name##_quick, vd_load_f64, vd_store_f64, 8, name##_mend_f64);        \
    }                                                                                              \
    static void name##_f32(char *const *args, ptrdiff_t n)                                         \
    {                                                                                              \
        run(args, n, outputs, name##_quick_f32, vd_load_f32, vd_store_f32, 4, name##_mend_f32);    \
    }                                                                                              \
    static void name##_f16(char *const *args, ptrdiff_t n)                                         \
    {                                                                                              \
        run(args, n, outputs, name##_quick_f16, vd_load_f16, vd_store_f16, 2, NULL);               \
    }                                                                                              \
    static void name##_f64_phase2(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 2);                                  \
    }                                                                                              \
    static void name##_f64_phase3(char *const *args, ptrdiff_t n)                                  \
    {                                                                                              \
        run_accurate(args, n, outputs, name##_accurate_paths, 3);                                  \
    }

#endif
