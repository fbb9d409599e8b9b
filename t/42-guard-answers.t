#!/usr/bin/perl

# Proves what a client is told when a write is refused, to the byte, and that
# he can go on talking on the same connection, whatever of his body nginx has
# read by then (H5.2 to H5.8, H5.11).  It fails when an answer breaks out of
# its JSON, shows what the client must not see, or leaves half a body behind.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

use JSON::PP ();

my $t = ProfileTest->new;

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf(<<'END');
    include profile/auth0.conf;

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    error_page 400 404 413 415 500 /page;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        client_max_body_size 8m;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location = /page {
            return 200 "an error page";
        }

        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v2 {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /small/ {
            profile_guard auth0 mode=v2;
            profile_guard_max_body_size 1k;
            profile_max_depth 4;
            proxy_pass http://%%BACKEND%%;
        }

        location /rewritten/ {
            profile_guard auth0 mode=v2;
            profile_rewrite auth0 api=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /packed/ {
            profile_guard auth0 mode=v2;
            profile_guard_status 403;
            gzip on;
            gzip_types application/json;
            gzip_min_length 0;
            gzip_comp_level 1;
            proxy_pass http://%%BACKEND%%;
        }

        location /status/ {
            profile_guard auth0 mode=v2;
            profile_guard_status 422;
            proxy_pass http://%%BACKEND%%;

            location /status/403 {
                profile_guard_status 403;
                proxy_pass http://%%BACKEND%%;
            }

            location /status/499 {
                profile_guard_status 499;
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /discarded {
            set $memcached_key none;
            memcached_pass 127.0.0.1:%%PORT_9%%;
            error_page 502 = /v2;
        }
    }
END

$t->port(9);
$t->start;

my $json = 'Content-Type: application/json';

my %codes = (
    400 => [ 'Bad Request',            'invalid_body' ],
    404 => [ 'Not Found',              'invalid_uri' ],
    413 => [ 'Payload Too Large',      'body_too_large' ],
    415 => [ 'Unsupported Media Type', 'unsupported_media_type' ],
    500 => [ 'Internal Server Error',  'internal_error' ],
);

# A string of JSON, for what is not too odd.

sub answer {
    my ($status, $message, $code) = @_;

    $message =~ s/(["\\])/\\$1/g;

    return qq({"statusCode":$status,"error":"$codes{$status}[0]",)
           . qq("message":"$message","errorCode":")
           . ($code // $codes{$status}[1]) . '"}';
}

# Without an id only a create is a write of v2 (H5.5).

sub method { return $_[0] =~ m{\A/v[12]/} ? 'PATCH' : 'POST' }

sub patch {
    my ($uri, $body, %headers) = @_;

    return $t->request(method($uri), $uri, 'Content-Type' => 'application/json',
                       ':body' => $body, %headers);
}


# Attributes

my $social = '. The connection\'s identity provider is "facebook"; what it'
             . ' sends and what the system sets are read-only. ';
my $containers = 'Store values of your own in "user_metadata" or'
                 . ' "app_metadata".';

my @attributes = (
    [ 'H5.5 update', '/v2/facebook%7C1', '{"name":1,"blocked":1,"picture":1}',
      "The following user attributes cannot be updated: name, picture$social"
      . $containers ],
    [ 'H5.5 unknown provider', '/v2/x%7C1', '{"name":1}',
      'The following user attributes cannot be updated: name. The'
      . ' connection\'s identity provider is not known, so only what any user'
      . " may change can be written. $containers" ],
    [ 'H5.5 create', '/v2', '{"connection":"facebook","name":1}',
      "The following user attributes cannot be set: name$social$containers" ],
    [ 'H5.5 create, other connection', '/v2', '{"connection":"x","foo":1}',
      'The following user attributes cannot be set: foo. The connection\'s'
      . ' identity provider is "auth0"; what it sends and what the system'
      . " sets are read-only. $containers" ],
    [ 'H5.6 v1', '/v1/facebook%7C1/metadata', '{"Gender":1}',
      "The following user attributes cannot be updated: Gender$social"
      . 'Store values of your own under other names.' ],
);

for my $row (@attributes) {
    my ($name, $uri, $body, $message) = @$row;
    my $r = patch($uri, $body);

    is($r->status, 400, "$name: status");
    is($r->reason, 'Bad Request', "$name: reason phrase");
    is($r->body, answer(400, $message, 'operation_not_supported'), $name);
    is($r->header('content-type'), 'application/json', "$name: media type");
    is($r->header('content-length'), length $r->body, "$name: length");
}


# All other reasons

my @others = (
    [ 'H5.4 duplicate', '/v2/x%7C1', '{"a":1,"user_metadata":{"b":1,"b":2},'
      . '"a":2}', 400, 'The following names stand more than once in the'
      . ' request body: user_metadata.b, a.' ],
    [ 'H5.7 container', '/v2/x%7C1', '{"app_metadata":[],"user_metadata":1}',
      400, 'The following members must be an object or null: app_metadata,'
      . ' user_metadata.' ],
    [ 'H5.7 reserved', '/v2/x%7C1', '{"app_metadata":{"email":1,"_id":2}}',
      400, 'The following names are reserved and cannot be used in metadata:'
      . ' app_metadata.email, app_metadata._id.' ],
    [ 'H5.7 strict', '/v2/x%7C1', '{"user_metadata":{"a.b":1,"$c":2}}',
      400, 'The following metadata names contain a dot or begin with a dollar'
      . ' sign: user_metadata.a.b, user_metadata.$c.' ],
    [ 'H5.3 invalid JSON', '/v2/x%7C1', '{"a":nil}', 400,
      'Invalid request body: invalid JSON at byte 6.' ],
    [ 'H5.3 invalid UTF-8', '/v2/x%7C1', "{\"a\":\"\xff\"}", 400,
      'Invalid request body: invalid UTF-8 at byte 6.' ],
    [ 'H5.3 truncated', '/v2/x%7C1', '{"a":1', 400,
      'Invalid request body: the JSON text ends too early at byte 6.' ],
    [ 'H5.3 trailing data', '/v2/x%7C1', '{"a":1} {', 400,
      'Invalid request body: data after the JSON text at byte 8.' ],
    [ 'H5.3 name', '/v2/x%7C1', '{"a":{"b\u0000":1}}', 400,
      'Invalid request body: a name with a NUL or a lone surrogate at byte'
      . ' 6.' ],
    [ 'H5.3 too deep', '/small/', '{"a":[[[[', 400,
      'Invalid request body: the JSON text is nested too deeply at byte 6.' ],
    [ 'H5.3 no object', '/v2/x%7C1', '["a"]', 400,
      'Invalid request body: the body is not a JSON object.' ],
    [ 'H5.3 empty', '/v2/x%7C1', '', 400,
      'The request is refused: the body is empty.' ],
    [ 'H5.1 too large', '/small/', ' ' x 1025, 413,
      'The request is refused: the body is too large.' ],
    [ 'H5.2 media type', '/v2/x%7C1', '{}', 415,
      'The request is refused: the media type is not JSON in UTF-8.',
      'Content-Type' => 'text/plain' ],
    [ 'H5.2 coding', '/v2/x%7C1', '{}', 415,
      'The request is refused: the body is encoded.',
      'Content-Encoding' => 'gzip' ],
    [ 'H5.8 override', '/v2/x%7C1', '{}', 400,
      'The request is refused: a header that overrides the method.',
      'X-HTTP-Method' => 'PUT' ],
    [ 'H5.8 path', '/v2/x%7C1/', '{}', 404,
      'The request is refused: the path of the request does not name a'
      . ' user.' ],
);

for my $row (@others) {
    my ($name, $uri, $body, $status, $message, %headers) = @$row;
    my $code = $name eq 'H5.8 override' ? 'invalid_header' : undef;
    my $want = answer($status, $message, $code);

    for my $how ([ 'length' ], [ 'chunks', ':chunks' => [1] ]) {
        my $r = patch($uri, $body, %headers, @$how[1 .. $#$how]);

        is($r->status . ' ' . $r->body, "$status $want", "$name: $how->[0]");
        is($r->reason, $codes{$status}[0] =~ s/Payload/Request Entity/r,
           "$name: $how->[0]: reason phrase");
    }

    my $r = $t->http2_request(method($uri), $uri, ':body' => $body,
                              'content-type' => 'application/json',
                              map { lc } %headers);

    is($r->status . ' ' . $r->body, "$status $want", "$name: HTTP/2");
}

my $client = $t->connect;

$client->send("GET /discarded HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
              . "Content-Length: 2\r\n\r\n{");

my $r = $client->response;

is($r->status . ' ' . $r->body,
   '500 ' . answer(500, 'The request is refused: an internal error.'),
   'H5.1 internal');
$client->close;

# Also where answers of the backend are made into errors of v2.

is(patch('/rewritten/', '{"user_id":1}')->body,
   answer(400, 'The following user attributes cannot be set: user_id. The'
               . ' connection\'s identity provider is "auth0"; what it sends'
               . " and what the system sets are read-only. $containers",
          'operation_not_supported'), 'H5.5 in a location of v2');

$r = patch('/packed/', '{"user_id":1}', 'Accept-Encoding' => 'gzip');

is($r->header('content-encoding'), 'gzip', 'H5.5 packed');
like($r->text, qr/"errorCode":"operation_not_supported"\}\z/,
     'H5.5 packed, the text');

$r = $t->request('HEAD', '/v2/x%7C1', 'Content-Type' => 'application/json',
                 ':body' => '{"name":1}');

is($r->status, 400, 'H5.5 HEAD');
is($r->body, '', 'H5.5 HEAD has no body');
like($r->header('content-length'), qr/\A\d{3}\z/, 'H5.5 HEAD has a length');

$r = patch('/v2/x%7C1', '{"name":1}', ':version' => '1.0');

is($r->framing, 'length', 'H5.5 HTTP/1.0 has a length');
ok($r->complete, 'H5.5 HTTP/1.0');


# Another status

my %phrases = (422 => 'Unprocessable Entity', 403 => 'Forbidden',
               499 => 'Error');

for my $status (sort keys %phrases) {
    my $uri = $status == 422 ? '/status/' : "/status/$status";

    $r = patch($uri, '{"user_id":1}');

    is($r->status, $status, "H5.5 profile_guard_status $status");
    like($r->body, qr/\A\{"statusCode":$status,"error":"\Q$phrases{$status}\E",
                      "message":"The[ ]following.*
                      "errorCode":"operation_not_supported"\}\z/x,
         "H5.5 profile_guard_status $status: the answer");
    is(patch($uri, '{')->status, 400, "H5.3 not where it is $status");
    is(patch($uri, '{"a":1,"a":1}')->status, 400,
       "H5.4 not where it is $status");
    is(patch($uri, '{}', 'Content-Type' => 'text/plain')->status, 415,
       "H5.2 not where it is $status");
    is(patch($uri, '{"app_metadata":{"_id":1}}')->status, 400,
       "H5.7 not where it is $status");
}

for my $wrong ('399', '500', '-1', 'x', '', '403 404') {
    my ($code, $out) = $t->test_conf("server { profile_guard_status"
                                     . ($wrong eq '' ? ' ""' : " $wrong")
                                     . '; }');

    is($code, 1, "H5.5 no status: \"$wrong\"");
    like($out, qr/between 400 and 499|invalid number|number of arguments/,
         "H5.5 no status, message: \"$wrong\"");
}


# Names

sub message {
    my ($body) = @_;

    my $r = patch('/v2/x%7C1', $body);

    return JSON::PP->new->utf8->decode($r->body)->{message}
           =~ /: (.*)\. The connection/s ? $1 : $r->body;
}

my $quote = '\u0022,\u0022statusCode\u0022:200,\u0022x\u0022:\u0022';

is(message(qq({"$quote":1})), '","statusCode":200,"x":"',
   'H5.11 quotes in a name');
is(message('{"a\\\\":1}'), 'a\\', 'H5.11 a backslash in a name');
is(message('{"a\r\n\u001b[31m\u007f":1}'), "a\r\n\x1b[31m\x7f",
   'H5.11 controls in a name');
is(message('{"<script>\u2028</script>":1}'),
   "<script>\x{2028}</script>", 'H5.11 markup in a name');
unlike(patch('/v2/x%7C1', '{"\u0000\u0001":1}')->body, qr/[\x00-\x1f]/,
       'H5.11 no raw control in an answer');
unlike(patch('/v2/x%7C1', '{"a\n":1}')->body, qr/[\x00-\x1f]/,
       'H5.11 no raw newline in an answer');

is(message('{"' . 'x' x 64 . '":1}'), 'x' x 64, 'H5.5 a name of 64 bytes');
is(message('{"' . 'x' x 65 . '":1}'), 'x' x 64 . '...',
   'H5.5 a name of 65 bytes');
is(message('{"' . 'x' x 100000 . '":1}'), 'x' x 64 . '...',
   'H5.5 a name of 100000 bytes');
is(message('{"' . 'x' x 63 . "\xe2\x82\xac" . '":1}'), 'x' x 63 . '...',
   'H5.5 cut before a sequence');
is(message('{"' . "\xc3\xa9" x 32 . '":1}'), "\xe9" x 32,
   'H5.5 32 letters of two bytes');
is(message('{"' . '\u00e9' x 33 . '":1}'), "\xe9" x 32 . '...',
   'H5.5 33 letters in escapes');

sub names { return '{' . join(',', map { qq("n$_":1) } 1 .. $_[0]) . '}' }

is(message(names(20)), join(', ', map { "n$_" } 1 .. 20), 'H5.5 20 names');
is(message(names(21)), join(', ', map { "n$_" } 1 .. 20) . ' and 1 more',
   'H5.5 21 names');
is(message(names(5000)), join(', ', map { "n$_" } 1 .. 20)
   . ' and 4980 more', 'H5.5 5000 names');

# Of what the client sent, an answer has names only.

for my $body ('{"name":"SECRET"}', '{"a":"SECRET","a":"SECRET"}',
              '{"SECRET', '{"a":SECRET}', "{\"a\":\"SECRET\xff\"}",
              '"SECRET"', '{"a":1}SECRET', '{"app_metadata":"SECRET"}',
              '{"app_metadata":{"_id":"SECRET"}}')
{
    unlike(patch('/v2/x%7C1', $body)->body, qr/SECRET/,
           "H5.11 no content: $body");
}

unlike(patch('/v2/x%7C1', '{}', 'Content-Type' => 'text/SECRET')->body,
       qr/SECRET/, 'H5.11 no header');
unlike(patch('/v2/x%7C1/SECRET', '{}')->body, qr/SECRET/, 'H5.11 no path');


# Connections: the next request is answered, whatever was read of this one

my $good = "PATCH /v2/x%7C1 HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
           . "Content-Length: 16\r\n\r\n{\"blocked\":true}";

sub request_with {
    my ($uri, $headers, $body) = @_;

    return method($uri) . " $uri HTTP/1.1\r\nHost: localhost\r\n$headers\r\n"
           . "Content-Length: " . length($body) . "\r\n\r\n$body";
}

my %refusals = (
    'names'            => [ 400, request_with('/v2/x%7C1', $json,
                                              '{"name":1}') ],
    'invalid JSON'     => [ 400, request_with('/v2/x%7C1', $json,
                                              '{' . 'x' x 3000) ],
    'a large one'      => [ 400, request_with('/v2/x%7C1', $json,
                                              '{"name":"' . 'x' x 300_000
                                              . '"}') ],
    'type, unread'     => [ 415, request_with('/v2/x%7C1',
                                              'Content-Type: text/plain',
                                              'x' x 300_000) ],
    'type, short'      => [ 415, request_with('/v2/x%7C1',
                                              'Content-Type: text/plain',
                                              'x') ],
    'size, unread'     => [ 413, request_with('/v2/x%7C1', $json,
                                              ' ' x 2_000_000) ],
    'override, unread' => [ 400, request_with('/v2/x%7C1',
                                              "$json\r\nX-HTTP-Method: PUT",
                                              'x' x 300_000) ],
    'path, unread'     => [ 404, request_with('/v2/x%7C1/', $json,
                                              'x' x 300_000) ],
    'empty'            => [ 400, request_with('/v2/x%7C1', $json, '') ],
    'chunks'           => [ 415, "PATCH /v2/x%7C1 HTTP/1.1\r\n"
                                 . "Host: localhost\r\n"
                                 . "Transfer-Encoding: chunked\r\n\r\n"
                                 . ProfileTest::Client::chunked('x' x 20000,
                                                                [1000]) ],
    'chunks, override' => [ 400, "PATCH /v2/x%7C1 HTTP/1.1\r\n"
                                 . "Host: localhost\r\nX-HTTP-Method: PUT\r\n"
                                 . "Transfer-Encoding: chunked\r\n\r\n"
                                 . ProfileTest::Client::chunked('x' x 20000,
                                                                [1000]) ],
);

for my $name (sort keys %refusals) {
    my ($status, $bytes) = @{ $refusals{$name} };

    $backend->forget;

    # all at once

    $client = $t->connect;
    $client->send($bytes . $good . $bytes . $good);

    my @got = map { $client->response->status } 1 .. 4;

    is("@got", "$status 200 $status 200", "H5.5 pipelined: $name");
    is(join(' ', map { $_->{body} } $backend->requests),
       '{"blocked":true} {"blocked":true}',
       "H5.5 pipelined, what the backend got: $name");

    # one after another

    for my $bytes ($bytes, $good, $bytes, $good) {
        $client->send($bytes);
        push @got, $client->response->status;
    }

    is("@got[4 .. 7]", "$status 200 $status 200", "H5.5 kept alive: $name");

    # the answer first, if there can be one, then the rest of the body

    if ($name =~ /unread/) {
        my ($head, $body) = $bytes =~ /\A(.*?\r\n\r\n)(.*)\z/s;

        $client->send($head);
        is($client->response->status, $status, "H5.5 before the body: $name");

        $client->send($body, $good);
        is($client->response->status, 200, "H5.5 behind the body: $name");
    }

    $client->close;
}

# Whoever waits for 100 does not have to send a body that is refused.

for my $row ([ 415, 'Content-Type: text/plain', '/v2/x%7C1' ],
             [ 404, $json, '/v2/x%7C1/' ], [ 400, "$json\r\nX-HTTP-Method: PUT",
                                             '/v2/x%7C1' ])
{
    my ($status, $headers, $uri) = @$row;

    $client = $t->connect;
    $client->send("PATCH $uri HTTP/1.1\r\nHost: localhost\r\n$headers\r\n"
                  . "Expect: 100-continue\r\nContent-Length: 16\r\n\r\n");

    $r = $client->response;

    is($r->status, $status, "H5.2 no 100 before $status");
    is_deeply([ $r->interim ], [], "H5.2 $status at once");
    $client->close;
}

# A client that says that he is done is not kept.

$client = $t->connect;
$client->send($refusals{names}[1] =~ s/Host/Connection: close\r\nHost/r);
$r = $client->response;

is($r->header('connection'), 'close', 'H5.5 Connection: close');
is($client->read_eof, '', 'H5.5 and closed');

# Streams of HTTP/2 do not disturb each other.

my $h2 = $t->http2;

my @ids = map { $h2->request('PATCH', '/v2/x%7C1', ':body' => $_->[1],
                             'content-type' => $_->[0]) }
          [ 'text/plain', 'x' x 100_000 ],
          [ 'application/json', '{"name":"' . 'x' x 100_000 . '"}' ],
          [ 'application/json', '{"blocked":true}' ],
          [ 'text/plain', 'x' ],
          [ 'application/json', '{"user_metadata":{"a":"' . 'x' x 100_000
                                . '"}}' ];

is(join(' ', map { $h2->response($_)->status } @ids), '415 400 200 415 200',
   'H5.5 HTTP/2, five streams');
$h2->close;

done_testing;
