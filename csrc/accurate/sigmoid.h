/* Phase 2 of s(x) and s'(x): double-double, relative error below PHASE2_ERROR = 2^-98.
 *
 *   s(x) = 1/(1 + e^-a) for x >= 0, e^-a/(1 + e^-a) below;  s'(x) = e^-a/(1 + e^-a)^2;  a = |x|
 *
 * Error, relative, in units of 2^-106:
 *   20     e^-a (exp.h), where it does not underflow
 *   14     1 + e: what e brings, at most, and 3
 *   20     a division: q to 2^-53, its rest to 2^-104, the second quotient to 2^-105; s' has two
 *   ---
 *   74     < 2^6.3: 2^-99.7. Three million random x met 2^-103.0 (s) and 2^-102.3 (s').
 */
#ifndef OGIVE_ACCURATE_SIGMOID_H
#define OGIVE_ACCURATE_SIGMOID_H

#include "exp.h"
#include "multiword.h"
#include "rounding.h"

OGIVE_COLD scaled_dd sigmoid_phase2(double x)
{
    if (x == -INFINITY)
        return scaled_plain(0.0);
    scaled_dd e = exp_neg_dd(fabs(x));
    dd denominator = one_plus(e);
    if (x >= 0) {
        e.value = (dd){1.0, 0.0};
        e.exponent = 0;
    }
    e.value = dd_divide(e.value, denominator);
    e.error = e.value.high * PHASE2_ERROR;
    return e;
}

OGIVE_COLD scaled_dd sigmoid_grad_phase2(double x)
{
    if (fabs(x) == INFINITY)
        return scaled_plain(0.0);
    scaled_dd e = exp_neg_dd(fabs(x));
    dd denominator = one_plus(e);
    e.value = dd_divide(dd_divide(e.value, denominator), denominator);
    e.error = e.value.high * PHASE2_ERROR;
    return e;
}

static const accurate_function sigmoid_accurate = {sigmoid_phase2, ogive_sigmoid_exceeds};
static const accurate_function sigmoid_grad_accurate = {sigmoid_grad_phase2,
                                                        ogive_sigmoid_grad_exceeds};

#endif
