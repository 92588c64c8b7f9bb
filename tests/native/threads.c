/* Many threads in the kernels at once, for ThreadSanitizer: every backend and function, from their
 * first use on, on inputs that all threads read. Each thread's results are those of the first.
 *
 * The kernels keep no state; what is shared is the tables, the choice of a backend, the inputs, and
 * the pool of threads.h: each call asks it for as many threads more as one thread sets meanwhile. */
#include "in_parts.h"
#include "ogive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef THREADS
#define THREADS 8
#define ELEMENTS 700
#endif

enum { MOST_INPUTS = 5, MOST_OUTPUTS = 2, DTYPES = 6, WIDEST = 8 };

static char inputs[DTYPES][MOST_INPUTS][ELEMENTS * WIDEST];

typedef struct {
    uint64_t sum; /* FNV-1a of all results */
    long calls;
} outcome;

static outcome outcomes[THREADS];
static pthread_barrier_t start;
static atomic_int ended;

static void add_bytes(uint64_t *sum, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *sum = (*sum ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
}

static void call(const ogive_function *function, ogive_kernel *kernel, int dtype, outcome *result)
{
    static const size_t sizes[DTYPES] = {8, 4, 2, 2, 8, 8};
    char out[MOST_OUTPUTS][ELEMENTS * WIDEST], *args[MOST_INPUTS + MOST_OUTPUTS];
    if (!kernel)
        return;
    for (int k = 0; k < function->inputs; k++)
        args[k] = inputs[dtype][k];
    for (int o = 0; o < function->outputs; o++)
        args[function->inputs + o] = out[o];
    kernel_call now = {kernel, args, function->inputs + function->outputs, (ptrdiff_t)sizes[dtype]};
    run_in_parts(now, ELEMENTS, 1 + ogive_threads());
    for (int o = 0; o < function->outputs; o++)
        add_bytes(&result->sum, out[o], ELEMENTS * sizes[dtype]);
    result->calls++;
}

static void *run(void *result)
{
    pthread_barrier_wait(&start);
    for (const ogive_backend *const *backend = ogive_backends; *backend; backend++) {
        if (!(*backend)->runs_here())
            continue;
        for (int i = 0; i < ogive_function_count; i++) {
            const ogive_function *f = &(*backend)->functions[i];
            ogive_kernel *const kernels[DTYPES] = {f->f64,  f->f32,        f->f16,
                                                   f->bf16, f->f64_phase2, f->f64_phase3};
            for (int dtype = 0; dtype < DTYPES; dtype++)
                call(f, kernels[dtype], dtype, result);
        }
    }
    return NULL;
}

static void *set_numbers(void *wrong)
{
    int *differ = wrong;
    for (int n = 1; !atomic_load(&ended); n = n % 3 + 1) {
        ogive_set_threads(n);
        *differ |= ogive_threads() != n;
    }
    return NULL;
}

/* Numbers of moderate size, the bits of a float64, float32, float16 or bfloat16. */
static void make_inputs(void)
{
    static const int fraction_bits[DTYPES] = {52, 23, 10, 7, 52, 52};
    static const uint64_t bias[DTYPES] = {1023, 127, 15, 127, 1023, 1023};
    static const size_t sizes[DTYPES] = {8, 4, 2, 2, 8, 8};
    uint64_t random = 1;
    for (int dtype = 0; dtype < DTYPES; dtype++)
        for (int k = 0; k < MOST_INPUTS; k++)
            for (size_t i = 0; i < ELEMENTS; i++) {
                random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                uint64_t bits = random >> (64 - fraction_bits[dtype]);
                bits |= (bias[dtype] + 4 - (random & 7)) << fraction_bits[dtype];
                bits |= (random >> 3 & 1) << (8 * sizes[dtype] - 1);
                uint32_t word = (uint32_t)bits;
                uint16_t half = (uint16_t)bits;
                memcpy(inputs[dtype][k] + i * sizes[dtype],
                       sizes[dtype] == 8   ? (const void *)&bits
                       : sizes[dtype] == 4 ? (const void *)&word
                                           : (const void *)&half,
                       sizes[dtype]);
            }
}

int main(void)
{
    pthread_t threads[THREADS], setter;
    long calls = 0;
    int differ = 0, numbers_differ = 0;
    make_inputs();
    if (pthread_barrier_init(&start, NULL, THREADS))
        return 2;
    for (int t = 0; t < THREADS; t++)
        if (pthread_create(&threads[t], NULL, run, &outcomes[t]))
            return 2;
    if (pthread_create(&setter, NULL, set_numbers, &numbers_differ))
        return 2;
    for (int t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
        calls += outcomes[t].calls;
        differ |= outcomes[t].sum != outcomes[0].sum;
    }
    atomic_store(&ended, 1);
    pthread_join(setter, NULL);
    printf("%d threads, %ld calls of kernels at once, results %s\n", THREADS, calls,
           differ ? "differ" : "the same");
    return differ || numbers_differ || calls == 0;
}
