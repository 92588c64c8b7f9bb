/* What this x86 processor and its operating system offer. */
#ifndef OGIVE_ISA_CPUID_H
#define OGIVE_ISA_CPUID_H

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#include <stddef.h>
#include <stdint.h>

enum { EAX, EBX, ECX, EDX };

static inline int ogive_cpuid_of(unsigned leaf, unsigned part, unsigned out[4])
{
#if defined(_MSC_VER)
    int words[4];
    __cpuid(words, (int)(leaf & 0x80000000u));
    if ((unsigned)words[0] < leaf)
        return 0;
    __cpuidex((int *)out, (int)leaf, (int)part);
    return 1;
#else
    return __get_cpuid_count(leaf, part, &out[EAX], &out[EBX], &out[ECX], &out[EDX]);
#endif
}

static inline int ogive_cpuid(unsigned leaf, unsigned out[4])
{
    return ogive_cpuid_of(leaf, 0, out);
}

/* The bytes of the last cache before memory; 0 where it is not known. */
static ptrdiff_t ogive_last_cache;

#if !defined(_MSC_VER)
/* When the library is loaded, as a hypervisor answers in microseconds; by Intel's leaf or AMD's. */
__attribute__((constructor)) static void find_last_cache(void)
{
    const unsigned leaves[] = {4, 0x8000001Du};
    for (int vendor = 0; vendor < 2; vendor++) {
        unsigned cache[4];
        for (unsigned k = 0; ogive_cpuid_of(leaves[vendor], k, cache) && cache[EAX] & 31; k++) {
            unsigned ways = (cache[EBX] >> 22) + 1, partitions = (cache[EBX] >> 12 & 1023) + 1;
            unsigned line = (cache[EBX] & 4095) + 1;
            ptrdiff_t size = (ptrdiff_t)ways * partitions * line * ((ptrdiff_t)cache[ECX] + 1);
            if (size > ogive_last_cache)
                ogive_last_cache = size;
        }
    }
}
#endif

/* The register state that the operating system saves: XCR0. */
static inline uint32_t ogive_saved_state(void)
{
#if defined(_MSC_VER)
    return (uint32_t)_xgetbv(0);
#else
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
}

static inline int ogive_has_bits(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

static inline int ogive_cpu_has_avx2(void)
{
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, f16c = 1u << 29, avx2 = 1u << 5;
    const uint32_t xmm_ymm = 0x06;
    unsigned leaf1[4], leaf7[4];
    return ogive_cpuid(1, leaf1) && ogive_has_bits(leaf1[ECX], fma | osxsave | f16c) &&
           ogive_has_bits(ogive_saved_state(), xmm_ymm) && ogive_cpuid(7, leaf7) &&
           ogive_has_bits(leaf7[EBX], avx2);
}

static inline int ogive_cpu_has_avx512(void)
{
    const uint32_t f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    const uint32_t xmm_ymm_opmask_zmm = 0xe6;
    unsigned leaf7[4];
    return ogive_cpu_has_avx2() && ogive_has_bits(ogive_saved_state(), xmm_ymm_opmask_zmm) &&
           ogive_cpuid(7, leaf7) && ogive_has_bits(leaf7[EBX], f | dq | bw | vl);
}

#endif
