/* y (1 - y) = y - y^2, from the output y = s(x). Correctly rounded:
 *
 * float64, and float32 where a backend has floats: one fma; without such an instruction,
 *     y_minus_square.
 * float16 there: the same fma in floats, which the conversion rounds again; no input minds.
 * float32 and float16 elsewhere, bfloat16: y^2 is exact in double (48 bits), y - y^2 = sum + lost
 *     exactly; the sum is rounded to odd, so that the rounding to float is the only one.
 * y = +-inf gives -inf as the product does, not inf - inf.
 */
#ifndef OGIVE_KERNELS_SIGMOID_GRAD_FROM_OUTPUT_H
#define OGIVE_KERNELS_SIGMOID_GRAD_FROM_OUTPUT_H

#include "run.h"

#if !SIMD_FMA
/* y - y^2 rounded once, without fma. */
static double y_minus_square(double y)
{
    if (fabs(y) < 0x1p-60)
        return y; /* y^2 is below y's rounding error */
    if (fabs(y) >= 0x1p512)
        return -INFINITY; /* the exact value rounds to it from here on */
    /* Above 2^400, y^2 may overflow halfway: y - y^2 = (y' 2^-400 - y'^2) 2^800, y' = y 2^-400. */
    double scale = fabs(y) < 0x1p400 ? 1.0 : 0x1p-400;
    dd square = two_product(y * scale, y * scale);
    dd sum = two_sum(y * scale * scale, -square.high), rest = two_sum(sum.low, -square.low);
    dd lead = two_sum(sum.high, rest.high);
    double odd = round_to_odd(two_sum(lead.low, rest.low));
    return (lead.high + odd) / scale / scale;
}
#endif

/* f(inf) and f(NaN) put right. */
#define WITH_SPECIAL_VALUES(v, vm, largest)                                                        \
    OGIVE_INLINE v v##_with_special_values(v y, v result)                                          \
    {                                                                                              \
        vm not_finite = v##_not_at_least(v##_set(largest), v##_abs(y));                            \
        result = v##_select(not_finite, v##_set(-INFINITY), result);                               \
        return v##_select(v##_differs(y, y), v##_set(NAN), result);                                \
    }
WITH_SPECIAL_VALUES(vd, vm, DBL_MAX)

OGIVE_INLINE vm sigmoid_grad_from_output_wide(const vd *given, const vd_terms *terms, vd *result)
{
    (void)terms;
    vd y = *given;
#if SIMD_FMA
    *result = vd_with_special_values(y, vd_fnma(y, y, y));
#else
    FOR_EACH_REG result->at[i] = y_minus_square(y.at[i]);
    *result = vd_with_special_values(y, *result);
#endif
    return vm_none();
}

OGIVE_INLINE vm sigmoid_grad_from_output_narrow(const vd *given, vd *result)
{
    vd y = *given;
    vd square = vd_mul(y, y), sum = vd_sub(y, square);
    vd y_seen = vd_add(sum, square);
    vd lost = vd_sub(vd_sub(y, y_seen), vd_sub(square, vd_sub(y_seen, sum)));
    *result = vd_with_special_values(y, vd_round_to_odd(sum, lost));
    return vm_none();
}

KERNEL_AROUND_CACHE(sigmoid_grad_from_output, 1, sigmoid_grad_from_output_wide, NULL)
#ifdef SIMD_FLOATS
WITH_SPECIAL_VALUES(vf, vfm, FLT_MAX)

OGIVE_INLINE vfm sigmoid_grad_from_output_floats(const vf *given, const vf_terms *terms, vf *result)
{
    (void)terms;
    vf y = *given;
    *result = vf_with_special_values(y, vf_fnma(y, y, y));
    return vfm_none();
}

KERNEL_IN_HALVES(sigmoid_grad_from_output, f32, vf, VF_LANES, 1, 1, NULL,
                 sigmoid_grad_from_output_floats, NULL)
KERNEL_IN_HALVES(sigmoid_grad_from_output, f16, vf, VF_LANES, 1, 1, NULL,
                 sigmoid_grad_from_output_floats, NULL)
#else
KERNEL(sigmoid_grad_from_output, f32, 1, 1, sigmoid_grad_from_output_narrow, NULL)
KERNEL(sigmoid_grad_from_output, f16, 1, 1, sigmoid_grad_from_output_narrow, NULL)
#endif
KERNEL(sigmoid_grad_from_output, bf16, 1, 1, sigmoid_grad_from_output_narrow, NULL)
/* Exact as it is: no accurate phases. */
#define sigmoid_grad_from_output_f64_phase2 NULL
#define sigmoid_grad_from_output_f64_phase3 NULL

#endif
