#!/usr/bin/perl

# Proves the books of writes that become calls of v1: each call is counted by
# its kind and by what became of it, whether a subrequest made it or, the last
# one, the main request; and the write itself is one request with one action.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

my $t = ProfileTest->new;

my $user = '{"user_id":"auth0|1","hobby":"x"}';

# What v1 says to the next request of a path; to be set by a test.

$t->backend(sub {
    my ($conn) = @_;

    while (my $request = $conn->read_request) {
        my ($name) = $request->{uri} =~ m{/(\w+)(?:\?.*)?\z};
        my $file = $t->dir . '/answer-' . ($name // 'create');

        $file = $t->dir . '/answer-create' if $request->{method} eq 'POST';
        $file = $t->dir . '/answer-bag'
            if $request->{method} eq 'GET' && $request->{uri} =~ /metadata/;
        $file = $t->dir . '/answer-read'
            if $request->{method} eq 'GET' && $request->{uri} !~ /metadata/;

        my $status = ProfileTest::Process::slurp($file) || 200;

        if ($status eq 'cut') {
            $conn->close;
            last;
        }

        my $body = $file =~ /bag/ ? '{"plan":"a"}' : $user;

        $body = 'not JSON' if $status eq 'bad';
        $status = 200 if $status eq 'bad';

        $conn->answer($request, { status => $status, body => $body }) or last;
    }
});

$t->conf(<<'END');
    include profile/auth0.conf;
    profile_zone profiles 1m key=$http_x_case;

    log_format calls '$profile_action $profile_reason $profile_calls '
                     '$profile_applied';

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log calls;

        location = /metrics {
            access_log off;
            profile_status;
        }

        profile_metrics profiles;
        include profile/gateway.conf;
    }
END

$t->start;

my $cases = 0;

sub write_user {
    my ($method, $body, %answers) = @_;

    $t->write_file("answer-$_", $answers{$_} // 200)
        for qw(email password metadata bag read create);

    my $case = 'case ' . ++$cases;
    my $uri = $method eq 'PATCH' ? '/api/v2/users/auth0%7C1'
                                 : '/api/v2/users';
    my $r = $t->request($method, $uri, ':body' => $body,
                        'Content-Type' => 'application/json',
                        'X-Case' => $case);

    my ($m, @lines);

    $t->wait(sub {
        $m = ProfileTest::Metrics->of($t);
        @lines = split /\n/, $t->read_file('access.log');
        return @lines >= $cases && $m->sum('requests_total', key => $case);
    });

    my %calls = map { join(' ', @{ $_->{labels} }{qw(kind result)})
                      => $_->{value} + 0 }
                grep { $_->{value} > 0 }
                $m->samples('calls_total', key => $case);

    return ($r->status, $m->requests(key => $case), \%calls, $lines[-1]);
}

sub check {
    my ($name, $status, $action, $calls, $line, @write) = @_;

    my @got = write_user(@write);

    is($got[0], $status, "$name: status");
    is_deeply($got[1], { $action => 1 }, "$name: one request");
    is_deeply($got[2], $calls, "$name: calls");
    is($got[3], $line, "$name: log");
}

my $both = '{"email":"a@b.c","user_metadata":{"hobby":"y"}}';

check('all is well', 200, 'upgraded',
      { 'email ok' => 1, 'metadata ok' => 1, 'read ok' => 1 },
      'upgraded - 3 -', 'PATCH', $both);
check('the bag', 200, 'upgraded',
      { 'bag ok' => 1, 'metadata ok' => 1, 'read ok' => 1 },
      'upgraded - 3 -', 'PATCH', '{"app_metadata":{}}');
check('the first is refused', 400, 'passed status',
      { 'email refused' => 1 }, 'passed status 1 -', 'PATCH', $both,
      email => 400);
check('the second is refused', 409, 'passed status',
      { 'email ok' => 1, 'metadata refused' => 1 },
      'passed status 2 email', 'PATCH', $both, metadata => 409);
check('the second fails', 502, 'failed upstream',
      { 'email ok' => 1, 'metadata failed' => 1 },
      'failed upstream 2 email', 'PATCH', $both, metadata => 500);
check('v1 is gone', 502, 'failed upstream', { 'email failed' => 1 },
      'failed upstream 1 -', 'PATCH', $both, email => 'cut');
check('the bag is no JSON', 502, 'failed upstream', { 'bag failed' => 1 },
      'failed upstream 1 -', 'PATCH', '{"app_metadata":{}}', bag => 'bad');
check('the last one fails', 502, 'upgraded',
      { 'email ok' => 1, 'metadata ok' => 1, 'read failed' => 1 },
      'upgraded - 3 email, metadata', 'PATCH', $both, read => 503);
check('a create', 201, 'upgraded', { 'create ok' => 1 },
      'upgraded - 1 -', 'POST',
      '{"connection":"c","email":"a@b.c","password":"x"}');
check('a create that is refused', 409, 'passed status',
      { 'create refused' => 1 }, 'passed status 1 -', 'POST',
      '{"connection":"c","email":"a@b.c","password":"x"}', create => 409);
check('a write that is refused after a look at the user', 400,
      'blocked attributes', { 'read ok' => 1 }, 'blocked attributes 1 -',
      'PATCH', '{"last_login":1}');
check('a write that the guard refuses', 400, 'blocked duplicate', {},
      'blocked duplicate 0 -', 'PATCH', '{"name":"x","name":"y"}');

done_testing;
