/* pi/2 and polynomials of sin and cos, from csrc/gen/trig_constants.py: do not edit. */
/* clang-format off */
#ifndef OGIVE_TRIG_CONSTANTS_H
#define OGIVE_TRIG_CONSTANTS_H

#define TRIG_STEPS_PER_UNIT 0x1.45f306dc9c883p-1 /* 0.63661977236758134: 2/pi */
/* Products of quotients with the first two are exact, for angles up to 300. */
#define TRIG_STEP_HIGH 0x1.921fb54442c00p+0 /* 1.5707963267948344: 43 bits of pi/2 */
#define TRIG_STEP_MIDDLE 0x1.18469898cc400p-44 /* 6.2233721718962612e-14: the next 43 */
#define TRIG_STEP_LOW 0x1.1701b839a2520p-88 /* 3.5215598651832002e-27: the rest */

/* sin(r) = r + r^3 (S0 + S1 r^2 + ... + S6 r^12) for |r| <= pi/4:
 * minimax (Remez), error below 2^-68.814 of r or of 1 */
#define TRIG_S0 -0x1.5555555555555p-3 /* -0.16666666666666667: r^0 */
#define TRIG_S1 0x1.111111111110bp-7 /* 0.0083333333333333228: r^2 */
#define TRIG_S2 -0x1.a01a01a018ae9p-13 /* -0.00019841269841255137: r^4 */
#define TRIG_S3 0x1.71de3a5339e4bp-19 /* 2.7557319214227086e-6: r^6 */
#define TRIG_S4 -0x1.ae645298dec07p-26 /* -2.5052104921340509e-8: r^8 */
#define TRIG_S5 0x1.61209317e561fp-33 /* 1.605836789468896e-10: r^10 */
#define TRIG_S6 -0x1.aaa57813f43c5p-41 /* -7.5787618579788557e-13: r^12 */

/* cos(r) = 1 - r^2/2 + r^4 (C0 + C1 r^2 + ... + C5 r^10) for |r| <= pi/4:
 * minimax (Remez), error below 2^-64.218 of r or of 1 */
#define TRIG_C0 0x1.555555555554cp-5 /* 0.0416666666666666: r^0 */
#define TRIG_C1 -0x1.6c16c16c15184p-10 /* -0.0013888888888874139: r^2 */
#define TRIG_C2 0x1.a01a019cb26fdp-16 /* 2.4801587289491845e-5: r^4 */
#define TRIG_C3 -0x1.27e4f80a76f83p-22 /* -2.7557314355246135e-7: r^6 */
#define TRIG_C4 0x1.1ee9ec481ff6fp-29 /* 2.087572368496298e-9: r^8 */
#define TRIG_C5 -0x1.8faecf6940f43p-37 /* -1.1359669893606305e-11: r^10 */

#endif
