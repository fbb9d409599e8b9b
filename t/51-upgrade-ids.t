#!/usr/bin/perl

# Proves that an id reaches the backend as one segment or not at all (U2.1),
# that no argument becomes a path (U2.2), and which headers of an answer reach
# the client (U2.3).  It fails when a backend that unescapes and tidies up paths
# could read another path than the one of the user that was meant, least of
# all that of all users.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"auth0|1"}';

my @limits = ('Retry-After' => '120', 'X-RateLimit-Limit' => '10',
              'x-ratelimit-remaining' => '0', 'X-RateLimit-Reset' => '1');

sub limited {
    my ($conn, $request) = @_;

    return $request->{uri} =~ /read/ && $request->{method} ne 'GET' ? 'OK' : {
        status => 429, body => '{"error":"Too many requests."}',
        headers => [ @limits, 'X-Powered-By' => 'v1', 'X-Retry-Now' => '1',
                     'Set-Cookie' => 'a=b', 'WWW-Authenticate' => 'Bearer' ] };
}

my $backend = $t->backend({
    '/api/users/limited' => \&limited,
    '/api/users/limited/metadata' => \&limited,
    '/api/users/read' => \&limited,
    '/api/users/read/metadata' => \&limited,
    '/api/users/allowed' => { body => $user, headers => \@limits },
    '/api/users' => "[$user]",
    '*' => sub {
        my ($conn, $request) = @_;

        return $request->{method} =~ /\A(?:GET|PATCH)\z/ ? $user : 'OK';
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        large_client_header_buffers 4 16k;

        set $profile_search_v1 1;
        include profile/gateway.conf;
        add_header X-User $profile_user_id always;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        merge_slashes off;

        set $profile_search_v1 1;
        include profile/gateway.conf;
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');
my $patch = '{"app_metadata":{"a":1}}';

sub v2 {
    my ($method, $uri, %opt) = @_;

    $backend->forget;

    return $t->request($method, $uri, %opt, $method eq 'PATCH'
                       ? (@json, ':body' => $patch) : ());
}

sub calls {
    return join "\n", map { "$_->{method} $_->{uri}" } $backend->requests;
}


# U2.1: one segment in, the same segment out

my $long = 'x' x 6000;

for (
    [ 'auth0%7C54', 'auth0%7C54' ],
    [ 'auth0|54', 'auth0%7C54' ],
    [ 'auth0%7c54', 'auth0%7C54' ],
    [ 'oauth2%7Ca%2Fb', 'oauth2%7Ca%2Fb' ],
    [ 'oauth2%7Ca%2fb%2Fc', 'oauth2%7Ca%2Fb%2Fc' ],
    [ 'a%2Bb', 'a%2Bb' ],
    [ 'a+b', 'a%2Bb' ],
    [ 'a%25b', 'a%25b' ],
    [ 'a%252Fb', 'a%252Fb' ],
    [ 'a%20b', 'a%20b' ],
    [ 'a%20%2F%20b', 'a%20%2F%20b' ],
    [ 'a%3Fb%23c', 'a%3Fb%23c' ],
    [ 'a&b=c;d,e:f@g!h', 'a%26b%3Dc%3Bd%2Ce%3Af%40g%21h' ],
    [ '%C3%A9%E2%82%AC%F0%9F%98%80', '%C3%A9%E2%82%AC%F0%9F%98%80' ],
    [ "\xC3\xA9", '%C3%A9' ],
    [ 'a%5Cb', 'a%5Cb' ],
    [ '...', '...' ],
    [ '..x%2Fx..', '..x%2Fx..' ],
    [ '%2E%2E%2E', '...' ],
    [ '%7Etilde-_.', '~tilde-_.' ],
    [ '%22%27%3C%3E%7B%7D', '%22%27%3C%3E%7B%7D' ],
    [ $long, $long ],
) {
    my ($id, $segment) = @$_;
    my $name = substr $id, 0, 40;
    my $path = "/api/users/$segment";

    is(v2('GET', "/api/v2/users/$id")->status, 200, "U2.1 read: $name");
    is(calls(), "GET $path", "U2.1 read: path of $name");

    is(v2('PATCH', "/api/v2/users/$id?a=b/../c")->status, 200,
       "U2.1 update: $name");
    is(calls(), "PATCH $path/metadata\nGET $path",
       "U2.1 update: path of $name");

    is(v2('DELETE', "/api/v2/users/$id")->status, 204, "U2.1 delete: $name");
    is(calls(), "DELETE $path", "U2.1 delete: path of $name");
}

is(v2('GET', '/api/v2/users/a%2Fb%7C%25c')->header('X-User'), 'a/b|%c',
   'U2.1 $profile_user_id is unescaped once');

my $r = $t->http2_request('GET', '/api/v2/users/oauth2%7Ca%2Fb');

is($r->status, 200, 'U2.1 over HTTP/2');


# U2.1: no user, no call

my @bad = (
    '', '/', '//', '%2F', '%2f', '%2F%2F', '.', '..', '%2E', '%2e%2E', '%2e.',
    '..%2F', '../', '%2E%2E%2F', 'x%2F..%2F', 'x%2F..', 'x%2F.', 'x%2F',
    '%2Fx', 'x%2F..%2Fy', 'x%2F.%2Fy', './x', 'x/', '/x', 'x/.',
    'x/y', 'x//y', 'x/../y', 'x/./y', 'y/../x',
    'x%5C..%5Cy', '..%5C', '%5C', 'x%5C', 'x%2F%5C',
    '%20', '%20%20', 'x%2F%20', '%20%2Fx', '%C2%A0', 'x%2F%C2%A0%20',
    '%E2%80%83', '%E3%80%80', '%EF%BB%BF', '%E2%80%8B', '%E1%9A%80',
    '%E2%80%A8', '%E2%80%AF', '%E2%81%9F',
    'x%09', 'x%0A', 'x%0D%0AHost:y', 'x%1F', 'x%7F', 'x%C2%80', 'x%C2%9F',
    'x%FF', 'x%C3', '%C0%AF', '%C0%AE%C0%AE%C0%AF', 'x%ED%A0%80',
    'x%F4%90%80%80', 'x%E2%82',
    'x#y', 'x#', '#', 'x?a=b#c',
    'x%2F..%2F..%2F..%2Fusers', '..%2F..%2Fusers', '..%2Fusers',
    'x%2F..%2F..%2F..%2F..%2Fusers%2F', '..%2F..%2F..%2Fapi%2Fusers%2F',
    '../../users', '../../../api/users', 'x/../../../users', '..%2F../users',
    '../../users/auth0%7C1', 'x%2F../../../users',
);

for my $id (@bad) {
    for my $method (qw(DELETE GET HEAD PATCH)) {
        my $r = v2($method, "/api/v2/users/$id");

        is($r->status, 404, "U2.1 $method of $id");
        is($r->header('Content-Type'), 'application/json',
           "U2.1 v2 form: $method of $id");
        is(calls(), '', "U2.1 no call: $method of $id");
    }
}

# nginx itself refuses these

for my $id ('%00', 'x%00', '../../../../users', 'x%', 'x%2', 'x%zz', '%u002f') {
    is(v2('DELETE', "/api/v2/users/$id")->status, 400, "U2.1 DELETE of $id");
    is(calls(), '', "U2.1 no call: DELETE of $id");
}

for my $uri (
    '/api/v2/users//', '/api/v2/users//x', '/api/v2/users/x//',
    '/api/v2//users/x', '/api//v2/users/x', '//api/v2/users/x',
    '/api/v2/./users/x', '/api/v2/x/../users/y', '/api/v2/users/../users/x',
    '/%61pi/v2/users/x', '/api/v%32/users/x', '/api%2Fv2%2Fusers%2Fx',
    '/api/v2%2Fusers/x', '/api/v2/users%2Fx', '/x/../api/v2/users/x',
    '/API/v2/users/x', '/api/V2/users/x', '/api/v2/USERS/x',
    '/api/v2/../users', '/api/v2/..%2Fusers', '/api/v2%2F..%2Fusers',
    '/api/v2/%2E%2E/users', '/api/v2/%2e%2e%2fusers%2f', '/API/V2/../users',
    '//api/v2/../users', '/api//v2/../users', '/api/v2/../users/x',
    '/api/v2/../clients', '/api/v2/../../oauth/token',
    '/api/v2//users', '/api/v2/./users', '/api/v2/users#', '/api/v2/user%73',
    '/api/v2//users-by-email?email=a@b.c', '/api/v2/users/../users',
) {
    for my $method (qw(DELETE GET)) {
        for my $port (0, 2) {
            is(v2($method, $uri, ':port' => $t->port($port))->status, 404,
               "U2.1 $method $uri, server $port");
            is(calls(), '', "U2.1 no call: $method $uri, server $port");
        }
    }
}

is(v2('GET', 'http://localhost/api/v2/users/a%2Fb')->status, 200,
   'U2.1 an absolute URI');
is(calls(), 'GET /api/users/a%2Fb', 'U2.1 an absolute URI: the path');

is(v2('DELETE', 'http://localhost/api/v2/users/')->status, 404,
   'U2.1 an absolute URI without an id');
is(calls(), '', 'U2.1 an absolute URI without an id: no call');

$backend->forget;

for my $id ('', '%2F', 'x%2F..%2F', '..%2F') {
    $r = $t->http2_request('DELETE', "/api/v2/users/$id");

    is($r->status, 404, "U2.1 over HTTP/2: $id");
}

is(calls(), '', 'U2.1 over HTTP/2: no call');


# U2.2: arguments

my $list = '/api/v2/users?per_page=1';

for (
    [ 'connection=google-oauth2', '/api/connections/google-oauth2/users' ],
    [ 'connection=a+b', '/api/connections/a%20b/users' ],
    [ 'connection=a%20b', '/api/connections/a%20b/users' ],
    [ 'connection=a%252Fb', '/api/connections/a%252Fb/users' ],
    [ 'connection=%C3%A9', '/api/connections/%C3%A9/users' ],
    [ 'connection=a%3Fb%26c', '/api/connections/a%3Fb%26c/users' ],
    [ 'connection=..a', '/api/connections/..a/users' ],
    [ 'connection=a%2Fb', '/api/connections/a%2Fb/users' ],
    [ 'connection=', '/api/users' ],
    [ 'q=a%2Fb', '/api/users', 'a%2Fb' ],
    [ 'q=..', '/api/users', '..' ],
    [ 'q=email%3A%22a%2Bb%40c.d%22',
      '/api/users', 'email%3A%22a%2Bb%40c.d%22' ],
    [ 'q=a%26per_page%3D100', '/api/users', 'a%26per_page%3D100' ],
    [ 'sort=..&unknown=%FF', '/api/users' ],
) {
    my ($arg, $path, $search) = @$_;

    is(v2('GET', "$list&$arg")->status, 200, "U2.2 $arg");
    is(calls(), "GET $path?per_page=1&page=0&search=" . ($search // ''),
       "U2.2 the call: $arg");
}

for my $name (qw(connection q fields include_fields include_totals)) {
    my @path = $name eq 'connection'
               ? ('../../x', '..%2F..%2Fx', '..', '.', '%2e%2E', '/a', 'a%2f')
               : ();

    for my $value (@path, 'a%00', 'a%0D%0Ab', 'a%09b', 'a%7F', '%FF', 'a%C3',
                   '%ED%A0%80', '%', 'a%2', '%zz')
    {
        my $r = v2('GET', "$list&$name=$value");

        is($r->status, 400, "U2.2 $name=$value");
        is($r->body, '{"statusCode":400,"error":"Bad Request","message":'
           . qq("The argument \\"$name\\" of the request is invalid.",)
           . '"errorCode":"invalid_query_string"}', "U2.2 body: $name=$value");
        is(calls(), '', "U2.2 no call: $name=$value");
    }
}

for my $method (qw(GET PATCH DELETE)) {
    is(v2($method, '/api/v2/users/x?fields=%FF')->status, 400,
       "U2.2 of one user: $method");
    is(calls(), '', "U2.2 of one user: no call: $method");
}

$backend->forget;
$r = $t->request('POST', '/api/v2/users?connection=../x', @json,
                 ':body' => '{"email":"a@b.c"}');

is($r->status, 400, 'U2.2 in a create');
is(calls(), '', 'U2.2 in a create: no call');

for my $query ('', '?', '?email', '?email=', '?emai=a@b.c', '?email=a%22b',
               '?email=%22', '?email=a%5Cb', '?email=a*', '?email=a%2ab',
               '?email=a%00', '?email=%FF')
{
    my $r = v2('GET', "/api/v2/users-by-email$query");

    is($r->status, 400, "U1 by e-mail: $query");
    is(decode_json($r->body)->{statusCode}, 400, "U1 v2 form: $query");
    is(calls(), '', "U1 by e-mail: no call: $query");
}


# U2.3: what an answer tells of limits

sub limits {
    my ($r) = @_;

    return join ' ', map { $r->header($_) // '-' }
                     qw(Retry-After X-RateLimit-Limit X-RateLimit-Remaining
                        X-RateLimit-Reset);
}

$r = v2('GET', '/api/v2/users/allowed');

is($r->status, 200, 'U2.3 a success');
is(limits($r), '120 10 0 1', 'U2.3 limits of a success');

for (
    [ 'GET', 'limited', 'an error' ], [ 'HEAD', 'limited', 'an error, HEAD' ],
    [ 'DELETE', 'limited', 'a delete' ], [ 'PATCH', 'limited', 'a call' ],
    [ 'PATCH', 'read', 'the last call' ],
) {
    my ($method, $id, $what) = @$_;

    my $r = v2($method, "/api/v2/users/$id");

    is($r->status, 429, "U2.3 status of $what");
    is(limits($r), '120 10 0 1', "U2.3 limits of $what");
    is($r->header('WWW-Authenticate'), 'Bearer', "U2.3 the way in: $what");
    is($r->header('X-Powered-By') // $r->header('X-Retry-Now'), undef,
       "U2.3 nothing more: $what");
    is($r->header('Set-Cookie'), undef, "U2.3 no cookie: $what");
    is($r->header('Content-Type'), 'application/json', "U2.3 type: $what");
}

done_testing;
