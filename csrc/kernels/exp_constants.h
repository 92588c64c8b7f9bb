/* Tables and polynomials of exp(-x), from csrc/gen/exp_constants.py: do not edit. */
/* clang-format off */
#ifndef OGIVE_EXP_CONSTANTS_H
#define OGIVE_EXP_CONSTANTS_H

#include <stdint.h>

/* 1.5 2^52: added to |t| < 2^51, it leaves round(t) in the low bits. */
#define ROUND_TO_INTEGER 0x1.8p+52

#define EXP_STEPS_PER_UNIT 0x1.71547652b82fep+4 /* 23.083120654223415: 16/ln2 */
#define EXP_STEP 0x1.62e42fefa39efp-5 /* 0.04332169878499658: ln2/16 */
#define EXP_STEP_TAIL 0x1.abc9e3b39803fp-60 /* 1.4494042586539372e-18: ln2/16 - EXP_STEP */

/* exp(r) = 1 + r + r^2/2 + r^3/2 (C0 + C1 r + ... + C5 r^5) for |r| <= ln2/32:
 * minimax (Remez), absolute error below 2^-75.655 */
#define EXP_C0 0x1.5555555555558p-2 /* 0.33333333333333348: r^0 */
#define EXP_C1 0x1.5555555555557p-4 /* 0.083333333333333361: r^1 */
#define EXP_C2 0x1.11111110a194bp-6 /* 0.016666666665082356: r^2 */
#define EXP_C3 0x1.6c16c16b9523ap-9 /* 0.0027777777775475328: r^3 */
#define EXP_C4 0x1.a01b6ddd7f962p-12 /* 0.00039683069721254381: r^4 */
#define EXP_C5 0x1.a01b59a812c43p-15 /* 4.9603800392171892e-5: r^5 */

/* exp(r) = 1 + r (Q0 + Q1 r + ... + Q5 r^5) for |r| <= ln2/32:
 * minimax (Remez), error relative to r below 2^-50.472 */
#define EXP_Q0 0x1.0000000000003p+0 /* 1.0000000000000006: r^0 */
#define EXP_Q1 0x1.0000000000004p-1 /* 0.50000000000000048: r^1 */
#define EXP_Q2 0x1.555555547d377p-3 /* 0.16666666664209704: r^2 */
#define EXP_Q3 0x1.5555555471389p-5 /* 0.041666666660183322: r^3 */
#define EXP_Q4 0x1.11123cf1e642bp-7 /* 0.0083334729750266984: r^4 */
#define EXP_Q5 0x1.6c18514039b33p-10 /* 0.0013889121619798494: r^5 */

/* bits of T = 2^(-j/16) rounded, plus (j << 48): minus (k << 48), j = k mod 16,
 * these are the bits of T 2^((j-k)/16) */
static const uint64_t exp_power16[16] = {
    UINT64_C(0x3ff0000000000000),
    UINT64_C(0x3fefa4afa2a490da),
    UINT64_C(0x3fef5818dcfba487),
    UINT64_C(0x3fef199bdd85529c),
    UINT64_C(0x3feee89f995ad3ad),
    UINT64_C(0x3feec49182a3f090),
    UINT64_C(0x3feeace5422aa0db),
    UINT64_C(0x3feea11473eb0187),
    UINT64_C(0x3feea09e667f3bcd),
    UINT64_C(0x3feeab07dd485429),
    UINT64_C(0x3feebfdad5362a27),
    UINT64_C(0x3feedea64c123422),
    UINT64_C(0x3fef06fe0a31b715),
    UINT64_C(0x3fef387a6e756238),
    UINT64_C(0x3fef72b83c7d517b),
    UINT64_C(0x3fefb5586cf9890f),
};

/* tau: 2^(-j/16) = T (1 + tau) */
static const double exp_power16_tail[16] = {
    0x0.0p+0,
    -0x1.ff7128fd391f0p-55,
    0x1.4a385a63d07a8p-56,
    0x1.36eae30af0cb3p-56,
    0x1.c1a7792cb3386p-55,
    0x1.1affc2b91ce27p-56,
    0x1.db72fc1f0eab5p-55,
    -0x1.b32dcb94da51dp-56,
    -0x1.3b3efbf5e2229p-54,
    0x1.063e1e21c5409p-54,
    0x1.690cebb7aafb0p-56,
    0x1.59f48a72a4c6dp-55,
    0x1.34d754db0abb6p-55,
    0x1.68efde3a8a894p-54,
    -0x1.01b15eaa59348p-55,
    0x1.79aa65d837b6dp-54,
};

