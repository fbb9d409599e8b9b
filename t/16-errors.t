#!/usr/bin/perl

# Proves what a client gets of a body that cannot be rewritten (H4): an error
# of our own while nothing has left, whatever error_page says, else a cut that
# nobody takes for an end; and what the log says of it, and does not.  It fails
# when a broken body passes for a whole one, or when its content leaks.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"a|1","plan":"SECRET"}';
my $v2 = '{"user_id":"a|1","app_metadata":{"plan":"SECRET"},'
         . '"user_metadata":{}}';


# Reasons: a body, the byte that is named, and what is said of it.

my $deep = '[' x 128;
my $fat = '{"user_id":"a|1","plan":"' . 'SECRET' x 400 . '"}';
my $slow = '"' . 'x' x 60 . '"';

my %bad = (
    'json'      => [ '{"user_id":"a|1","plan":SECRET}', 'invalid_json', 24 ],
    'list'      => [ "[$v1,{\"user_id\":\"a|2\",plan}]", 'invalid_json', 52 ],
    'root'      => [ 'SECRET', 'invalid_json', 0 ],
    'utf8'      => [ "{\"user_id\":\"a|1\",\"plan\":\"\xff\"}",
                     'invalid_utf8', 25 ],
    'cut'       => [ '[' . $v1 . ',', 'truncated', 2 + length $v1 ],
    'empty'     => [ '', 'truncated', 0 ],
    'behind'    => [ "$v1 {", 'trailing_data', 1 + length $v1 ],
    'deep'      => [ "$deep\[", 'too_deep', 128 ],
    'large'     => [ "[$v1,$fat]", 'user_too_large',
                     2 + length($v1) + 1024 ],
    'undecided' => [ '{"SECRET":[' . '1,' x 600 . '1]}', 'user_too_large',
                     1024 ],
    'late'      => [ "{\"account\":$v1,\"account\":1}", 'late_user',
                     23 + length $v1 ],
    'pattern'   => [ "{\"user_id\":\"a|1\",$slow:1}", 'pattern_limit', 82 ],
    'gzip'      => [ 'SECRET', 'invalid_gzip', 0,
                     'Content-Encoding' => 'gzip' ],
    'br'        => [ 'SECRET', 'encoding', 0, 'Content-Encoding' => 'br' ],
);

my %text = (
    invalid_json   => 'invalid JSON',
    invalid_utf8   => 'invalid UTF-8',
    truncated      => 'the JSON text ends too early',
    trailing_data  => 'data after the JSON text',
    too_deep       => 'the JSON text is nested too deeply',
    user_too_large => 'a user is too large',
    late_user      => 'a second value where the list or the user has been '
                      . 'read',
    pattern_limit  => 'a pattern gave up on a name',
    partial        => 'a part of a response',
    encoding       => 'a content coding other than gzip',
    invalid_gzip   => 'invalid gzip data',
    upstream       => 'the response ended before its end',
);

my @headers = ('ETag' => '"abc"', 'Set-Cookie' => 'a=SECRET',
               'Last-Modified' => 'Mon, 21 Oct 2013 20:13:21 GMT',
               'Cache-Control' => 'public, max-age=60', 'X-Own' => 'SECRET',
               'Accept-Ranges' => 'bytes', 'Content-Language' => 'en',
               'Link' => '</SECRET>; rel=next', 'Vary' => 'Accept',
               'Content-Disposition' => 'inline', 'Expires' => '0',
               'Location' => '/SECRET', 'Digest' => 'md5=abc');

# More than what is held: with a comma, broken, and cut.

my $users = '[' . join ',', ($v1) x 3000;
my $long = "$users,{]";

my %dying = (
    'length'  => { body => $users, cut => 40 },
    'chunked' => { body => $users, cut => 40, framing => 'chunked' },
    'chunks'  => { body => $users, cut => 40, framing => 'chunked',
                   chunk => 10 },
    'reset'   => { body => $users, cut => 40, reset => 1 },
    'nothing' => { body => $users, cut => 0 },
    'no last chunk' => { body => "[$v1]", framing => 'chunked',
                         trailer => '', cut => 1000 },
    'short'   => { body => "[$v1]", length => 1000, cut => 1000 },
);

