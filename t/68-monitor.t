#!/usr/bin/perl

# Proves "make monitor": Prometheus scrapes the demo with the shipped
# configuration, and both end together.  It fails when the demo no longer shows
# its metrics where the configuration looks for them.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Process qw(children);

use JSON::PP qw(decode_json);

my $t = ProfileTest->new;

$ENV{TMPDIR} = $t->dir;

my ($port, $prometheus) = ($t->port, $t->port(1));
my ($pid) = $t->daemon([ 'demo/monitor.sh', $port, $prometheus ],
                       qr/Ctrl-C stops all of it/);
my $said = $t->daemon_output;

my @urls = $said =~ m{http://127\.0\.0\.1:$port(/metrics\S*?)'?$}mg;

is(scalar @urls, 3, 'three forms to look at');
is($t->get($_)->status, 200, "status of $_") for @urls;
like($said, qr{^ +http://127\.0\.0\.1:$prometheus/alerts$}m, 'Prometheus');

my ($query) = $said =~ m{^ +http://127\.0\.0\.1:$prometheus/graph\?(?#
                         )g0\.expr=(\S+)&g0\.tab=0$}m;

is($t->get('/api/v2/users?per_page=3')->status, 200, 'a list');

my $value;

$t->wait(sub {
    my $r = $t->get('/api/v1/query?query=sum(profile_users_total)',
                    ':port' => $prometheus);

    $value = decode_json($r->body)->{data}{result}[0]{value}[1] // 0;
    return $value == 3;
});

is($value, 3, 'its users, from Prometheus');

ok($t->wait(sub {
    my $r = $t->get("/api/v1/query?query=$query", ':port' => $prometheus);

    return @{ decode_json($r->body)->{data}{result} };
}), 'the query to begin with is answered');

my @children = children($pid);

is(scalar @children, 2, 'the demo and Prometheus run');

kill 'INT', $pid;

ok($t->wait_gone($pid, @children), 'both end with it');
is_deeply([ glob $t->dir . '/profile-*.*' ], [], 'no file is left');

my $out = qx{demo/monitor.sh 80a 2>&1 </dev/null};

like($out, qr/^make monitor: 80a or 9090 is no port/, 'no port: message');

done_testing;
