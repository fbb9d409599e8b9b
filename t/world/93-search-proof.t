#!/usr/bin/perl

# Proves that searches, orders and totals (U10) are what a second
# implementation makes of the same rule, which reads all users into memory and
# which somebody else wrote in another language: random queries over random
# users find the same ones in the same order.  It fails when somebody is found
# or not found by one of the two only.  PROFILE_SEED asks something else,
# PROFILE_USERS=5000 PROFILE_QUERIES=2000 more.

use lib 't/lib';
use ProfileTest;

use ProfileTest::Node qw(have_node run_node);

plan skip_all => 'Node is not installed' if !have_node();

my $t = ProfileTest->new(log => 'info');

my $search = $t->top . '/t/search';

$ENV{PROFILE_SEED} //= 1;
$ENV{PROFILE_USERS} //= $t->checker ? 250 : 1000;
$ENV{PROFILE_QUERIES} //= $t->checker ? 150 : 400;

my (undef, $v1) = $t->daemon([ 'node', "$search/backend.mjs",
                               @ENV{qw(PROFILE_SEED PROFILE_USERS)} ],
                             qr/port (\d+)/);

$t->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server 127.0.0.1:$v1;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

$ENV{PROFILE_DOMAIN} = '127.0.0.1:' . $t->port;

is(run_node("$search/prove.mjs"), 0, 'the proof was run');

for my $kind (qw(all email user_id connection social)) {
    like($t->daemon_output, qr/^list: $kind$/m, "U10.3 was called: $kind");
}

done_testing;
