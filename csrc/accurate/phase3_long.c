/* Phase 3 in up to 5,632 bits: the terms of a sum may be 2^1024 and e^-EXP_NEG_BOUND. The numbers take
 * more stack than a thread may have. */
#define LEAST_WORDS 32
#define MANY_WORDS 64
#define MOST_WORDS 176

#include "phase3_text.h"

#include "../threads.h"

typedef struct {
    big_function *f;
    const double *x;
    int output;
    const number_format *format;
    double result;
} question;

static void answer(void *context, ptrdiff_t start, ptrdiff_t stop)
{
    question *q = context;
    (void)start, (void)stop;
    decide(q->f, q->x, q->output, q->format, &q->result);
}

#define PHASE3_ROW(name, inputs, outputs, aliases, summary)                                        \
    double ogive_##name##_phase3_long(const double *x, int output, const number_format *format)    \
    {                                                                                              \
        question q = {name##_big, x, output, format, 0};                                           \
        ogive_with_stack(answer, &q);                                                              \
        return q.result;                                                                           \
    }
OGIVE_FUNCTIONS(PHASE3_ROW)