/* The same in floats, with tables of as many entries as a register holds. */
#if SIMD_FLOAT_TABLE == 8
#define EXP_FLOAT_SHIFT 20
#define EXP_FLOAT_STEPS_PER_UNIT 0x1.7154760000000p+3F /* 11.541560327111707: 8/ln2 */
#define EXP_FLOAT_STEP 0x1.62e4300000000p-4F /* 0.086643397808074951: ln2/8 */
#define EXP_FLOAT_STEP_TAIL -0x1.05c6100000000p-32F /* -2.3808177651574169e-10: ln2/8 - EXP_FLOAT_STEP */

/* exp(r) = 1 + r + r^2/2 + r^3/2 (C0 + C1 r + C2 r^2)
 * for |r| <= ln2/16:
 * minimax (Remez), absolute error below 2^-39.902 */
#define EXP_FLOAT_C0 0x1.5555560000000p-2F /* 0.33333333249946379: r^0 */
#define EXP_FLOAT_C1 0x1.555a3a0000000p-4F /* 0.083337996959620143: r^1 */
#define EXP_FLOAT_C2 0x1.11160e0000000p-6F /* 0.016667855893850142: r^2 */

/* exp(r) = 1 + r (S0 + ... + S3 r^3) for |r| <= ln2/16:
 * minimax (Remez), error relative to r below 2^-28.02 */
#define EXP_FLOAT_S0 0x1.0000000000000p+0F /* 0.99999999632719195: r^0 */
#define EXP_FLOAT_S1 0x1.0000000000000p-1F /* 0.4999999975513799: r^1 */
#define EXP_FLOAT_S2 0x1.555d8a0000000p-3F /* 0.16668231469988082: r^2 */
#define EXP_FLOAT_S3 0x1.555d8a0000000p-5F /* 0.041670578714003535: r^3 */

/* bits of T = 2^(-j/8) rounded, plus (j << 20) */
static const uint32_t exp_float_power[8] = {
    UINT32_C(0x3f800000),
    UINT32_C(0x3f7ac0c7),
    UINT32_C(0x3f7744fd),
    UINT32_C(0x3f75672a),
    UINT32_C(0x3f7504f3),
    UINT32_C(0x3f75fed7),
    UINT32_C(0x3f7837f0),
    UINT32_C(0x3f7b95c2),
};

/* tau: 2^(-j/8) = T (1 + tau) */
static const float exp_float_power_tail[8] = {
    0x0.0p+0F,
    -0x1.a5217c0000000p-28F,
    -0x1.f9c3040000000p-27F,
    0x1.67a1ca0000000p-28F,
    0x1.26055e0000000p-26F,
    -0x1.0a35520000000p-25F,
    0x1.1250020000000p-25F,
    -0x1.9c0c200000000p-27F,
};
#elif SIMD_FLOAT_TABLE == 16
#define EXP_FLOAT_SHIFT 19
#define EXP_FLOAT_STEPS_PER_UNIT 0x1.7154760000000p+4F /* 23.083120654223415: 16/ln2 */
#define EXP_FLOAT_STEP 0x1.62e4300000000p-5F /* 0.043321698904037476: ln2/16 */
#define EXP_FLOAT_STEP_TAIL -0x1.05c6100000000p-33F /* -1.1904088825787085e-10: ln2/16 - EXP_FLOAT_STEP */

/* exp(r) = 1 + r + r^2/2 + r^3/2 (C0 + C1 r + C2 r^2)
 * for |r| <= ln2/32:
 * minimax (Remez), absolute error below 2^-45.902 */
#define EXP_FLOAT_C0 0x1.5555560000000p-2F /* 0.33333333328121811: r^0 */
#define EXP_FLOAT_C1 0x1.55568e0000000p-4F /* 0.083334499212654999: r^1 */
#define EXP_FLOAT_C2 0x1.1112500000000p-6F /* 0.016666963966353314: r^2 */

/* The same of degree 1: below 2^-37.479 */
#define EXP_FLOAT_B0 0x1.55571e0000000p-2F /* 0.33334013026709488: r^0 */
#define EXP_FLOAT_B1 0x1.5556b40000000p-4F /* 0.08333463729293661: r^1 */

/* exp(r) = 1 + r (S0 + ... + S2 r^2) for |r| <= ln2/32:
 * minimax (Remez), error relative to r below 2^-23.17 */
