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

/* exp(r) = 1 + N1 r + ... + N5 r^5 for |r| <= ln2/32:
 * minimax (Remez), relative error below 2^-47.364 */
#define EXP_N1 0x1.fffffffffff61p-1 /* 0.99999999999998234: r^1 */
#define EXP_N2 0x1.fffffffdbcc28p-2 /* 0.49999999986829601: r^2 */
#define EXP_N3 0x1.5555555a75f4fp-3 /* 0.16666666681589466: r^3 */
#define EXP_N4 0x1.55573c6e03c91p-5 /* 0.041667573954435549: r^4 */
#define EXP_N5 0x1.110fa46407f45p-7 /* 0.0083331635178748402: r^5 */

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

/* log((1 + s)/(1 - s)) = s (N0 + N1 z + ... + N8 z^8), z = s^2, for 0 <= s <= 1/3:
 * minimax (Remez), relative error below 2^-49.047 */
#define LOG_N0 0x1.0000000000008p+1 /* 2.0000000000000034: z^0 */
#define LOG_N1 0x1.555555554a64ap-1 /* 0.66666666666169157: z^1 */
#define LOG_N2 0x1.999999adef2e6p-2 /* 0.4000000011836121: z^2 */
#define LOG_N3 0x1.249241e199c41p-2 /* 0.28571417750794485: z^3 */
#define LOG_N4 0x1.c71f08e2de05dp-3 /* 0.22222716276496872: z^4 */
#define LOG_N5 0x1.741afad53a4f5p-3 /* 0.18169208491534731: z^5 */
#define LOG_N6 0x1.3eea5c82bed9ap-3 /* 0.15572044633868815: z^6 */
#define LOG_N7 0x1.e0c537eeb5dd2p-4 /* 0.11737558220499203: z^7 */
#define LOG_N8 0x1.8081b28c0f4b3p-3 /* 0.18774737825325402: z^8 */

#endif
