/* The loop over the blocks of an array. Included for vd and, where the vocabulary has floats, for vf,
 * with
 *
 *   VALUE, V(op)     the type and its operations
 *   MASK, M(op)      of comparisons
 *   PAIR             high + low
 *   LANES            of a VALUE
 *
 * A kernel maps one VALUE of each input to one of each output and returns the lanes in doubt. `known`
 * has the results of those that need no more thought: saturated, infinite, NaN. The others are noted
 * before an output that is an input as well is stored, and mended where there are enough of them or
 * the array ends: a call inside the loop would spill its registers.
 *
 * A long kernel is cut in two, each a loop over the block: a processor that looks a hundred
 * instructions ahead has then more of them to choose from that wait for no other. */

typedef struct {
    VALUE high, low;
} PAIR;

/* What the first half of a kernel leaves for the second. */
typedef struct {
    PAIR pair;
    VALUE value;
} V(terms);

typedef void V(first_half)(const VALUE *x, V(terms) * terms);
typedef MASK V(second_half)(const VALUE *x, const V(terms) * terms, VALUE *y);
typedef MASK V(known_function)(const VALUE *x, VALUE *y);
typedef VALUE V(load_function)(const char *from);
typedef void V(store_function)(char *to, VALUE a);

/* Whole vectors are read and written; of the last, lanes beyond n are in no doubt. first is NULL where the
 * second half does all. Of the outputs, `fetched` are had in the cache before they are stored. */
OGIVE_INLINE void V(run)(char *const *args, ptrdiff_t n, int inputs, int outputs, int fetched,
                         V(first_half) * first, V(second_half) * second, V(known_function) * known,
                         V(load_function) * load, V(store_function) * store,
                         const certified_function *f, const number_type *type, ptrdiff_t size)
{
    const ptrdiff_t block = BLOCK * LANES;
    char *x_of[MAX_INPUTS], *y_of[MAX_OUTPUTS]; /* not args, which a store might change */
    V(terms) terms[BLOCK];
    doubt_list doubts;
    doubts.count = 0;
    for (int k = 0; k < inputs; k++)
        x_of[k] = args[k];
    for (int o = 0; o < outputs; o++)
        y_of[o] = args[inputs + o];

    for (ptrdiff_t start = 0; start < n; start += block) {
        const ptrdiff_t end = n - start < block ? n : start + block;
        const V(terms) *from = terms;
        VALUE x[MAX_INPUTS], y[MAX_OUTPUTS];
        if (first) {
            V(terms) *to = terms;
            for (ptrdiff_t i = start; i < end; i += LANES) {
                if (start + block < n)
                    fetch_ahead(args, inputs, fetched, i * size, LANES * size);
                for (int k = 0; k < inputs; k++)
                    x[k] = load(x_of[k] + i * size);
                first(x, to++);
            }
        }
        for (ptrdiff_t i = start; i < end;) {
            ptrdiff_t stop = end;
            for (; i < stop; i += LANES) {
                if (!first && start + block < n)
                    fetch_ahead(args, inputs, fetched, i * size, LANES * size);
                for (int k = 0; k < inputs; k++)
                    x[k] = load(x_of[k] + i * size);
                uint32_t lanes = M(bits)(second(x, from, y));
                from += first != NULL;
                if (lanes) {
                    VALUE sure[MAX_OUTPUTS];
                    MASK settled = known(x, sure);
                    for (int o = 0; o < outputs; o++)
                        y[o] = V(select)(settled, sure[o], y[o]);
                    lanes &= ~M(bits)(settled) & lowest_bits(n - i);
                    note_doubts(&doubts, lanes, x_of, i, inputs, size);
                    if (doubts.count >= MENDED_AT_ONCE)
                        stop = i + LANES;
                }
                for (int o = 0; o < outputs; o++)
                    store(y_of[o] + i * size, y[o]);
            }
            if (doubts.count >= MENDED_AT_ONCE)
                mend(f, type, &doubts, args + inputs);
        }
    }
    if (doubts.count)
        mend(f, type, &doubts, args + inputs);
}

#undef VALUE
#undef V
#undef MASK
#undef M
#undef PAIR
#undef LANES
