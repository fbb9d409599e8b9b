#!/usr/bin/perl

# Proves that a list with totals is counted by asking v1 for single users
# (U10.4, count=probe): exactly, whatever its length and the page that is asked
# for, with few calls.  It fails when a total is guessed, when what v1 says
# instead of a user counts as one or as none, or when the list that follows is
# another one than without totals.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

# X-Users says how many users v1 has, X-Odd which of its answers is odd, counted
# from 0, and how.

sub list {
    my ($conn, $request) = @_;

    my ($size) = $request->{uri} =~ /per_page=(\d+)/;
    my ($page) = $request->{uri} =~ /[?&]page=(\d+)/;
    my ($single) = $request->{uri} =~ m{^/one};
    my $users = $request->{headers}{'x-users'} // 25;
    my ($which, $odd) = split / /, $request->{headers}{'x-odd'} // '- -';

    $odd = '' unless $which eq 'all' ? $single
                   : $which eq 'list' ? !$single
                   : $which eq 'some' ? $single && $page < $users
                   : $single && $page >= $users;

    $users = 9e15 if $odd eq 'endless';

    my $first = $page * $size;
    my $last = $first + $size - 1;

    $last = $users - 1 if $last >= $users;

    my @users = map { qq({"user_id":"a|$_","plan":"p$_"}) } $first .. $last;
    my %answer = (body => '[' . join(',', @users) . ']');

    push @{ $answer{headers} }, 'X-Count' => $users if $odd eq 'count';

    $answer{body} = '[{"user_id":"a|1"},{"user_id":"a|2"}]' if $odd eq 'two';
    $answer{body} = '[' if $odd eq 'open';
    $answer{body} = '' if $odd eq 'empty';
    $answer{body} = '{}' if $odd eq 'object';
    $answer{body} = '[{"user_id":7e999,"plan":' . '[' x 200 . ']' x 200 . '}]'
        if $odd eq 'deep';
    $answer{body} = '[]' if $odd eq 'fewer';
    $answer{cut} = 1 if $odd eq 'cut';
    $answer{gzip} = 1 if $odd eq 'gzip';
    @answer{qw(framing chunk)} = ('chunked', 1) if $odd eq 'bytes';
    $answer{status} = $odd if $odd =~ /^\d+$/;
    push @{ $answer{headers} }, 'Retry-After' => 7 if $odd eq '429';
    push @{ $answer{headers} }, 'Content-Encoding' => 'br' if $odd eq 'br';

    if ($odd eq 'mute') {
        $conn->drained;
        $conn->wait_close;
        return undef;
    }

    if ($odd eq 'close') {
        $conn->close;
        return undef;
    }

    $conn->wait_gate($odd) if $odd =~ /^gate/;

    return \%answer;
}

my $backend = $t->backend({ '/api/users' => \&list, '/one' => \&list });

my $page = 'per_page=$profile_walk_size&page=$profile_walk_page';

my $list = <<'END';
            proxy_pass http://profile_backend/api/users?per_page=$n&page=$p;
            profile_rewrite auth0 api=v2;
            profile_list page=$arg_page per_page=$arg_per_page
                         totals=$arg_totals total=$upstream_http_x_count;
            add_header X-Walk $profile_walk_pages/$profile_total always;
END

$t->conf(<<"END");
    include profile/auth0.conf;

    profile_zone lists 64k;

    upstream profile_backend {
        server %%BACKEND%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        profile_metrics lists;

        location /v2/users {
            $list
            profile_walk /.one query=\$arg_q sort=\$arg_sort count=probe size=10
                         walks=1;
        }

        location /v2/time {
            $list
            profile_walk /.one count=probe time=150ms;
        }

        location /v2/off {
            $list
            profile_walk /.one query=\$arg_q;
        }

        location = /.one {
            internal;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Accept-Encoding gzip;
            proxy_read_timeout 400ms;
            proxy_pass http://profile_backend/one?$page;
        }

        location = /include {
            ssi on;
            default_type text/html;
            return 200 '<!--#include virtual="/v2/users?totals=true" -->';
        }

        location = /metrics {
            access_log off;
            profile_status prometheus;
        }
    }

    map \$arg_page \$p {
        ""      0;
        default \$arg_page;
    }

    map \$arg_per_page \$n {
        ""      50;
        0       1;
        default \$arg_per_page;
    }
END

$t->start;

