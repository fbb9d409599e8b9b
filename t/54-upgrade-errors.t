#!/usr/bin/perl

# Proves that a client of v2 gets statuses and errors of v2 whatever the
# backend says (U6): text, HTML, JSON of its own kind, nothing, too late, or
# not at all, and whatever error pages the server has.  It fails when HTML, a
# stack trace, a status or a coding of the backend gets through.

use lib 't/lib';
use ProfileTest;

use JSON::PP;

my $t = ProfileTest->new(log => 'info');
my $json = JSON::PP->new->utf8;

my $user = '{"user_id":"auth0|1"}';
my $v2 = '{"user_id":"auth0|1","app_metadata":{},"user_metadata":{}}';
my $html = "<html>\n<body>Cannot GET /secret</body></html>\n";
my $trace = "Error: secret\n    at f (/srv/v1.js:1:2)\n";

my @html = (type => 'text/html', body => $html);
my @text = (type => 'text/plain', body => $trace);

my $none = '';
my %phrase = (
    400 => 'Bad Request', 401 => 'Unauthorized', 402 => 'Payment Required',
    403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
    408 => 'Request Timeout', 409 => 'Conflict', 410 => 'Gone',
    413 => 'Payload Too Large', 415 => 'Unsupported Media Type',
    418 => 'Error', 422 => 'Unprocessable Entity', 429 => 'Too Many Requests',
    451 => 'Error', 502 => 'Bad Gateway', 504 => 'Gateway Timeout',
);


# What the backend answers for a name, what the client gets: a status, and a
# message if it is not the phrase of that.