my $backend = $t->backend({
    '/good'   => { body => $v1 },
    '/part'   => { status => 206, body => 'SECRET', headers => [
                   @headers, 'Content-Range' => 'bytes 1-6/9' ] },
    '/long'   => { body => $long, headers => \@headers },
    '/long/chunked' => { body => $long, framing => 'chunked',
                         headers => \@headers },
    '/long/old'  => { body => $long, framing => 'close', version => '1.0' },
    '/long/gzip' => { body => $long, gzip => 1 },
    '/long/behind' => { body => "$users] ]" },
    '/gate'   => { body => [ 'SECRET', \'gate', 'more' ] },
    '/broken' => { body => "[$v1", framing => 'chunked',
                   trailer => "xyz\r\n" },
    '/old'    => { body => substr($users, 0, 40), framing => 'close',
                   version => '1.0' },
    '/close'  => sub { my ($conn) = @_; $conn->close; undef },
    '/503'    => { status => 503, body => '{"user_id":1}' },
    '/hang'   => sub {
        my ($conn, $request) = @_;

        $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    . "Content-Length: 1000000\r\n\r\n$users");
        $conn->wait_close;
        return undef;
    },
    '/hang/early' => sub {
        my ($conn, $request) = @_;

        $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    . "Content-Length: 1000000\r\n\r\n[$v1");
        $conn->wait_close;
        return undef;
    },

    '*' => sub {
        my ($conn, $request) = @_;

        my ($kind, $name) = $request->{uri} =~ m{\A/(\w+)/([^?]*)};

        $name =~ s/%20/ /g;

        return { body => $bad{$name}[0], headers => [
                 @headers, @{ $bad{$name} }[3 .. $#{ $bad{$name} }] ] }
            if $kind eq 'bad';

        return { %{ $dying{$name} }, headers => \@headers }
            if $kind eq 'early';

        return { %{ $dying{$name} }, headers => \@headers,
                 cut => length $users };
    },
});

my $timeout = sprintf '%ds', $t->patience / 20;

$t->conf(<<'END' =~ s/%%TIMEOUT%%/$timeout/gr);
    include profile/auth0.conf;

    profile_schema slow {
        app_metadata "~(x+)+[yz]";
    }

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;
    log_format action '$uri $profile_action $profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log action;

        error_page 500 502 503 504 /50x.html;

        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_intercept_errors on;
        profile_rewrite auth0;
        profile_max_user_size 1k;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /bad/late {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 wrapper=account;
        }

        location /bad/pattern {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite slow;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_buffer_size 0;
        }

        location /gzip/ {
            proxy_pass http://%%BACKEND%%/;
            gzip on;
            gzip_types application/json;
        }

        location /timeout/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_read_timeout %%TIMEOUT%%;
        }

        location /timeout/unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            proxy_read_timeout %%TIMEOUT%%;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache cache;
            proxy_cache_valid 200 1h;
            proxy_cache_key $arg_key;
            proxy_ignore_headers Set-Cookie Cache-Control Expires Vary;
            add_header X-Cache $upstream_cache_status always;
        }

        location /keepalive/ {
            proxy_pass http://kept/;
        }

        location /file/ {
            alias %%DIR%%/html/;
            default_type application/json;
        }

        location /page/ {
            alias %%DIR%%/html/;
            default_type text/html;
            profile_rewrite off;
            ssi on;
        }

        location = /50x.html {
            profile_rewrite off;
            return 200 "page";
        }
    }

    upstream kept {
        server %%BACKEND%%;
        keepalive 2;
    }
END

$t->write_file('html/bad.json', "[$v1");
$t->write_file('html/long.json', $long);
$t->write_file('html/held', 'a<!--# include virtual="/bad/json" -->b');
$t->write_file('html/cut', 'a<!--# include virtual="/long" -->b');

$t->start;

my ($r, $c);

sub message {
    my ($reason, $offset) = @_;

    my $text = $text{$reason} =~ s/"/\\"/gr;

    return '{"statusCode":502,"error":"Bad Gateway","message":"The backend\'s '
           . "answer cannot be shown as a profile: $text at byte $offset.\","
           . '"errorCode":"invalid_upstream_profile"}';
}


# An answer of our own: its bytes, and no header of the upstream.

sub refused {
    my ($r, $reason, $offset, $name) = @_;

    is($r->status, 502, "H4.1 status: $name");
    is($r->body, message($reason, $offset), "H4.1 body: $name");
    ok($r->complete, "H4.1 whole: $name");

    my %known = map { $_ => 1 } qw(server date connection x-cache);
    my @rest = map { lc($_->[0]) . ": $_->[1]" }
               grep { !$known{ lc $_->[0] } } @{ $r->{headers} };

    is(join("\n", sort @rest),
       'content-length: ' . length($r->body) . "\n"
       . 'content-type: application/json',
       "H4.1 headers: $name");
}

sub cut {
    my ($r, $name) = @_;

    is($r->status, 200, "H4.2 begun: $name");
    ok(!$r->complete, "H4.2 cut: $name");
    ok(!$r->timed_out, "H4.2 closed: $name");
}

sub uri { return join('/', '', @_) =~ s/ /%20/gr }


# The error log, of what one request left in it

my $seen = 0;

