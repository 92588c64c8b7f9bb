/* y (1 - y) = y - y^2, from the output y = s(x). Correctly rounded:
 *
 * float64: one fma; without such an instruction, y_minus_square.
 * float32, float16, bfloat16: y^2 is exact in double (48 bits), y - y^2 = sum + lost exactly; the
 * sum is rounded to odd, so that the rounding to float is the only one.
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
OGIVE_INLINE vd with_special_values(vd y, vd result)
{
    vm not_finite = vd_not_at_least(vd_set(DBL_MAX), vd_abs(y));
    result = vd_select(not_finite, vd_set(-INFINITY), result);
    return vd_select(vd_differs(y, y), vd_set(NAN), result);
}

OGIVE_INLINE vm sigmoid_grad_from_output_wide(const vd *given, vd *result)
{
    vd y = *given;
#if SIMD_FMA
    *result = with_special_values(y, vd_fnma(y, y, y));
#else
    FOR_EACH_REG result->at[i] = y_minus_square(y.at[i]);
    *result = with_special_values(y, *result);
#endif
    return vm_none();
}

OGIVE_INLINE vm sigmoid_grad_from_output_narrow(const vd *given, vd *result)
{
    vd y = *given;
    vd square = vd_mul(y, y), sum = vd_sub(y, square);
    vd y_seen = vd_add(sum, square);
    vd lost = vd_sub(vd_sub(y, y_seen), vd_sub(square, vd_sub(y_seen, sum)));
    *result = with_special_values(y, vd_round_to_odd(sum, lost));
    return vm_none();
}

KERNEL(sigmoid_grad_from_output, f64, 1, 1, sigmoid_grad_from_output_wide, NULL)
KERNEL(sigmoid_grad_from_output, f32, 1, 1, sigmoid_grad_from_output_narrow, NULL)
KERNEL(sigmoid_grad_from_output, f16, 1, 1, sigmoid_grad_from_output_narrow, NULL)
KERNEL(sigmoid_grad_from_output, bf16, 1, 1, sigmoid_grad_from_output_narrow, NULL)
/* Exact as it is: no accurate phases. */
#define sigmoid_grad_from_output_f64_phase2 NULL
#define sigmoid_grad_from_output_f64_phase3 NULL

#endif
