#!/usr/bin/perl

# Proves that users of real identity providers can be read and written: what
# stands before "@", behind "://" or between bars is theirs to choose, and an id
# is refused only where a backend that tidies up paths would be led to another
# one (U2.1).  It fails when such an id has no user, or reaches the backend as
# anything but one segment.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    return $request->{method} =~ /\A(?:GET|PATCH)\z/ ? '{"user_id":"a|1"}'
                                                     : 'OK';
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        merge_slashes off;

        include profile/gateway.conf;
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');

sub ask {
    my ($method, $uri, $body, @opt) = @_;

    $backend->forget;

    my $r = $t->request($method, $uri, @opt,
                        defined $body ? (@json, ':body' => $body) : ());

    return $r->status . join '', map { " $_->{method} $_->{uri}" }
                                 $backend->requests;
}


# What providers make ids of, and operators store.

for my $id (
    'samlp%7Cacme%7Chttps%3A%2F%2Fidp.example%2F1',
    'samlp%7Cacme%7Chttps%3A%2F%2Fidp.example%2F%2Fa%2F%2F%2Fb',
    'openid%7Chttp%3A%2F%2Fme.example%2F~jo%2F%2Fid',
    'ad%7Ccorp%5C%5Cserver%5Cjo',
    'oauth2%7Ca%2F%2Fb', 'a%2F%20%2Fb', 'a%2F%3Bx%2Fb', 'a%5C%2Fb',
    'a%2F%2F%2F%2F%2Fb', 'a%2F...%2F%2Fb', 'a%2F%2F..b',
) {
    my $path = "/api/users/$id";

    for my $port (0, 2) {
        my @port = (':port' => $t->port($port));

        is(ask('GET', "/api/v2/users/$id", undef, @port), "200 GET $path",
           "U2.1 read, server $port: $id");
        is(ask('PATCH', "/api/v2/users/$id", '{"app_metadata":{"a":1}}',
               @port), "200 PATCH $path/metadata GET $path",
           "U2.1 update, server $port: $id");
        is(ask('DELETE', "/api/v2/users/$id", undef, @port),
           "204 DELETE $path", "U2.1 delete, server $port: $id");
    }

    is(ask('PATCH', "$path/metadata", '{"a":1}'), "200 PATCH $path/metadata",
       "H5.8 a write of v1: $id");
}

is($t->http2_request('GET', '/api/v2/users/samlp%7Chttps%3A%2F%2Fx')->status,
   200, 'U2.1 over HTTP/2');


# What leads elsewhere, or nowhere.

for my $id (
    '%2F%2Fx', '%2Fx%2F%2Fy', 'x%2F%2F', 'x%2F%2Fy%2F', '%5C%5Cx', 'x%5C%5C',
    '%3Bx%2F%2Fy', 'x%2F%2F%3By', 'x%2F%2F%20', 'x%2F%2F%E2%80%8B',
    'x%2F%2F.', 'x%2F%2F..', 'x%2F.%2F%2Fy', 'x%2F%2F..%2Fy', 'x%2F%2F..%20',
    'x%2F%2F..%3Ba%2Fy', 'x%2F%2F%20..%2Fy', 'x%2F%2F%E2%80%8B..%2Fy',
    'x%2F%2F%C2%A0.%2Fy', 'x%2F%2F%E2%81%A0..%2Fy', '..%2F%2Fx',
    '%E2%80%8E..%2Fx', 'x%5C..%5C%5Cy', 'x//y', 'x%2F/y', 'x/%2Fy',
) {
    for my $method (qw(GET DELETE PATCH)) {
        is(ask($method, "/api/v2/users/$id",
               $method eq 'PATCH' ? '{"app_metadata":{"a":1}}' : undef),
           '404', "U2.1 $method of $id");
    }
}

done_testing;
