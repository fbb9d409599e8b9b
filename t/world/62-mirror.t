#!/usr/bin/perl

# Proves that a mirror beside the gateway gets what clients send to it (U7.7).
# It fails when the mirror sees the last call of a plan, a GET without a body,
# in place of the PATCH, when it sees a call twice, or one that was refused.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"auth0|1","plan":"full"}';

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    return { status => 409, body => '{}' } if $request->{body} =~ /taken/;
    return { body => $request->{uri} =~ /users\?/ ? "[$user]" : $user };
} });

my $mirror = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    return { status => 500, body => 'x' x 100000 };
} });

my $place = <<'END';
        location = /.mirror {
            internal;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://%%BACKEND_1%%$request_uri;
        }

        include profile/gateway.conf;
END

$t->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        mirror /.mirror;
$place
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        mirror /.mirror;
        mirror_request_body off;
        client_body_buffer_size 16;
$place
    }

    server {
        listen 127.0.0.1:%%PORT_3%%;
        mirror /.mirror;
        client_body_buffer_size 16;
        client_body_in_file_only on;
$place
    }
END

$t->start;

my $metadata = '{"user_metadata":{"theme":"dark"},"app_metadata":{"a":1.50}}';
my $create = '{"connection":"c","email":"a@b.c","password":"secret-1"}';

# A request, and what the mirror saw of it: nginx closes the connection when the
# mirror has answered, too.

sub ask {
    my ($method, $uri, $body, %opt) = @_;

    $_->forget for $backend, $mirror;

    my $port = delete $opt{':port'};
    my $client = $t->connect(defined $port ? (port => $port) : ());

    $client->send(ProfileTest::Client::request_text($method, $uri,
        { defined $body ? (body => $body) : (),
          map { substr($_, 1) => $opt{$_} } keys %opt },
        Connection => 'close',
        defined $body ? ('Content-Type' => 'application/json') : ()));

    my $r = $client->response;

    $client->read_eof;

    my @seen = map { "$_->{method} $_->{uri} $_->{body}" } $mirror->requests;

    return join "\n", $r->status, @seen;
}

my @rows = (
    ['GET', '/api/v2/users/auth0%7C1', undef, 200],
    ['GET', '/api/v2/users?page=1', undef, 200],
    ['PATCH', '/api/v2/users/auth0%7C1', $metadata, 200],
    ['PATCH', '/api/v2/users/auth0%7C1',
     '{"email":"n@b.c","user_metadata":{}}', 200],
    ['PATCH', '/api/v2/users/auth0%7C1', '{"email":"taken@b.c"}', 409],
    ['POST', '/api/v2/users', $create, 201],
    ['DELETE', '/api/v2/users/auth0%7C1', undef, 204],
    ['POST', '/api/v2/jobs/verification-email', '{"user_id":"auth0|1"}', 201],
    ['PATCH', '/api/users/auth0%7C1/metadata', '{"plan":"x"}', 200],
);

for my $row (@rows) {
    my ($method, $uri, $body, $status) = @$row;

    for my $server (0, 3) {
        is(ask($method, $uri, $body, ':port' => $t->port($server)),
           "$status\n$method $uri " . ($body // ''),
           "U7.7 $method $uri, server $server");
    }

    is(ask($method, $uri, $body, ':port' => $t->port(2)),
       "$status\n$method $uri ", "U7.7 $method $uri, without bodies")
        if !defined $body;
}

is(ask('PATCH', '/api/v2/users/auth0%7C1', $metadata, ':chunks' => [5, 7]),
   "200\nPATCH /api/v2/users/auth0%7C1 $metadata", 'U7.7 in chunks');

my ($seen) = $mirror->requests;

is($seen->{headers}{'content-type'}, 'application/json',
   'U7.7 with its media type');

is(scalar(grep { $_->{method} eq 'PATCH' } $backend->requests), 1,
   'U7.7 the backend gets its call');
is(scalar $backend->requests, 2, 'U7.7 and the read behind it');

is(ask('PATCH', '/api/v2/users/auth0%7C1', '{"email":"a","email":"b"}'), '400',
   'U7.7 refused: not mirrored');
is(ask('PATCH', '/api/v2/users/auth0%7C1', '{"nope":1}'),
   "400\nPATCH /api/v2/users/auth0%7C1 {\"nope\":1}",
   'U7.7 allowed, and refused by what is stored: mirrored');
is(ask('PATCH', '/api/v2/users/..%2F', $metadata), '404',
   'U7.7 no user: not mirrored');
is(ask('POST', '/api/v2/jobs/verification-email', '{}'), '400',
   'U7.7 a call for nobody: not mirrored');

$_->forget for $backend, $mirror;

my $r = $t->http2_request('PATCH', '/api/v2/users/auth0%7C1',
                          'content-type' => 'application/json',
                          ':body' => $metadata, ':frames' => [3, 5]);

is($r->status, 200, 'U7.7 HTTP/2');
ok($mirror->wait_requests(1), 'U7.7 HTTP/2: mirrored');
is(join(' ', map { "$_->{method} $_->{body}" } $mirror->requests),
   "PATCH $metadata", 'U7.7 HTTP/2: the write');

# Two on one connection: the mirror's slow answer is waited for.

my $conn = $t->connect;

for my $n (1, 2) {
    $conn->send("PATCH /api/v2/users/auth0%7C1 HTTP/1.1\r\nHost: h\r\n"
                . "Content-Type: application/json\r\nContent-Length: "
                . length($metadata) . "\r\n\r\n$metadata");
    is($conn->response->status, 200, "U7.7 one connection, request $n");
}

done_testing;
