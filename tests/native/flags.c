/* Arithmetic that flags of compilers can change, out of what the kernels are made of: it prints the same
 * line each time, unless they do. */
#include "accurate/double_double.h"

#include <stdio.h>

enum { N = 64 };

/* Values that no compiler knows. */
static volatile double one_third = 0x1.5555555555555p-2, minus_zero = -0.0, least = 0x1p-1074;

static double x[N], y[N], contracted[N], quotients[N], errors[N];

static void print_digest(const double *results)
{
    uint64_t digest = 0;
    for (int i = 0; i < N; i++)
        digest = (digest ^ bits_of(results[i])) * UINT64_C(0x100000001b3); /* as in FNV-1a */
    printf("%016llx ", (unsigned long long)digest);
}

int main(void)
{
    double sum = 0, nan = minus_zero / minus_zero, infinity = 1 / -minus_zero;
    for (int i = 0; i < N; i++) {
        x[i] = (i + 1) * one_third;
        y[i] = 0x1.23456789p-30 * i - 1;
    }
    for (int i = 0; i < N; i++) /* each in a loop of its own, which a compiler may vectorize */
        sum += x[i];
    for (int i = 0; i < N; i++)
        contracted[i] = x[i] * y[i] + one_third;
    for (int i = 0; i < N; i++)
        quotients[i] = x[i] / 10.0;
    for (int i = 0; i < N; i++)
        errors[i] = two_sum(x[i], y[i]).low + two_product(x[i], y[i]).low;
    print_digest(contracted);
    print_digest(quotients);
    print_digest(errors);
    /* A constant, the sign of zero, a subnormal number, NaN, infinity. */
    printf("%a %a %a %a %d %d\n", sum, 0.1 * one_third, minus_zero + 0.0, 3 * least, nan == nan,
           infinity - infinity == 0);
    return 0;
}