sub logged {
    my ($uri, $reason, $offset, $name) = @_;

    my @lines = grep { /\[(?:warn|error)\]/ } split /\n/,
                substr $t->log, $seen;

    is(scalar @lines, 1, "H4.3 one line: $name");
    like($lines[0], qr{\ \[error\]\ \d+\#\d+:\ \*\d+\ profile\ filter:\ $reason:
                       \ \Q$text{$reason}\E\ at\ byte\ $offset\ of\ the
                       \ response\ while\ .*
                       request:\ "GET\ \Q$uri\E\ HTTP/1\.1",
                       \ upstream:\ "http://127\.0\.0\.1:\d+/}x,
         "H4.3 the line: $name");
}


# H4.1, H4.3

for my $name (sort keys %bad) {
    my ($body, $reason, $offset) = @{ $bad{$name} };
    my $uri = "/bad/$name";

    $seen = length $t->log;
    refused($t->get($uri), $reason, $offset, $name);
    logged($uri, $reason, $offset, $name);

    next if $name eq 'pattern' || $name eq 'late';

    refused($t->get("/unbuffered$uri"), $reason, $offset, "$name, unbuffered");
    refused($t->get($uri, ':version' => '1.0'), $reason, $offset,
            "$name, HTTP/1.0");
    refused($t->http2_request('GET', $uri), $reason, $offset,
            "$name, HTTP/2");
    refused($t->get("/gzip$uri", 'Accept-Encoding' => 'gzip'), $reason,
            $offset, "$name, gzip");
}

$seen = length $t->log;
refused($t->get('/part'), 'partial', 0, 'partial');
logged('/part', 'partial', 0, 'partial');

for my $uri ('/bad/br', '/part') {
    $r = $t->head($uri);

    is($r->status, 502, "H4.1 HEAD: $uri");
    is($r->header('x-own'), undef, "H4.1 HEAD, no header: $uri");
}

refused($t->get('/file/bad.json'), 'truncated', 1 + length $v1, 'a file');

# The client has the answer before the upstream has ended.

$c = $t->connect;
$c->send("GET /unbuffered/gate HTTP/1.1\r\nHost: a\r\n\r\n"
         . "GET /good HTTP/1.1\r\nHost: a\r\n\r\n");

refused($c->response, 'invalid_json', 0, 'at once');

$backend->open_gate('gate');

is($c->response->body, $v2, 'H4.1 then what was asked for next');
$c->close;

for my $uri ('/keepalive/bad/json', '/bad/root', '/bad/br', '/part') {
    $c = $t->connect;

    for (1 .. 2) {
        $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");

        is($c->response->status, 502, "H4.1 the connection is kept: $uri");

        $c->send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n");

        is($c->response->body, $v2, "H4.1 and what follows is good: $uri");
    }

    $c->close;
}

# An error of the upstream's own is nginx's business.

is($t->get('/503')->body, 'page', 'H1.2 error_page for the upstream');
is($t->get('/close')->body, 'page', 'H1.2 error_page, no answer at all');


# H4.2

my @long = map { ($_, "/unbuffered$_") } qw(/long /long/chunked /long/old
                                            /long/gzip /long/behind);

for my $uri (@long, '/stream/long', '/keepalive/long', '/file/long.json') {
    $c = $t->connect;
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
    $r = $c->response;

    cut($r, $uri);
    is($r->framing, 'chunked', "H4.2 was chunked: $uri");
    ok($c->eof, "H4.2 the connection is closed: $uri");
    ok($r->body !~ /statusCode/, "H4.2 no second answer: $uri");
    ok($r->body !~ /"user_id":"a\|1","plan"/, "H4.2 nothing of v1: $uri");

    $r = $t->http2_request('GET', $uri);

    cut($r, "$uri, HTTP/2");
    ok(defined $r->rst, "H4.2 RST_STREAM: $uri");
}

# Other streams of the connection live on.

my $h2 = $t->http2;
my @ids = map { $h2->request('GET', $_) } '/long', '/good', '/bad/json';

ok(defined $h2->response($ids[0])->rst, 'H4.2 HTTP/2, one stream is reset');
is($h2->response($ids[1])->body, $v2, 'H4.2 HTTP/2, another one is whole');
is($h2->response($ids[2])->status, 502, 'H4.2 HTTP/2, one has an error');
is($h2->response($h2->request('GET', '/good'))->body, $v2,
   'H4.2 HTTP/2, the connection goes on');
$h2->close;

# HTTP/1.0 knows no end but the close: what is cut is no JSON.

$r = $t->get('/long', ':version' => '1.0');

is($r->framing, 'close', 'H4.2 HTTP/1.0');
ok($r->body !~ /\]\z/, 'H4.2 HTTP/1.0, the list has no end');

# Compressed towards the client

