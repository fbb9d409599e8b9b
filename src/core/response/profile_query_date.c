
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_query_date.h"


static int profile_query_date_fraction(profile_query_date_t *date,
    const u_char **pos, const u_char *last);
static int profile_query_date_offset(const u_char **pos, const u_char *last);
static int profile_query_date_shift(profile_query_date_t *date, int *n,
    int offset);
static void profile_query_date_digits(u_char *p, int n);
static int profile_query_date_days(int year, int month);


#define PROFILE_QUERY_NO_OFFSET  (24 * 60)


int
profile_query_date_read(profile_query_date_t *date, const profile_str_t *s)
{
    int            parts, offset, n[6];
    u_char         digits;
    const u_char  *p, *last;

    static const struct {
        char    before;
        u_char  digits;
        u_char  least;
        u_char  most;
    } part[] = {
        { '\0', 4, 0, 0 },
        { '-', 2, 1, 12 },
        { '-', 2, 1, 31 },
        { 'T', 2, 0, 23 },
        { ':', 2, 0, 59 },
        { ':', 2, 0, 60 }
    };

    p = s->data;
    last = s->data + s->len;

    date->len = 0;

    for (parts = 0; parts < 6; parts++) {

        if (parts) {
            if (p == last || *p != part[parts].before) {
                break;
            }

            date->text[date->len++] = *p++;
        }

        n[parts] = 0;

        for (digits = part[parts].digits; digits; digits--) {

            if (p == last || *p < '0' || *p > '9') {
                return 0;
            }

            n[parts] = n[parts] * 10 + (*p - '0');
            date->text[date->len++] = *p++;
        }

        if (parts && (n[parts] < part[parts].least
                      || n[parts] > part[parts].most))
        {
            return 0;
        }
    }

    if (parts > 2 && n[2] > profile_query_date_days(n[0], n[1])) {
        return 0;
    }

    if (parts == 6 && p < last && *p == '.') {

        if (profile_query_date_fraction(date, &p, last) != 0) {
            return 0;
        }

        parts++;
    }

    if (p < last && *p == 'Z' && parts > 3) {
        p++;

    } else if (p < last && parts > 4) {
        offset = profile_query_date_offset(&p, last);

        if (offset == PROFILE_QUERY_NO_OFFSET
            || profile_query_date_shift(date, n, offset) != 0)
        {
            return 0;
        }
    }

    return p == last ? parts : 0;
}


static int
profile_query_date_fraction(profile_query_date_t *date, const u_char **pos,
    const u_char *last)
{
    const u_char  *p, *start;

    start = *pos;
    p = start + 1;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    if (p - start == 1
        || (size_t) (p - start) > PROFILE_QUERY_DATE_LEN - date->len)
    {
        return -1;
    }

    memcpy(date->text + date->len, start, p - start);

    date->len += p - start;
    *pos = p;

    return 0;
}


/* "+01:00" or "+0100", in minutes */

static int
profile_query_date_offset(const u_char **pos, const u_char *last)
{
    int            i, n[4], minutes;
    const u_char  *p;

    p = *pos + 1;

    for (i = 0; i < 4; i++) {

        if (i == 2 && p < last && *p == ':') {
            p++;
        }

        if (p == last || *p < '0' || *p > '9') {
            return PROFILE_QUERY_NO_OFFSET;
        }

        n[i] = *p++ - '0';
    }

    minutes = (n[0] * 10 + n[1]) * 60 + n[2] * 10 + n[3];

    if (n[2] > 5 || minutes >= PROFILE_QUERY_NO_OFFSET
        || (**pos != '+' && **pos != '-'))
    {
        return PROFILE_QUERY_NO_OFFSET;
    }

    minutes = (**pos == '-') ? -minutes : minutes;
    *pos = p;

    return minutes;
}


/* less than a day, so that at most the next month is reached */

static int
profile_query_date_shift(profile_query_date_t *date, int *n, int offset)
{
    int  minutes;

    minutes = n[3] * 60 + n[4] - offset;

    if (minutes < 0) {
        minutes += 24 * 60;
        n[2]--;

    } else if (minutes >= 24 * 60) {
        minutes -= 24 * 60;
        n[2]++;
    }

    if (n[2] == 0) {

        if (--n[1] == 0) {
            n[1] = 12;
            n[0]--;
        }

        n[2] = profile_query_date_days(n[0], n[1]);

    } else if (n[2] > profile_query_date_days(n[0], n[1])) {
        n[2] = 1;

        if (++n[1] == 13) {
            n[1] = 1;
            n[0]++;
        }
    }

    if (n[0] < 0 || n[0] > 9999) {
        return -1;
    }

    profile_query_date_digits(date->text, n[0] / 100);
    profile_query_date_digits(date->text + 2, n[0] % 100);
    profile_query_date_digits(date->text + 5, n[1]);
    profile_query_date_digits(date->text + 8, n[2]);
    profile_query_date_digits(date->text + 11, minutes / 60);
    profile_query_date_digits(date->text + 14, minutes % 60);

    return 0;
}


static void
profile_query_date_digits(u_char *p, int n)
{
    p[0] = '0' + n / 10;
    p[1] = '0' + n % 10;
}


static int
profile_query_date_days(int year, int month)
{
    static const u_char  days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
                                    31 };

    return days[month - 1]
           + (month == 2 && year % 4 == 0
              && (year % 100 != 0 || year % 400 == 0));
}


void
profile_query_date_first(profile_query_date_t *date)
{
    static const u_char  first[] = "0000-01-01T00:00:00.000000000";

    memcpy(date->text + date->len, first + date->len,
           PROFILE_QUERY_DATE_LEN - date->len);

    date->len = PROFILE_QUERY_DATE_LEN;
}


int
profile_query_date_compare(const profile_query_date_t *date,
    const profile_query_date_t *among)
{
    return memcmp(date->text, among->text, among->len);
}
