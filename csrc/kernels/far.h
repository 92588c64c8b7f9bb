/* Results factor e^-distance of float64 that are next to 0 or subnormal, in vectors: from LEAST_DISTANCE
 * on, what else a function has beside e^-distance is out of sight, 2^-230 of it.
 *
 *   e^-distance 2^512 = e^-(distance - FAR_DISTANCE) (e^-FAR_DISTANCE 2^512)     the difference is exact
 *
 * Error: that of e^-x, DOUBLE_ERROR; the products of pairs add 2^-100. What underflows in them is far
 * below a half of 2^-1074. */

#define FAR_DISTANCE 320.0
#define LEAST_DISTANCE 160.0
#define FURTHEST_DISTANCE 950.0 /* FAR_DISTANCE + DOUBLE_BOUND */
#define MODERATE_FACTOR 0x1p180 /* times e^-LEAST_DISTANCE far below 1, e^-FURTHEST_DISTANCE 0 */
#define EXP_NEG_FAR_HIGH 0x1.437dfdde45c6ap+50
#define EXP_NEG_FAR_LOW -0x1.13651bfbcdf30p-4

/* y = product 2^-512, product -+ width >= 0. Adding 2^52 units of 2^-1074 leaves a count of them in the last
 * bits, and a count of them is how a subnormal is stored. */
OGIVE_INLINE vm round_far(vdd product, vd width, vd *y)
{
    const vd counter = vd_set(0x1p-510), exponent = vd_set_bits(UINT64_C(512) << 52);
    vd sum = vd_add(product.high, product.low);
    product.low = vd_sub(product.low, vd_sub(sum, product.high));
    product.high = sum;
    vd low = vd_sub(product.high, vd_sub(width, product.low));
    vd high = vd_add(product.high, vd_add(product.low, width));
    vd counted = vd_add(product.high, counter);
    vd rest = vd_add(vd_sub(product.high, vd_sub(counted, counter)), product.low);
    vm subnormal = below_in_doubles(high, 0x1p-510);
    vm unsure = exceeds_in_doubles(vd_add(vd_abs(rest), width), 0x1.fffffffffffffp-564);
    *y = vd_select(subnormal, vd_sub_bits(counted, counter), vd_sub_bits(low, exponent));
    vm apart = vm_and(vd_differs(low, high), exceeds_in_doubles(high, 0x1.fffffffffffffp-511));
    return vm_or(vm_and(subnormal, unsure), apart);
}

/* The lanes that are not so far, or in doubt; the factor is within `width`. By its address: the constant
 * pair {1, 0} as an argument becomes {1, 1} in GCC 12, where it may use AVX-512. */
OGIVE_APART vm far_below_within(const vdd *factor, vd width, vd distance, vd *y)
{
    const vdd scaled = {vd_set(EXP_NEG_FAR_HIGH), vd_set(EXP_NEG_FAR_LOW)};
    const vd furthest = vd_set(FURTHEST_DISTANCE), least = vd_set(LEAST_DISTANCE);
    vd within = vd_at_least(vd_at_most(distance, furthest), least);
    vdd e = exp_neg_in_doubles(vd_sub(within, vd_set(FAR_DISTANCE)));
    e = multiply_in_doubles(e, scaled);
    vd sign = sign_of_in_doubles(factor->high);
    vm of_either_sign = vd_not_at_least(vd_abs(factor->high), vd_add(width, width));
    vdd product = flip_pair_in_doubles(multiply_in_doubles(*factor, e), sign);
    width = vd_fma(product.high, vd_set(DOUBLE_ERROR), vd_mul(width, e.high));
    vm doubt = vm_or(round_far(product, width, y), below_in_doubles(distance, LEAST_DISTANCE));
    vm beyond = exceeds_in_doubles(distance, FURTHEST_DISTANCE);
    *y = flip_in_doubles(*y, sign);
    doubt = vm_or(doubt, of_either_sign);
    return vm_or(doubt, vm_and(beyond, exceeds_in_doubles(vd_abs(factor->high), MODERATE_FACTOR)));
}

OGIVE_INLINE vm far_below(const vdd *factor, vd distance, vd *y)
{
    return far_below_within(factor, vd_set(0.0), distance, y);
}

OGIVE_INLINE vdd only_high(vd high)
{
    vdd pair = {high, vd_set(0.0)};
    return pair;
}

OGIVE_INLINE vd opposite_of(vd x) { return vd_mul(x, vd_set(-1.0)); }