$r = $t->get('/gzip/long', 'Accept-Encoding' => 'gzip');

ok(!$r->complete, 'H4.2 gzip towards the client, cut');

# What comes out of a cache was stored whole, and cannot be shown whole.

for my $try ('MISS', 'HIT', 'HIT') {
    $c = $t->connect;
    $c->send("GET /cache/long?key=long HTTP/1.1\r\nHost: a\r\n\r\n");
    $r = $c->response;

    cut($r, "cache $try");
    is($r->header('x-cache'), $try, "H4.2 from the cache: $try");
    ok($c->eof, "H4.2 the connection is closed: cache $try");

    $r = $t->http2_request('GET', "/cache/long?key=h2");
    cut($r, "cache $try, HTTP/2");
    ok(defined $r->rst, "H4.2 RST_STREAM: cache $try");

    $r = $t->get('/cache/bad/json?key=json');
    refused($r, 'invalid_json', 24, "cache $try");

    $r = $t->get('/cache/bad/br?key=br');
    refused($r, 'encoding', 0, "cache, coding $try");
}

# Subrequests: a page goes on with the error, and never with half a list.

$r = $t->get('/page/held');

is($r->body, 'a' . message('invalid_json', 24) . 'b', 'H4.1 subrequest');
ok($r->complete, 'H4.1 subrequest, whole');

cut($t->get('/page/cut'), 'subrequest');


# H4.4: the upstream dies

for my $name (sort keys %dying) {
    for my $path ('', '/unbuffered', '/keepalive') {
        my $uri = $path . uri('early', $name);

        $seen = length $t->log;
        $r = $t->get($uri);

        is($r->status, 502, "H4.4 held: $uri");
        like($r->body, qr/\ \Q$text{upstream}\E\ at\ byte\ \d+\.",
                          "errorCode":"invalid_upstream_profile"\}\z/x,
             "H4.4 held, body: $uri");
        is($r->header('etag'), undef, "H4.4 held, headers: $uri");
        ok($r->complete, "H4.4 held, whole: $uri");
        like(substr($t->log, $seen), qr/profile filter: upstream: /,
             "H4.4 held, the log: $uri");

        $r = $t->http2_request('GET', $uri);
        is($r->status, 502, "H4.4 held, HTTP/2: $uri");
        ok($r->complete, "H4.4 held, HTTP/2, whole: $uri");

        next if $name =~ /no last|short/;

        $uri = $path . uri('later', $name);

        # A reset may destroy what nginx has not read.

        next if $name eq 'reset';

        cut($t->get($uri), $uri);

        $r = $t->http2_request('GET', $uri);
        cut($r, "$uri, HTTP/2");
        ok(defined $r->rst, "H4.4 RST_STREAM: $uri");
    }

    ok(!$t->get(uri('stream', 'early', $name))->complete,
       "H4.4 streaming: $name");
}

is($t->get(uri('early', 'length'), ':version' => '1.0')->status, 502,
   'H4.4 held, HTTP/1.0');

# Chunks that break off are no end; of others see world/70-malformed.t.

for my $path ('', '/unbuffered') {
    refused($t->get("$path/broken"), 'upstream', 1 + length $v1,
            "broken chunks: $path");
}

# Of HTTP/1.0 the end is any close, so JSON must tell.

refused($t->get('/old'), 'truncated', 40, 'HTTP/1.0 upstream');

# Silence: all of them wait at the same time.

my %silent = map { $_ => $t->connect } qw(/timeout/hang /timeout/hang/early
                                          /timeout/unbuffered/hang
                                          /timeout/unbuffered/hang/early);

$silent{$_}->send("GET $_ HTTP/1.1\r\nHost: a\r\n\r\n") for keys %silent;

for my $uri (sort keys %silent) {
    $r = $silent{$uri}->response;

    # nginx passes on full buffers only, unless it was told not to buffer.

    $uri =~ /early/
        ? refused($r, 'upstream', $uri =~ /un/ ? 1 + length $v1 : 0, $uri)
        : cut($r, $uri);

    $silent{$uri}->close;
}


# What was done, and what nobody may read

$t->stop;

my %got = $t->read_file('access.log') =~ /^(\S+) (.*)$/mg;

is($got{"/bad/$_"}, "failed $bad{$_}[1]", "H4.3 action: $_")
    for sort keys %bad;

is($got{'/long'}, 'failed invalid_json', 'H4.3 action of a cut');
is($got{'/timeout/hang'}, 'failed upstream', 'H4.3 action of a timeout');
is($got{'/early/length'}, 'failed upstream', 'H4.3 action of a death');
is($got{'/broken'}, 'failed upstream', 'H4.3 action of broken chunks');

unlike($t->log, qr/SECRET/, 'H4.3 nothing of a profile in the log');

done_testing;
