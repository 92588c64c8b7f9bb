/* Tables and polynomials of log1p, from csrc/gen/log1p_constants.py: do not edit. */
/* clang-format off */
#ifndef OGIVE_LOG1P_CONSTANTS_H
#define OGIVE_LOG1P_CONSTANTS_H

#define LN2_HIGH 0x1.62e42fefa3800p-1 /* 0.69314718055989033: ln2 to a multiple of 2^-42 */
#define LN2_LOW 0x1.ef35793c76730p-45 /* 5.4979230187083712e-14: ln2 - LN2_HIGH */
#define LN2_FLOAT_HIGH 0x1.62e4000000000p-1F /* 0.693145751953125: ln2 to 16 bits, exact times a k of 8 */
#define LN2_FLOAT_LOW 0x1.7f7d1c0000000p-20F /* 1.428606765330187e-6: ln2 - LN2_FLOAT_HIGH */

/* log1p(t) = t - t^2/2 + t^3/2 (C0 + C1 t + ... + C8 t^8)
 * for |t| <= 0x1.0000000400000p-5: minimax (Remez),
 * error relative to t below 2^-68.116 */
#define LOG1P_C0 0x1.5555555555555p-1 /* 0.66666666666666667: t^0 */
#define LOG1P_C1 -0x1.ffffffffffed9p-2 /* -0.49999999999998362: t^1 */
#define LOG1P_C2 0x1.9999999999562p-2 /* 0.39999999999994009: t^2 */
#define LOG1P_C3 -0x1.55555557ac425p-2 /* -0.33333333346951324: t^3 */
#define LOG1P_C4 0x1.24924929406b5p-2 /* 0.28571428598670971: t^4 */
#define LOG1P_C5 -0x1.ffffcda0f5d48p-3 /* -0.24999962470495008: t^5 */
#define LOG1P_C6 0x1.c71c2a6bb4147p-3 /* 0.22222169057068638: t^6 */
#define LOG1P_C7 -0x1.9a76bac916b48p-3 /* -0.20042177129911408: t^7 */
#define LOG1P_C8 0x1.7552fea55c2d7p-3 /* 0.18228720609797364: t^8 */

/* log((1 + s)/(1 - s)) = s (W0 + W1 s^2 + ... + W7 s^14) for 0 <= s <= 1/3:
 * minimax (Remez), relative error below 2^-43.8 */
#define LOG_W0 0x1.ffffffffffdb4p+0 /* 1.9999999999998694: s^0 */
#define LOG_W1 0x1.555555569d568p-1 /* 0.66666666681582584: s^2 */
#define LOG_W2 0x1.999997ba1315ap-2 /* 0.39999997208794514: s^4 */
#define LOG_W3 0x1.2492ce53e789cp-2 /* 0.28571627032386873: s^6 */
#define LOG_W4 0x1.c6f84562c268bp-3 /* 0.22215322692527581: s^8 */
#define LOG_W5 0x1.7702bc931a6bap-3 /* 0.18311068843768456: s^10 */
#define LOG_W6 0x1.20080d7e8c319p-3 /* 0.14064035932963108: s^12 */
#define LOG_W7 0x1.9b59b922b9abap-3 /* 0.20085472714636926: s^14 */

/* The same with V0 ... V5 for |s| <= 0.20037:
 * minimax (Remez), relative error below 2^-42.363 */
#define LOG_V0 0x1.ffffffffff9c7p+0 /* 1.9999999999996464: s^0 */
#define LOG_V1 0x1.5555555ac2a42p-1 /* 0.66666666729845074: s^2 */
#define LOG_V2 0x1.99998d56f8d68p-2 /* 0.39999981730780696: s^4 */
#define LOG_V3 0x1.249756fe46384p-2 /* 0.28573356558768403: s^6 */
#define LOG_V4 0x1.c53c5a2c0f853p-3 /* 0.22130651900255546: s^8 */
#define LOG_V5 0x1.9cf7c4ab9947fp-3 /* 0.20164445542028272: s^10 */

