#!/usr/bin/perl

# Proves that the books are closed: every main request in a location with
# profile_rewrite or profile_guard ends in one action and one reason, however
# it ends, and log and metrics agree on which.  It fails when a way out of
# nginx leads past the accounting or twice through it.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

my $t = ProfileTest->new;

my $user = '{"user_id":"auth0|1","hobby":"x"}';
my $large = '[' . join(',', ($user) x 60000) . ']';

my $backend = $t->backend({
    '/u'       => { body => $user },
    '/list'    => { body => "[$user,$user]" },
    '/empty'   => { body => '[]' },
    '/text'    => { body => 'text', type => 'text/plain' },
    '/missing' => { status => 404, body => '{"error":"none"}' },
    '/bad'     => { body => '{"user_id":' },
    '/cut'     => { body => $user, cut => 20 },
    '/accel'   => { body => $user,
                    headers => [ 'X-Accel-Redirect' => '/elsewhere' ] },
    '/wait'    => sub { $_[0]->wait_close; $_[0]->close; undef },
    '/held'    => { body => [ $user, \'never' ], framing => 'chunked' },
    '/large'   => { body => $large },
    '/page'    => { body => '<!--#include virtual="/api/u"-->'
                            . '<!--#include virtual="/api/u"-->',
                    type => 'text/html' },
    '*'        => { status => 201, body => $user },
});

$t->port(5);

