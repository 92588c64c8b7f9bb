/* A kernel on n elements, in parts that the pool of threads.h shares out. */
#ifndef IN_PARTS_H
#define IN_PARTS_H

#include "environment.h"
#include "ogive.h"
#include "threads.h"

enum { MOST_ARGUMENTS = 16 };

typedef struct {
    ogive_kernel *kernel;
    char *const *arguments;
    int count;
    ptrdiff_t size; /* of an element */
} kernel_call;

static void run_part(void *context, ptrdiff_t start, ptrdiff_t stop)
{
    const kernel_call *call = context;
    char *arguments[MOST_ARGUMENTS];
    for (int a = 0; a < call->count; a++)
        arguments[a] = call->arguments[a] + start * call->size;
    ogive_environment saved = ogive_enter();
    call->kernel(arguments, stop - start);
    ogive_leave(saved);
}

static void run_in_parts(kernel_call call, ptrdiff_t n, int threads)
{
    ogive_share(run_part, &call, n, n / 7 + 1, threads);
}

#endif
