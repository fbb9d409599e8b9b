#!/usr/bin/perl

# Proves that what the gateway does not offer says so (U6.4), whatever the
# method, the body and the spelling, and that a search without an address says
# which argument it lacks.  It fails when a client is told that a user is gone,
# or only "Bad Request", or when anything of it reaches the backend.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => '{"user_id":"x|1"}' });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

sub said {
    my (@request) = @_;

    $backend->forget;

    my $r = $t->request(@request);
    my $error = eval { decode_json($r->body) } // {};
    my @up = map { " $_->{uri}" } $backend->requests;

    return join('|', $r->status, $error->{errorCode} // '-',
                $error->{message} // $r->body) . "@up";
}

my @json = ('Content-Type' => 'application/json');
my $not = '404|-|This call is not offered by this gateway.';
my $id = '/api/v2/users/auth0%7C1';


# Calls of the Management API that v1 has no counterpart for: auth0/go-auth0,
# management/user.go.

for (
    [ 'GET', '/roles' ], [ 'POST', '/roles' ], [ 'DELETE', '/roles' ],
    [ 'GET', '/roles?per_page=50&include_totals=true' ],
    [ 'GET', '/permissions' ], [ 'POST', '/permissions' ],
    [ 'DELETE', '/permissions' ], [ 'GET', '/enrollments' ],
    [ 'GET', '/organizations' ], [ 'POST', '/identities' ],
    [ 'DELETE', '/identities/google-oauth2/1' ],
    [ 'DELETE', '/multifactor/duo' ], [ 'DELETE', '/authenticators' ],
    [ 'GET', '/authentication-methods' ],
    [ 'POST', '/multifactor/actions/invalidate-remember-browser' ],
    [ 'POST', '/recovery-code-regeneration' ], [ 'GET', '/sessions' ],
) {
    my ($method, $path) = @$_;

    for my $body (undef, "null\n", '{"roles":["r"]}') {
        is(said($method, "$id$path", defined $body
                    ? (@json, ':body' => $body) : ()), $not,
           "U6.4 $method $path, " . ($body // 'no body'));
    }
}

is($t->head("$id/roles")->status, 404, 'U6.4 HEAD');

# However it is written

for my $path ("$id/roles/", "$id//roles", "$id/%72oles", "$id/./roles",
              '/api/v2//users/x/roles', '/api/v2/users//x/roles')
{
    is(said('GET', $path), $not, "U6.4 $path");
}

# A slash in an id is none.

is($t->get('/api/v2/users/oauth2%7Ca%2Froles')->status, 200,
   'U2.1 an id with a slash');
is(($backend->requests)[-1]{uri}, '/api/users/oauth2%7Ca%2Froles',
   'U2.1 its call');


# Other paths and methods

for my $path ('/api/v2/roles', '/api/v2/clients/x', '/api/v2/stats/daily',
              '/api/v2/', '/api/v2/user-blocks?identifier=a')
{
    is(said($_, $path), $not, "U6.4 $_ $path") for 'GET', 'DELETE';
}

is(said('PUT', $id, @json, ':body' => '{}'), $not, 'U6.4 PUT of a user');
is(said('DELETE', '/api/v2/users'), $not, 'U6.4 DELETE of all');
is(said('PUT', '/api/v2/users-by-email?email=a@b.c'), $not,
   'U6.4 PUT of a search');


# U1: a search names what it lacks

my $missing = "400|invalid_query_string|Query validation error: 'Missing"
              . " required property: email'.";
my $wrong = '400|invalid_query_string|The argument "email" of the request is'
            . ' invalid.';
my $search = '/api/v2/users-by-email';

is(said('GET', $search . $_), $missing, "U1 missing: $_")
    for '', '?', '?email', '?email=', '?fields=email', '?emails=a@b.c';
is(said('GET', "$search?email=$_"), $wrong, "U1 wrong: $_")
    for '%22', 'a%22b', '%5C', '*', '%2A', 'a*@b.c', '%FF', '%00', '%zz';

done_testing;
