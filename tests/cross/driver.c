/* What every kernel makes of the same inputs, as one SHA-256 per function, type and output.
 *
 *   driver [BACKEND [FUNCTION TYPE]] < worst-cases
 *
 * prints lines `backend function type output sha256` for each backend that runs here; with
 * FUNCTION and TYPE given it prints, instead of hashes, one line of inputs and outputs per element.
 * Lines `type bits` on the standard input add inputs, bits in hexadecimal.
 *
 * Inputs are made and outputs written as integers: nothing here depends on the byte order or on
 * how the compiler treats floating point. */
#include "../native/in_parts.h"
#include "ogive.h"
#include "sha256.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 5000 };

typedef struct {
    int size, fraction_bits, exponent_bits;
} format;

typedef struct {
    const char *name;
    format format;
    /* The element with this number is made from the number times stride: a sample of the same
     * inputs for what is slow. */
    size_t count, stride;
} type;

static const type TYPES[] = {
    {"float64", {8, 52, 11}, 1 << 16, 1},
    {"float32", {4, 23, 8}, 1 << 16, 1},
    {"float16", {2, 10, 5}, 1 << 16, 1}, /* all of them */
    {"bfloat16", {2, 7, 8}, 1 << 16, 1}, /* all of them */
    /* The accurate phases on their own, the strides being coprime to the number of KINDS. */
    {"float64-phase2", {8, 52, 11}, 1 << 14, 1 << 4},
    {"float64-phase3", {8, 52, 11}, 1 << 10, 1 << 8},
};
enum { TYPE_COUNT = sizeof TYPES / sizeof TYPES[0] };

static ogive_kernel *kernel_of(const ogive_function *function, int type)
{
    ogive_kernel *const kernels[] = {function->f64,  function->f32,        function->f16,
                                     function->bf16, function->f64_phase2, function->f64_phase3};
    return kernels[type];
}

enum { MOST_WORST_CASES = 1 << 16 };

static struct {
    uint64_t bits[MOST_WORST_CASES];
    size_t count;
} worst_cases[TYPE_COUNT];

static void stop(const char *reason)
{
    fprintf(stderr, "driver: %s\n", reason);
    exit(2);
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        stop("out of memory");
    return memory;
}

static void read_worst_cases(void)
{
    char name[16];
    uint64_t bits;
    /* NOLINTNEXTLINE(cert-err34-c): matrix.py writes the numbers, never too large ones */
    while (scanf("%15s %" SCNx64, name, &bits) == 2)
        for (int t = 0; t < TYPE_COUNT; t++)
            if (strncmp(TYPES[t].name, name, strlen(name)) == 0) {
                if (worst_cases[t].count == MOST_WORST_CASES)
                    stop("too many worst cases");
                worst_cases[t].bits[worst_cases[t].count++] = bits;
            }
}

/* SplitMix64 (G. L. Steele, D. Lea, C. H. Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The bits of mantissa 2^exponent, cut to the format. */
static uint64_t encode(format f, uint64_t mantissa, int exponent)
{
    int bias = (1 << (f.exponent_bits - 1)) - 1, length = 0;
    while (length < 64 && mantissa >> length)
        length++;
    if (length == 0)
        return 0;
    int unit = exponent + length - 1 - f.fraction_bits, lowest = 1 - bias - f.fraction_bits;
    if (unit < lowest)
        unit = lowest;
    if (unit + f.fraction_bits > bias)
        return ((UINT64_C(1) << f.exponent_bits) - 1) << f.fraction_bits;
    int shift = exponent - unit;
    if (shift <= -64)
        return 0;
    mantissa = shift < 0 ? mantissa >> -shift : mantissa << shift;
    /* The leading bit of a normal number adds the 1 that is missing in its exponent. */
    return mantissa + ((uint64_t)(unit - lowest) << f.fraction_bits);
}

enum {
    ANY_BITS,
    BINADES,       /* 2^-64 to 2^10 */
    CENTRE,        /* -40 to 40 */
    WHOLE_RANGE,   /* -750 to 750 */
    POWERS_OF_TWO, /* all of them; 0, infinity and NaNs, signalling ones among them */
    POWERS_OF_E,   /* x = k ln2: thresholds of overflow and underflow, powers of two as results */
    INTEGERS,      /* where a kernel changes its way */
    REDUCTION_LIMITS, /* x = k ln2/32: where the integer k of e^-x = 2^(k/16) e^r changes */
    HALF_ULPS,        /* s(x) = 1/2 + x/4 - ... comes near to a tie */
    PROBABILITIES,    /* [0, 1], and near 0, 1/2 and 1: what logit takes; some with a minus */
    SPECIAL_VALUES,
    KINDS
};

