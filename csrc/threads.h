/* A small pool of threads that shares out the elements of one call at a time.
 *
 * A caller that finds the pool busy does its work alone, so any number of threads may call. Idle
 * threads sleep. A forked child begins with an empty pool. Where the platform has no threads, or
 * gives no more, the caller does what is left. */
#ifndef OGIVE_THREADS_H
#define OGIVE_THREADS_H

#include <stddef.h>

/* The number of threads that a call from here may use: the caller's own, else that of the process. */
int ogive_threads(void);

/* Sets the number of the process, at first 1. */
void ogive_set_threads(int n);

/* The caller's own number, 0 where it has none. */
typedef int ogive_own_threads(void);

/* Where a caller begins to have a number of its own (more = 1) or ends (-1): while there is any, all
 * have `own` asked for theirs. */
void ogive_ask_threads(ogive_own_threads *own, int more);

typedef void ogive_part(void *context, ptrdiff_t start, ptrdiff_t stop);

/* Runs part(context, start, stop) for parts that make up 0..n, of `step` elements and a shorter last
 * one, on this thread and up to threads - 1 others; returns when all are done. */
void ogive_share(ogive_part *part, void *context, ptrdiff_t n, ptrdiff_t step, int threads);

/* Runs part(context, 0, 1) with a stack of its own of 256 KiB, whatever is left of the caller's; on that
 * where the system gives none. */
void ogive_with_stack(ogive_part *part, void *context);

#endif
