
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCAN_H_INCLUDED_
#define _PROFILE_SCAN_H_INCLUDED_


/*
 * Over the bytes that a reader meets most, many at a time and none behind the
 * last.  Compiled into it: most of what is passed over is short.
 *
 * Three forms, of which the compiler takes what the processor always has; with
 * PROFILE_SCAN_PORTABLE the last one.
 */


#include "core/profile_core.h"


#if defined(PROFILE_SCAN_PORTABLE)

#elif defined(__SSE2__)

#include <emmintrin.h>

#define PROFILE_SCAN_SSE2   1

#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <arm_neon.h>

#define PROFILE_SCAN_NEON   1

#endif


/* a quote, a backslash, a control character or a byte beyond ASCII */

#define profile_scan_is_special(c)                                           \
    ((c) == '"' || (c) == '\\' || (c) < 0x20 || (c) >= 0x80)


/*
 * What is special in the PROFILE_SCAN_BLOCK bytes at p, as bits, of which the
 * first one tells where: profile_scan_index().  0: nothing is.
 */

#if PROFILE_SCAN_SSE2

#define PROFILE_SCAN_BLOCK        16
#define profile_scan_index(bits)  ((unsigned) __builtin_ctz(bits))

typedef unsigned  profile_scan_bits_t;


static inline profile_scan_bits_t
profile_scan_bits(const u_char *p)
{
    __m128i  v, quote, backslash, special;

    v = _mm_loadu_si128((const __m128i *) p);

    quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

    /* signed: what is beyond ASCII is less than a space, too */

    special = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
    special = _mm_or_si128(special, _mm_or_si128(quote, backslash));

    return (unsigned) _mm_movemask_epi8(special);
}

#elif PROFILE_SCAN_NEON

#define PROFILE_SCAN_BLOCK        16
#define profile_scan_index(bits)  ((unsigned) __builtin_ctzll(bits) / 4)

typedef uint64_t  profile_scan_bits_t;


static inline profile_scan_bits_t
profile_scan_bits(const u_char *p)
{
    uint8x16_t  v, quote, backslash, special;

    v = vld1q_u8(p);

    quote = vceqq_u8(v, vdupq_n_u8('"'));
    backslash = vceqq_u8(v, vdupq_n_u8('\\'));

    /* signed: what is beyond ASCII is less than a space, too */

    special = vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(' '));
    special = vorrq_u8(special, vorrq_u8(quote, backslash));

    /* four bits of each byte */

    return vget_lane_u64(vreinterpret_u64_u8(
               vshrn_n_u16(vreinterpretq_u16_u8(special), 4)), 0);
}

#else

#define PROFILE_SCAN_BLOCK        8

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define profile_scan_index(bits)  ((unsigned) __builtin_clzll(bits) / 8)
#else
#define profile_scan_index(bits)  ((unsigned) __builtin_ctzll(bits) / 8)
#endif

#define profile_scan_each(c)      ((uint64_t) (c) * 0x0101010101010101ULL)

typedef uint64_t  profile_scan_bits_t;


/*
 * In 7 bits of each byte, so that no sum carries into the next one, whichever
 * that is: a sum has the high bit if the byte is another one, or is no less.
 */

static inline profile_scan_bits_t
profile_scan_bits(const u_char *p)
{
    uint64_t  v, low, plain;

    memcpy(&v, p, sizeof(uint64_t));

    low = v & profile_scan_each(0x7f);

    plain = (low ^ profile_scan_each('"')) + profile_scan_each(0x7f);
    plain &= (low ^ profile_scan_each('\\')) + profile_scan_each(0x7f);
    plain &= low + profile_scan_each(0x80 - ' ');

    return (v | ~plain) & profile_scan_each(0x80);
}

#endif


/* The first byte of [p, last) that is special in a string, or last. */

static inline const u_char *
profile_scan_plain(const u_char *p, const u_char *last)
{
    profile_scan_bits_t  bits;

    for ( /* void */ ; last - p >= PROFILE_SCAN_BLOCK; p += PROFILE_SCAN_BLOCK)
    {
        bits = profile_scan_bits(p);

        if (bits) {
            return p + profile_scan_index(bits);
        }
    }

    while (p < last && !profile_scan_is_special(*p)) {
        p++;
    }

    return p;
}


/* Behind the white space that begins at p: lines are indented by spaces. */

static inline const u_char *
profile_scan_space(const u_char *p, const u_char *last)
{
    while (p < last && *p == ' ') {
        p++;
    }

    return p;
}


#endif /* _PROFILE_SCAN_H_INCLUDED_ */