#define LN2_53 UINT64_C(0x162e42fefa39ef) /* ln2 2^53 */

static uint64_t probability(format f, uint64_t random, uint64_t turn)
{
    uint64_t half = UINT64_C(1) << 63, little = random >> (2 + turn / 5 % 60);
    switch (turn % 5) {
    case 0:
        return encode(f, random >> 11, -53);
    case 1:
        return encode(f, random | half, -64 - (int)(turn / 5 % 1075));
    case 2:
        return encode(f, half + little, -64);
    case 3:
        return encode(f, half - little, -64);
    default:
        return encode(f, UINT64_MAX - little, -64);
    }
}

static uint64_t special_value(format f, uint64_t turn)
{
    uint64_t infinity = ((UINT64_C(1) << f.exponent_bits) - 1) << f.fraction_bits;
    switch (turn % 8) {
    case 0:
        return 0;
    case 1:
        return 1; /* the smallest subnormal */
    case 2:
        return encode(f, 1, -1);
    case 3:
        return encode(f, 1, 0);
    case 4:
        return encode(f, 40, 0);
    case 5:
        return infinity - 1; /* the largest number */
    case 6:
        return infinity;
    default:
        return infinity | UINT64_C(1) << (f.fraction_bits - 1); /* NaN */
    }
}

static uint64_t input_bits(format f, uint64_t number, int argument)
{
    uint64_t state = number * MOST_ARGUMENTS + (uint64_t)argument;
    uint64_t random = next_random(&state), choice = next_random(&state), bits = 0;
    uint64_t sign = (choice & 1) << (8 * f.size - 1);
    /* Half of the further arguments are of the first one's kind, none in step with it. */
    uint64_t kind = (argument == 0 || choice & 2 ? number : choice >> 32) % KINDS;
    uint64_t turn = argument == 0 ? number / KINDS : choice >> 8, neighbour = turn % 5 - 2;
    if (f.size == 2 && argument == 0)
        kind = ANY_BITS;

    switch (kind) {
    case ANY_BITS:
        bits = f.size == 2 && argument == 0 ? number : random;
        break;
    case BINADES:
        bits = encode(f, random | UINT64_C(1) << 63, (int)(choice >> 32) % 74 - 64 - 63);
        break;
    case CENTRE:
        bits = encode(f, (random >> 6) * 40, -58);
        break;
    case WHOLE_RANGE:
        bits = encode(f, (random >> 10) * 750, -54);
        break;
    case POWERS_OF_TWO:
        bits = ((turn / 5 & ((UINT64_C(1) << f.exponent_bits) - 1)) << f.fraction_bits) + neighbour;
        break;
    case POWERS_OF_E:
        bits = encode(f, turn / 5 % 1100 * LN2_53, -53) + neighbour;
        break;
    case INTEGERS:
        bits = encode(f, turn / 5 % 1100, 0) + neighbour;
        break;
    case REDUCTION_LIMITS:
        bits = encode(f, random % (1 << 15) * (LN2_53 >> 4), -49 - 5) + neighbour;
        break;
    case HALF_ULPS:
        bits = encode(f, random >> (64 - 1 - turn % 27), -f.fraction_bits) + neighbour;
        break;
    case PROBABILITIES:
        bits = probability(f, random, turn);
        sign = choice >> 4 & 7 ? 0 : sign;
        break;
    case SPECIAL_VALUES:
        bits = special_value(f, turn);
        break;
    }
    return (bits ^ sign) & (UINT64_MAX >> (64 - 8 * f.size));
}

static uint64_t input(int t, size_t at, int argument)
{
    size_t given = TYPES[t].count;
    if (at < given)
        return input_bits(TYPES[t].format, at * TYPES[t].stride, argument);
    return worst_cases[t].bits[(at - given + (size_t)argument) % worst_cases[t].count];
}

static void put(format f, char *to, uint64_t bits)
{
    uint32_t word = (uint32_t)bits;
    uint16_t half = (uint16_t)bits;
    memcpy(to,
           f.size == 8   ? (void *)&bits
           : f.size == 4 ? (void *)&word
                         : (void *)&half,
           (size_t)f.size);
}

