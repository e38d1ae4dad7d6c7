#ifndef WORDHASH_FNV_H
#define WORDHASH_FNV_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t fnv1a(const unsigned char *bytes, size_t length) {
    uint32_t value = 0x811C9DC5u ^ (uint32_t)WORDHASH_SEED;
    for (size_t at = 0; at < length; at++) {
        value = (value ^ bytes[at]) * 0x01000193u;
    }
    return value;
}

#endif
