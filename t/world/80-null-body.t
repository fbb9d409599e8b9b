#!/usr/bin/perl

# Proves that a read or a DELETE with a body that says nothing is answered like
# one without a body (H5.1), and that the body does not go up.  go-auth0 before
# 1.5.0, and so each Terraform provider made of it, sends "null\n" with all of
# them: management/management_request.go encodes the missing payload.  It fails
# when such a body is refused, reaches the backend, or opens a way for another.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"auth0|1","email":"a@b.c"}';
my $list = "[$user]";

my $backend = $t->backend({
    '/api/users/auth0%7C1' => { body => $user },
    '/api/users'           => { body => $list },
    '/api/connections/c/users' => { body => $list },
    '/api/users/auth0%7C1/logs' => { body => '[{"type":"s"}]' },
    '/own' => { body => $user },
    '*'    => 'OK',
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    log_format reason '$request_method $profile_action/$profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/reason.log reason;
        include profile/gateway.conf;

        location = /own {
            proxy_pass http://profile_backend;
            profile_guard auth0 mode=v1;
        }
    }
END

$t->start;

my $id = '/api/v2/users/auth0%7C1';

my @calls = (
    [ 'GET', $id ], [ 'HEAD', $id ], [ 'DELETE', $id ],
    [ 'GET', "$id?fields=email&include_fields=true" ],
    [ 'GET', '/api/v2/users' ], [ 'HEAD', '/api/v2/users' ],
    [ 'GET', '/api/v2/users?include_totals=true&per_page=50' ],
    [ 'GET', '/api/v2/users?q=name:a&search_engine=v3' ],
    [ 'GET', '/api/v2/users?connection=c' ],
    [ 'GET', '/api/v2/users-by-email?email=a%40b.c' ],
    [ 'GET', '/api/v2/users/auth0%7C1/logs' ],
    [ 'GET', '/api/v2/users?sort=email:1' ],
);

my @json = ('Content-Type' => 'application/json');

# The answer, and what the backend saw of the request.

sub seen {
    my (@request) = @_;

    $backend->forget;

    my $r = $t->request(@request);
    my @up = map {
        my $h = $_->{headers};

        join ' ', $_->{method}, $_->{uri}, '<' . ($_->{body} // '') . '>',
                  map { "$_=$h->{$_}" } grep { defined $h->{$_} }
                      'content-type', 'content-length', 'transfer-encoding',
                      'content-encoding';
    } $backend->requests;

    return join "\n", $r->status, $r->body, @up;
}

for my $call (@calls) {
    my ($method, $uri) = @$call;
    my $bare = seen($method, $uri);

    like($bare, qr/\A20[04]\n.*\n$method \S+ <>\z/s, "U1 $method $uri");
    is(seen($method, $uri, @json), $bare, "U2.3 a type alone: $method $uri");
    is(seen($method, $uri, 'Content-Encoding' => 'identity'), $bare,
       "U2.3 a coding alone: $method $uri");

    for my $body ("null\n", 'null', '{}', "{}\n", " \t{ \r\n }\n", ' null ') {
        my $what = $body =~ s/([^!-~])/sprintf '\x%02x', ord $1/ger;

        is(seen($method, $uri, @json, ':body' => $body), $bare,
           "H5.1 $method $uri, $what");
    }

    is(seen($method, $uri, @json, ':body' => "null\n", ':chunks' => [ 2, 3 ]),
       $bare, "H5.1 $method $uri, in chunks");
}

like($t->read_file('reason.log'), qr{^(?:\S+ (?!blocked)\S+\n)+\z},
     'H5.1 none is refused');


# What says something is judged as ever, and so is what is no JSON.

for (
    [ '[]', 400 ], [ 'true', 400 ], [ '0', 400 ], [ '""', 400 ],
    [ 'nul', 400 ], [ 'null null', 400 ], [ "null\0", 400 ], [ 'NULL', 400 ],
    [ "\xef\xbb\xbfnull", 400 ], [ '{}{}', 400 ], [ '{', 400 ],
    [ ' ', 400 ], [ '{"user_id":"x"}', 400 ], [ '{"__proto__":{}}', 400 ],
) {
    my ($body, $status) = @$_;
    my $what = $body =~ s/([^!-~])/sprintf '\x%02x', ord $1/ger;

    for my $call ([ 'GET', $id ], [ 'DELETE', $id ], [ 'GET', '/api/v2/users' ])
    {
        my ($method, $uri) = @$call;

        like(seen($method, $uri, @json, ':body' => $body),
             qr/\A$status\n[^\n]*\z/, "H5.3 $method $uri: $what");
    }
}

like(seen('GET', $id, 'Content-Type' => 'text/plain', ':body' => 'null'),
     qr/\A415\n[^\n]*\z/, 'H5.2 another type');
like(seen('DELETE', "$id?picture=x", @json, ':body' => 'null'),
     qr/\A400\n.*invalid_query_string[^\n]*\z/, 'H5.8 an argument beside it');


# Where a body is needed, null is none, and v1 has its own rules.

for my $call ([ 'PATCH', $id ], [ 'POST', '/api/v2/users' ]) {
    my ($method, $uri) = @$call;

    like(seen($method, $uri, @json, ':body' => "null\n"),
         qr/\A400\n.*not a JSON object[^\n]*\z/, "H5.3 $method");
}

like(seen('DELETE', '/own', @json, ':body' => 'null'),
     qr/\A400\n.*not a JSON object[^\n]*\z/, 'H5.3 mode=v1');

done_testing;