static uint64_t get(format f, const char *from)
{
    uint64_t bits;
    uint32_t word;
    uint16_t half;
    if (f.size == 8)
        return memcpy(&bits, from, 8), bits;
    if (f.size == 4)
        return memcpy(&word, from, 4), word;
    return memcpy(&half, from, 2), half;
}

/* n elements from number `start` on through the kernel, long pieces by three threads. Every second
 * piece is computed in place, and every one has memory of its own and another alignment: sanitizers
 * see a step outside. */
static void run_piece(const ogive_function *function, int t, size_t start, size_t n, int piece,
                      sha256 *hashes)
{
    format f = TYPES[t].format;
    int inputs = function->inputs, outputs = function->outputs, shift = piece / 2 % 8;
    void *memory[MOST_ARGUMENTS];
    char *arguments[MOST_ARGUMENTS];
    for (int a = 0; a < inputs + outputs; a++) {
        memory[a] = allocate((size_t)shift + n * (size_t)f.size);
        arguments[a] = (char *)memory[a] + shift;
    }
    if (piece % 2)
        for (int o = 0; o < outputs && o < inputs; o++)
            arguments[inputs + o] = arguments[o];
    for (int a = 0; a < inputs; a++)
        for (size_t i = 0; i < n; i++)
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): outputs > 0 */
            put(f, arguments[a] + i * (size_t)f.size, input(t, start + i, a));

    kernel_call call = {kernel_of(function, t), arguments, inputs + outputs, f.size};
    run_in_parts(call, (ptrdiff_t)n, n < 1000 ? 1 : 3);

    for (size_t i = 0; i < n; i++) {
        for (int a = 0; !hashes && a < inputs; a++)
            printf("%0*" PRIx64 " ", 2 * f.size, input(t, start + i, a));
        for (int o = 0; o < outputs; o++) {
            uint64_t bits = get(f, arguments[inputs + o] + i * (size_t)f.size);
            if (!hashes)
                printf("%0*" PRIx64 "%c", 2 * f.size, bits, o + 1 < outputs ? ' ' : '\n');
            for (int byte = 0; hashes && byte < f.size; byte++)
                sha256_byte(&hashes[o], (unsigned)(bits >> (8 * byte) & 0xff));
        }
    }
    for (int a = 0; a < inputs + outputs; a++)
        free(memory[a]);
}

/* hashes NULL: print the elements. */
static void run(const ogive_function *function, int t, sha256 *hashes)
{
    /* Around every vector width, block length and pipeline depth. */
    static const size_t sizes[] = {1,  2,  3,    4,    5,    7,    8,    9,    15,
                                   17, 31, 63,   64,   65,   127,  129,  500,  1000,
                                   16, 33, 1023, 1024, 1025, 2047, 2049, PIECE};
    size_t total = TYPES[t].count + worst_cases[t].count, start = 0;
    for (int piece = 0; start < total; piece++) {
        size_t n = sizes[(size_t)piece % (sizeof sizes / sizeof sizes[0])];
        if (n > total - start)
            n = total - start;
        run_piece(function, t, start, n, piece, hashes);
        start += n;
    }
}

static void print_hashes(const ogive_backend *backend, const ogive_function *function, int t)
{
    sha256 hashes[MOST_ARGUMENTS];
    for (int o = 0; o < function->outputs; o++)
        hashes[o] = sha256_start();
    run(function, t, hashes);
    for (int o = 0; o < function->outputs; o++) {
        unsigned char digest[SHA256_BYTES];
        sha256_finish(&hashes[o], digest);
        printf("%s %s %s %d ", backend->name, function->name, TYPES[t].name, o);
        for (int i = 0; i < SHA256_BYTES; i++)
            printf("%02x", digest[i]);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    read_worst_cases();
    int done = 0;
    for (const ogive_backend *const *backend = ogive_backends; *backend; backend++) {
        if (!(*backend)->runs_here() || (argc > 1 && strcmp(argv[1], (*backend)->name) != 0))
            continue;
        for (int i = 0; i < ogive_function_count; i++) {
            const ogive_function *function = &(*backend)->functions[i];
            for (int t = 0; t < TYPE_COUNT; t++) {
                if (!kernel_of(function, t))
                    continue;
                if (argc <= 3)
                    print_hashes(*backend, function, t);
                else if (!strcmp(argv[2], function->name) && !strcmp(argv[3], TYPES[t].name))
                    run(function, t, NULL);
                else
                    continue;
                done++;
            }
        }
    }
    if (!done)
        stop("no such backend, function or type here");
    return 0;
}
