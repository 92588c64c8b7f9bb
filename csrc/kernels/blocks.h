/* The loop over the blocks of an array. Included for vd and, where the vocabulary has floats, for vf,
 * with
 *
 *   VALUE, V(op)     the type and its operations
 *   MASK, M(op)      of comparisons
 *   PAIR             high + low
 *   LANES            of a VALUE
 *
 * A kernel maps one VALUE of each input to one of each output and returns the lanes in doubt. `known`
 * has the results of those that need no more thought: saturated, infinite, NaN. The others of a block
 * are noted, and mended after it: a call inside the loop would spill its registers.
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

/* n is a multiple of LANES; first is NULL where the second half does all. Of the outputs, `fetched` are
 * had in the cache before they are stored. */
OGIVE_INLINE void V(run)(char *const *args, ptrdiff_t n, int inputs, int outputs, int fetched,
                         V(first_half) * first, V(second_half) * second, V(known_function) * known,
                         V(load_function) * load, V(store_function) * store,
                         const certified_function *f, const number_type *type, ptrdiff_t size)
{
    const ptrdiff_t block = BLOCK * LANES;
    char *const *out = args + inputs, *given[MAX_INPUTS];
    char copies[MAX_INPUTS * BLOCK * sizeof(VALUE)];
    char *copied = in_place(args, inputs, outputs) ? copies : NULL;
    V(terms) terms[BLOCK];
    doubtful doubtful_lanes[BLOCK];
    doubt_list doubts;
    doubts.count = 0;

    for (ptrdiff_t start = 0; start < n; start += block) {
        const ptrdiff_t end = n - start < block ? n - start : block;
        VALUE x[MAX_INPUTS], y[MAX_OUTPUTS];
        int count = 0;
        inputs_of_block(args, inputs, start * size, end * size, copied, given);
        if (first) {
            V(terms) *to = terms;
            for (ptrdiff_t i = 0; i < end; i += LANES) {
                if (start + block < n)
                    fetch_ahead(args, inputs, fetched, (start + i) * size, LANES * size);
                for (int k = 0; k < inputs; k++)
                    x[k] = load(given[k] + i * size);
                first(x, to++);
            }
        }
        const V(terms) *from = terms;
        for (ptrdiff_t i = 0; i < end; i += LANES) {
            if (!first && start + block < n)
                fetch_ahead(args, inputs, fetched, (start + i) * size, LANES * size);
            for (int k = 0; k < inputs; k++)
                x[k] = load(given[k] + i * size);
            uint32_t lanes = M(bits)(second(x, from, y));
            from += first != NULL;
            if (lanes) {
                VALUE sure[MAX_OUTPUTS];
                MASK settled = known(x, sure);
                for (int o = 0; o < outputs; o++)
                    y[o] = V(select)(settled, sure[o], y[o]);
                lanes &= ~M(bits)(settled);
            }
            for (int o = 0; o < outputs; o++)
                store(out[o] + (start + i) * size, y[o]);
            if (lanes) {
                doubtful_lanes[count].at = i;
                doubtful_lanes[count].lanes = lanes;
                count++;
            }
        }
        for (int d = 0; d < count; d++) {
            note_doubts(&doubts, &doubtful_lanes[d], given, start, inputs, size);
            if (doubts.count >= MENDED_AT_ONCE)
                mend(f, type, &doubts, out);
        }
    }
    if (doubts.count)
        mend(f, type, &doubts, out);
}

#undef VALUE
#undef V
#undef MASK
#undef M
#undef PAIR
#undef LANES
