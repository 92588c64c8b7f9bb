/* Includes the texts of all functions, of pairs or plain, for doubles. */
#define VALUE vd
#define SCALAR double
#define V(op) vd_##op
#define MASK vm
#define M(op) vm_##op
#define PAIR vdd
#define PLAIN(name) name##_plain_in_doubles
#define P(name) name##_in_doubles
#define EXP_NEG_TERMS exp_neg_terms
#define EXP_NEG_PLAIN exp_neg_plain
#define ERROR DOUBLE_ERROR
#define PAIR_ERROR 0x1p-100
#define PER_LOW 0x1.1p54
#define TANH_ERROR (SIMD_FMA ? 0x1.dp-66 : 0x1.4p-65)
#define TANH_BOUND 30.0 /* 2 e^-60 < 2^-85 */
#define TANH_LOW_BOUND 0x1p-40
#define FAR_BELOW_1 0x1p-4
#define MODERATE_SIZE 0x1p37 /* 2^-4 of the tests' errors */
#define UNSEEN 0x1p-250
#define BOUND DOUBLE_BOUND
#define SLOPE_BOUND DOUBLE_BOUND
#define TINY 0x1p-840 /* 2^-66 of it is more than e^-BOUND */
#define GATE_BOUND 250.0
#define GATE_OUT_OF_SIGHT 0x1p-359 /* 2 e^-GATE_BOUND, of n = tanh/2 and less */
#define PLAIN_BOUND 300.0
#define PLAIN_OUT_OF_SIGHT 0x1p-391 /* e^-PLAIN_BOUND 2^41 */
#define VANISHES 746.0
#define VANISHES_TIMES 780.0
#define OUT_OF_SIGHT 0x1p-908 /* e^-BOUND */
#define LOSS_BOUND FAR_DISTANCE
#define LOSS_OUT_OF_SIGHT 0x1p-461 /* e^-LOSS_BOUND */
#define GATE_ERROR (1.02 * DOUBLE_ERROR)
#define CELL_ERROR (1.01 * (DOUBLE_ERROR + TANH_ERROR))
#define CELL_SIZE 1.0
#define CELL_OUT_OF_SIGHT 0x1p-319
#define LARGEST DBL_MAX
#define SMALLEST 0x1p-1074
#define SMALLEST_NORMAL DBL_MIN
#define BELOW_ONE (1 - 0x1p-53)
#define INTEGER 0x1p52
#define FRACTION_BITS 52
#define EXPONENT_BIAS 1023
#define MODERATE 0x1p20
#define OF_DOUBLES 1
#define TANH_BY_INTERVALS 0
#ifdef PAIR_TEXT
#include "pairs.h"

#include "far.h"
#endif
#include "texts.h"
#include "without.h"
