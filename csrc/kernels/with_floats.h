/* Includes the texts of all functions, of pairs or plain, for floats. */
#define VALUE vf
#define SCALAR float
#define V(op) vf_##op
#define MASK vfm
#define M(op) vfm_##op
#define PAIR vff
#define PLAIN(name) name##_plain_in_floats
#define P(name) name##_in_floats
#define EXP_NEG_TERMS exp_neg_terms_floats
#define EXP_NEG_PLAIN exp_neg_plain_floats
#define ERROR FLOAT_ERROR
#define PAIR_ERROR 0x1p-44F
#define PER_LOW 0x1.1p25F
#define TANH_ERROR (SIMD_FLOAT_TABLE == 8 ? 0x1.4p-34F : 0x1.1p-36F)
#define TANH_BOUND 24.0F /* 2 e^-48 < 2^-68 */
#define TANH_LOW_BOUND 0x1p-14F
#define FAR_BELOW_1 0x1p-4F
#define MODERATE_SIZE 0x1p16F /* 2^-4 of the tests' errors */
#define UNSEEN 0x1p-55F       /* half its square is no subnormal */
#define BOUND FLOAT_BOUND
#define SLOPE_BOUND 54.0F /* e^-54 2^-48 is no subnormal yet */
#define TINY 0x1p-80F
#define GATE_BOUND 40.0F
#define GATE_OUT_OF_SIGHT 0x1p-56F /* 2 e^-GATE_BOUND, of n = tanh/2 and less */
#define PLAIN_BOUND 40.0F
#define PLAIN_OUT_OF_SIGHT 0x1p-36F /* e^-PLAIN_BOUND 2^21 */
#define VANISHES 104.0F
#define VANISHES_TIMES 125.0F
#define OUT_OF_SIGHT 0x1p-92F /* e^-BOUND */
#define LOSS_BOUND BOUND
#define LOSS_OUT_OF_SIGHT OUT_OF_SIGHT
#define GATE_ERROR (1.02F * FLOAT_ERROR)
#define CELL_ERROR (1.01F * (FLOAT_ERROR + TANH_ERROR))
#define CELL_SIZE 3.0F
#define CELL_OUT_OF_SIGHT 0x1p-35F
#define LARGEST FLT_MAX
#define SMALLEST 0x1p-149F
#define SMALLEST_NORMAL FLT_MIN
#define BELOW_ONE (1 - 0x1p-24F)
#define INTEGER 0x1p23F
#define FRACTION_BITS 23
#define EXPONENT_BIAS 127
#define MODERATE 0x1p20F
#define OF_DOUBLES 0
#ifdef SIMD_FLOAT_WIDE_TABLE
#define TANH_BY_INTERVALS 1
#else
#define TANH_BY_INTERVALS 0
#endif
#define TANH_TABLE_ERROR 0x1p-33F
#define TANH_TABLE_ROUNDINGS 0x1.cp-23F
#ifdef PAIR_TEXT
#include "pairs.h"
#endif
#include "texts.h"
#include "without.h"
