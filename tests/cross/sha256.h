/* SHA-256 as FIPS 180-4 specifies it, byte by byte: any byte order, any word size. */
#ifndef OGIVE_TESTS_SHA256_H
#define OGIVE_TESTS_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_BYTES = 32 };

typedef struct {
    uint32_t state[8];
    uint64_t length; /* in bytes */
    unsigned char block[SHA256_BLOCK];
} sha256;

static inline sha256 sha256_start(void)
{
    /* The first 32 fraction bits of the square roots of the first 8 primes. */
    sha256 start = {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                     0x1f83d9ab, 0x5be0cd19},
                    0,
                    {0}};
    return start;
}

static inline uint32_t sha256_rotate(uint32_t word, int right)
{
    return word >> right | word << (32 - right);
}

static inline void sha256_compress(sha256 *hash)
{
    /* The first 32 fraction bits of the cube roots of the first 64 primes. */
    static const uint32_t round_constant[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    uint32_t schedule[64], a[8];
    for (int t = 0; t < 16; t++) {
        const unsigned char *byte = hash->block + 4 * t;
        schedule[t] =
            (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
    }
    for (int t = 16; t < 64; t++) {
        uint32_t x = schedule[t - 15], y = schedule[t - 2];
        schedule[t] = schedule[t - 16] + schedule[t - 7] +
                      (sha256_rotate(x, 7) ^ sha256_rotate(x, 18) ^ x >> 3) +
                      (sha256_rotate(y, 17) ^ sha256_rotate(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 8; i++)
        a[i] = hash->state[i];
    for (int t = 0; t < 64; t++) {
        uint32_t sum1 = sha256_rotate(a[4], 6) ^ sha256_rotate(a[4], 11) ^ sha256_rotate(a[4], 25);
        uint32_t choice = (a[4] & a[5]) ^ (~a[4] & a[6]);
        uint32_t first = a[7] + sum1 + choice + round_constant[t] + schedule[t];
        uint32_t sum0 = sha256_rotate(a[0], 2) ^ sha256_rotate(a[0], 13) ^ sha256_rotate(a[0], 22);
        uint32_t majority = (a[0] & a[1]) ^ (a[0] & a[2]) ^ (a[1] & a[2]);
        for (int i = 7; i > 0; i--)
            a[i] = a[i - 1];
        a[4] += first;
        a[0] = first + sum0 + majority;
    }
    for (int i = 0; i < 8; i++)
        hash->state[i] += a[i];
}

static inline void sha256_byte(sha256 *hash, unsigned byte)
{
    hash->block[hash->length++ % SHA256_BLOCK] = (unsigned char)byte;
    if (hash->length % SHA256_BLOCK == 0)
        sha256_compress(hash);
}

static inline void sha256_finish(sha256 *hash, unsigned char digest[SHA256_BYTES])
{
    uint64_t bits = 8 * hash->length;
    sha256_byte(hash, 0x80);
    while (hash->length % SHA256_BLOCK != SHA256_BLOCK - 8)
        sha256_byte(hash, 0);
    for (int shift = 56; shift >= 0; shift -= 8)
        sha256_byte(hash, (unsigned)(bits >> shift & 0xff));
    for (int i = 0; i < SHA256_BYTES; i++)
        digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

#endif
