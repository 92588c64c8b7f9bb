/* The libFuzzer target of tests/fuzz.py: inner loops of the ufuncs on whatever operands.
 *
 * The bytes choose a function, dtype and backend, how many elements, the step, alignment and
 * overlap of each operand, the floating-point environment, and the elements. Every operand, or
 * group of overlapping ones, fills an allocation of its own to the byte, so that AddressSanitizer
 * sees a step outside. Afterwards memory, gaps between elements included, must be what the
 * generic backend leaves behind that computes element by element on copies; args, dimensions,
 * steps and the environment must be as they were. */
#include <fenv.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPERANDS = 8, WIDEST = 16, PADDING = 16 };

typedef void inner_loop(char **args, const ptrdiff_t *dimensions, const ptrdiff_t *steps,
                        void *data);

/* One function and dtype on one backend. */
typedef struct {
    inner_loop *run;
    void *data;
    ptrdiff_t size;
    int fraction_bits, inputs, operands;
} loop;

/* A row per function and dtype, the generic backend last. */
static const loop *loops;
static size_t rows, backends;

extern int LLVMFuzzerRunDriver(int *argc, char ***argv,
                               int (*test)(const uint8_t *bytes, size_t size));

typedef struct {
    const uint8_t *at, *end;
} source;

static unsigned take(source *bytes) { return bytes->at < bytes->end ? *bytes->at++ : 0u; }

