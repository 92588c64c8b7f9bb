/* The exact texts of all functions, in the vocabulary of a kind of NUMBER:
 *
 *   EXACT(name)                  what a function is called
 *   SET(double)                  of a double that phase 2 was given: only there may it be no finite one
 *   ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, ABS, IS_NEGATIVE
 *   IS_ZERO(a), IS_BELOW(a, e)   exactly 0; |a| < 2^e
 *   EXP_NEG(a)                   e^-a, a >= 0
 *   ONE_MINUS_EXP(a)             1 - e^-a, a >= 0, with as many digits as e^-a
 *   LOG1P(u), LOG_RATIO(n, d)    log(1 + u), 0 <= u <= 1, and log(n/d), n >= d > 0
 *   NEAR_HALF(x)                 1/2, and as little more or less as counts beside a tie: where defined
 *
 * They are the textbook's formulas, in the forms that lose no digits without need. What is exact is
 * found to be exact by the numbers themselves, which carry their errors. */
#define EXACT_TEXT
#include "../kernels/texts.h"
#undef EXACT_TEXT
