
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "utf8_test.h"


size_t
test_utf8(const u_char *p, size_t len)
{
    size_t    i, n, more;
    uint32_t  code, low, high, min;

    for (i = 0; i < len; /* void */) {

        if (p[i] < 0x80) {
            if (p[i] == 0x0b || p[i] == 0x0c) {
                return i;
            }

            i++;
            continue;
        }

        more = p[i] >= 0xf0 ? 3 : p[i] >= 0xe0 ? 2 : 1;
        min = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
        code = p[i] & (0x3f >> more);

        if (p[i] < 0xc0 || p[i] >= 0xf8) {
            return i;
        }

        for (n = 0; /* void */ ; n++) {
            low = code << (6 * (more - n));
            high = low + ((1u << (6 * (more - n))) - 1);

            if (high < min || low > 0x10ffff
                || (low >= 0xd800 && high <= 0xdfff))
            {
                return i + n;
            }

            if (n == more || i + n + 1 == len) {
                break;
            }

            if ((p[i + n + 1] & 0xc0) != 0x80) {
                return i + n + 1;
            }

            code = code << 6 | (p[i + n + 1] & 0x3f);
        }

        i += n + 1;
    }

    return len;
}
