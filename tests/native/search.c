/* The inner loop of tests/search.py: where in an arithmetic progression of inputs a function comes
 * near to a rounding boundary.
 *
 * The function in ulps, F(i) for i = 0, 1, 2..., is a polynomial of degree DEGREE up to an error
 * far below the width searched. Only F mod 1 matters, so 128-bit fixed-point fractions that wrap
 * hold it, advanced by adding differences (V. Lefevre 1998). Within a block of BLOCK inputs degree
 * 2 and 64 bits do: F(kB + i) = A(k) + i D(k) + i(i-1)/2 S(k), and the polynomials A, D, S in k
 * are advanced from block to block. What is lost within one: the third difference, 2^-76 for e^x
 * and |x| < 2^10, times BLOCK^3/6: 2^-42; S cut to 2^-64, times BLOCK^2/2: 2^-41. */
#include <stddef.h>
#include <stdint.h>

enum { DEGREE = 4, BLOCK = 1 << 12, LANES = 8 };

__extension__ typedef unsigned __int128 fraction;
typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

static uint64_t leading(fraction a) { return (uint64_t)(a >> 64); }

/* Whether some i of a block has |F(i) - 1/2| <= width, all mod 1 in units of 2^-64. */
static int block_comes_near(uint64_t value, uint64_t slope, uint64_t curve, uint64_t width)
{
    lanes at, step, near = {0};
    const uint64_t low = (UINT64_C(1) << 63) - width;
    for (uint64_t lane = 0; lane < LANES; lane++) {
        at[lane] = value + lane * slope + lane * (lane - 1) / 2 * curve - low;
        step[lane] = LANES * slope + (LANES * lane + LANES * (LANES - 1) / 2) * curve;
    }
    for (int i = 0; i < BLOCK; i += LANES) {
        near |= (lanes)(at <= 2 * width);
        at += step;
        step += LANES * LANES * curve;
    }
    uint64_t any = 0;
    for (int lane = 0; lane < LANES; lane++)
        any |= near[lane];
    return any != 0;
}

/* Writes the inputs that come near, as indices, and returns how many they are, at most `room`.
 * table[p][d] is the d-th forward difference in k, at k = 0, of A, D, S; as low and high half. */
ptrdiff_t search(const uint64_t table[3][DEGREE + 1][2], ptrdiff_t blocks, uint64_t width,
                 int64_t *found, ptrdiff_t room)
{
    fraction difference[3][DEGREE + 1];
    for (int p = 0; p < 3; p++)
        for (int d = 0; d <= DEGREE; d++)
            difference[p][d] = (fraction)table[p][d][1] << 64 | table[p][d][0];

    ptrdiff_t count = 0;
    for (ptrdiff_t k = 0; k < blocks; k++) {
        uint64_t value = leading(difference[0][0]), slope = leading(difference[1][0]);
        uint64_t curve = leading(difference[2][0]);
        if (block_comes_near(value, slope, curve, width))
            for (uint64_t i = 0; i < BLOCK && count < room; i++) {
                uint64_t at = value + i * slope + i * (i - 1) / 2 * curve;
                if (at - (UINT64_C(1) << 63) + width <= 2 * width)
                    found[count++] = k * BLOCK + (int64_t)i;
            }
        for (int p = 0; p < 3; p++)
            for (int d = 0; d < DEGREE; d++)
                difference[p][d] += difference[p][d + 1];
    }
    return count;
}