static void require(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static char *allocate(ptrdiff_t size)
{
    char *memory = malloc(size ? (size_t)size : 1);
    require(memory != NULL, "out of memory");
    return memory;
}

typedef struct {
    const loop *chosen;
    ptrdiff_t n;
    ptrdiff_t steps[MOST_OPERANDS], offsets[MOST_OPERANDS]; /* offsets: in the group's memory */
    int group[MOST_OPERANDS];                               /* the first operand that shares it */
    ptrdiff_t sizes[MOST_OPERANDS];                         /* of the memory, by group */
} layout;

static ptrdiff_t step_of(unsigned choice, ptrdiff_t size, int is_output)
{
    static const int multiples[] = {1, 1, 1, 1, 2, 3, -1, -2, 0, 5, -7, 64};
    ptrdiff_t step = multiples[choice % 12] * size, odd = (ptrdiff_t)(choice / 12 % 4);
    /* A long double is aligned, which NumPy sees to; elements of an output do not overlap. */
    if (size == WIDEST || odd == 0 || (is_output && step == 0))
        return step;
    return step < 0 ? step - odd : step + odd;
}

static layout choose_layout(source *bytes, const loop *chosen)
{
    layout l = {.chosen = chosen};
    unsigned length = take(bytes), longer = take(bytes);
    ptrdiff_t size = chosen->size;
    l.n = (ptrdiff_t)(length % (longer % 4 ? 18 : longer % 32 ? 41 : 131));
    if (longer % 64 == 1)
        l.n += 480; /* beyond a block of the kernels, and of the strided loop */

    ptrdiff_t low[MOST_OPERANDS], high[MOST_OPERANDS];
    for (int k = 0; k < chosen->operands; k++) {
        unsigned shared = take(bytes), shift = take(bytes);
        int with = shared % 4 ? k : (int)(shared / 4) % (k + 1);
        ptrdiff_t offset;
        if (with >= chosen->inputs)
            with = k; /* outputs do not overlap each other */
        l.steps[k] = step_of(take(bytes), size, k >= chosen->inputs);
        l.group[k] = with < k ? l.group[with] : k;
        if (with < k && k >= chosen->inputs)
            for (int o = chosen->inputs; o < k; o++)
                if (l.group[o] == l.group[k])
                    with = l.group[k] = k;
        if (with < k && shift % 4 == 0) { /* in place */
            l.steps[k] = l.steps[with];
            offset = l.offsets[with];
            if (k >= chosen->inputs && l.steps[k] != 0 && labs(l.steps[k]) < size)
                l.steps[k] = size;
        } else {
            offset = ((ptrdiff_t)(shift / 4) - 32) * (size == WIDEST ? size : 1);
            if (with == k)
                offset = 0;
        }
        l.offsets[k] = offset;

        ptrdiff_t last = l.n ? (l.n - 1) * l.steps[k] : 0, width = l.n ? size : 0;
        ptrdiff_t from = offset + (last < 0 ? last : 0),
                  to = offset + (last > 0 ? last : 0) + width;
        int g = l.group[k];
        low[g] = g == k || from < low[g] ? from : low[g];
        high[g] = g == k || to > high[g] ? to : high[g];
    }
    ptrdiff_t padding[MOST_OPERANDS];
    for (int k = 0; k < chosen->operands; k++) {
        int g = l.group[k];
        if (g == k)
            padding[k] = size == WIDEST ? 0 : (ptrdiff_t)(take(bytes) % PADDING);
        l.sizes[k] = g == k ? padding[k] + high[k] - low[k] : 0;
        l.offsets[k] += padding[g] - low[g];
    }
    return l;
}

/* SplitMix64. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A number of moderate size, where results are no limits. */
static void put_moderate(char *to, const loop *chosen, uint64_t random)
{
    ptrdiff_t size = chosen->size, width = size == WIDEST ? 8 : size;
    int fraction_bits = size == WIDEST ? 52 : chosen->fraction_bits;
    uint64_t bias = (UINT64_C(1) << (8 * width - fraction_bits - 2)) - 1;
    uint64_t exponent = bias + 5 - (random & 15);
    uint64_t bits = random >> 4 & ((UINT64_C(1) << fraction_bits) - 1);
    bits |= exponent << fraction_bits | (random >> 63) << (8 * width - 1);
    uint32_t word = (uint32_t)bits;
    uint16_t half = (uint16_t)bits;
    double number;
    memcpy(&number, &bits, sizeof number);
    long double wide = (long double)number;
    memcpy(to,
           size == 2   ? (const void *)&half
           : size == 4 ? (const void *)&word
           : size == 8 ? (const void *)&bits
                       : (const void *)&wide,
           size == WIDEST ? sizeof wide : (size_t)size);
}

/* The rest of the bytes over and over, or numbers made from them. */
static void fill(source bytes, const layout *l, char **memory, int moderate)
{
    source rest = bytes;
    uint64_t seed = 0;
    while (bytes.at < bytes.end)
        seed = seed * 257 + take(&bytes) + 1;
    for (int k = 0; k < l->chosen->operands; k++) {
        for (ptrdiff_t i = 0; i < l->sizes[k]; i++) {
            if (bytes.at >= bytes.end)
                bytes = rest;
            memory[k][i] = (char)take(&bytes);
        }
    }
    if (moderate)
        for (int k = 0; k < l->chosen->inputs; k++)
            for (ptrdiff_t i = 0; i < l->n; i++)
                put_moderate(memory[l->group[k]] + l->offsets[k] + i * l->steps[k], l->chosen,
                             next_random(&seed));
}

/* Element by element, on copies, by the generic backend. */
static void expect(const layout *l, const loop *generic, char **memory)
{
    _Alignas(WIDEST) char elements[MOST_OPERANDS][WIDEST];
    char *args[MOST_OPERANDS];
    const ptrdiff_t one = 1;
    for (int k = 0; k < generic->operands; k++)
        args[k] = elements[k];
    for (ptrdiff_t i = 0; i < l->n; i++) {
        size_t size = (size_t)generic->size;
        for (int k = 0; k < generic->operands; k++) /* of outputs the padding of long double */
            memcpy(elements[k], memory[l->group[k]] + l->offsets[k] + i * l->steps[k], size);
        generic->run(args, &one, l->steps, generic->data);
        for (int k = generic->inputs; k < generic->operands; k++)
            memcpy(memory[l->group[k]] + l->offsets[k] + i * l->steps[k], elements[k], size);
    }
}

static int test(const uint8_t *data, size_t size)
{
    static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    source bytes = {data, data + size};
    size_t row = (take(&bytes) + 256u * take(&bytes)) % rows;
    const loop *generic = &loops[row * backends + backends - 1];
    const loop *chosen = &loops[row * backends + take(&bytes) % backends];
    unsigned state = take(&bytes);
    const int operands = chosen->operands;
    layout l = choose_layout(&bytes, chosen);

    char *memory[MOST_OPERANDS], *expected[MOST_OPERANDS];
    char *args[MOST_OPERANDS], *args_before[MOST_OPERANDS];
    for (int k = 0; k < operands; k++)
        memory[k] = allocate(l.sizes[k]);
    fill(bytes, &l, memory, (state & 1) != 0);
    for (int k = 0; k < operands; k++) {
        expected[k] = allocate(l.sizes[k]);
        memcpy(expected[k], memory[k], (size_t)l.sizes[k]);
        args_before[k] = args[k] = memory[l.group[k]] + l.offsets[k];
    }
    expect(&l, generic, expected);

    const ptrdiff_t n = l.n;
    ptrdiff_t steps[MOST_OPERANDS];
    memcpy(steps, l.steps, sizeof steps);
    int rounding = roundings[state >> 1 & 3], flags = state & 8 ? FE_INEXACT | FE_OVERFLOW : 0;
    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept(flags);
    flags = fetestexcept(FE_ALL_EXCEPT);
    fesetround(rounding);
    chosen->run(args, &l.n, l.steps, chosen->data);
    require(fegetround() == rounding, "another rounding mode");
    require(fetestexcept(FE_ALL_EXCEPT) == flags, "other floating-point flags");
    fesetround(FE_TONEAREST);

    require(memcmp(args, args_before, (size_t)operands * sizeof args[0]) == 0 && l.n == n &&
                memcmp(steps, l.steps, sizeof steps) == 0,
            "args, dimensions or steps were written to");
    for (int k = 0; k < operands; k++) {
        require(memcmp(memory[k], expected[k], (size_t)l.sizes[k]) == 0,
                "not what the generic backend makes of each element");
        free(memory[k]);
        free(expected[k]);
    }
    return 0;
}

/* libFuzzer's main, with the loops to try. It ends the process. */
int fuzz(int argc, char **argv, const loop *table, size_t row_count, size_t backend_count)
{
    loops = table;
    rows = row_count;
    backends = backend_count;
    return LLVMFuzzerRunDriver(&argc, &argv, test);
}
