/* Phase 3 in integers of 256 and 512 bits. */
#define PHASE3_SHORT
#define LEAST_WORDS 8
#define MANY_WORDS 16
#define MOST_WORDS 16
#include "phase3.c"
