#!/usr/bin/perl

# Proves that programs which tell errors apart by their errorCode find those of
# the Management API (U6), and that what says "the user is gone" is said of a
# user who is gone, and of nothing else: not where a proxy, nginx or a call that
# is not offered says 404.  It fails when a client would make a user anew, or
# believe that one has been deleted, for another 404.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

sub error {
    my ($status, $body, @more) = @_;

    return { status => $status, body => $body, @more };
}

my $gone = '{"error":"The user does not exist."}';
my $user = '{"user_id":"auth0|1","email":"a@b.c"}';

# By the id: what v1 answers to all calls of this user.

my %users = (
    gone     => error(404, $gone),
    empty    => error(404, '{}'),
    own      => error(404, '{"message":"No.","errorCode":"inexistent_user"}'),
    other    => error(404, '{"message":"No.","errorCode":"no_route"}'),
    number   => error(404, '{"message":"No.","errorCode":17}'),
    nested   => error(404, '{"message":"No.","errorCode":{"a":1}}'),
    words    => error(404, '{"message":"No.","errorCode":"no such route"}'),
    twice    => error(404, '{"message":"No.","errorCode":"inexistent_user",'
                           . '"errorCode":"no_route"}'),
    html     => error(404, '<html>Not Found</html>', type => 'text/html'),
    text     => error(404, 'no'),
    nothing  => error(404, ''),
    array    => error(404, '[]'),
    string   => error(404, '"The user does not exist."'),
    more     => error(404, "$gone x"),
    cut      => error(404, $gone, cut => 20),
    large    => error(404, '{"error":"x","stack":"' . 'x' x 70_000 . '"}'),
    gzip     => error(404, $gone, gzip => 1),
    410      => error(410, $gone),
    scope    => error(403, '{"message":"Insufficient scope",'
                           . '"errorCode":"insufficient_scope"}'),
    bad      => error(400, '{"message":"x","errorCode":"not a word"}'),
    taken    => error(409, '{"error":"taken"}'),
    quiet    => error(409, ''),
    limit    => error(429, '{"message":"slow","errorCode":"too_many"}'),
    500      => error(500, '{"message":"x","errorCode":"secret"}'),
);

