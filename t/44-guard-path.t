#!/usr/bin/perl

# Proves that the guard and the backend speak of the same user: the id is what
# stands in the raw request line, decoded once, and a write by a path that
# somebody could read in another way gets 404 (H5.8, U2.1).  It fails when a
# client can choose the provider by which he is judged.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new;

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf(<<'END');
    include profile/auth0.conf;

    add_header X-Action $profile_action always;
    add_header X-Reason $profile_reason always;
    add_header X-Id "<$profile_user_id>" always;
    add_header X-Escaped "<$profile_user_id_escaped>" always;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        location ~* ^/v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location ~* ^/v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location ~* ^/deep/ {
            profile_guard auth0 mode=v2;
            profile_user_id /deep/users/*/x/y;
            proxy_pass http://%%BACKEND%%;
        }

        location / {
            profile_guard auth0 mode=v2;
            profile_user_id /*;
            proxy_pass http://%%BACKEND%%;
        }

        location /off/ {
            profile_user_id off;
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }
    }

    # Where nginx leaves more to the backend.

    server {
        listen 127.0.0.1:%%PORT_2%%;

        merge_slashes off;

        location / {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

my $any = '{"blocked":true}';
my $database = '{"name":"x"}';

sub send_to {
    my ($asked, $body, %opt) = @_;

    my $length = defined $body ? 'Content-Length: ' . length($body) . "\r\n"
                               : '';

    return $t->http("$asked HTTP/1.1\r\nHost: localhost\r\nConnection: close"
                    . "\r\nContent-Type: application/json\r\n$length\r\n"
                    . ($body // ''), %opt);
}


# What the id is

my @ids = (
    [ 'auth0%7C1',       'auth0|1',      'auth0%7C1' ],
    [ 'auth0|1',         'auth0|1',      'auth0%7C1' ],
    [ 'auth0%7c1',       'auth0|1',      'auth0%7C1' ],
    [ '%61uth0%7C1',     'auth0|1',      'auth0%7C1' ],
    [ 'auth0%7Ca%2Fb',   'auth0|a/b',    'auth0%7Ca%2Fb' ],
    [ 'auth0%7Ca%2fb',   'auth0|a/b',    'auth0%7Ca%2Fb' ],
    [ 'auth0%7Ca%2Bb',   'auth0|a+b',    'auth0%7Ca%2Bb' ],
    [ 'auth0%7Ca+b',     'auth0|a+b',    'auth0%7Ca%2Bb' ],
    [ 'auth0%7C50%25',   'auth0|50%',    'auth0%7C50%25' ],
    [ 'auth0%7Ca%2525b', 'auth0|a%25b',  'auth0%7Ca%2525b' ],
    [ 'auth0%7Ca%20b',   'auth0|a b',    'auth0%7Ca%20b' ],
    [ 'auth0%7Ca%3Fb',   'auth0|a?b',    'auth0%7Ca%3Fb' ],
    [ 'auth0%7Ca%23b',   'auth0|a#b',    'auth0%7Ca%23b' ],
    [ 'auth0%7Ca;b=c',   'auth0|a;b=c',  'auth0%7Ca%3Bb%3Dc' ],
    [ 'auth0%7Ca%3Bb',   'auth0|a;b',    'auth0%7Ca%3Bb' ],
    [ 'auth0%7C%C3%A9',  "auth0|\xc3\xa9", 'auth0%7C%C3%A9' ],
    [ "auth0%7C\xc3\xa9", "auth0|\xc3\xa9", 'auth0%7C%C3%A9' ],
    [ 'auth0%7C%F0%9F%98%80', "auth0|\xf0\x9f\x98\x80",
      'auth0%7C%F0%9F%98%80' ],
    [ 'auth0%7C..',      'auth0|..',     'auth0%7C..' ],
    [ 'auth0%7C...%2F..a', 'auth0|.../..a', 'auth0%7C...%2F..a' ],
    [ 'auth0%7C1?a=b',   'auth0|1',      'auth0%7C1' ],
    [ 'auth0%7C1?/../x', 'auth0|1',      'auth0%7C1' ],
    [ 'auth0%7C1?',      'auth0|1',      'auth0%7C1' ],
);

for my $row (@ids) {
    my ($raw, $id, $escaped) = @$row;
    my $r = send_to("PATCH /v2/$raw", $database);

    is($r->header('x-id'), "<$id>", "U2.1 $raw");
    is($r->header('x-escaped'), "<$escaped>", "U2.1 $raw, escaped");
    is(($backend->requests)[0]{uri}, "/v2/$raw", "U2.1 $raw goes up as it was");
    is(outcome($r, $backend), "200 passed allowed [PATCH $database]",
       "H5.5 $raw: its provider");
}

my $r = send_to('PATCH http://example.com/v2/auth0%7C1', $database);

is($r->header('x-id'), '<auth0|1>', 'U2.1 absolute form');
is(outcome($r, $backend), "200 passed allowed [PATCH $database]",
   'U2.1 absolute form, allowed');

$r = $t->http2_request('PATCH', '/v2/auth0%7Ca%2Fb', ':body' => $database,
                       'content-type' => 'application/json');

is($r->header('x-id'), '<auth0|a/b>', 'U2.1 HTTP/2');
is(outcome($r, $backend), "200 passed allowed [PATCH $database]",
   'U2.1 HTTP/2, allowed');

$r = send_to('PATCH /deep/users/auth0%7C1/x/y', $database);

is($r->header('x-id'), '<auth0|1>', 'U2.1 a segment between others');
is(outcome($r, $backend), "200 passed allowed [PATCH $database]",
   'U2.1 a segment between others, allowed');

$r = send_to('PATCH /auth0%7C1', $database);

is($r->header('x-id'), '<auth0|1>', 'U2.1 the only segment');
is(outcome($r, $backend), "200 passed allowed [PATCH $database]",
   'U2.1 the only segment, allowed');

$r = send_to('POST /off/facebook%7C1', $database);

is($r->header('x-id'), '<>', 'U2.1 off: no id');
is(outcome($r, $backend), "200 passed allowed [POST $database]",
   'U2.1 off: a create');

for my $method ('PATCH', 'PUT') {
    is(outcome(send_to("$method /off/facebook%7C1", $database), $backend),
       '404 blocked path', "H5.5 off: no $method");
}


# Whose provider it is

my @providers = (
    'facebook%7C1', 'facebook%7Cauth0%7C1', 'facebook|auth0|1', 'auth0',
    'auth0%257C1', 'auth0%2C1', 'AUTH0%7C1', 'auth0%20%7C1', '%7Cauth0%7C1',
    'auth%30x%7C1', 'auth0%2F%7C1', 'a%2Fauth0%7C1', 'auth0;%7C1',
    'auth0%EF%BD%9C1', 'facebook%7C1;auth0%7C1', 'facebook%7C1?auth0%7C1',
    'facebook%7C1?/v2/auth0%7C1',
);

for my $raw (@providers) {
    is(outcome(send_to("PATCH /v2/$raw", $database), $backend),
       '400 blocked attributes', "H5.5 $raw is no database user");
}

# Backends that fold find a user of that provider.

for my $raw ('FACEBOOK%7C1', 'Facebook%7C1') {
    is(outcome(send_to("PATCH /v1/$raw/metadata", '{"gender":1}'), $backend),
       '400 blocked attributes', "H5.6 $raw is a user of Facebook");
    is(outcome(send_to("PATCH /v1/$raw/metadata", '{"city":1}'), $backend),
       '200 passed allowed [PATCH {"city":1}]', "H5.6 $raw, allowed");
}

for my $name ('gender', 'city') {
    is(outcome(send_to('PATCH /v1/faceboo%E2%84%AA%7C1/metadata',
                       qq({"$name":1})), $backend),
       '400 blocked attributes', "H5.6 a Kelvin sign: any provider, $name");
}


# Paths that fit no template

my @wrong = (

    # what nginx tidies up

    '//v2/auth0%7C1', '/v2//auth0%7C1', '/./v2/auth0%7C1',
    '/v2/./auth0%7C1', '/x/../v2/auth0%7C1', '/v2/x/../auth0%7C1',
    '/%2e/v2/auth0%7C1', '/v2/%2E/auth0%7C1', '/x/%2e%2e/v2/auth0%7C1',
    '/x/.%2E/v2/auth0%7C1', '/v2%2Fauth0%7C1', '/%76%32/auth0%7C1',
    '/v%32/auth0%7C1', '/v2/auth0%7C1/', '/v2/auth0%7C1/.',
    '/v2/auth0%7C1/..%2F', '/v2/auth0%7C1//', '/v2/auth0%7C1/x',
    '/v2/a/b', '/v2/', '/v2//', '/v2/?auth0%7C1', '/V2/auth0%7C1',

    # what may be tidied up behind nginx

    '/v2/auth0%7C1#x', '/v2/auth0%7C1?a#b', '/v2/%2Fauth0%7C1',
    '/v2/auth0%7C1%2F', '/v2/auth0%7C1%2F%2F', '/v2/auth0%7C1%2F..',
    '/v2/auth0%7C1%2F..%2Fx', '/v2/auth0%7C1%2F.%2Fx',
    '/v2/auth0%7C1%2F%2E%2E%2Fx', '/v2/auth0%7C1%5Cx%5C..',
    '/v2/auth0%7C1\\..\\x', '/v2/..%5Cauth0%7C1', '/v2/%5Cauth0%7C1',
    '/v2/auth0%7C1%2F%20', '/v2/auth0%7C1%2F..%20%2Fx',
    '/v2/auth0%7C1%2F%20..%2Fx', '/v2/auth0%7C1%2F%C2%A0..%2Fx',
    '/v2/%20', '/v2/%C2%A0', '/v2/%E2%80%8B', '/v2/%20auth0%7C1',
    '/v2/%EF%BB%BFauth0%7C1',

    # ";" ends a segment to some

    '/v2/;auth0%7C1', '/v2/%3Bauth0%7C1', '/v2/..;', '/v2/..;auth0%7C1',
    '/v2/..%3Bauth0%7C1', '/v2/.;x%2Fauth0%7C1',
    '/v2/auth0%7C1%2F..;%2Ffacebook%7C1',
    '/v2/auth0%7C1%2F..;a=b%2Ffacebook%7C1',
    '/v2/auth0%7C1%2F..%3B%2Ffacebook%7C1',
    '/v2/auth0%7C1%2F;x', '/v2/;x%2Ffacebook%7C1',
    '/v2/auth0%7C1%2F%20;x',

    # what is no text

    '/v2/auth0%7C%0A', '/v2/auth0%7C%0D%0A', '/v2/auth0%7C%09',
    '/v2/auth0%7C%1F', '/v2/auth0%7C%7F', '/v2/auth0%7C%C2%85',
    '/v2/auth0%7C%FF', '/v2/auth0%7C%C0%AF', '/v2/auth0%7C%C0%AE%C0%AE%2F',
    '/v2/auth0%7C%ED%A0%80', '/v2/auth0%7C%E2%82', "/v2/auth0%7C\xff",
);

for my $path (@wrong) {
    is(outcome(send_to("PATCH $path", $any), $backend), '404 blocked path',
       "H5.8 $path");
}

my @wrong_v1 = (
    '/v1/auth0%7C1/metadata/', '/v1/auth0%7C1/METADATA',
    '/v1/auth0%7C1/metadat%61', '/v1/auth0%7C1%2Fmetadata',
    '/v1/auth0%7C1//metadata', '/v1/auth0%7C1/./metadata',
    '/v1/auth0%7C1/x/../metadata', '/v1/auth0%7C1/metadata/x',
    '/v1//metadata', '/v1/metadata', '/v1/x/auth0%7C1/metadata',
    '/V1/auth0%7C1/metadata', '/v1/auth0%7C1/metadata;x',
    '/v1/auth0%7C1/metadata%3Bx', '/v1/auth0%7C1/metadata%20',
    '/v1/auth0%7C1/metadata%2F', '/v1/auth0%7C1/metadata%3Fx',
    '/v1/auth0%7C1/metadata%23', '/v1/auth0%7C1/%6Detadata',
    '/v1/auth0%7C1%2F..;/metadata', '/v1/%20auth0%7C1/metadata',
    '/v1/facebook%7C1%2Fmetadata%3F/x/metadata/..',
);

# Whoever that is: what any provider sends is refused, and nothing else.

for my $path (@wrong_v1) {
    is(outcome(send_to("PATCH $path", '{"city":1}'), $backend),
       '400 blocked attributes', "H5.8 $path");
    is(outcome(send_to("PATCH $path", '{"shoe":1}'), $backend),
       '200 passed allowed [PATCH {"shoe":1}]', "H5.8 $path, allowed");
}

for my $path ('/v2/../v1/..%2Fauth0%7C1/metadata') {
    is(outcome(send_to("PATCH $path", '{"shoe":1}'), $backend),
       '404 blocked path', "H5.8 $path, of v2");
}

# The path comes before all that the body or its headers could be.

is(outcome(send_to('PATCH /v2//auth0%7C1', 'no JSON'), $backend),
   '404 blocked path', 'H5.8 before the body');
is(outcome(send_to('PATCH /v2//auth0%7C1', undef), $backend),
   '400 blocked empty_body', 'H5.3 no body at all');

for my $method ('GET', 'POST', 'PUT', 'DELETE') {
    is(outcome(send_to("$method /v2//auth0%7C1", $any), $backend),
       '404 blocked path', "H5.8 $method");
}

# What has no body is no write.

for my $path ('/v2//auth0%7C1', '/v2/a/b', '/V2/auth0%7C1', '/v2/..;') {
    is(outcome(send_to("GET $path", undef), $backend),
       '200 passed no_body [GET ]', "H5.8 no body: $path");
}

# Slashes that nginx leaves.

for my $path ('//v2/auth0%7C1', '/v2//auth0%7C1', '/v2/auth0%7C1//') {
    is(outcome(send_to("PATCH $path", $any, port => $t->port(2)), $backend),
       '404 blocked path', "H5.8 not merged: $path");
}

# What nginx takes for no request.

for my $path ('/v2/auth0%7C%00', '/v2/auth0%7C%', '/v2/auth0%7C%7',
              '/v2/auth0%7C%zz', '/v2/auth0%7C%u0031', '/../v2/auth0%7C1',
              '/v2/../../auth0%7C1', "/v2/auth0%7C\x01", 'v2/auth0%7C1')
{
    is(outcome(send_to("PATCH $path", $any), $backend), '400 - -',
       "H5.8 $path");
}

# The answer

$r = send_to('PATCH /v2/a/b', $any);

is($r->body, '{"statusCode":404,"error":"Not Found","message":"The request is'
   . ' refused: the path of the request does not name a user.",'
   . '"errorCode":"invalid_uri"}', 'H5.8 the answer');


# Templates that are none

for my $template ('/v2/', 'v2/*', '*', '/v2/a*', '/v2/*a', '/v2/*/*',
                  '/v2/*?x', '/v2/%7C/*', '/v2/*#', '""')
{
    my ($code, $out) = $t->test_conf("server { profile_user_id $template; }");

    is($code, 1, "U2.1 no template: $template");
    like($out, qr/invalid template ".*", expected a path with one "\*"/,
         "U2.1 no template, message: $template");
}

my ($code, $out) = $t->test_conf('server { profile_user_id /*;'
                                 . ' profile_user_id /*; }');

like($out, qr/"profile_user_id" directive is duplicate/, 'U2.1 twice');

done_testing;
