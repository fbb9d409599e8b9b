#!/usr/bin/perl

# Proves the numbers where they are looked at: a real Prometheus scrapes two
# instances of nginx and its query API gives back what their clients did, in
# sum; the shipped configuration and rules run in it, every query of the
# dashboard and of docs/metrics.md is answered, and each alert is raised by what
# it is for.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use JSON::PP qw(decode_json encode_json);

my @instances = map { ProfileTest->new } 1 .. 2;
my ($t, $second) = @instances;

for my $instance (@instances) {
    $instance->backend({
        '/u'   => { body => '[{"user_id":"auth0|1","hobby":"x"},'
                            . '{"user_id":"auth0|2"}]' },
        '/bad' => { body => '{' },
        '*'    => { status => 404, body => '{}' },
    });

    $instance->conf(<<'END');
    include profile/auth0.conf;
    profile_zone profiles 1m key=$server_name;

    server {
        listen 127.0.0.1:%%PORT%%;
        server_name gateway;
        profile_metrics profiles;

        location / {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_guard auth0 mode=v2;
        }

        location = /metrics {
            profile_status;
        }
    }
END

    $instance->start;
}

# What is shipped, with these targets, and faster.

my $dir = $t->dir;
my $shipped = $t->top . '/conf/prometheus';
my $conf = $t->read_file("$shipped/prometheus.yml");

$conf =~ s/^( *- )127\.0\.0\.1:8080\n/join '', map {
    "${1}127.0.0.1:" . $_->port . "\n" } @instances/gem;
$conf =~ s/_interval: \K\w+/200ms/g;

is(scalar(() = $conf =~ /127\.0\.0\.1/g), 2, 'configuration: two targets');

$t->write_file('prometheus.yml', $conf);
$t->write_file('rules.yml', $t->read_file("$shipped/rules.yml"));

sub tool {
    my (@arguments) = @_;

    my $out = qx{promtool @arguments 2>&1};

    diag($out) if $?;

    return $? >> 8;
}

is(tool('check', 'config', "$shipped/prometheus.yml"), 0,
   'promtool: the configuration');
is(tool('check', 'rules', "$shipped/rules.yml"), 0, 'promtool: the rules');

# What each alert is for.  Series of an hour, a value a minute; three hours: all
# is well, nothing happens, all that can be wrong is.

my %severity = (
    ProfileGatewayDown     => 'critical',
    ProfileResponsesFail   => 'critical',
    ProfileCallsFail       => 'critical',
    ProfileWalksFail       => 'critical',
    ProfileWalksGivenUp    => 'warning',
    ProfileRewritingSlow   => 'warning',
    ProfileWritesRefused   => 'warning',
    ProfileProviderUnknown => 'info',
    ProfileZoneFull        => 'warning',
);