sub list_of { return $t->get("/v2/$_[0]", %{ $_[1] // {} }) }


# every number of users, on pages before, at and behind the end

for my $n (0 .. 4, 9 .. 11, 49 .. 51, 99 .. 101, 999, 1000, 4095 .. 4097,
           1_234_567)
{
    my %seen;

    for my $size (0, 1, 2, 50, 100) {
        for my $page (0, 1, int($n / ($size || 1)), 1000, 1_000_000_000) {
            next if $seen{$size, $page}++;

            $backend->forget;

            my $r = list_of("users?totals=true&per_page=$size&page=$page",
                            { 'X-Users' => $n });
            my $answer = eval { decode_json($r->body) } // {};
            my $name = "U10.4 $n users, page $page of $size";
            my $left = $n - $page * $size;

            $left = $left < 0 ? 0 : $left < $size ? $left : $size;

            is($answer->{total}, $n, "$name: total");
            is($answer->{start}, $page * $size, "$name: start");
            is($answer->{length}, $left, "$name: length");
            like($r->header('X-Walk'), qr{^\d+/exact$}, "$name: exact");

            # doubling and halving, from the end of the page on

            my $end = ($page + 1) * $size;
            my $most = 4 + 2 * log(2 + ($n > $end ? $n : $end)) / log(2);

            cmp_ok(scalar $backend->requests, '<=', $most, "$name: calls");
        }
    }
}


# what is read of v1, in any framing

for my $odd (qw(gzip bytes)) {
    for my $which (qw(some none)) {
        my $r = list_of('users?totals=true', { 'X-Odd' => "$which $odd" });

        is(decode_json($r->body)->{total}, 25, "U10.4 $which $odd");
    }
}

is(decode_json(list_of('users?totals=true', { 'X-Odd' => 'some deep' })
               ->body)->{total}, 25, 'U10.4 who cannot be read is somebody');


# what v1 says instead of a user is the answer, or there is none

for (
    [ 401, 401 ], [ 403, 403 ], [ 429, 429 ], [ 404, 404 ], [ 500, 502 ],
    [ 503, 502 ], [ 'mute', 504 ], [ 'close', 502 ], [ 'cut', 502 ],
    [ 'open', 502 ], [ 'empty', 502 ], [ 'object', 502 ], [ 'two', 502 ],
    [ 'br', 502 ],
) {
    my ($odd, $status) = @$_;

    for my $which ($odd eq 'cut' ? 'some' : qw(some none)) {
        $backend->forget;

        my $r = list_of('users?totals=true&per_page=10',
                        { 'X-Odd' => "$which $odd" });
        my $name = "U10.4 $which $odd";

        is($r->status, $status, $name);
        is(decode_json($r->body)->{statusCode}, $status, "$name: form");
        is($r->header('Retry-After'), $odd eq '429' ? 7 : undef,
           "$name: Retry-After");
        is(scalar(grep { $_->{uri} =~ m{^/api} } $backend->requests), 0,
           "$name: no list");
    }
}

is(list_of('users?totals=true', { 'X-Odd' => 'none endless' })->status, 502,
   'U10.4 a backend that shows somebody everywhere');
like($t->log, qr/v1 shows 1 users at place 2147483647 where it was asked/,
     'U10.4 a backend that shows somebody everywhere: logged');
like($t->log, qr/v1 shows 2 users at place \d+ where it was asked for one/,
     'U10.4 a backend that ignores the size: logged');
is(list_of('time?totals=true', { 'X-Odd' => 'all mute' })->status, 504,
   'U10.4 time=');


# v1 counts itself, on its single users or on the list

for ([ 'all', 2, '1/exact' ], [ 'list', 11, qr{^\d+/exact$} ]) {
    my ($which, $most, $walk) = @$_;

    $backend->forget;

    my $r = list_of('users?totals=true&per_page=10',
                    { 'X-Odd' => "$which count" });

    is(decode_json($r->body)->{total}, 25, "U10.4 v1 counts: $which");
    cmp_ok(scalar $backend->requests, '<=', $most,
           "U10.4 v1 counts: $which: calls");
    like($r->header('X-Walk'), ref $walk ? $walk : qr/^\Q$walk\E$/,
         "U10.4 v1 counts: $which: pages");
}


# users who come after they were counted, and who go

is(decode_json(list_of('users?totals=true', { 'X-Odd' => 'all fewer' })
               ->body)->{total}, 25, 'U10.4 never fewer than are shown');
is(decode_json(list_of('users?totals=true', { 'X-Odd' => 'list fewer' })
               ->body)->{length}, 0, 'U10.4 they have gone');


# what is not counted so

for (
    [ 'no totals', 'users', '-/-' ],
    [ 'off', 'off?totals=true', '-/bound' ],
    [ 'a search', 'users?totals=true&q=_exists_:user_id', '3/exact' ],
    [ 'an order', 'users?totals=true&sort=plan:1', '3/exact' ],
) {
    my ($name, $path, $walk) = @$_;

    is(list_of($path)->header('X-Walk'), $walk =~ s/-//gr, "U10.4 $name");
}

is($t->head('/v2/users?totals=true')->status, 200, 'U10.4 HEAD');
like($t->get('/include')->body, qr/501 Not Implemented/, 'U10.4 a subrequest');


# a body that a list has for no reason does not hold it up

for my $body ('null', 'x' x 100_000) {
    is($t->request('GET', '/v2/users?totals=true', ':body' => $body)->status,
       200, 'U10.4 a body of ' . length($body) . ' bytes');
}

is($t->http2_request('GET', '/v2/users?totals=true')->status, 200,
   'U10.4 HTTP/2');


# one at a time, a client that leaves, and a reload meanwhile

my $c = $t->connect;

$backend->forget;
$c->send("GET /v2/users?totals=true HTTP/1.1\r\nHost: x\r\n"
         . "X-Odd: all gate\r\n\r\n");
$backend->wait_requests(1);

is(list_of('users?totals=true')->status, 429, 'U10.4 walks=1');

$c->close;
$t->wait(sub { list_of('users?totals=true')->status == 200 });
pass('U10.4 the client has left');
$backend->open_gate('gate');

$c = $t->connect;
$backend->forget;
$c->send("GET /v2/users?totals=true HTTP/1.1\r\nHost: x\r\n"
         . "X-Odd: all gate2\r\nConnection: close\r\n\r\n");
$backend->wait_requests(1);

my @workers = $t->workers;

$t->reload;
$backend->open_gate('gate2');
is(decode_json($c->response->body)->{total}, 25, 'U10.4 a reload meanwhile');
$t->wait_gone(@workers);


# what is told of it

my $m = ProfileTest::Metrics->of($t);

for (qw(end error timeout failed busy client)) {
    cmp_ok($m->sum('walks_total', result => $_), '>', 0, "U10.4 counted: $_");
}

done_testing;
