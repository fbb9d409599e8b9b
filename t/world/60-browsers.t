#!/usr/bin/perl

# Proves that scripts of the origins that the operator names, and of no other,
# can call the v2 API (U8): whatever becomes of a call, its header says so, and
# a preflight is answered before anyone asks for a token.  It fails when an
# origin may read what it was not let, when the right header is there for a 200
# only, when two of a kind are there, and when a byte of v1 has changed.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info', allow => [
    qr/connect\(\) failed \(111: Connection refused\)/,
]);

my $user = '{"user_id":"auth0|1","plan":"full"}';

# The backend has an opinion of its own of who may read its answers.

my @own = (
    'Access-Control-Allow-Origin'      => '*',
    'Access-Control-Allow-Credentials' => 'true',
    'Access-Control-Expose-Headers'    => 'X-Own',
    'access-control-max-age'           => '9',
);

my %answers = (
    '/api/users/auth0%7C1'   => { body => $user },
    '/api/users/auth0%7Ctag' => { body => $user, headers => [ETag => '"e"'] },
    '/api/users/auth0%7Cnot' => { status => 304, headers => [ETag => '"e"'] },
    '/api/users/auth0%7Cbad' => { body => '{"user_id":' },
    '/api/users/auth0%7Cbig' =>
        { body => '[' . join(',', ($user) x 5000) . ']' },
    '/api/users/auth0%7C429' =>
        { status => 429, headers => ['Retry-After' => 7] },
    '/api/users/auth0%7C500' => { status => 500, type => 'text/html',
                                  body => '<p>' },
    '/api/users/auth0%7C1/metadata' => { body => $user },
    '/api/users/auth0%7C404/metadata' => { status => 404 },
    '/api/users/'            => { body => $user },
    '/api/users/auth0%7C101' =>
        { status => 101, headers => [Upgrade => 'x', Connection => 'upgrade'] },
    '/api/users/auth0%7Cvary' =>
        { body => $user, headers => [Vary => 'Accept, origin'] },
);

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    my $answer = $answers{$request->{uri} =~ s/\?.*//r}
                 // { status => 404, body => '{}' };

    return { %$answer, headers => [@own, @{ $answer->{headers} // [] }] };
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    map $http_origin $profile_cors_origin {
        default              "";
        "https://a.example"  $http_origin;
        "null"               $http_origin;
        "~,"                 $http_origin;
    }

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        include profile/cors.conf;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        include profile/gateway.conf;
    }

    # With a token only, and with limits.

    limit_req_zone all zone=one:1m rate=1r/m;

    server {
        listen 127.0.0.1:%%PORT_3%%;

        auth_request /auth;
        add_header X-Server yes always;

        location = /auth {
            internal;
            auth_request off;

            if ($http_authorization = "") {
                return 401;
            }

            return 204;
        }

        location ^~ /api/v2/limited {
            limit_req zone=one;
            profile_rewrite auth0 api=v2;
            profile_user_id /api/v2/limited/*;
            proxy_pass http://%%BACKEND%%/api/users/$profile_user_id_escaped;
        }

        location ^~ /api/v2/sometimes {
            profile_rewrite auth0 api=v2 if=$arg_v2;
            proxy_pass http://%%BACKEND%%/api/users/auth0%7C1;
        }

        location ^~ /api/v2/anyone/ {
            profile_cors *;
            profile_rewrite auth0 api=v2;
            proxy_pass http://%%BACKEND%%/api/users/auth0%7C1?;
        }

        location ^~ /api/v2/nobody/ {
            profile_cors off;
            profile_rewrite auth0 api=v2;
            proxy_pass http://%%BACKEND%%/api/users/auth0%7C1?;
        }

        location ^~ /api/v2/dry/ {
            profile_rewrite auth0 api=v2;
            profile_rewrite_dry_run on;
            proxy_pass http://%%BACKEND%%/api/users/auth0%7C1?;
        }

        include profile/cors.conf;
        include profile/gateway.conf;
    }
END

$t->start;

my $origin = 'https://a.example';
my $vary = 'Vary: Origin, Accept-Encoding';
my $exposed = 'ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, '
              . 'X-RateLimit-Reset, X-Profile-Unreadable';

my %preflight = (
    'Access-Control-Request-Method' => 'PATCH',
    'Access-Control-Request-Headers' => 'authorization,content-type',
);

# All that a response says of the family, sorted.

sub family {
    my ($r) = @_;

    return join "\n", sort grep { /^(?:Access-Control-|Vary:)/i }
                           split /\r\n/, $r->raw_head;
}

my $allowed = "Access-Control-Allow-Origin: $origin\n"
              . "Access-Control-Expose-Headers: $exposed\n$vary";


# Each kind of answer of the API

my @calls = (
    ['GET',    '/api/v2/users/auth0%7C1', 200],
    ['HEAD',   '/api/v2/users/auth0%7C1', 200],
    ['GET',    '/api/v2/users/auth0%7Ctag', 200],
    ['GET',    '/api/v2/users/auth0%7Cbig', 200],
    ['GET',    '/api/v2/users/auth0%7Cbad', 502],
    ['GET',    '/api/v2/users/auth0%7C429', 429],
    ['GET',    '/api/v2/users/auth0%7C500', 502],
    ['GET',    '/api/v2/users/auth0%7C404', 404],
    ['GET',    '/api/v2/users/auth0%7C101', 502],
    ['GET',    '/api/v2/users/', 404],
    ['GET',    '/api/v2/users/..%2F', 404],
    ['GET',    '/api/v2/users?per_page=x', 400],
    ['GET',    '/api/v2/users-by-email', 400],
    ['GET',    '/api/v2/clients', 404],
    ['PUT',    '/api/v2/users/auth0%7C1', 404],
    ['DELETE', '/api/v2/users/auth0%7C1', 204],
    ['PATCH',  '/api/v2/users/auth0%7C1', 200, '{"user_metadata":{"a":1}}'],
    ['PATCH',  '/api/v2/users/auth0%7C404', 404, '{"user_metadata":{"a":1}}'],
    ['PATCH',  '/api/v2/users/auth0%7C1', 400, '{"nope":1}'],
    ['PATCH',  '/api/v2/users/auth0%7C1', 400, '{'],
    ['POST',   '/api/v2/users', 201,
     '{"connection":"c","email":"a@b.c","password":"secret-1"}'],
    ['POST',   '/api/v2/users/auth0%7C1/identities', 404, '{}'],
);

for my $call (@calls) {
    my ($method, $uri, $status, $body) = @$call;
    my $name = "U8.1 $method $uri, $status";

    my %how = $body ? ('Content-Type' => 'application/json', ':body' => $body)
                    : ();

    my $r = $t->request($method, $uri, Origin => $origin, %how);

    is($r->status, $status, "$name: the status");
    is(family($r), $allowed, $name);

    is(family($t->request($method, $uri, Origin => 'https://b.example', %how)),
       $vary, "$name: another origin");
    is(family($t->request($method, $uri, Origin => $origin, %how,
                          ':port' => $t->port(2))),
       $vary, "$name: none is allowed");
}

is(family($t->get('/api/v2/users/auth0%7Cnot', Origin => $origin,
                  'If-None-Match' => $t->get('/api/v2/users/auth0%7Ctag')
                                       ->header('ETag'))),
   $allowed, 'U8.1 304');


# Who is none that could be allowed

is(family($t->get('/api/v2/users/auth0%7C1')), $vary,
   'U8.1 no origin');

for my $value ('null', 'NULL', "$origin, https://b.example", 'https://a.exampl',
               "$origin/", 'HTTPS://b.example', '')
{
    is(family($t->get('/api/v2/users/auth0%7C1', Origin => $value)),
       $vary, "U8.1 Origin: $value");

    my $r = $t->request('OPTIONS', '/api/v2/users/auth0%7C1', %preflight,
                        Origin => $value);

    is($r->status, 404, "U8.2 Origin: $value, no answer to a preflight");
    is(family($r), $vary, "U8.2 Origin: $value");
}

my $other = $t->get('/api/v2/users/auth0%7Cvary', Origin => $origin);

is(join('|', $other->header('Vary')), 'Accept, Origin, Accept-Encoding',
   'U8.1 Vary has it');


# Preflights

my $answer = "Access-Control-Allow-Headers: "
             . "Authorization, Content-Type, Auth0-Client, If-Match\n"
             . "Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE\n"
             . "Access-Control-Allow-Origin: $origin\n"
             . "Access-Control-Max-Age: 600\n$vary";

for my $uri ('/api/v2/users/auth0%7C1', '/api/v2/users?page=0', '/api/v2/x',
             '/api/v2/users-by-email', '/api/v2/users/auth0%7C1/identities')
{
    for my $port (0, 3) {
        $backend->forget;

        my $r = $t->request('OPTIONS', $uri, %preflight, Origin => $origin,
                            ':port' => $t->port($port));

        is($r->status, 204, "U8.2 $uri: 204, server $port");
        is($r->body, '', "U8.2 $uri: no body");
        is(family($r), $answer, "U8.2 $uri: what may be asked");
        is(scalar $backend->requests, 0, "U8.2 $uri: nothing goes up");
    }
}

is($t->http2_request('OPTIONS', '/api/v2/users/auth0%7C1',
                     origin => $origin, map { lc } %preflight)->status, 204,
   'U8.2 HTTP/2');

is($t->request('OPTIONS', '/api/v2/users/auth0%7C1', Origin => $origin)->status,
   404, 'U8.2 an OPTIONS that is no preflight');
is($t->request('OPTIONS', '/api/v2/users/auth0%7C1', %preflight,
               Origin => $origin, ':port' => $t->port(2))->status, 404,
   'U8.2 none is allowed');
is($t->get('/api/v2/users/auth0%7C1', %preflight, Origin => $origin)->status,
   200, 'U8.2 a GET is no preflight');

my $conn = $t->connect;

for my $n (1, 2) {
    $conn->send("OPTIONS /api/v2/users/auth0%7C1 HTTP/1.1\r\nHost: h\r\n"
                . "Origin: $origin\r\nAccess-Control-Request-Method: PATCH\r\n"
                . "Content-Length: 2\r\n\r\n{}");
    is($conn->response->status, 204, "U8.2 with a body, request $n");
}


# Two origins are none, in whichever order

for my $lines ("$origin\r\nOrigin: https://b.example",
               "https://b.example\r\nOrigin: $origin")
{
    $conn = $t->connect;
    $conn->send("GET /api/v2/users/auth0%7C1 HTTP/1.1\r\nHost: h\r\n"
                . "Origin: $lines\r\n\r\n");

    unlike($conn->response->raw_head, qr/Access-Control-/, 'U8.1 two origins');
}


# Tokens, limits, conditions

my $r = $t->get('/api/v2/users/auth0%7C1', Origin => $origin,
                ':port' => $t->port(3));

is($r->status, 401, 'U8.1 auth_request: 401');
is(family($r), $allowed, 'U8.1 auth_request: the script may read it');

for my $status (200, 503) {
    $r = $t->get('/api/v2/limited/auth0%7C1', Origin => $origin,
                 Authorization => 't', ':port' => $t->port(3));

    is($r->status, $status, "U6 limit_req: $status");
    is(family($r), $allowed, "U8.1 limit_req: $status");
}

isnt($r->status, 200, 'U8.1 limit_req: refused');

$backend->forget;

my $v1 = $t->request('OPTIONS', '/api/v2/sometimes', %preflight,
                     Origin => $origin, Authorization => 't',
                     ':port' => $t->port(3));

is(scalar $backend->requests, 1, 'U8.2 "if=" says no: goes up');
like(family($v1), qr/^Access-Control-Allow-Origin: \*$/m,
     'U8.1 "if=" says no: as it was');
is(family($t->get('/api/v2/sometimes?v2=1', Origin => $origin,
                  Authorization => 't', ':port' => $t->port(3))),
   $allowed, 'U8.1 "if=" says yes');
is(family($t->get('/api/v2/anyone/', Origin => $origin, Authorization => 't',
                  ':port' => $t->port(3))),
   $allowed =~ s/\Q$origin/*/r, 'U8.1 anyone');
is(family($t->get('/api/v2/nobody/', Origin => $origin, Authorization => 't',
                  ':port' => $t->port(3))), $vary, 'U8.1 off');
like(family($t->get('/api/v2/dry/', Origin => $origin, Authorization => 't',
                    ':port' => $t->port(3))),
     qr/^Access-Control-Allow-Origin: \*$/m, 'U8.1 a dry run changes nothing');


# v1

my $with = $t->get('/api/users/auth0%7C1', Origin => $origin)->raw_head;
my $without = $t->get('/api/users/auth0%7C1', Origin => $origin,
                      ':port' => $t->port(2))->raw_head;

is($with =~ s/^Date:.*\r\n//mr, $without =~ s/^Date:.*\r\n//mr,
   'U8.1 v1 is as it was');

$backend->forget;
$t->request('OPTIONS', '/api/users/auth0%7C1', %preflight, Origin => $origin);
is(join(' ', map { $_->{method} } $backend->requests), 'OPTIONS',
   'U8.2 a preflight of v1 is v1\'s');

done_testing;
