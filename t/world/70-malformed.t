#!/usr/bin/perl

# Proves that a body whose framing breaks is told as what it is (H4.4, H4.5),
# whoever reads it: proxy, FastCGI, SCGI, uwsgi, gRPC; buffered, unbuffered,
# for a cache, for a page, for the gateway's calls; to clients of HTTP/1 and
# HTTP/2.  It fails when nginx closes the connection without a byte, when the
# log and the counters do not know, or when a cache keeps what was malformed.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use JSON::PP;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"a|1","plan":"SECRET"}';
my $v2 = '{"user_id":"a|1","app_metadata":{"plan":"SECRET"},'
         . '"user_metadata":{}}';
my $half = '[{"user_id":"a|1","pl';
my $long = '[' . join ',', ($v1) x 3000;

sub chunk { return sprintf("%x\r\n%s\r\n", length $_[0], $_[0]) }


# Malformed, and what of it is read: a reason, or how it ends well.  What
# stands after the first piece is sent once nginx has read that.

my %bodies = (
    'size'       => [ chunk($half), "zz\r\n" ],
    'at-once'    => [ chunk($half) . "zz\r\n" ],
    'first'      => [ "zz\r\n" ],
    'later'      => [ '', "zz\r\n" ],
    'no-size'    => [ chunk($half), "\r\n" ],
    'negative'   => [ chunk($half), "-1\r\n" ],
    'overflow'   => [ chunk($half), 'f' x 17 . "\r\n" ],
    'too-long'   => [ "3\r\n$half\r\n0\r\n\r\n" ],
    'no-end'     => [ "15\r\n$half", "5\r\n" ],
    'half-end'   => [ "15\r\n$half\r", "5\r\n" ],
    'two'        => [ chunk($half) . chunk('an":1') . "x\r\n" ],
    'many'       => [ (map { chunk($_) } split //, $half), "x" ],
    'whole'      => [ chunk("[$v1]"), "zz\r\n" ],
    'whole-once' => [ chunk("[$v1]") . "zz\r\n" ],
    'trailer'    => [ chunk("[$v1]"), "0\r\n\rX" ],
    'header'     => [ chunk("[$v1]"), "0\r\nA: b\rX" ],
    'no-last'    => [ chunk("[$v1]") ],
    'no-trailer' => [ chunk("[$v1]"), "0\r\nA: " ],
);

my %lengths = (
    'long'       => [ 100, "[$v1]" ],
    'long-once'  => [ 100, "[$v1" ],
);

# Behind the end nginx reads nothing: the response is whole.

my %fine = (
    'behind'     => chunk("[$v1]") . "0\r\n\r\nSECRET",
    'behind-two' => chunk("[$v1]") . "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
);

my $json = "Content-Type: application/json\r\n";
my $chunked = "Transfer-Encoding: chunked\r\n\r\n";


# Of another body its end is decided by the URI: /KIND/STATUS/NAME.

sub head {
    my ($status, $more) = @_;
    return "HTTP/1.1 $status R\r\nETag: \"e\"\r\n$json$more";
}


sub pieces {
    my ($conn, @pieces) = @_;

    for my $piece (@pieces) {
        $conn->send($piece) or last;
        $conn->drained;
    }

    $conn->close;
}


sub http {
    my ($conn) = @_;

    while (my $req = $conn->read_request) {
        my ($kind, $status, $name) = $req->{uri} =~ m{/(\w+)/(\d+)/([\w-]+)};

        if (!defined $kind) {
            return legacy($conn, $req);

        } elsif ($kind eq 'body') {
            my ($first, @rest) = @{ $bodies{$name} };
            return pieces($conn, head($status, $chunked) . $first, @rest);

        } elsif ($kind eq 'coded') {
            my ($first, @rest) = @{ $bodies{$name} };
            return pieces($conn, head($status, "Content-Encoding: br\r\n"
                                      . $chunked) . $first, @rest);

        } elsif ($kind eq 'users') {
            my ($first, @rest) = @{ $bodies{$name} };
            return pieces($conn, head($status, $chunked) . chunk($long)
                          . substr($first, 0, 0), chunk(",$v1"), "zz\r\n");

        } elsif ($kind eq 'length') {
            my ($length, $body) = @{ $lengths{$name} };
            return pieces($conn, head($status, "Content-Length: $length"
                                      . "\r\n\r\n") . $body);

        } elsif ($kind eq 'short') {
            return pieces($conn, head($status, 'Content-Length: '
                                      . length("[$v1]") . "\r\n\r\n")
                          . "[$v1]" . ($name eq 'list' ? ",$v1" : ''));

        } elsif ($kind eq 'fine') {
            return pieces($conn, head($status, $chunked) . $fine{$name});
        }
    }
}


# The legacy API: the id tells what breaks.

my $broken = chunk('{"message":"SECRET","user_id":"a|1"') . "zz\r\n";

sub legacy {
    my ($conn, $req) = @_;

    my ($id, $what) = $req->{uri} =~ m{^/api/users/(?:auth0%7C)?([^/?]*)
                                      (?:/(\w+))?}x;
    my $call = lc $req->{method} . ($what ? "-$what" : '');
    my %status = (post => 201, 'put-email' => 409, 'patch-metadata' => 200,
                  'get-metadata' => 200, get => 200);
    my $status = $status{$call};

    $id = 'post' if $call eq 'post';
    $status = 404 if $id eq 'gone';

    if ($id eq $call || $id eq 'gone') {
        return pieces($conn, head($status, $chunked) . $broken);
    }

    return $conn->answer($req, { body => '{"user_id":"a|1"}' })
           && http($conn);
}


# FastCGI: records of a version, a type, a request, an announced length.

sub record {
    my ($data, %is) = @_;

    return pack('CCnnCC', $is{version} // 1, $is{type} // 6, $is{id} // 1,
                $is{length} // length $data, $is{padding} // 0, 0) . $data;
}

my %records = (
    'version'    => [ record($half), record('x', version => 9) ],
    'once'       => [ record($half) . record('x', version => 9) ],
    'type'       => [ record($half), record('x', type => 77) ],
    'id'         => [ record($half), record('x', id => 300) ],
    'padding'    => [ record($half, padding => 5), record('x') x 3 ],
    'whole'      => [ record("[$v1]"), record('', version => 9) ],
    'whole-once' => [ record("[$v1]") . record('', version => 9) ],
    'end'        => [ record($half) . record("\0" x 8, type => 3) ],
    'cut'        => [ record($half, length => 1000) ],
);

my %streams = (
    'short'      => "Content-Length: 1000\r\n\r\n[$v1]",
    'cut'        => "\r\n$half",
);


sub cgi {
    my ($conn, $scgi) = @_;

    my ($name, $buf);

    until (defined $name) {
        sysread($conn->{socket}, $buf, 65536, length($buf // '')) or return;
        ($name) = $buf =~ /row=([\w-]+);/;
    }

    return pieces($conn, "Status: 200 OK\r\n$json$streams{$name}") if $scgi;

    my ($first, @rest) = @{ $records{$name} };
    my $length = $name eq 'end' ? "Content-Length: 1000\r\n" : '';

    pieces($conn, record("Status: 200 OK\r\n$json$length\r\n") . $first, @rest);
}


# gRPC: frames of HTTP/2; the last has more padding than bytes.

sub frame {
    my ($type, $flags, $stream, $data) = @_;

    return substr(pack('N', length $data), 1) . pack('CCN', $type, $flags,
                                                     $stream) . $data;
}


sub grpc {
    my ($conn) = @_;

    sysread($conn->{socket}, my $buf, 65536) or return;

    my $block = "\x88\x00" . chr(12) . 'content-type' . chr(16)
                . 'application/json';

    pieces($conn, frame(4, 0, 0, '') . frame(1, 4, 1, $block)
                  . frame(0, 0, 1, "[$v1]"),
           frame(0, 8, 1, "\xffxx"));
}


my $backend = $t->backend(\&http);
$t->backend(sub { cgi($_[0], 0) });
$t->backend(sub { cgi($_[0], 1) });
$t->backend(\&grpc);

my $cgi = 'QUERY_STRING "row=$arg_row;";';

my $places = join '', map {
    my ($name, $pass) = @$_;

    map {
        my ($prefix, $more) = @$_;
        "        location $prefix/$name/ {\n            $pass\n"
        . "            $more\n        }\n\n";

    } [ '', '' ], [ '/unbuffered',
                    $name eq 'grpc' ? '' : "${name}_buffering off;" ];

} [ fastcgi => "fastcgi_pass %%BACKEND_1%%; fastcgi_param $cgi" ],
  [ scgi => "scgi_pass %%BACKEND_2%%; scgi_param $cgi" ],
  [ uwsgi => "uwsgi_pass %%BACKEND_2%%; uwsgi_param $cgi" ],
  [ grpc => "grpc_pass %%BACKEND_3%%;" ];

$t->conf(<<'END' =~ s/%%PLACES%%/$places/r);
    include profile/auth0.conf;
    include profile/maps.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;
    profile_zone profile 4m key=$request_uri;
    profile_metrics profile;

    log_format action
        '$uri $request_method $status $profile_action $profile_reason '
        '"$profile_applied"';

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log action;
        error_page 500 502 503 504 /50x.html;

        proxy_http_version 1.1;
        profile_rewrite auth0;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%;
            proxy_buffering off;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%;
            profile_buffer_size 0;
        }

        location /stream/unbuffered/ {
            proxy_pass http://%%BACKEND%%;
            proxy_buffering off;
            profile_buffer_size 0;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_valid 200 404 1h;
            proxy_cache_key $request_uri;
            add_header X-Cache $upstream_cache_status always;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite_dry_run on;
        }

        location /api2/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 api=v2;
        }

        location /api2/unbuffered/ {
            proxy_pass http://%%BACKEND%%;
            proxy_buffering off;
            profile_rewrite auth0 api=v2;
        }

        location /page/ {
            alias %%DIR%%/html/;
            default_type text/html;
            profile_rewrite off;
            ssi on;
        }

%%PLACES%%
        location = /50x.html {
            profile_rewrite off;
            return 200 "page";
        }

        location = /metrics {
            profile_rewrite off;
            profile_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log action;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_3%%;
        access_log %%DIR%%/access.log action;
        proxy_buffering off;
        include profile/gateway.conf;
    }
END

$t->write_file("html/$_->[0]", "a<!--# include virtual=\"$_->[1]\" -->b")
    for [ page => '/body/200/size' ], [ unbuffered =>
        '/unbuffered/body/200/whole' ], [ first => '/body/200/first' ];

$t->start;

my $r;
my $seen = 0;
my $error = qr/\A\{"statusCode":502,"error":"Bad\ Gateway","message":"The
               \ backend's\ answer\ cannot\ be\ shown\ as\ a\ profile
               (?:,\ although\ the\ backend\ answered\ 201)?:
               \ the\ response\ ended\ before\ its\ end\ at\ byte\ \d+\.(.*)",
               "errorCode":"invalid_upstream_profile"\}\z/x;


# Both protocols: a status, a body, and what the log says.

sub both {
    my ($uri, $status, $body, $name) = @_;

    for my $how (0, 1) {
        $seen = length $t->log;
        $r = $how ? $t->http2_request('GET', $uri) : $t->get($uri);

        my $what = "$name: $uri" . ($how ? ', HTTP/2' : '');

        is($r->status, $status, "$what, status");
        like($r->body, $body, "$what, body");
        ok($r->complete, "$what, whole");
        is($r->header('etag'), undef, "$what, headers") if $status != 200;

        my @lines = substr($t->log, $seen) =~ /(profile filter: \w+:)/g;

        is("@lines", $status == 200 ? '' : "profile filter: $_[4]:",
           "$what, the log");
    }
}


sub malformed {
    my ($uri) = @_;
    both($uri, 502, $error, 'H4.5', 'upstream');
}


# Chunks and lengths

for my $path ('', '/unbuffered', '/cache') {
    malformed("$path/body/200/$_") for sort keys %bodies;
    malformed("$path/length/200/$_") for sort keys %lengths;

    both("$path/short/200/whole", 200, qr/\A\[\Q$v2\E\]\z/, 'more than said');
    both("$path/short/200/list", 200, qr/\A\[\Q$v2\E\]\z/, 'more than said');
    both("$path/fine/200/$_", 200, qr/\A\[\Q$v2\E\]\z/, 'behind the end')
        for sort keys %fine;
}

malformed('/body/201/size');
both("$_/coded/200/first", 502, qr/content coding/, 'H4.1', 'encoding')
    for '', '/unbuffered';

is($t->get('/body/200/size', ':version' => '1.0')->status, 502,
   'H4.5 HTTP/1.0');
is($t->request('POST', '/body/201/size', ':body' => '{}')->status, 502,
   'H4.5 POST');


# FastCGI, SCGI, uwsgi, gRPC

for my $path ('', '/unbuffered') {
    malformed("$path/fastcgi/?row=$_")
        for grep { $_ ne 'cut' && $_ ne 'padding' } sort keys %records;

    malformed("$path/fastcgi/?row=padding");
    both("$path/fastcgi/?row=cut", 502, qr/ends too early/, 'H4.1',
         'truncated');

    for my $kind (qw(scgi uwsgi)) {
        malformed("$path/$kind/?row=short");
        both("$path/$kind/?row=cut", 502, qr/ends too early/, 'H4.1',
             'truncated');
    }

    malformed("$path/grpc/");
}


# Once bytes have left it is a cut (H4.2).

for my $uri ('/users/200/size', '/unbuffered/users/200/size',
             '/stream/body/200/whole', '/stream/unbuffered/body/200/whole',
             '/cache/users/200/size')
{
    for my $how (0, 1) {
        $seen = length $t->log;
        $r = $how ? $t->http2_request('GET', $uri) : $t->get($uri);

        is($r->status, 200, "H4.2 begun: $uri $how");
        ok(!$r->complete, "H4.2 cut: $uri $how");
        ok(!$r->timed_out, "H4.2 closed: $uri $how");
        like($r->body, qr/\A\[\Q$v2\E/, "H4.2 what was read has left: $uri");
        like(substr($t->log, $seen), qr/profile filter: upstream:/,
             "H4.3 the log: $uri $how");
    }
}


# Nothing malformed is stored: each request went up.

for my $uri ('/cache/body/200/whole', '/cache/users/200/size',
             '/cache/body/404/whole')
{
    $backend->forget;
    $t->get($uri) for 1 .. 2;

    is(scalar($backend->requests), 2, "H4.5 not in the cache: $uri");
}

$backend->forget;
$t->get('/cache/fine/200/behind') for 1 .. 2;
is(scalar($backend->requests), 0, 'what was whole is');


# A dry run leaves it to nginx, and counts.

for my $uri ('/dry/body/200/size', '/dry/body/200/whole') {
    $r = $t->get($uri);
    ok(!$r->complete, "a dry run: $uri");
    unlike($r->body, qr/statusCode/, "a dry run has no answer: $uri");
}


# Pages

is($t->get('/page/page')->body =~ s/\{.*\}/{}/r, 'a{}b', 'H4.5 subrequest');
is($t->get("/page/$_")->body =~ s/\{.*\}/{}/r, 'a{}b',
   "H4.5 subrequest, $_") for qw(unbuffered first);


# Errors of v1 keep their status, and nothing of what broke is shown (U6).

sub answer {
    my ($status, $phrase, $message, $code) = @_;

    return '{"statusCode":' . $status . qq(,"error":"$phrase","message":)
           . qq("$message") . ($code ? qq(,"errorCode":"$code"}) : '}');
}

my $gone = answer(404, 'Not Found', 'Not Found');
my $early = answer(404, 'Not Found', 'Not Found');
my $failed = answer(502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway');

for my $path ('/api2', '/api2/unbuffered') {
    both("$path/body/404/$_", 404, qr/\A\Q$gone\E\z/, 'U6', 'upstream')
        for sort keys %bodies;
    both("$path/length/404/$_", 404, qr/\A\Q$early\E\z/, 'U6', 'upstream')
        for sort keys %lengths;
    both("$path/body/500/size", 502,
         qr/\A\Q$failed\E\z/, 'U6',
         'upstream');
}


# The gateway's calls

sub patch {
    my ($port, $id, $body) = @_;

    return $t->request('PATCH', "/api/v2/users/auth0%7C$id", ':port' => $port,
                       ':body' => $body,
                       'Content-Type' => 'application/json');
}

for my $port ($t->port(2), $t->port(3)) {
    $r = $t->get('/api/v2/users/auth0%7Cget', ':port' => $port);
    is($r->status, 502, 'H4.5 read');
    like($r->body, $error, 'H4.5 read, body');

    $r = $t->get('/api/v2/users/auth0%7Cgone', ':port' => $port);
    is($r->status, 404, 'U6 read');
    is($r->body, $gone, 'U6 read, body');

    $r = $t->request('POST', '/api/v2/users', ':port' => $port, ':body' =>
                     '{"connection":"auth0","email":"a@b.de"}',
                     'Content-Type' => 'application/json');
    is($r->status, 502, 'H4.5 create');
    like($r->body, $error, 'H4.5 create, body');

    $r = patch($port, 'get', '{"app_metadata":{"a":1}}');
    is($r->status, 502, 'H4.5 final read');
    like($r->body, $error, 'H4.5 final read, body');
    is(($r->body =~ $error)[0], ' Applied before the failure: metadata.',
       'U4.2 final read');

    $r = patch($port, 'put-email', '{"email":"a@b.de"}');
    is($r->status, 409, 'U6 call');
    is($r->body, answer(409, 'Conflict', 'The specified new email already'
                        . ' exists.', 'auth0_idp_error'), 'U6 call, body');

    $r = patch($port, 'patch-metadata', '{"app_metadata":{"a":1}}');
    is($r->status, 200, 'U4.2 what was answered is done');

    $backend->forget;
    $r = patch($port, 'get-metadata', '{"app_metadata":{}}');
    is($r->status, 502, 'U3.5 bag');
    is(join(' ', map { $_->{method} } $backend->requests), 'GET',
       'U3.5 nothing has been changed');
}


# What was counted, and what nobody may read

my %counted;
my $metrics = ProfileTest::Metrics->of($t);

for my $sample (grep { $_->{value} } $metrics->samples('requests_total')) {
    my %l = %{ $sample->{labels} };

    $counted{$l{key}}{"$l{action} $l{reason}"} += $sample->{value};
}

is(join(' ', keys %{ $counted{$_} // {} }), 'failed upstream', "counted: $_")
    for '/body/200/size', '/unbuffered/body/200/size', '/body/200/whole',
        '/users/200/size', '/api2/body/404/size', '/cache/body/200/whole',
        '/body/201/size', '/unbuffered/length/200/long';

is(join(' ', keys %{ $counted{'/dry/body/200/size'} // {} }),
   'would_fail upstream', 'counted: a dry run');

$t->stop;

my $access = $t->read_file('access.log');

like($access, qr{^/body/201/size POST 502 failed upstream "-"$}m,
     'logged: POST');
like($access, qr{^/\.profile/read PATCH 502 failed upstream "metadata"$}m,
     'logged: final read');
unlike($t->log, qr/SECRET/, 'H5.11 nothing of a body in the log');

done_testing;
