#!/usr/bin/perl

# Proves that users of any backend (M7) become what a second implementation of
# docs/mapping.md makes of them, which somebody else wrote in another language:
# random users by random schemas come out the same to the byte.  It fails when
# one of the two drops, moves, keeps or writes something else.  PROFILE_SEED
# makes others, PROFILE_SCHEMAS=2000 PROFILE_USERS=50 more.

use lib 't/lib';
use ProfileTest;

use ProfileTest::Node qw(have_node run_node);

plan skip_all => 'Node is not installed' if !have_node();

my $t = ProfileTest->new(log => 'info');

my $shape = $t->top . '/t/shape';

$ENV{PROFILE_SEED} //= 1;
$ENV{PROFILE_SCHEMAS} //= $t->checker ? 40 : 150;
$ENV{PROFILE_USERS} //= 30;

my (undef, $v1) = $t->daemon([ 'node', "$shape/backend.mjs",
                               @ENV{qw(PROFILE_SEED PROFILE_SCHEMAS
                                       PROFILE_USERS)} ], qr/port (\d+)/);

my $conf = qx(node "$shape/conf.mjs" @ENV{qw(PROFILE_SEED PROFILE_SCHEMAS)});

is($?, 0, 'there are schemas');

my ($schemas, $locations) = split /^--$/m, $conf;

$t->conf(<<"END");
    $schemas

    upstream backend {
        server 127.0.0.1:$v1;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        proxy_http_version 1.1;
        proxy_set_header Connection "";

        $locations
    }
END

$t->start;

$ENV{PROFILE_DOMAIN} = '127.0.0.1:' . $t->port;

is(run_node("$shape/prove.mjs"), 0, 'the proof was run');

done_testing;