my @series = (
    [ 'up', 'job="nginx_profile"', '1x60', '1x60', '0x60' ],
    [ 'requests_total', 'action="rewritten",reason=""',
      '0+100x60', '0x60', '0+95x60' ],
    [ 'requests_total', 'action="failed",reason="client"',
      '0+50x60', '0x60', '0x60' ],
    [ 'requests_total', 'action="failed",reason="truncated"',
      '0+1x60', '0x60', '0+5x60' ],
    [ 'requests_total', 'action="failed",reason="search_limit"',
      '0+50x60', '0x60', '0x60' ],
    [ 'walks_total', 'result="end"', '0+80x60', '0x60', '0+80x60' ],
    [ 'walks_total', 'result="limit"', '0+9x60', '0x60', '0+15x60' ],
    [ 'walks_total', 'result="busy"', '0+9x60', '0x60', '0+5x60' ],
    [ 'walks_total', 'result="client"', '0+50x60', '0x60', '0x60' ],
    [ 'walks_total', 'result="timeout"', '0+3x60', '0x60', '0+3x60' ],
    [ 'walks_total', 'result="failed"', '0+1x60', '0x60', '0+3x60' ],
    [ 'calls_total', 'kind="email",result="ok"',
      '0+99x60', '0x60', '0+90x60' ],
    [ 'calls_total', 'kind="email",result="failed"',
      '0+1x60', '0x60', '0+10x60' ],
    [ 'rewrite_seconds_bucket', 'le="0.05"',
      '0+100x60', '0x60', '0+90x60' ],
    [ 'rewrite_seconds_bucket', 'le="0.1"',
      '0+100x60', '0x60', '0+100x60' ],
    [ 'rewrite_seconds_bucket', 'le="+Inf"',
      '0+100x60', '0x60', '0+100x60' ],
    [ 'writes_total', 'result="allowed",reason="allowed"',
      '0+90x60', '0x60', '0+50x60' ],
    [ 'writes_total', 'result="blocked",reason="attributes"',
      '0+10x60', '0x60', '0+50x60' ],
    [ 'unknown_provider_users_total', 'instance="a"',
      '7x60', '0x60', '0x40 0+1x20' ],
    [ 'zone_bytes', 'state="used"', '80x60', '1x60', '95x60' ],
    [ 'zone_bytes', 'state="free"', '20x60', '99x60', '5x60' ],
);

sub hour {
    my ($n, @firing) = @_;

    return {
        interval => '1m',
        input_series => [ map { {
            series => $_->[0] eq 'up' ? "up{$_->[1]}"
                      : "profile_$_->[0]\{zone=\"z\",key=\"k\",$_->[1]}",
            values => $_->[1 + $n],
        } } @series ],
        promql_expr_test => [ {
            expr => 'count by (alertname, severity)'
                    . ' (ALERTS{alertstate="firing"})',
            eval_time => '59m',
            exp_samples => [ map { {
                labels => "{alertname=\"$_\",severity=\"$severity{$_}\"}",
                value => 1,
            } } @firing ],
        } ],
    };
}

# YAML takes JSON.

$t->write_file('test.yml', encode_json({
    rule_files => [ 'rules.yml' ],
    evaluation_interval => '1m',
    tests => [ hour(1), hour(2), hour(3, keys %severity) ],
}));

is(tool('test', 'rules', "$dir/test.yml"), 0, 'promtool: each alert');

# Traffic, then Prometheus: its first scrape finds numbers already.

sub patch {
    return $_[0]->request('POST', '/u', ':body' => '{"last_login":1}',
                          'Content-Type' => 'application/json');
}

$t->get('/u') for 1 .. 3;
$second->get('/u') for 1 .. 4;
$t->get('/bad');
$second->get('/none');
patch($_) for @instances;

my $port = $t->port(1);

$t->daemon([ 'prometheus', "--config.file=$dir/prometheus.yml",
             "--storage.tsdb.path=$dir/data", '--log.level=info',
             "--web.listen-address=127.0.0.1:$port" ],
           qr/Server is ready to receive web requests/);

sub api {
    my ($path, %arguments) = @_;

    my $query = join '&', map {
        "$_=" . $arguments{$_} =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger
    } sort keys %arguments;

    my $r = $t->get("/api/v1/$path?$query", ':port' => $port);

    return decode_json($r->body);
}

# A number, once it is the one that is waited for.

sub query {
    my ($expr, $expected) = @_;

    my $value;

    $t->wait(sub {
        my $answer = api('query', query => $expr);

        $value = $answer->{data}{result}[0]{value}[1] // 'nothing';
        return $value eq $expected;
    });

    return $value;
}