#define EXP_FLOAT_S0 0x1.0000000000000p+0F /* 0.99999999954091812: r^0 */
#define EXP_FLOAT_S1 0x1.0001ec0000000p-1F /* 0.5000146696264639: r^1 */
#define EXP_FLOAT_S2 0x1.5557e60000000p-3F /* 0.16667155653005294: r^2 */

/* bits of T = 2^(-j/16) rounded, plus (j << 19) */
static const uint32_t exp_float_power[16] = {
    UINT32_C(0x3f800000),
    UINT32_C(0x3f7d257d),
    UINT32_C(0x3f7ac0c7),
    UINT32_C(0x3f78ccdf),
    UINT32_C(0x3f7744fd),
    UINT32_C(0x3f76248c),
    UINT32_C(0x3f75672a),
    UINT32_C(0x3f7508a4),
    UINT32_C(0x3f7504f3),
    UINT32_C(0x3f75583f),
    UINT32_C(0x3f75fed7),
    UINT32_C(0x3f76f532),
    UINT32_C(0x3f7837f0),
    UINT32_C(0x3f79c3d3),
    UINT32_C(0x3f7b95c2),
    UINT32_C(0x3f7daac3),
};

/* tau: 2^(-j/16) = T (1 + tau) */
static const float exp_float_power_tail[16] = {
    0x0.0p+0F,
    0x1.61428c0000000p-28F,
    -0x1.a5217c0000000p-28F,
    -0x1.6961b40000000p-28F,
    -0x1.f9c3040000000p-27F,
    0x1.a3b5e40000000p-28F,
    0x1.67a1ca0000000p-28F,
    -0x1.05cb440000000p-25F,
    0x1.26055e0000000p-26F,
    -0x1.00d8ac0000000p-27F,
    -0x1.0a35520000000p-25F,
    0x1.370be40000000p-25F,
    0x1.1250020000000p-25F,
    0x1.9649040000000p-25F,
    -0x1.9c0c200000000p-27F,
    0x1.8d96d40000000p-25F,
};
#endif

