#!/usr/bin/perl

# Proves that a configuration for which there is not enough memory is refused:
# the N-th allocation of reading it fails, for every N, and "nginx -t" fails
# with it, without a crash.  The schema has a test of its own for that,
# t/core/test_alloc.c.
#
# It needs the module t/nginx/ngx_http_fail_module.c, as 36-alloc.t does.

use lib 't/lib';
use ProfileTest;

if (ProfileTest::version_text() !~ m{/t/nginx\b}) {
    plan(skip_all => 'this nginx cannot be made to fail: make test-asan');
}

my $t = ProfileTest->new;

# Each directive, and what is made of them when all is read.

my $conf = <<'END';
    profile_schema s {
        identity email;
    }

    profile_zone z 256k key=$host;

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_metrics z;

        location /a/ {
            profile_rewrite s envelope=a.b wrapper=c if=$arg_a api=v2;
            profile_rewrite_dry_run off;
            profile_types text/json;
            profile_list page=$profile_arg_page match=email:$profile_arg_b
                         total_member=a.n first_page=1;
            profile_fields $profile_arg_c exclude=$profile_segment_d;
            profile_walk /p query=$profile_arg_q sort=$arg_s size=5 if=$arg_w;
            profile_sort_buffer 1m;
            profile_cors $http_origin;
            profile_guard s mode=v2 if=$arg_b;
            profile_guard_status 422;
            profile_user_id /a/*;
            profile_call email /b$uri;
            profile_call read /b;
        }

        location /c {
            profile_rewrite s api=v2 users=none answer=$arg_a;
            profile_guard s mode=call id=a members=b,c:d;
        }

        location /m {
            profile_status json;
        }
    }
END

sub attempt {
    my ($n) = @_;

    my ($code, $out) = $t->test_conf("fail_alloc $n;\n$conf");
    my ($failed, $seen) = $out =~ /allocations that failed: (\d+) of (\d+)/;

    return ($code, $failed // 1, $seen // 0, $out);
}

my ($code, $failed, $seen, $out) = attempt(1000000);

is($code, 0, 'with enough memory') or diag($out);
is($failed, 0, 'no failure');
cmp_ok($seen, '>', 100, 'allocations');

my (@wrong, @spared);

for my $n (1 .. $seen) {
    ($code, $failed, undef, $out) = attempt($n);

    if ($code == 0 && $failed) {
        push @spared, $n;

    } elsif ($code != 1) {
        push @wrong, "$n: code $code\n$out";
    }
}

is(join("\n", @wrong), '', "each of $seen that fails is told");

# nginx sorts its addresses, and does without where it cannot.

cmp_ok(scalar @spared, '<=', 1, 'no more than one can be done without');

done_testing;