my %sums = (
    'up'                                                 => 2,
    'profile_build_info'                                 => 2,
    'profile_requests_total'                             => 11,
    'profile_requests_total{action="rewritten"}'         => 7,
    'profile_requests_total{reason="truncated"}'         => 1,
    'profile_requests_total{action="passed"}'            => 1,
    'profile_requests_total{action="blocked",reason="attributes"}' => 2,
    'profile_users_total'                                => 14,
    'profile_attributes_moved_total{container="app_metadata"}' => 7,
    'profile_rewrite_seconds_count'                      => 8,
    'profile_blocked_attributes_total{attribute="last_login"}' => 2,
    'profile_writes_total{result="blocked"}'             => 2,
    'profile_users_total{zone="profiles",key="gateway"}' => 14,
);

is(query("sum($_)", $sums{$_}), $sums{$_}, "summed: $_") for sort keys %sums;

is(query('count(up == 1)', 2), 2, 'both are scraped');
is(query('sum(profile_users_total{instance="127.0.0.1:' . $t->port . '"})', 6),
   6, 'one of them');

$t->get('/u') for 1 .. 5;

is(query('sum(profile_users_total)', 24), 24, 'summed: it goes on');

# A death loses nothing: no counter falls.

$t->kill_worker;
$t->get('/u');

is(query('sum(profile_users_total)', 26), 26, 'summed: after a death');
is(query('sum(resets(profile_users_total[10m]))', 0), 0, 'no reset');

# The rules run.

my @rules;

$t->wait(sub {
    @rules = map { @{ $_->{rules} } } @{ api('rules')->{data}{groups} };
    return !grep { $_->{health} eq 'unknown' } @rules;
});

is(scalar @rules, 15, 'rules: all of them');
is_deeply([ grep { $_->{health} ne 'ok' } @rules ], [], 'rules: in health');
is(query('count(profile:requests:rate5m{action="rewritten",key="gateway"})',
         1), 1, 'rules: a recording, over both');

# The dashboard asks for what there is.

my $board = decode_json($t->read_file($t->top . '/conf/grafana/profile.json'));
my @exprs = map { map { $_->{expr} } @{ $_->{targets} } }
            @{ $board->{panels} };

cmp_ok(scalar @exprs, '>', 10, 'dashboard: queries');

my %there = map { $_ => 1 }
            @{ api('label/__name__/values')->{data} };

for my $expr (@exprs) {
    my @names = $expr =~ /\b(profile_\w+)/g;

    is_deeply([ grep { !$there{$_} } @names ], [], "dashboard: has $names[0]");

    my $filled = $expr =~ s/\$__rate_interval/1m/gr =~ s/\$\w+/.*/gr;

    is(api('query', query => $filled)->{status}, 'success',
       "dashboard: $filled");
}

my @ids = map { $_->{id} } @{ $board->{panels} };
my %ids = map { $_ => 1 } @ids;

is(scalar keys %ids, scalar @ids, 'dashboard: an id for each panel');

for my $variable (@{ $board->{templating}{list} }) {
    next if $variable->{type} ne 'query';

    my ($name) = $variable->{query}{query} =~ /\Alabel_values\((\w+)/;

    ok($there{$name}, "dashboard: values of $variable->{name}");
}

# The queries that the documentation recommends are answered, and are those of
# the dashboard but for what somebody chooses there: zone, key and time.

sub bare {
    my ($expr) = @_;

    return $expr =~ s/\w+=~"\$\w+",?//gr =~ s/\{\}|\[\S+?\]|\s//gr;
}

my ($block) = $t->read_file($t->top . '/docs/metrics.md')
              =~ /^```promql\n(.*?)^```$/ms;
my @queries = map { [ split /\n/, s/\A# //r, 2 ] } split /\n\n/, $block;
my %asked = map { bare($_) => 1 } @exprs;

is(scalar @queries, 6, 'docs: six queries');

patch($_) for @instances;

for (@queries) {
    my ($what, $expr) = @$_;

    ok($t->wait(sub { @{ api('query', query => $expr)->{data}{result} } }),
       "docs: answered: $what");
    ok($asked{ bare($expr) }, "docs: on the dashboard: $what");
}

done_testing;