$t->conf(<<'END');
    include profile/auth0.conf;
    profile_zone books 1m key=$http_x_case;
    profile_zone others 1m key=$http_x_case;
    profile_metrics books;

    log_format books '$http_x_case: $profile_action $profile_reason';

    server {
        %%LISTEN_HTTP2_1%%
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log books;
        root %%DIR%%/html;
        client_max_body_size 1k;
        log_subrequest on;

        location /api/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
        }

        location /if/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 if=$arg_if;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_buffer_size 0;
        }

        location /slow/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_buffer_size 0;
            send_timeout 300ms;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
        }

        location /refused/ {
            proxy_pass http://127.0.0.1:%%PORT_5%%/;
            profile_rewrite auth0;
        }

        location /page/ {
            proxy_pass http://127.0.0.1:%%PORT_5%%/;
            error_page 502 /50x.html;
            profile_rewrite auth0;
        }

        location /instead/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_intercept_errors on;
            error_page 404 =200 /elsewhere;
            profile_rewrite auth0;
        }

        location /again/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_intercept_errors on;
            error_page 404 = /api/u;
            profile_rewrite auth0;
            profile_metrics others;
        }

        location /try/ {
            try_files /nothing @elsewhere;
            profile_rewrite auth0;
        }

        location /denied/ {
            deny all;
            profile_rewrite auth0;
        }

        location /auth/ {
            auth_request /auth-missing;
            profile_rewrite auth0;
        }

        location = /auth-missing {
            internal;
            return 401;
        }

        location /444/ {
            profile_rewrite auth0;
            return 444;
        }

        location /return/ {
            profile_rewrite auth0;
            return 404;
        }

        location /moved/ {
            rewrite ^/moved/(.*) /api/$1 last;
            profile_rewrite auth0;
            profile_metrics others;
        }

        location /ssi/ {
            proxy_pass http://%%BACKEND%%/;
            ssi on;
        }

        location /guard/ {
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2;
            client_body_timeout 200ms;
        }

        location /guard-dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2;
            profile_guard_dry_run on;
        }

        location /both/ {
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2;
            profile_rewrite auth0;
        }

        location /off/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_metrics off;
        }

        location /off-page/ {
            proxy_pass http://127.0.0.1:%%PORT_5%%/;
            error_page 502 = /api/u;
            profile_rewrite auth0;
            profile_metrics off;
        }

        location /elsewhere {
            default_type application/json;
            return 200 '{}';
        }

        location @elsewhere {
            default_type application/json;
            return 200 '{}';
        }

        location /plain/ {
            proxy_pass http://%%BACKEND%%/;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log books;
        profile_rewrite auth0;

        location / {
            profile_rewrite off;
            return 200;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_3%%;

        location = /metrics {
            profile_status prometheus;
        }
    }
END

$t->write_file('html/50x.html', '<html>an error</html>');

$t->start;

sub metrics { return ProfileTest::Metrics->of($t, ':port' => $t->port(3)) }

# A request whose client leaves once the backend has it.

sub leave {
    my ($uri, $case, $condition, $method) = @_;

    $backend->forget;

    my $client = $t->connect;

    $client->send(($method // 'GET') . " $uri HTTP/1.1\r\nHost: localhost\r\n"
                  . "X-Case: $case\r\n");
    $client->send($method ? "Content-Type: application/json\r\n"
                            . "Content-Length: 16\r\n\r\n{\"client_id\":12}"
                          : "\r\n");

    ok($backend->wait_requests(1), "$case: is with the backend");
    $client->read_until($client->head, $condition) if $condition;
    $client->abort;
}

sub patch {
    my ($uri, $case, $body) = @_;

    return $t->request('POST', $uri, ':body' => $body, 'X-Case' => $case,
                       'Content-Type' => 'application/json');
}

# How a request ends, a name, and what is to be done for it; a plain URI is to
# be got.

my @cases = (
    'rewritten'           => 'one user'          => '/api/u',
    'rewritten'           => 'a list'            => '/api/list',
    'rewritten'           => 'streamed'          => '/stream/u',
    'passed no_users'     => 'no user'           => '/api/empty',
    'passed type'         => 'text'              => '/api/text',
    'passed status'       => 'a backend\'s 404'  => '/api/missing',
    'passed if'           => 'if is empty'       => '/if/u',
    'rewritten'           => 'if is set'         => '/if/u?if=1',
    'failed truncated'    => 'bad JSON'          => '/api/bad',
    'failed upstream'     => 'a cut body'        => '/api/cut',
    'failed upstream'     => 'a cut stream'      => '/stream/cut',
    'passed status'       => 'a dead backend'    => '/refused/u',
    'passed status'       => 'error_page'        => '/page/u',
    'passed redirect'     => 'error_page =200'   => '/instead/missing',
    'rewritten'           => 'error_page to v2'  => '/again/missing',
    'passed redirect'     => 'try_files'         => '/try/u',
    'passed redirect'     => 'X-Accel-Redirect'  => '/api/accel',
    'passed status'       => 'deny'              => '/denied/u',
    'passed status'       => 'auth_request'      => '/auth/u',
    'passed status'       => 'return 444'        => '/444/u',
    'passed status'       => 'return 404'        => '/return/u',
    'rewritten'           => 'rewrite last'      => '/moved/u',
    'rewritten'           => 'subrequests'       => '/ssi/page',
    'would_rewrite'       => 'dry run'           => '/dry/u',
    'would_fail truncated' => 'dry run, bad'     => '/dry/bad',
    'passed status'       => 'dry run, 404'      => '/dry/missing',
    'rewritten'           => 'error_page, off'   => '/off-page/u',
    ''                    => 'off'               => '/off/u',
    ''                    => 'not in scope'      => '/plain/u',
    ''                    => 'nowhere'           => '/nowhere',

    'passed head' => 'HEAD' => sub {
        $t->head('/api/u', 'X-Case' => $_[0]);
    },

    'passed status' => '413 of nginx' => sub {
        is(patch('/both/u', $_[0], ' ' x 2000)->status, 413, $_[0]);
    },

    'blocked attributes' => 'refused write' => sub {
        is(patch('/guard/u', $_[0], '{"last_login":1}')->status, 400, $_[0]);
    },

    'blocked invalid_json' => 'bad write' => sub {
        is(patch('/guard/u', $_[0], '{,}')->status, 400, $_[0]);
    },

    'passed allowed' => 'allowed write' => sub {
        is(patch('/guard/u', $_[0], '{"client_id":12}')->status, 200, $_[0]);
    },

    'rewritten' => 'allowed write, rewritten' => sub {
        is(patch('/both/u', $_[0], '{"client_id":12}')->status, 200, $_[0]);
    },

    'blocked attributes' => 'refused write, rewritten' => sub {
        is(patch('/both/u', $_[0], '{"last_login":1}')->status, 400, $_[0]);
    },

    'would_block attributes' => 'guard in a dry run' => sub {
        is(patch('/guard-dry/u', $_[0], '{"last_login":1}')->status, 200,
           $_[0]);
    },

    'passed no_body' => 'guard without a body' => sub {
        $t->get('/guard/u', 'X-Case' => $_[0]);
    },

    'failed client' => 'client leaves before the answer' => sub {
        leave('/api/wait', $_[0]);
    },

    'failed client' => 'client leaves while it is held' => sub {
        leave('/api/held', $_[0]);
    },

    'failed client' => 'client leaves in the middle' => sub {
        leave('/stream/large', $_[0], sub { length $_[0]->body });
    },

    'failed client' => 'client leaves after its write' => sub {
        leave('/both/wait', $_[0], undef, 'POST');
    },

    'failed client' => 'client that does not read' => sub {
        my $client = $t->connect(rcvbuf => 4096);

        $client->send("GET /slow/large HTTP/1.1\r\nHost: localhost\r\n"
                      . "X-Case: $_[0]\r\n\r\n");
        ok($t->wait_log(qr/client timed out/), "$_[0]: is given up");
    },

    'would_fail client' => 'client leaves a dry run' => sub {
        leave('/dry/wait', $_[0]);
    },

    'failed client' => 'client leaves in its own body' => sub {
        my $client = $t->connect;

        $client->send("POST /guard/u HTTP/1.1\r\nHost: localhost\r\n"
                      . "X-Case: $_[0]\r\nContent-Length: 10\r\n"
                      . "Content-Type: application/json\r\n\r\n{");
        $client->shutdown_write;
        $client->read_eof;
    },

    'failed client' => 'body that does not come' => sub {
        my $client = $t->connect;

        $client->send("POST /guard/u HTTP/1.1\r\nHost: localhost\r\n"
                      . "X-Case: $_[0]\r\nContent-Length: 10\r\n"
                      . "Content-Type: application/json\r\n\r\n{");
        like($client->read_eof, qr/\AHTTP\S+ 408 |\A\z/, $_[0]);
    },

    'rewritten' => 'HTTP/2' => sub {
        is($t->http2_request('GET', '/api/u', 'x-case' => $_[0])->status, 200,
           $_[0]);
    },

    'failed client' => 'HTTP/2 stream that is reset' => sub {
        $backend->forget;

        my $client = $t->http2;
        my $id = $client->request('GET', '/api/wait', 'x-case' => $_[0]);

        ok($backend->wait_requests(1), "$_[0]: is with the backend");
        $client->rst($id, 8);

        my $other = $client->request('GET', '/plain/u');

        is($client->response($other)->status, 200, "$_[0]: the next one");
    },
);

my %expected;

while (my ($expected, $name, $do) = splice @cases, 0, 3) {
    die "twice: $name" if $expected{$name};

    $expected{$name} = $expected;

    ref $do ? $do->($name) : $t->get($do, 'X-Case' => $name);
}

# Two on one connection.

my $client = $t->connect;

$client->send("GET /api/u HTTP/1.1\r\nHost: localhost\r\nX-Case: kept\r\n\r\n"
              x 2);
$client->response for 1 .. 2;

# Requests that no location has seen; their server rewrites.

$t->http("nonsense\r\n\r\n", port => $t->port(2));

$client = $t->connect(port => $t->port(2));
$client->send("GET / HTTP/1.1\r\nHost");
$client->shutdown_write;
$client->read_eof;

my $requests = 4 + grep { $_ ne '' } values %expected;

# A request is logged when it is over, which its client need not see.

my $m;

$t->wait(sub {
    $m = metrics();
    return $m->sum('requests_total') >= $requests;
});

is($m->sum('requests_total'), $requests, 'books: closed');

my %logged = $t->read_file('access.log') =~ /^(.*): (.*)$/mg;

for my $name (sort keys %expected) {
    my $what = $expected{$name};
    my $zone = $name =~ /\A(?:error_page to v2)\z/ ? 'others' : 'books';

    is_deeply($m->requests(zone => $zone, key => $name),
              $what eq '' ? {} : { $what => 1 }, "books: $name");

    # What no zone counts is still told to the log; a request that is ended
    # before it gets anywhere is only counted.

    $what = 'rewritten' if $name eq 'off';
    $what = '' if $name eq 'return 444';
    is(($logged{$name} // 'nothing') =~ s/ -\z//r, $what || '-',
       "log: $name");
}

is_deeply($m->requests(key => 'kept'), { 'rewritten' => 2 },
          'books: two on a connection');
is_deeply($m->requests(zone => 'books', key => ''),
          { 'passed status' => 1, 'failed client' => 1 },
          'books: malformed requests');

# What goes with it.

is($m->sum('rewrite_seconds_count', key => $_), 1, "time: $_")
    for 'one user', 'bad JSON', 'dry run', 'client leaves in the middle';
is($m->sum('rewrite_seconds_count', key => $_), 0, "no time: $_")
    for 'text', 'a dead backend', 'refused write';

# A time is counted up from the first bound that is not below it.

my $sum = $m->sum('rewrite_seconds_sum', key => 'one user');

cmp_ok($sum, '>', 0, 'time: some was spent');

for my $bucket ($m->samples('rewrite_seconds_bucket', key => 'one user')) {
    my $le = $bucket->{labels}{le};

    is($bucket->{value}, $le eq '+Inf' || $le >= $sum ? 1 : 0,
       "time: the bucket of $le");
}

is($m->sum('writes_total', result => 'allowed', reason => 'allowed'), 3,
   'writes: allowed');
is($m->sum('writes_total', result => 'allowed', reason => 'no_body'), 1,
   'writes: without a body');
is($m->sum('writes_total', result => 'blocked', reason => 'attributes'), 3,
   'writes: blocked');
is($m->sum('writes_total', result => 'invalid', reason => 'invalid_json'), 1,
   'writes: invalid');
is($m->sum('blocked_attributes_total', attribute => 'last_login'), 3,
   'writes: the attribute');
is($m->sum('body_bytes_total', key => 'one user', direction => 'in'),
   length $user, 'bytes: in');
cmp_ok($m->sum('body_bytes_total', key => 'one user', direction => 'out'),
       '>', length $user, 'bytes: out');
is($m->sum('attributes_moved_total', key => 'a list',
           container => 'app_metadata'), 2, 'attributes moved');

done_testing;
