#!/usr/bin/perl

# Proves what happens when one side leaves: the client, while its header is
# held, while its body streams, or one of its streams of HTTP/2; the upstream;
# or both.  Nobody may wait for ever, no cut body may look whole, the other
# side is let go, and the access log tells who it was.  A filter that does not
# know nginx's way to say that an upstream failed, one bare flush, leaves the
# client waiting.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');


sub user {
    my ($n) = @_;

    my $plan = "$n " x 100;

    return (qq({"user_id":"auth0|$n","plan":"$plan"}),
            qq({"user_id":"auth0|$n","app_metadata":{"plan":"$plan"},)
            . '"user_metadata":{}}');
}


sub users {
    my ($count) = @_;

    my @users = map { [ user($_) ] } 1 .. $count;

    return map { my $v = $_; '[' . join(',', map { $_->[$v] } @users) . ']' }
           0, 1;
}


my ($one, $one_v2) = user(1);
my ($big, $big_v2) = users(2000);
my $half = int(length($big) / 2);

# Bodies that wait in the middle: for a gate, or for nginx to leave.  Each has
# a name of its own, which is the argument of the request.

sub parts {
    my ($uri) = @_;

    return $uri =~ m{^/one} ? (substr($one, 0, 20), substr($one, 20))
                            : (substr($big, 0, $half), substr($big, $half));
}


sub gated {
    my ($conn, $req) = @_;

    my ($first, $second) = parts($req->{uri});
    my ($name) = $req->{uri} =~ /\?(\S+)/;

    return { body => [ $first, \$name, $second ] };
}


sub both {
    my ($conn, $req) = @_;

    my ($first) = parts($req->{uri});

    return { %{ gated($conn, $req) }, cut => 5 + length $first };
}


sub left {
    my ($conn, $req) = @_;

    my ($first, $second) = parts($req->{uri});
    my ($name) = $req->{uri} =~ /\?(\S+)/;

    $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                . 'Content-Length: ' . length("$first$second") . "\r\n\r\n");
    $conn->send($first);
    $t->write_file("left-$name", '') if $conn->wait_close;

    return undef;
}


# Ends of upstreams: how much comes first is told by the argument.

sub ends {
    my ($conn, $req) = @_;

    my ($how, $size) = $req->{uri} =~ /\?([\w-]+),(\d+)/;
    my %how = (
        'close'   => {},
        'reset'   => { reset => 1 },
        'chunked' => { framing => 'chunked' },
        'gzip'    => { gzip => 1 },
    );

    if ($how eq 'silence') {
        $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    . 'Content-Length: ' . length($big) . "\r\n\r\n"
                    . substr $big, 0, $size);
        $conn->wait_close;
        return undef;
    }

    return { body => $big, cut => $size, %{ $how{$how} } };
}


my $backend = $t->backend({
    '/one/gated' => \&gated,
    '/big/gated' => \&gated,
    '/one/both'  => \&both,
    '/big/both'  => \&both,
    '/one/left'  => \&left,
    '/big/left'  => \&left,
    '/ends'      => \&ends,
    '/one'       => $one,
    '/big'       => $big,
});

my $places = '';

for my $size ('64k', '0') {
    my $name = $size eq '0' ? 'streaming' : 'held';

    $places .= <<"END";
        location /$name/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size $size;

            location /$name/unbuffered/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_buffering off;
            }

            location /$name/ignore/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_ignore_client_abort on;
            }

            location /$name/cache/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_cache one;
                proxy_cache_valid 1h;
            }

            location /$name/timeout/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_read_timeout 2s;
            }
        }
END
}

$t->conf(<<"END");
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=one:1m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    log_format profile '\$request_uri \$status \$profile_action '
                       '\$profile_reason';

    profile_rewrite auth0;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log profile;

$places
    }

    server {
        listen 127.0.0.1:%%PORT_2%% sndbuf=4k;
        access_log %%DIR%%/access.log profile;
        send_timeout 100ms;

$places
    }
END

$t->start;

my ($r, $c, $h2, $n);


# What the access log says of a request

sub logged {
    my ($uri) = @_;

    my $line;

    $t->wait(sub {
        ($line) = $t->read_file('access.log') =~ /^\Q$uri\E (.*)$/m;
    });

    return $line // 'not logged';
}