my $backend = $t->backend({
    map({ my $answer = $users{$_};
          my $uri = "/api/users/auth0%7C$_";

          map { $_ => $answer } $uri, "$uri/metadata", "$uri/email";
        } keys %users),
    '/api/users/' => sub {
        return $users{ $_[1]{headers}{'x-case'} };
    },
    '/api/users' => error(404, $gone),
    '/api/connections/none/users' => error(404, '{"error":"no connection"}'),
    '/api/users/auth0%7Cthere' => { body => $user },
    '*' => 'OK',
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;
        proxy_buffering off;
        gzip on;
        gzip_types *;
        gzip_min_length 0;
        include profile/gateway.conf;
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');

# Status, errorCode and message of an answer.

sub said {
    my ($r) = @_;

    return join ' ', $r->status, $r->body if $r->status == 204;

    my $error = eval { decode_json($r->text) } or return $r->body;

    return join ' ', $r->status, $error->{errorCode} // '-', $error->{message};
}

sub ask {
    my ($method, $uri, $body, @headers) = @_;

    return said($t->request($method, $uri, @headers, defined $body
                                ? (@json, ':body' => $body) : ()));
}

my $not_found = '404 - Not Found';

# What becomes of each: of a read, a DELETE, a change of metadata and of an
# e-mail.  What differs from the read's is named.

my %expected = (
    gone    => [ '404 inexistent_user The user does not exist.', '204 ' ],
    empty   => [ '404 inexistent_user The user does not exist.', '204 ' ],
    own     => [ '404 inexistent_user No.', '204 ' ],
    gzip    => [ '404 inexistent_user The user does not exist.', '204 ' ],
    other   => [ '404 no_route No.' ],
    map({ $_ => [ '404 - No.' ] } 'number', 'nested', 'words'),
    twice   => [ '404 inexistent_user No.' ],
    html    => [ $not_found ], text => [ $not_found ], array => [ $not_found ],
    nothing => [ $not_found ], string => [ $not_found ], more => [ $not_found ],
    cut     => [ $not_found ],
    large   => [ '404 - x' ],
    410     => [ '410 gone The user does not exist.' ],
    scope   => [ '403 insufficient_scope Insufficient scope' ],
    bad     => [ '400 bad_request x' ],
    taken   => [ '409 conflict taken', '409 conflict taken',
                 '409 auth0_idp_error taken' ],
    quiet   => [ '409 conflict Conflict', '409 conflict Conflict',
                 '409 auth0_idp_error The specified new email already'
                 . ' exists.' ],
    limit   => [ '429 too_many slow' ],
    500     => [ '502 bad_gateway Bad Gateway' ],
);

for my $name (sort keys %users) {
    my ($read, $delete, $email) = @{ $expected{$name} };
    my $uri = "/api/v2/users/auth0%7C$name";

    for my $port (0, 1) {
        my @port = (':port' => $t->port($port));

        is(ask('GET', $uri, undef, @port), $read, "U6 GET $name, $port");
        is(ask('DELETE', $uri, undef, @port), $delete // $read,
           "U6.3 DELETE $name, $port");
        is(ask('PATCH', $uri, '{"app_metadata":{"a":1}}', @port), $read,
           "U6 PATCH of metadata, $name, $port");
        is(ask('PATCH', $uri, '{"email":"n@x.y"}', @port), $email // $read,
           "U6 PATCH of an e-mail, $name, $port");
    }
}


# A create, and lists: a 404 to them is not that of a user.

for (
    [ 'gone', '404 - The user does not exist.' ], [ 'empty', $not_found ],
    [ 'own', '404 inexistent_user No.' ],
    [ 'taken', '409 auth0_idp_error taken' ],
    [ 'quiet', '409 auth0_idp_error The user already exists.' ],
    [ 'scope', '403 insufficient_scope Insufficient scope' ],
) {
    my ($name, $said) = @$_;

    is(ask('POST', '/api/v2/users', '{"email":"a@b.c"}', 'X-Case' => $name),
       $said, "U6 a create: $name");
}

for my $uri ('/api/v2/users', '/api/v2/users-by-email?email=a@b.c') {
    is(ask('GET', $uri), '404 - The user does not exist.', "U6 $uri");
}

is(ask('GET', '/api/v2/users?connection=none'), '404 - no connection',
   'U6 no connection');


# A DELETE that found nobody: a 204 like any other, on a connection that goes
# on.

my $conn = $t->connect;

for my $name ('gone', 'html', 'gone', 'there') {
    $conn->send("DELETE /api/v2/users/auth0%7C$name HTTP/1.1\r\n"
                . "Host: h\r\n\r\n");

    my $r = $conn->response(method => 'DELETE');

    is($r->status, $name eq 'html' ? 404 : 204, "U6.3 $name, in a row");
    ok($r->complete, "U6.3 $name: whole");

    next if $name eq 'html';

    is($r->body, '', "U6.3 $name: no body");
    is($r->header($_), undef, "U6.3 $name: no $_")
        for 'Content-Type', 'Content-Length', 'Transfer-Encoding';
}


# nginx says 404, and no backend does.

for my $uri ('/api/v2', '/api/v2/', '/api/v2/roles', '/api/v2/users/x/roles',
             '/api/v2/users/x/none', '/API/v2/users/x')
{
    for my $method ('GET', 'DELETE', 'PUT', 'POST') {
        is(ask($method, $uri),
           '404 - This call is not offered by this gateway.',
           "U1 $method $uri");
    }
}


# U2.1: what is no id never was one.

for my $id ('', '%2F', '..%2F', 'x%2F..', '%20x', '%FF') {
    like(ask($_, "/api/v2/users/$id"), qr/\A404 (?!inexistent_user)/,
         "U2.1 $_ <$id>") for 'GET', 'DELETE';
}

done_testing;
