/* The floating-point environment around a run of kernels.
 *
 * ogive_enter sets round to nearest, no flush-to-zero, no traps; ogive_leave puts the
 * caller's environment back, flags included. So nothing the process did changes a bit of
 * the result, and no flag that a kernel raises is seen. */
#ifndef OGIVE_ENVIRONMENT_H
#define OGIVE_ENVIRONMENT_H

#include "exact.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>

typedef unsigned ogive_environment;

#define OGIVE_MXCSR_DEFAULT 0x1f80u
#define OGIVE_MXCSR_FLAGS 0x3fu
#define OGIVE_MXCSR_INEXACT 0x20u

static inline ogive_environment ogive_enter(void)
{
    unsigned saved = _mm_getcsr();
    if ((saved & ~OGIVE_MXCSR_FLAGS) != OGIVE_MXCSR_DEFAULT)
        _mm_setcsr(OGIVE_MXCSR_DEFAULT);
    return saved;
}

static inline void ogive_leave(ogive_environment saved)
{
    /* Reading the register costs less than writing it, but nearly every kernel raises inexact. */
    if (!(saved & OGIVE_MXCSR_INEXACT) || _mm_getcsr() != saved)
        _mm_setcsr(saved);
}

#elif defined(__aarch64__) && defined(__GNUC__)
#include <stdint.h>

typedef struct {
    uint64_t control, status;
} ogive_environment;

static inline ogive_environment ogive_enter(void)
{
    ogive_environment saved;
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved.control));
    __asm__ volatile("mrs %0, fpsr" : "=r"(saved.status));
    if (saved.control)
        __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0) : "memory");
    return saved;
}

static inline void ogive_leave(ogive_environment saved)
{
    if (saved.control)
        __asm__ volatile("msr fpcr, %0" : : "r"(saved.control) : "memory");
    __asm__ volatile("msr fpsr, %0" : : "r"(saved.status) : "memory");
}

#else
#include <fenv.h>

typedef fenv_t ogive_environment;

static inline ogive_environment ogive_enter(void)
{
    fenv_t saved;
    fegetenv(&saved);
    fesetenv(FE_DFL_ENV);
#if defined(__i386__) && defined(__GNUC__)
    /* x87: round to 53 bits, so that a double is a double. */
    const unsigned short control = 0x027f;
    __asm__ volatile("fldcw %0" : : "m"(control));
#endif
    return saved;
}

static inline void ogive_leave(ogive_environment saved) { fesetenv(&saved); }

#endif

/* The same for long double arithmetic, which on x86 has registers and a control word of
 * its own. */
#include <fenv.h>

static inline void ogive_enter_long_double(fenv_t *saved)
{
    fegetenv(saved);
    fesetenv(FE_DFL_ENV);
}

static inline void ogive_leave_long_double(const fenv_t *saved) { fesetenv(saved); }

#endif