/* The same in floats, with X0 ... X4 for 0 <= s <= 1/3:
 * minimax (Remez), relative error below 2^-27.912 */
#define LOG_X0 0x1.0000000000000p+1F /* 2.0000000079209444: s^0 */
#define LOG_X1 0x1.5554e00000000p-1F /* 0.666663146811455: s^2 */
#define LOG_X2 0x1.99dae60000000p-2F /* 0.40024910317314703: s^4 */
#define LOG_X3 0x1.1e510a0000000p-2F /* 0.27960602385359823: s^6 */
#define LOG_X4 0x1.208bd20000000p-2F /* 0.28178336125128456: s^8 */

/* and with Y0 ... Y3 for |s| <= 0.20037:
 * minimax (Remez), relative error below 2^-28.613 */
#define LOG_Y0 0x1.0000000000000p+1F /* 1.9999999951298458: s^0 */
#define LOG_Y1 0x1.5555d60000000p-1F /* 0.6666705276137395: s^2 */
#define LOG_Y2 0x1.991c940000000p-2F /* 0.39952308970193802: s^4 */
#define LOG_Y3 0x1.37ba620000000p-2F /* 0.30442193620085843: s^6 */

/* and 2 s + 2 s^3 (Z0 + ... + Z3 s^6):
 * minimax (Remez), relative error below 2^-35.326 */
#define LOG_Z0 0x1.5555540000000p-2F /* 0.33333331520651015: s^0 */
#define LOG_Z1 0x1.999be20000000p-3F /* 0.2000043534766238: s^2 */
#define LOG_Z2 0x1.23e86c0000000p-3F /* 0.14253315435330314: s^4 */
#define LOG_Z3 0x1.edb0600000000p-4F /* 0.12052953197692807: s^6 */

/* 1/c of 9 bits, c near 1 + i/16 */
static const double log1p_inverse16[16] = {
    0x1.0000000000000p+0,
    0x1.e200000000000p-1,
    0x1.c700000000000p-1,
    0x1.af00000000000p-1,
    0x1.9a00000000000p-1,
    0x1.8600000000000p-1,
    0x1.7400000000000p-1,
    0x1.6400000000000p-1,
    0x1.5500000000000p-1,
    0x1.4800000000000p-1,
    0x1.3b00000000000p-1,
    0x1.2f00000000000p-1,
    0x1.2500000000000p-1,
    0x1.1a00000000000p-1,
    0x1.1100000000000p-1,
    0x1.0800000000000p-1,
};

/* log c to a multiple of 2^-42 */
static const double log1p_log16[16] = {
    0x0.0p+0,
    0x1.eea31c0068000p-5,
    0x1.e3707ee304000p-4,
    0x1.60b3100b0a000p-3,
    0x1.c6ffbc6f00000p-3,
    0x1.16b5ccbad0000p-2,
    0x1.4718dc271c000p-2,
    0x1.741d876c68000p-2,
    0x1.a0325ed150000p-2,
    0x1.c7ff9c7455000p-2,
    0x1.f168f7fb06000p-2,
    0x1.0c974c8943000p-1,
    0x1.1dc619de06800p-1,
    0x1.315da44340800p-1,
    0x1.41f8ff8472000p-1,
    0x1.5322e26867800p-1,
};

/* log c - log1p_log16 */
static const double log1p_log16_rest[16] = {
    0x0.0p+0,
    0x1.c3dd83606d891p-44,
    0x1.0f684e6766abdp-45,
    -0x1.71456c988f814p-44,
    0x1.ee138d3a69d43p-44,
    -0x1.23299042d74bfp-44,
    0x1.06c18fb4c14c5p-44,
    -0x1.13a7b5b11cfa7p-44,
    -0x1.2dc20b0d5e095p-45,
    0x1.324911f56db29p-44,
    -0x1.d6fb40a7c0c6ep-45,
    0x1.cdc0a7cdcbb87p-45,
    0x1.441b50bb38388p-45,
    -0x1.74e93c5a0ed9cp-45,
    -0x1.4f7845166b2e1p-44,
    0x1.5ccc45d257531p-47,
};

#endif
