#!/usr/bin/perl

# Proves that a backend does not steer the gateway by X-Accel headers.  It fails
# when a request comes to an internal location because the answer says so, and
# when an answer is slowed down or kept because of them.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"auth0|1","plan":"x",'
         . '"identities":[{"access_token":"SECRET"}]}';
my $v2 = '{"user_id":"auth0|1","identities":[{}],"app_metadata":{"plan":"x"},'
         . '"user_metadata":{}}';

# What the file "accel" holds is the header of each answer to the first request.

my $backend = $t->backend(sub {
    my ($conn) = @_;

    while (my $req = $conn->read_request) {
        my $accel = -e $t->dir . '/accel' ? $t->read_file('accel') : '';
        my @headers = split /: |\n/, $accel;

        unlink $t->dir . '/accel';

        my $body = $req->{uri} =~ m{^/api/users\?} ? "[$v1]"
                   : $v1;

        $conn->answer($req, { body => $body, headers => \@headers });
    }
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    proxy_cache_path %%DIR%%/cache keys_zone=all:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;

        location = /here {
            internal;
            return 200 REDIRECTED;
        }

        location @here {
            return 200 REDIRECTED;
        }
    }

    # The same with a cache.

    server {
        listen 127.0.0.1:%%PORT_1%%;
        proxy_cache all;
        include profile/gateway.conf;
    }
END

$t->start;

my $id = 'auth0%7C1';
my @json = ('Content-Type' => 'application/json', ':body');

for my $uri ("/.profile/bag", "/.profile/metadata", "/.profile/email",
             "/.profile/password", "/.profile/read", "/.profile/delete",
             "/.profile/create", "/api/users/$id", '/here', '@here')
{
    for (
        [ 'GET', "/api/v2/users/$id", 200, $v2, 'GET' ],
        [ 'HEAD', "/api/v2/users/$id", 200, '', 'GET' ],
        [ 'GET', '/api/v2/users', 200, "[$v2]", 'GET' ],
        [ 'GET', '/api/v2/users-by-email?email=a@b.c', 200, '[]', 'GET' ],
        [ 'DELETE', "/api/v2/users/$id", 204, '', 'DELETE' ],
        [ 'POST', '/api/v2/users', 201, $v2, 'POST', '{"email":"a@b.c"}' ],
        [ 'PATCH', "/api/v2/users/$id", 200, $v2, 'PATCH GET',
          '{"user_metadata":{"a":1}}' ],
        [ 'GET', "/api/users/$id", 200, $v1, 'GET' ],
        [ 'PATCH', "/api/users/$id/metadata", 200, $v1, 'PATCH', '{"a":1}' ],
    ) {
        my ($method, $path, $status, $body, $methods, $write) = @$_;
        my $name = "$method $path, X-Accel-Redirect: $uri";

        $t->write_file('accel', "X-Accel-Redirect: $uri");
        $backend->forget;

        my $r = $t->request($method, $path, $write ? (@json, $write) : ());

        is($r->status, $status, "U2.4 status: $name");
        is($r->body, $body, "U2.4 body: $name");
        is($r->header('X-Accel-Redirect'), undef, "U2.4 hidden: $name");

        my $made = join ' ', map { $_->{method} } $backend->requests;

        $made =~ s/HEAD/GET/;
        is($made, $methods, "U2.4 calls: $name");
    }
}

# The brothers.

for my $file ('proxy.conf', 'gateway.conf') {
    my ($ignored) = $t->read_file("profile/$file")
                    =~ /proxy_ignore_headers\s+([^;]+);/;

    is_deeply([ sort split ' ', $ignored // '' ],
              [ map { "X-Accel-$_" }
                qw(Buffering Charset Expires Limit-Rate Redirect) ],
              "U2.4 all of them are ignored: $file");
}

for my $uri ("/api/v2/users/$id", "/api/users/$id") {
    $t->write_file('accel', 'X-Accel-Limit-Rate: 1');
    ok($t->get($uri)->complete, "U2.4 X-Accel-Limit-Rate: $uri");

    $t->write_file('accel', 'X-Accel-Expires: 60');
    $backend->forget;
    $t->get($uri, ':port' => $t->port(1));
    $t->get($uri, ':port' => $t->port(1));
    is(scalar(my @all = $backend->requests), 2, "U2.4 X-Accel-Expires: $uri");
}

done_testing;