/* The finer reduction of the double-double phase. */
#define EXP_FINE_STEPS_PER_UNIT 0x1.71547652b82fep+6 /* 92.332482616893658: 64/ln2 */
#define EXP_FINE_STEP_HIGH 0x1.62e42fefa0000p-7 /* 0.010830424696223417: ln2/64 to 36 bits, exact times a 17-bit k */
#define EXP_FINE_STEP_MID 0x1.cf79abc9e0000p-46 /* 2.5728046223228848e-14: the next 36 bits, exact times a 17-bit k */
#define EXP_FINE_STEP_LOW 0x1.d9cc01f97b57ap-85 /* 4.7841261500291439e-26: the next 53 bits */
/* 2^(-j/64) as a double-double */
static const double exp_power64[64][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.fa7c1819e90d8p-1, 0x1.74853f3a5931ep-56},
    {0x1.f50765b6e4540p-1, 0x1.9d3e12dd8a18bp-55},
    {0x1.efa1bee615a27p-1, 0x1.dc7f486a4b6b0p-55},
    {0x1.ea4afa2a490dap-1, -0x1.e9c23179c2893p-55},
    {0x1.e502ee78b3ff6p-1, 0x1.39e8980a9cc8fp-56},
    {0x1.dfc97337b9b5fp-1, -0x1.1a5cd4f184b5cp-55},
    {0x1.da9e603db3285p-1, 0x1.c2300696db532p-55},
    {0x1.d5818dcfba487p-1, 0x1.2ed02d75b3707p-56},
    {0x1.d072d4a07897cp-1, -0x1.cbc3743797a9cp-55},
    {0x1.cb720dcef9069p-1, 0x1.503cbd1e949dbp-57},
    {0x1.c67f12e57d14bp-1, 0x1.2884dff483cadp-55},
    {0x1.c199bdd85529cp-1, 0x1.11065895048ddp-56},
    {0x1.bcc1e904bc1d2p-1, 0x1.23dd07a2d9e84p-56},
    {0x1.b7f76f2fb5e47p-1, -0x1.5584f7e54ac3bp-57},
    {0x1.b33a2b84f15fbp-1, -0x1.2805e3084d708p-58},
    {0x1.ae89f995ad3adp-1, 0x1.7a1cd345dcc81p-55},
    {0x1.a9e6b5579fdbfp-1, 0x1.0fac90ef7fd31p-55},
    {0x1.a5503b23e255dp-1, -0x1.d2f6edb8d41e1p-55},
    {0x1.a0c667b5de565p-1, -0x1.359495d1cd533p-55},
    {0x1.9c49182a3f090p-1, 0x1.c7c46b071f2bep-57},
    {0x1.97d829fde4e50p-1, -0x1.d185b7c1b85d1p-55},
    {0x1.93737b0cdc5e5p-1, -0x1.75fc781b57ebcp-58},
    {0x1.8f1ae99157736p-1, 0x1.5cc13a2e3976cp-56},
    {0x1.8ace5422aa0dbp-1, 0x1.6e9f156864b27p-55},
    {0x1.868d99b4492edp-1, -0x1.fc6f89bd4f6bap-55},
    {0x1.82589994cce13p-1, -0x1.d4c1dd41532d8p-55},
    {0x1.7e2f336cf4e62p-1, 0x1.05d02ba15797ep-57},
    {0x1.7a11473eb0187p-1, -0x1.41577ee04992fp-56},
    {0x1.75feb564267c9p-1, -0x1.0245957316dd3p-55},
    {0x1.71f75e8ec5f74p-1, -0x1.16e4786887a99p-56},
    {0x1.6dfb23c651a2fp-1, -0x1.bbe3a683c88abp-58},
    {0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55},
    {0x1.6623882552225p-1, -0x1.bb60987591c34p-55},
    {0x1.6247eb03a5585p-1, -0x1.383c17e40b497p-55},
    {0x1.5e76f15ad2148p-1, 0x1.ba6f93080e65ep-55},
    {0x1.5ab07dd485429p-1, 0x1.6324c054647adp-55},
    {0x1.56f4736b527dap-1, 0x1.9bb2c011d93adp-55},
    {0x1.5342b569d4f82p-1, -0x1.07abe1db13cadp-56},
    {0x1.4f9b2769d2ca7p-1, -0x1.4b309d25957e3p-55},
    {0x1.4bfdad5362a27p-1, 0x1.d4397afec42e2p-57},
    {0x1.486a2b5c13cd0p-1, 0x1.3c1a3b69062f0p-57},
    {0x1.44e086061892dp-1, 0x1.89b7a04ef80d0p-60},
    {0x1.4160a21f72e2ap-1, -0x1.ef3691c309278p-59},
    {0x1.3dea64c123422p-1, 0x1.ada0911f09ebcp-56},
    {0x1.3a7db34e59ff7p-1, -0x1.5e436d661f5e3p-57},
    {0x1.371a7373aa9cbp-1, -0x1.63aeabf42eae2p-55},
    {0x1.33c08b26416ffp-1, 0x1.32721843659a6p-55},
    {0x1.306fe0a31b715p-1, 0x1.6f46ad23182e4p-56},
    {0x1.2d285a6e4030bp-1, 0x1.0024754db41d5p-55},
    {0x1.29e9df51fdee1p-1, 0x1.612e8afad1255p-56},
    {0x1.26b4565e27cddp-1, 0x1.2bd339940e9d9p-56},
    {0x1.2387a6e756238p-1, 0x1.9b07eb6c70573p-55},
    {0x1.2063b88628cd6p-1, 0x1.dc775814a8495p-56},
    {0x1.1d4873168b9aap-1, 0x1.e016e00a2643cp-55},
    {0x1.1a35beb6fcb75p-1, 0x1.e5b4c7b4968e4p-56},
    {0x1.172b83c7d517bp-1, -0x1.19041b9d78a76p-56},
    {0x1.1429aaea92de0p-1, -0x1.32fbf9af1369ep-55},
    {0x1.11301d0125b51p-1, -0x1.6c51039449b3ap-55},
    {0x1.0e3ec32d3d1a2p-1, 0x1.03a1727c57b53p-60},
    {0x1.0b5586cf9890fp-1, 0x1.8a62e4adc610bp-55},
    {0x1.0874518759bc8p-1, 0x1.186be4bb284ffp-58},
    {0x1.059b0d3158574p-1, 0x1.d73e2a475b465p-56},
    {0x1.02c9a3e778061p-1, -0x1.19083535b085dp-57},
};
/* 1/n! as a double-double */
static const double exp_taylor[11][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.0000000000000p-1, 0x0.0p+0},
    {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.5555555555555p-5, 0x1.5555555555555p-59},
    {0x1.1111111111111p-7, 0x1.1111111111111p-63},
    {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
    {0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73},
    {0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76},
    {0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73},
    {0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76},
};

#endif
