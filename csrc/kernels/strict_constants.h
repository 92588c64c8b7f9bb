/* Shorter polynomials, from csrc/gen/strict_constants.py: do not edit. */
/* clang-format off */
#ifndef OGIVE_STRICT_CONSTANTS_H
#define OGIVE_STRICT_CONSTANTS_H

/* exp(r) = 1 + r + r^2 (S0 + S1 r + ... + S5 r^5) for |r| <= ln2/32:
 * minimax (Remez), of r below 2^-60.0 */
#define EXP_S0 0x1.0000000000003p-1 /* 0.50000000000000028: r^0 */
#define EXP_S1 0x1.5555555555559p-3 /* 0.16666666666666676: r^1 */
#define EXP_S2 0x1.55555554ad4f9p-5 /* 0.041666666661891182: r^2 */
#define EXP_S3 0x1.111111108fae8p-7 /* 0.0083333333324139979: r^3 */
#define EXP_S4 0x1.6c181f3adf9d3p-10 /* 0.0013889092503799231: r^4 */
#define EXP_S5 0x1.a01b888c76d54p-13 /* 0.00019841554275399719: r^5 */

/* exp(r) = 1 + r + r^2 (U0 + U1 r + ... + U4 r^4) for |r| <= ln2/32:
 * minimax (Remez), relative error below 2^-56.258 */
#define EXP_U0 0x1.fffffffffffb9p-2 /* 0.49999999999999604: r^0 */
#define EXP_U1 0x1.555555548f899p-3 /* 0.16666666664417986: r^1 */
#define EXP_U2 0x1.55555558fddf2p-5 /* 0.041666666693284682: r^2 */
#define EXP_U3 0x1.11123aae2885bp-7 /* 0.0083334719204836625: r^3 */
#define EXP_U4 0x1.6c14c5eb232c7p-10 /* 0.001388859348284631: r^4 */

/* exp(r) = 1 + M1 r + ... + M5 r^5 for |r| <= ln2/32:
 * minimax (Remez), relative error below 2^-47.364 */
#define EXP_M1 0x1.fffffffffff61p-1 /* 0.99999999999998234: r^1 */
#define EXP_M2 0x1.fffffffdbcc28p-2 /* 0.49999999986829601: r^2 */
#define EXP_M3 0x1.5555555a75f4fp-3 /* 0.16666666681589466: r^3 */
#define EXP_M4 0x1.55573c6e03c91p-5 /* 0.041667573954435549: r^4 */
#define EXP_M5 0x1.110fa46407f45p-7 /* 0.0083331635178748402: r^5 */

/* exp(r) = 1 + N1 r + N2 r^2 + N3 r^3 for |r| <= ln2/32:
 * minimax (Remez), relative error below 2^-29.243 */
#define EXP_N1 0x1.0000000d0ea71p+0 /* 1.0000000030401247: r^1 */
#define EXP_N2 0x1.00021f6c317bdp-1 /* 0.50001619525641383: r^2 */
#define EXP_N3 0x1.55523a44248f0p-3 /* 0.16666074295478195: r^3 */

/* 1 - exp(-r) = r (F0 + F1 r + F2 r^2 + F3 r^3) for |r| <= ln2/32:
 * minimax (Remez), relative error below 2^-32.022 */
#define EXP_F0 0x1.fffffffe07b9ap-1 /* 0.99999999977068229: r^0 */
#define EXP_F1 -0x1.fffffffd5f639p-2 /* -0.49999999984706596: r^1 */
#define EXP_F2 0x1.5557621f3be86p-3 /* 0.16667057664698264: r^2 */
#define EXP_F3 -0x1.5557622f78d72p-5 /* -0.041667644279892792: r^3 */

/* log1p(t) = t + t^2 (S0 + S1 t + ... + S8 t^8) for the t of log1p.h:
 * minimax (Remez), of t below 2^-62.277 */
#define LOG1P_S0 -0x1.0000000000000p-1 /* -0.5: t^0 */
#define LOG1P_S1 0x1.55555555554edp-2 /* 0.33333333333332755: t^1 */
#define LOG1P_S2 -0x1.ffffffffffcf3p-3 /* -0.24999999999997832: t^2 */
#define LOG1P_S3 0x1.9999999b9398ap-3 /* 0.20000000005752511: t^3 */
#define LOG1P_S4 -0x1.55555559580e1p-3 /* -0.16666666678339138: t^4 */
#define LOG1P_S5 0x1.249231457cf24p-3 /* 0.14285696500120892: t^5 */
#define LOG1P_S6 -0x1.ffffbc083168fp-4 /* -0.12499974679948366: t^6 */
#define LOG1P_S7 0x1.c7ffa384ddbe0p-4 /* 0.11132778048145964: t^7 */
#define LOG1P_S8 -0x1.9a95c00f3c9a5p-4 /* -0.10024046920060544: t^8 */

/* log((1 + s)/(1 - s)) = s (N0 + N1 z + ... + N5 z^5), z = s^2, for 0 <= s <= 1/3:
 * minimax (Remez), relative error below 2^-33.24 */
#define LOG_N0 0x1.ffffffff27314p+0 /* 1.9999999998028147: z^0 */
#define LOG_N1 0x1.555559932c1dep-1 /* 0.66666679307496303: z^1 */
#define LOG_N2 0x1.99962b13c917dp-2 /* 0.39998690899144392: z^2 */
#define LOG_N3 0x1.25138186f9542p-2 /* 0.28620722185435819: z^3 */
#define LOG_N4 0x1.b6223e1cdf7d7p-3 /* 0.21393250012982775: z^4 */
#define LOG_N5 0x1.f3facbc72a413p-3 /* 0.24413069917253036: z^5 */

#endif
