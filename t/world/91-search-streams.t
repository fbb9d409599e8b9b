#!/usr/bin/perl

# Proves that a walk streams (U10.2): users leave before the last page is read,
# a client that does not read holds up v1 and not the memory, one that leaves
# ends the walk, and a page that fails late cuts what has begun.  It fails when
# pages take memory that does not come back, when somebody slow is waited for
# too short, or when a list that lacks its end looks whole.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);
use ProfileTest::Client qw(same);

my $t = ProfileTest->new(log => 'info');

my $pad = 'x' x 900;

sub v1 { return qq({"_id":"$_[0]","user_id":"a|$_[0]","plan":"$pad"}) }

sub v2 { return qq({"user_id":"a|$_[0]","app_metadata":{"plan":"$pad"},)
                . '"user_metadata":{}}' }

sub v2_list { return '[' . join(',', map { v2($_) } $_[0] .. $_[1]) . ']' }

# The header X-Users says how many users v1 has; the one of the page that is
# odd, and how, says X-Odd.

sub list {
    my ($conn, $request) = @_;

    my ($size) = $request->{uri} =~ /per_page=(\d+)/;
    my ($page) = $request->{uri} =~ /[?&]page=(\d+)/;
    my $users = $request->{headers}{'x-users'} // 1000;
    my ($n, $odd) = split / /, $request->{headers}{'x-odd'} // '- -';

    my $first = $page * $size + 1;
    my $last = $first + $size - 1;

    $last = $users if $last > $users;

    my $body = '[' . join(',', map { v1($_) } $first .. $last) . ']';
    my @link = $last < $users ? (Link => '</n>; rel="next"')
                              : (Link => '</p>; rel="prev"');

    my %answer = (body => $body, headers => \@link);

    return \%answer if $n ne $page;

    $answer{body} = [ \$odd, $body ] if $odd =~ /^gate/;
    $answer{body} = [ substr($body, 0, 3000), \$odd, substr($body, 3000) ]
        if $odd =~ /^half/;
    $answer{cut} = 3000 if $odd eq 'cut';
    $answer{status} = 500 if $odd eq 'error';
    $answer{body} = '{}' if $odd eq 'object';
    @answer{qw(framing chunk)} = ('chunked', 1) if $odd eq 'bytes';

    if ($odd =~ /^mute/) {
        $conn->drained;
        $t->write_file('mute.closed', $conn->wait_close);
        return undef;
    }

    return \%answer;
}

my $backend = $t->backend({ '/api/users' => \&list });

$t->conf(<<'END');
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=walk:1m;

    upstream profile_backend {
        server %%BACKEND%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        location /all {
            proxy_pass http://profile_backend/api/users;
            profile_rewrite auth0 api=v2;
            profile_list totals=$arg_totals;
            profile_walk /.profile/page query=_exists_:user_id pages=1000;

            location /all/now {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/page query=_exists_:user_id size=10;
                profile_buffer_size 0;
            }

            location /all/two {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/page query=_exists_:user_id parallel=2
                             pages=1000;
            }

            location /all/files {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/file query=_exists_:user_id;
            }

            location /all/cached {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/cached query=_exists_:user_id;
            }

            location /all/returns {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/return?$args query=_exists_:user_id
                             size=10 parallel=2;
            }

            location /all/slow {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/page query=_exists_:user_id size=100;
                limit_rate 3m;
            }

            location /all/limits {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list page=$arg_page per_page=$arg_per_page
                             totals=$arg_totals;
                profile_walk /.profile/page query=$arg_q pages=3 size=10
                             walks=1;
            }

            location /all/time {
                proxy_pass http://profile_backend/api/users;
                profile_rewrite auth0 api=v2;
                profile_list totals=$arg_totals;
                profile_walk /.profile/page query=_exists_:user_id size=10
                             time=200ms;
            }
        }

        location = /kept {
            error_page 404 /all;
            return 404;
        }

        location = /ssi {
            ssi on;
            ssi_types *;
            alias %%DIR%%/ssi.html;
        }

        location = /.profile/return {
            internal;
            set $at "$profile_walk_page $arg_n $arg_status";

            if ($at ~ "^(.) \1 408$") { return 408; }
            if ($at ~ "^(.) \1 444$") { return 444; }
            if ($at ~ "^(.) \1 499$") { return 499; }
            if ($at ~ "^(.) \1 503$") { return 503; }

            set $args per_page=10&page=$profile_walk_page;
            proxy_pass http://profile_backend/api/users?$args;
        }

        location = /.profile/file {
            internal;
            default_type application/json;
            alias %%DIR%%/page$profile_walk_page.json;
        }

        location = /.profile/cached {
            internal;
            proxy_cache walk;
            proxy_cache_valid 1h;
            proxy_cache_key $profile_walk_page;
            set $args per_page=$profile_walk_size&page=$profile_walk_page;
            proxy_pass http://profile_backend/api/users?$args;
        }

        location = /.profile/page {
            internal;
            include profile/proxy.conf;
            include profile/read.conf;

            proxy_method GET;
            proxy_cache off;
            proxy_buffer_size 4k;
            proxy_buffers 4 4k;
            proxy_read_timeout 1s;

            set $args per_page=$profile_walk_size&page=$profile_walk_page;
            set $args $args&offset=$profile_walk_offset;
            proxy_pass http://profile_backend/api/users?$args;

            profile_rewrite off;
        }
    }
END

$t->start;

my ($r, $c);

sub get {
    my ($path, %headers) = @_;

    $backend->forget;
    return $t->get($path, %headers);
}

sub calls { return scalar $backend->requests }

sub uris { return map { $_->{uri} } $backend->requests }


# U10.2: pages become one list

for my $n (0, 1, 99, 100, 101, 1000) {
    $r = get('/all', 'X-Users' => $n);

    same($r, v2_list(1, $n), "U10.2 $n users");
    is(calls(), $n > 100 ? int(($n + 99) / 100) : 1, "U10.2 $n users: calls");
}

$r = get('/all/now', 'X-Users' => 25);
same($r, v2_list(1, 25), 'U10.2 not held');
is_deeply([ uris() ],
          [ map { "/api/users?per_page=10&page=$_&offset=" . $_ * 10 }
                0 .. 2 ],
          'U10.2 page, size, offset');

$r = get('/all?totals=true', 'X-Users' => 205);
same($r, '{"users":' . v2_list(1, 205)
         . ',"start":0,"limit":50,"length":205,"total":205}', 'U10.2 totals');

$r = get('/all', 'X-Users' => 300, 'X-Odd' => '1 bytes');
same($r, v2_list(1, 300), 'U10.2 a page in chunks of a byte');


# U10.2: two pages at a time

for my $n (0, 100, 101, 1000) {
    $r = get('/all/two', 'X-Users' => $n);

    same($r, v2_list(1, $n), "U10.2 parallel=2, $n users");
    is(calls(), $n > 100 ? int(($n + 99) / 100) : 1,
       "U10.2 parallel=2, $n users: calls");
}

same(get('/all/two', 'X-Users' => 300, 'X-Odd' => '1 bytes'), v2_list(1, 300),
     'U10.2 parallel=2, a page in chunks of a byte');

$c = $t->connect;
$c->send("GET /all/two HTTP/1.1\r\nHost: x\r\nX-Users: 300\r\n"
         . "X-Odd: 1 gatetwo\r\nConnection: close\r\n\r\n");
$r = $c->head;
$c->read_until($r, qr/"a\|9"/);
$backend->open_gate('gatetwo');
same($c->finish($r), v2_list(1, 300), 'U10.2 parallel=2, page 1 waits');

$r = get('/all/two', 'X-Users' => 600, 'X-Odd' => '1 error');
ok(!$r->complete, 'U10.2 parallel=2, page 1 fails');

$c = $t->connect(rcvbuf => 4096);
$c->send("GET /all/two HTTP/1.1\r\nHost: x\r\nX-Users: 1500\r\n"
         . "Connection: close\r\n\r\n");
$r = $c->head;
sleep 2;
same($c->finish($r), v2_list(1, 1500), 'U10.2 parallel=2, a slow client');


# users leave before the last page is read

for my $path ('/all', '/all/now') {
    my $gate = 'gate' . ($path =~ s/\W//gr);

    $c = $t->connect;
    $c->send("GET $path HTTP/1.1\r\nHost: x\r\nX-Users: 300\r\n"
             . "X-Odd: 2 $gate\r\nConnection: close\r\n\r\n");
    $r = $c->head;
    ok($c->read_until($r, qr/"a\|9"/), "U10.2 first users: $path");
    $backend->open_gate($gate);
    same($c->finish($r), v2_list(1, $path eq '/all' ? 300 : 300),
         "U10.2 the rest: $path");
}


# what nginx itself says of a page

for ([ 408, 408 ], [ 444, 502 ], [ 499, 502 ], [ 503, 503 ]) {
    my ($status, $first) = @$_;

    for my $n (0, 1) {
        $r = get("/all/returns?n=$n&status=$status", 'X-Users' => 25);

        is($r->status, $n ? 502 : $first, "U10.2 page $n, $status of nginx");
        ok($r->complete, "U10.2 page $n, $status of nginx: whole");
    }
}


# an error page that keeps its status shows no list

$r = get('/kept', 'X-Users' => 5);
is($r->status, 404, 'U10.2 an error page: status');
ok($r->complete, 'U10.2 an error page: whole');
unlike($r->body, qr/user_id/, 'U10.2 an error page: no list');


# a subrequest is no search, and says so

$t->write_file('ssi.html', '<!--#include virtual="/all?a" -->');

$r = get('/ssi', 'X-Users' => 25);
like($r->body, qr/501 Not Implemented/, 'U10.2 a subrequest: an error');
unlike($r->body, qr/user_id/, 'U10.2 a subrequest: nobody');
is(calls(), 0, 'U10.2 a subrequest: v1 is not asked');


# pages that do not come from v1 but from files

$t->write_file('page0.json', '[' . join(',', map { v1($_) } 1 .. 900) . ']');
$t->write_file('page1.json', '[' . v1(901) . ']');

same(get('/all/files'), v2_list(1, 901), 'U10.2 files');

for my $n (1 .. 3) {
    same(get('/all/cached', 'X-Users' => 350), v2_list(1, 350),
         "U10.2 a cache, $n");
}


# a page that fails when bytes have left

for my $odd (qw(cut error object)) {
    $r = get('/all', 'X-Users' => 600, 'X-Odd' => "5 $odd");

    is($r->status, 200, "U10.2 late: $odd: status");
    ok(!$r->complete, "U10.2 late: $odd: it does not look whole");

    my $h2 = $t->http2;
    my $id = $h2->request('GET', '/all', 'X-Users' => 600,
                          'X-Odd' => "5 $odd");
    $r = $h2->response($id);
    ok(!$r->complete, "U10.2 late: $odd: HTTP/2");

    # the connection goes on

    $r = $h2->response($h2->request('GET', '/all', 'X-Users' => 110));
    same($r, v2_list(1, 110), "U10.2 late: $odd: the next stream");
    $h2->close;
}

same(get('/all', 'X-Users' => 300), v2_list(1, 300), 'U10.2 after all that');


# a slow client, and one that is limited

$c = $t->connect(rcvbuf => 4096);
$c->send("GET /all HTTP/1.1\r\nHost: x\r\nX-Users: 1500\r\n"
         . "Connection: close\r\n\r\n");
$r = $c->head;
sleep 2 * ($t->checker ? 2 : 1);
same($c->finish($r), v2_list(1, 1500),
     'U10.2 a client that pauses for longer than proxy_read_timeout');

same(get('/all/slow', 'X-Users' => 900), v2_list(1, 900), 'U10.2 limit_rate');

my $h2 = $t->http2(window => 3000);
my $id = $h2->request('GET', '/all', 'X-Users' => 700);
$h2->read_until($id, qr/"a\|1"/);
sleep 2;
$h2->update($id, 1 << 20);
same($h2->response($id), v2_list(1, 700), 'U10.2 HTTP/2, a small window');
$h2->close;


# the client leaves

for my $odd ('1 mute') {
    $backend->forget;
    $c = $t->connect;
    $c->send("GET /all HTTP/1.1\r\nHost: x\r\nX-Users: 300\r\n"
             . "X-Odd: $odd\r\n\r\n");
    $backend->wait_requests(2);
    $c->close;
    ok($t->wait(sub { -e $t->dir . '/mute.closed' }),
       'U10.2 the client leaves: v1 is left');
    is(calls(), 2, 'U10.2 the client leaves: no more pages');
}


# U10.2: limits

$r = get('/all/limits?q=user_id:%22a%7C30%22', 'X-Users' => 30);
is($r->status, 200, 'U10.2 pages=3, 30 users');

$r = get('/all/limits?q=user_id:%22a%7C300%22', 'X-Users' => 31);
is($r->status, 400, 'U10.2 pages=3, 31 users');
is(decode_json($r->body)->{errorCode}, 'invalid_query_string',
   'U10.2 pages=3, 31 users: errorCode');
like($r->body, qr/"message":"The search was given up: the search needs more/,
     'U10.2 pages=3, 31 users: message');
is(calls(), 3, 'U10.2 pages=3, 31 users: calls');

$backend->forget;
$c = $t->connect;
$c->send("GET /all/limits?q=_exists_:user_id HTTP/1.1\r\nHost: x\r\n"
         . "X-Users: 30\r\nX-Odd: 0 gatewalks\r\nConnection: close\r\n\r\n");
$backend->wait_requests(1);

$r = $t->get('/all/limits?q=_exists_:user_id');
is($r->status, 429, 'U10.2 walks=1');
is($r->header('Retry-After'), 1, 'U10.2 walks=1: Retry-After');

$backend->open_gate('gatewalks');
is($c->finish($c->head)->status, 200, 'U10.2 walks=1: the first one');

$r = $t->get('/all/limits?q=_exists_:user_id', 'X-Users' => 9);
is($r->status, 200, 'U10.2 walks=1: the next one');

for my $n (0, 1) {
    $r = get('/all/time', 'X-Users' => 30, 'X-Odd' => "$n mute");
    is($r->status, 504, "U10.2 time, page $n");
    is(decode_json($r->body)->{message},
       $n ? 'The search was given up: the search took too long.'
          : 'The request is refused: the search took too long.',
       "U10.2 time, page $n: message");
}

for my $n (0, 1) {
    $r = get('/all/limits?q=_exists_:user_id', 'X-Users' => 30,
             'X-Odd' => "$n mute");
    is($r->status, 504, "U10.2 proxy_read_timeout, page $n");

    $r = get('/all/limits?q=_exists_:user_id', 'X-Users' => 30,
             'X-Odd' => "$n half");
    is($r->status, 502, "U10.2 proxy_read_timeout in the middle of page $n");
}


# M6.1: memory does not grow with the pages

get('/all', 'X-Users' => 1000);

my $was = $t->rss;
my $users = $t->checker ? 3000 : 50_000;

$r = get('/all', 'X-Users' => $users);
ok($r->complete, "M6.1 $users users");

my $grown = $t->rss - $was;

ok($t->checker || $grown < 16 * $users + 262144,
   "M6.1 $users users: the worker grows by $grown");


done_testing;