sub error { return { status => $_[0], body => $_[1], @_[2 .. $#_] } }

my $long = 'x' x 499;

my %cases = (
    'v1-error'  => [ error(404, '{"error":"The user does not exist."}'),
                     404, 'The user does not exist.' ],
    'v1-code'   => [ error(400, '{"code":400,"error":"Bad Request","message":'
                                . '"email is required"}'),
                     400, 'email is required' ],
    'v1-detail' => [ error(409, '{"code":"user_exists","error":"Conflict",'
                                . '"detail":"The user already exists."}'),
                     409, 'The user already exists.' ],
    'v1-oauth'  => [ error(401, '{"error":"invalid_token",'
                                . '"error_description":"Expired"}'),
                     401, 'Expired' ],
    'v2-own'    => [ error(403, '{"statusCode":403,"error":"Forbidden",'
                                . '"message":"Insufficient scope",'
                                . '"errorCode":"insufficient_scope"}'),
                     403, 'Insufficient scope' ],
    'type'      => [ error(404, '{"error":"x"}', type => 'text/html'),
                     404, 'x' ],
    'no-type'   => [ error(404, '{"error":"x"}', type => ''), 404, 'x' ],
    'chunks'    => [ error(404, '{"error":"in chunks"}', chunk => 1,
                           framing => 'chunked'), 404, 'in chunks' ],
    'old'       => [ error(404, '{"error":"old"}', framing => 'close',
                           version => '1.0'), 404, 'old' ],
    'text'      => [ error(404, undef, @text), 404 ],
    'html'      => [ error(400, undef, @html), 400 ],
    'nothing'   => [ error(404, ''), 404 ],
    'no-length' => [ error(404, '', framing => 'close'), 404 ],
    'array'     => [ error(404, '["secret"]'), 404 ],
    'string'    => [ error(404, '"secret"'), 404 ],
    'broken'    => [ error(404, '{"error":"secret"'), 404, 'secret' ],
    'trailing'  => [ error(404, '{"error":"secret"} x'), 404 ],
    'latin1'    => [ error(404, qq({"error":"\xe9"})), 404 ],
    'number'    => [ error(404, '{"error":1,"message":null,"detail":{}}'),
                     404 ],
    'empty'     => [ error(404, '{"message":"","error":"not empty"}'),
                     404, 'not empty' ],
    'deeper'    => [ error(404, '{"x":{"message":"secret"}}'), 404 ],
    'lines'     => [ error(400, '{"message":"One.\nat f (v1.js:1)\nat g"}'),
                     400, 'One.' ],
    'cr'        => [ error(400, '{"message":"One.\r\nTwo."}'), 400, 'One.' ],
    'line-end'  => [ error(400, '{"message":"\nsecret"}'), 400 ],
    'markup'    => [ error(400, '{"message":"<html>secret</html>"}'), 400 ],
    'markup2'   => [ error(400, '{"message":" \u003c!DOCTYPE html>",'
                                . '"error":"plain"}'), 400, 'plain' ],
    'escapes'   => [ error(400, '{"message":"\"\\\\\/\u00e9\t\u0001\ud83d'
                                . '\ude00"}'),
                     400, "\"\\/\x{e9}\t\x01\x{1f600}" ],
    'utf8'      => [ error(400, qq({"message":"\xc3\xa9"})), 400, "\x{e9}" ],
    'escaped'   => [ error(400, '{"m\u0065ssage":"escaped"}'), 400,
                     'escaped' ],
    'twice'     => [ error(400, '{"error":"e","message":"m","detail":"d"}'),
                     400, 'm' ],
    'long'      => [ error(400, '{"message":"' . 'x' x 501 . '"}'), 400,
                     'x' x 500 ],
    'long-utf8' => [ error(400, qq({"message":"$long\xc3\xa9"})), 400, $long ],
    'large'     => [ error(400, '{"message":"first","stack":"'
                                . 'x' x 300_000 . '"}', piece => 50_000),
                     400, 'first' ],
    'large-end' => [ error(400, '{"stack":"' . 'x' x 300_000
                                . '","message":"last"}'), 400 ],
    'gzip'      => [ error(404, '{"error":"It was packed."}', gzip => 1),
                     404, 'It was packed.' ],
    'bomb'      => [ error(404, '{"error":"bomb","x":"' . 'x' x 20_000_000
                                . '"}', gzip => 1), 404, 'bomb' ],
    'bad-gzip'  => [ error(404, '{"error":"secret"}',
                           headers => [ 'Content-Encoding' => 'gzip' ]),
                     404 ],
    'br'        => [ error(404, '{"error":"secret"}',
                           headers => [ 'Content-Encoding' => 'br' ]), 404 ],
    'cut'       => [ error(404, '{"error":"x","stack":"abc"}', cut => 18), 404,
                     'x' ],
    'cut-early' => [ error(404, '{"error":"secret"}', cut => 5), 404 ],

    map({ ($_ => [ error($_, '{"message":"for you"}'), $_, 'for you' ],
           "$_-html" => [ error($_, undef, @html), $_ ]) }
        402, 405, 408, 410, 413, 415, 418, 422, 429, 451),
    map({ ($_ => [ error($_, '{"message":"secret"}'), 502 ],
           "$_-html" => [ error($_, undef, @html), 502 ],
           "$_-text" => [ error($_, undef, @text), 502 ]) }
        500, 501, 502, 503, 505, 599),
    '504' => [ error(504, '{"message":"secret"}'), 504 ],
    map({ ($_ => [ error($_, '{"message":"secret"}',
                         headers => [ Location => '/api/users/secret' ]),
                   502 ]) } 300, 301, 302, 303, 307, 308),
    '304' => [ { status => 304, headers => [ ETag => '"secret"' ] }, 502 ],
    '202' => [ error(202, $user), 502 ],
    '203' => [ error(203, $user), 502 ],
    'garbage' => [ sub { $_[0]->send("secret\r\n"); $_[0]->close; undef },
                   502 ],
    'closed' => [ sub { $_[0]->close; undef }, 502 ],
    'reset'  => [ sub { $_[0]->abort; undef }, 502 ],
    'half'   => [ sub { $_[0]->send("HTTP/1.1 200 OK\r\nContent-");
                        $_[0]->close; undef }, 502 ],
);

# Answers that look well and are not: 502 with a code of their own.

my %invalid = (
    'ok-text'   => { @text },
    'ok-html'   => { @html },
    'ok-none'   => { body => '' },
    'ok-type'   => { body => $user, type => 'text/plain' },
    'ok-notype' => { body => $user, type => '' },
    'ok-broken' => { body => '{"user_id":"secret' },
    'ok-more'   => { body => "$user secret" },
    'ok-cut'    => { body => $user, cut => 10 },
    'ok-br'     => { body => $user, headers => [ 'Content-Encoding' => 'br' ] },
    'ok-206'    => { body => $user, status => 206,
                     headers => [ 'Content-Range' => 'bytes 0-9/10' ] },
);

my @fine = (
    [ 'fine', { body => $user } ],
    [ 'fine-201', { body => $user, status => 201 } ],
    [ 'fine-gzip', { body => $user, gzip => 1 } ],
);

my %answers = (map({ $_ => $cases{$_}[0] } keys %cases), %invalid,
               map { @$_ } @fine);

my $backend = $t->backend({
    map({ my $answer = $answers{$_};
          ("/api/users/$_" => $answer, "/api/users/$_/metadata" => $answer) }
        keys %answers),
    '/api/users/read-fails' => sub {
        return $_[1]{method} eq 'GET' ? $cases{503}[0] : 'OK';
    },
    '/api/users/read-invalid' => { @text },
    '/api/users/' => sub {
        my ($conn, $request) = @_;
        my $answer = $answers{ $request->{headers}{'x-case'} };

        return ref $answer eq 'CODE' ? $answer->(@_) : $answer;
    },
    '/api/users/lone' => error(400, '{"message":"a\ud800b"}'),
    '/api/users/no-content' => { status => 204 },
    '/api/users/tagged' => sub {
        my ($conn, $request) = @_;
        my $tag = $request->{headers}{'if-none-match'} // '';

        return { status => $tag eq '"t"' ? 304 : 200, body => $user,
                 headers => [ ETag => '"t"' ] };
    },
    '*' => 'OK',
});

# One that never answers.

my $slow = $t->backend(sub { $_[0]->read_request; $_[0]->wait_close });

# One that answers writes only.

my $half_slow = $t->backend(sub {
    my ($conn) = @_;
    my $request = $conn->read_request or return;

    $request->{method} eq 'PATCH' ? $conn->answer($request, { body => $user })
                                  : $conn->wait_close;
});

$t->conf(<<'END');
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }

    # The error pages that nginx comes with, and worse

    server {
        listen 127.0.0.1:%%PORT_1%%;

        root html;
        error_page 500 502 503 504 /50x.html;
        error_page 404 =200 /50x.html;
        error_page 400 401 402 403 405 409 429 =302 /50x.html;
        proxy_intercept_errors on;

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        proxy_buffering off;
        gzip on;
        gzip_types *;
        gzip_min_length 0;
        include profile/gateway.conf;
    }

    # Who is not let in

    server {
        listen 127.0.0.1:%%PORT_3%%;
        auth_basic "v2";
        auth_basic_user_file %%DIR%%/users;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_4%%;
        proxy_cache cache;
        proxy_cache_valid any 1h;
        include profile/gateway.conf;
    }
END

$t->write_file('users', "\n");
$t->write_file('html/50x.html', "<html>a page of the server</html>\n");
$t->start;

my @json = ('Content-Type' => 'application/json');

sub v2 {
    my ($method, $uri, $port, %headers) = @_;

    return $t->request($method, $uri, ':port' => $t->port($port // 0), %headers,
                       $method =~ /^P/ ? (@json, ':body' =>
                           $method eq 'PATCH' ? '{"app_metadata":{"a":1}}'
                                              : '{"email":"a@b.c"}') : ());
}

# The code is that of the status if none is expected, and a 404 has none.

sub expected {
    my ($status, $message, $code) = @_;

    $code //= lc $phrase{$status} =~ s/ /_/gr if $status != 404;

    return { statusCode => $status, error => $phrase{$status},
             message => $message // $phrase{$status},
             defined $code ? (errorCode => $code) : () };
}

sub error_is {
    my ($r, $status, $message, $what, $code) = @_;

    is($r->status, $status, "U6 status: $what");
    ok($r->complete, "U6 whole: $what");
    is($r->header('Content-Type'), 'application/json', "U6 type: $what");

    my @odd = map { "$_: " . $r->header($_) }
              grep { defined $r->header($_) }
              qw(Location ETag Content-Encoding Content-Range);

    is("@odd", $r->header('Content-Encoding') ? 'Content-Encoding: gzip' : '',
       "U6 headers: $what");

    if ($r->{method} eq 'HEAD') {
        is($r->body, '', "U6 no body: $what");
        is($r->header('Content-Length'), undef, "H2.3 no length: $what");
        return;
    }

    my $text = $r->text;

    unlike($text, qr/secret/, "U6 no word of the backend's: $what")
        if ($message // '') ne 'secret';
    is_deeply(eval { $json->decode($text) },
              expected($status, $message, $code),
              "U6 body: $what") or diag($text);
}


# U6: errors of all kinds, to all kinds of calls.  A 404 in JSON is that of a
# user who is not there, but in a create.

my $gone = qr/\A(?:v1-error|type|no-type|number|empty|deeper|gzip|chunks|old
                   )\z/x;

for my $case (sort keys %cases) {
    my (undef, $status, $message) = @{ $cases{$case} };
    my $uri = "/api/v2/users/$case";
    my $code = $case eq 'v2-own' ? 'insufficient_scope' : undef;
    my @user = $case =~ $gone
        ? ($message // 'The user does not exist.', "$case: a user",
           'inexistent_user')
        : ($message, $case, $code);

    for my $port (0 .. 2) {
        error_is(v2('GET', $uri, $port), $status, @user);
    }

    error_is(v2('HEAD', $uri, 0), $status, undef, "HEAD $case");
    error_is(v2('PATCH', $uri, 1), $status, @user) unless $case =~ /\A20/;

    next if $case =~ /bomb|large/;

    if ($case =~ $gone) {
        is(v2('DELETE', $uri, 1)->status, 204, "U6.3 DELETE $case");

    } elsif ($case !~ /\A20/) {
        error_is(v2('DELETE', $uri, 1), $status, $message, "DELETE $case",
                 $code);
    }

    ($message, $code) = ($message // 'The user already exists.',
                         'auth0_idp_error')
        if $status == 409;

    error_is(v2('POST', '/api/v2/users', 1, 'X-Case' => $case), $status,
             $message, "POST $case", $code);
}


like(v2('GET', '/api/v2/users/lone')->body, qr/"message":"a\\ud800b"/,
     'U6 half of a character');


# U6: 200 and 201 that are no JSON

for my $case (sort keys %invalid) {
    for (
        [ 'GET', "/api/v2/users/$case", 0 ],
        [ 'GET', "/api/v2/users/$case", 1 ],
        [ 'GET', "/api/v2/users/$case", 2 ],
        [ 'POST', '/api/v2/users', 1 ],
    ) {
        my ($method, $uri, $port) = @$_;
        my $r = v2($method, $uri, $port, 'X-Case' => $case);
        my $what = "$method, $case, server $port";
        my $error = eval { $json->decode($r->text) };

        is($r->status, 502, "U6 status: $what");
        is($error->{errorCode}, 'invalid_upstream_profile', "U6 code: $what");
        is($error->{statusCode}, 502, "U6 v2 form: $what");
        like($error->{message}, qr/\AThe backend's answer .* at byte \d+\.\z/,
             "U6 message: $what");
        unlike($r->text, qr/secret/, "U6 nothing of the body: $what");
    }
}


# U6: successes

for (@fine) {
    my ($case) = @$_;
    my $created = $answers{$case}{status} // 200;

    is(v2('GET', "/api/v2/users/$case")->status, $created, "U6 GET $case");
    is(v2('GET', "/api/v2/users/$case")->body, $v2, "U6 body: GET $case");

    my $r = v2('POST', '/api/v2/users', 0, 'X-Case' => $case);

    is($r->status, 201, "U6 POST $case");
    is($r->body, $v2, "U6 body: POST $case");

    is(v2('PATCH', "/api/v2/users/$case")->body, $v2, "U6 body: PATCH $case");
}

for my $case ('fine', 'fine-201', 'fine-gzip', '202', '203', 'no-content',
              'ok-text', 'ok-html', 'ok-none', 'ok-broken', 'ok-206')
{
    for my $port (0, 1) {
        my $r = v2('DELETE', "/api/v2/users/$case", $port);

        is($r->status, 204, "U6 DELETE $case, server $port");
        is($r->body, '', "U6 no body: DELETE $case, server $port");
        is($r->header('Content-Type'), undef, "U6 no type: DELETE $case");
        is($r->header('Content-Length'), undef, "U6 no length: DELETE $case");
        is($r->header('Content-Encoding'), undef, "U6 no coding: $case");
    }
}

is(v2('GET', '/api/v2/users/no-content')->status, 204, 'U6 nothing is nothing');


# H2.6: conditional requests

my $r = v2('GET', '/api/v2/users/tagged');

my $tag = $r->header('ETag');

like($tag, qr{\AW/"t~v2s}, 'H2.6 a weak tag');
is(v2('GET', '/api/v2/users/tagged', 0, 'If-None-Match' => $tag)->status,
   304, 'H2.6 not modified');
is(v2('GET', '/api/v2/users/tagged', 0,
      'If-None-Match' => $tag =~ s/t~/x~/r)->status,
   200, 'H2.6 modified');

is(v2('GET', '/api/v2/users/tagged', 4)->status, 200, 'H2.6 to the cache');
is(v2('GET', '/api/v2/users/tagged', 4, 'If-None-Match' => $tag)->status, 304,
   'H2.6 out of the cache');


# U6: errors out of a cache

for (1, 2) {
    error_is(v2('GET', '/api/v2/users/v1-error', 4), 404,
             'The user does not exist.', "an error in the cache, $_",
             'inexistent_user');
}


# U4.2, U6: the last call of a plan

for my $port (0, 1) {
    error_is(v2('PATCH', '/api/v2/users/read-fails', $port), 502,
             'Bad Gateway. Applied before the failure: metadata.',
             "the read fails, server $port");

    $r = v2('PATCH', '/api/v2/users/read-invalid', $port);

    is($r->status, 502, "U6 the read is no JSON, server $port");
    like($r->body, qr/at byte 0\. Applied before the failure: metadata\."/,
         "U4.2 the read is no JSON, server $port");
}


# U6: who is not let in is told so in v2 form

$r = v2('GET', '/api/v2/users/fine', 3);

error_is($r, 401, undef, 'no password');
is($r->header('WWW-Authenticate'), 'Basic realm="v2"', 'U6 how to be let in');
error_is(v2('PATCH', '/api/v2/users/fine', 3), 401, undef, 'a write');


# Old workers answer until they are gone.

sub reload {
    my ($what) = @_;

    my @old = $t->workers;

    ok($t->reload && $t->wait_gone(@old), "U6 $what");
}


# U6: backends that are dead or slow

for (
    [ '127.0.0.1:' . $t->port(9), 502 ],
    [ $slow->addr, 504 ],
) {
    my ($address, $status) = @$_;
    my $conf = $t->read_file('nginx.conf');

    $conf =~ s/(profile_backend \{\s*server )[^;]+;/$1$address;/;
    $conf =~ s/(root html;)/$1 proxy_read_timeout 1s;/ if $status == 504;

    $t->write_file('nginx.conf', $conf);
    reload("another backend: $status");

    # At once, since each takes a second.

    my %open;

    for (
        [ 'GET', '/api/v2/users/x' ], [ 'GET', '/api/v2/users' ],
        [ 'GET', '/api/v2/users-by-email?email=a@b.c' ],
        [ 'POST', '/api/v2/users' ], [ 'PATCH', '/api/v2/users/x' ],
        [ 'DELETE', '/api/v2/users/x' ],
    ) {
        my ($method, $uri) = @$_;
        my $body = $method eq 'PATCH' ? '{"app_metadata":{}}'
                 : $method eq 'POST' ? '{"email":"a"}' : undef;

        $open{"$method $uri"} = $t->connect(port => $t->port(1));
        $open{"$method $uri"}->send(ProfileTest::Client::request_text(
            $method, $uri, { body => $body }, @json));
    }

    for my $what (sort keys %open) {
        error_is($open{$what}->response, $status, undef, $what);
    }
}


# U4.2: the write is done, the read is too slow

my $conf = $t->read_file('nginx.conf');
my $address = $half_slow->addr;

$conf =~ s/(profile_backend \{\s*server )[^;]+;/$1$address;/;
$t->write_file('nginx.conf', $conf);
reload("a backend that is slow to read");

error_is(v2('PATCH', '/api/v2/users/x', 1), 504,
         'Gateway Timeout. Applied before the failure: metadata.',
         'the read is slow');

done_testing;