sub exists_in_time {
    my ($name) = @_;

    return $t->wait(sub { -e $t->dir . "/$name" });
}


# Sends a request, and waits until it is where it is to be left: part of a
# streaming response has come, or its backend has it.

sub begin {
    my ($uri, %opt) = @_;

    $backend->forget;

    $c = $t->connect(%opt);
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");

    return $backend->wait_requests(1) if $uri =~ m{/one/};

    $r = $c->head;
    return $c->read_until($r, qr/auth0\|9"/);
}


my %uris = (
    held      => [ map { "/held/${_}one" } '', 'unbuffered/' ],
    streaming => [ map { "/streaming/${_}big" } '', 'unbuffered/' ],
    released  => [ map { "/held/${_}big" } '', 'unbuffered/' ],
);


# The client leaves.

for my $state (sort keys %uris) {
    for my $base (@{ $uris{$state} }) {
        for my $how (qw(close abort)) {
            my $name = 'a' . ++$n;
            my $uri = "$base/left?$name";

            ok(begin($uri), "H3.2 client leaves, $state, $how: under way");
            $c->$how;

            like(logged($uri), qr/^(?:499|200) failed client$/,
                 "H3.2 client leaves, $state, $how: logged, $base");
            ok(exists_in_time("left-$name"),
               "H3.2 client leaves, $state, $how: upstream is left, $base");
        }
    }
}

# nginx reads on, and nobody is there.

for my $base ('/held/ignore/one', '/held/cache/one') {
    my $name = 'a' . ++$n;
    my $uri = "$base/gated?$name";

    ok(begin($uri), "H3.2 client leaves, upstream is read on: $base");
    $c->close;
    $backend->open_gate($name);

    like(logged($uri), qr/^(?:200 rewritten -|(?:200|499) failed client)$/,
         "H3.2 client leaves, upstream is read on: logged, $base");
}

for my $base ('/held/ignore/big', '/streaming/cache/big') {
    my $name = 'a' . ++$n;
    my $uri = "$base/gated?$name";

    ok(begin($uri), "H3.2 client leaves, upstream is read on: $base");
    $c->abort;
    $backend->open_gate($name);

    is(logged($uri), '200 failed client',
       "H3.2 client leaves, upstream is read on: logged, $base");
}

is($t->get("/streaming/cache/big/gated?a$n")->body, $big_v2,
   'H1.3 what was read on is in the cache');

# A client that reads nothing any more

$c = $t->connect(port => $t->port(2), rcvbuf => 2048);
$c->send("GET /streaming/unbuffered/big?timeout HTTP/1.1\r\nHost: a\r\n\r\n");

is(logged('/streaming/unbuffered/big?timeout'), '200 failed client',
   'H3.2 client does not read');

$r = $c->response;

ok(!$r->complete, 'H4.2 client does not read: cut');


# The upstream leaves.

for my $how (qw(close reset chunked gzip)) {
    for my $where (qw(/ /unbuffered/ /cache/)) {
        my $uri = "/held${where}ends?$how,30";

        $r = $t->get($uri);

        is($r->status, 502, "H4.4 upstream leaves, held, $how: $where");
        like($r->body, qr/^\{"statusCode":502,.*\}\z/,
             "H4.4 upstream leaves, held, $how: answer, $where");
        ok($r->complete, "H4.4 upstream leaves, held, $how: whole, $where");
        is(logged($uri), '502 failed upstream',
           "H4.4 upstream leaves, held, $how: logged, $where");

        next if $how eq 'gzip';

        for my $state ('held', 'streaming') {
            $uri = "/$state${where}ends?$how,$half";
            $r = $t->get($uri);

            ok(!$r->complete,
               "H4.4 upstream leaves, streaming, $how: cut, $where");
            ok(!$r->timed_out,
               "H4.4 upstream leaves, streaming, $how: told, $where");
            is(logged($uri), '200 failed upstream',
               "H4.4 upstream leaves, streaming, $how: logged, $where");
        }
    }
}

$r = $t->get('/held/timeout/ends?silence,30');

is($r->status, 502, 'H4.4 upstream is silent, held');
like($r->body, qr/^\{"statusCode":502,.*\}\z/, 'H4.4 upstream is silent');
is(logged('/held/timeout/ends?silence,30'), '502 failed upstream',
   'H4.4 upstream is silent, held: logged');

$r = $t->get("/streaming/timeout/ends?silence,$half");

ok(!$r->complete, 'H4.4 upstream is silent, streaming: cut');
is(logged("/streaming/timeout/ends?silence,$half"), '200 failed upstream',
   'H4.4 upstream is silent, streaming: logged');

# The connection goes on after an answer.

$c = $t->connect;

for my $uri ("/held/ends?chunked,30", "/held/ends?close,30") {
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
    $r = $c->response;

    ok($r->complete, "H4.1 on a connection that is kept, $uri");
    last if $c->eof || ($r->header('Connection') // '') eq 'close';
}

$c->close;


# Both leave.

for my $state ('held', 'streaming') {
    for my $where (qw(/ignore/ /cache/)) {
        my $name = 'a' . ++$n;
        my $uri = "/$state$where" . ($state eq 'held' ? 'one' : 'big')
                  . "/both?$name";

        ok(begin($uri), "H3.2 both leave, $state: $where");
        $c->abort;
        $backend->open_gate($name);

        like(logged($uri), qr/^\d+ failed (?:client|upstream)$/,
             "H3.2 both leave, $state: logged, $where");
        is($t->get('/held/one')->body, $one_v2,
           "H3.2 both leave, $state: others go on, $where");
    }
}


# HTTP/2: one stream of several ends.

sub begin_stream {
    my ($uri) = @_;

    $backend->forget;

    my $id = $h2->request('GET', $uri);

    if ($uri =~ /big/) {
        $h2->read_until($id, qr/auth0\|9"/);

    } else {
        $backend->wait_requests(1);
    }

    return $id;
}

for my $state (sort keys %uris) {
    for my $base (@{ $uris{$state} }) {
        my ($name, $other) = map { 'a' . ++$n } 1 .. 2;

        $h2 = $t->http2;

        my $stays = begin_stream("$base/gated?$other");
        my $id = begin_stream("$base/left?$name");

        # CANCEL

        $h2->rst($id, 8);

        like(logged("$base/left?$name"), qr/^(?:499|200) failed client$/,
             "H3.2 HTTP/2 stream reset, $state: logged, $base");
        ok(exists_in_time("left-$name"),
           "H3.2 HTTP/2 stream reset, $state: upstream is left, $base");

        $backend->open_gate($other);
        $r = $h2->response($stays);

        ok($r->complete && $r->body eq ($base =~ /one/ ? $one_v2 : $big_v2),
           "H3.2 HTTP/2 stream reset, $state: the other goes on, $base");
        is(logged("$base/gated?$other"), '200 rewritten -',
           "H3.2 HTTP/2 stream reset, $state: the other is logged, $base");

        $h2->close;
    }
}

# The whole connection

$h2 = $t->http2;

begin_stream('/held/one/left?h1');
begin_stream('/streaming/big/left?h2');
$h2->close;

like(logged('/held/one/left?h1'), qr/^(?:499|200) failed client$/,
     'H3.2 HTTP/2 connection closed, held');
like(logged('/streaming/big/left?h2'), qr/^(?:499|200) failed client$/,
     'H3.2 HTTP/2 connection closed, streaming');
ok(exists_in_time('left-h1'), 'H3.2 HTTP/2 connection closed: upstream');

# The upstream

$h2 = $t->http2;
$r = $h2->response($h2->request('GET', '/held/ends?close,31'));

is($r->status, 502, 'H4.4 HTTP/2, held: status');
ok($r->complete, 'H4.4 HTTP/2, held: whole');

for my $where (qw(/ /unbuffered/ /cache/)) {
    $r = $h2->response($h2->request('GET', "/held${where}ends?close,"
                                           . ($half + 1)));

    ok(!$r->complete, "H4.2 HTTP/2: cut, $where");
    ok(defined $r->rst, "H4.2 HTTP/2: RST_STREAM, $where");
}

is($h2->response($h2->request('GET', '/held/one'))->body, $one_v2,
   'H4.2 HTTP/2: the connection goes on');

done_testing;
