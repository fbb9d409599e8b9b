#!/usr/bin/perl

# Proves that a header whose name a backend reads as another one is refused
# where writes are guarded: nginx has neither obeyed it nor kept it back.  It
# fails when one reaches the backend, by any spelling, whatever "if=" says, and
# when the name with dashes is refused.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => '{"user_id":"auth0|1"}' });

$t->conf(<<'END');
    include profile/auth0.conf;

    log_format what '$profile_action $profile_reason';
    underscores_in_headers on;
    ignore_invalid_headers off;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log what;
        include profile/gateway.conf;

        location /never/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v1 if=0;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v1;
            profile_guard_dry_run on;
        }

        location /off/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard off;
        }
    }
END

$t->start;

sub ask {
    my ($method, $uri, $line, $body) = @_;

    $backend->forget;
    $line .= "\r\nContent-Type: application/json\r\nContent-Length: "
             . length $body if defined $body;

    return $t->http("$method $uri HTTP/1.1\r\nHost: a\r\nConnection: close"
                    . "\r\n$line\r\n\r\n" . ($body // ''));
}

my %dashed = (
    'Content-Length' => 7, 'Transfer-Encoding' => 'chunked',
    'Content-Range' => 'bytes 0-1/2',
    'X-Original-URL' => '/api/users/facebook%7C1/metadata',
    'X-Rewrite-URL' => '/api/users/facebook%7C1/metadata',
);

my @names;

for my $name (sort keys %dashed) {
    push @names, map { [ $_, $dashed{$name} ] }
        $name =~ tr/-/_/r, lc $name =~ tr/-/_/r, uc $name =~ tr/-/_/r,
        $name =~ tr/-/./r, $name =~ tr/-/~/r, $name =~ s/-/_/r,
        $name =~ s/-(?=[^-]*\z)/_/r;
}

for my $row (@names) {
    my ($name, $value) = @$row;

    next if exists $dashed{$name};

    for (
        [ 'PATCH', '/api/users/auth0%7C1/metadata', '{"a":1}' ],
        [ 'POST', '/oauth/token', '{"picture":"x"}' ],
        [ 'GET', '/api/users' ],
        [ 'GET', '/api/v2/users' ],
        [ 'GET', '/api/v2/users/auth0%7C1' ],
        [ 'DELETE', '/api/v2/users/auth0%7C1' ],
        [ 'PATCH', '/api/v2/users/auth0%7C1', '{"user_metadata":{"a":1}}' ],
        [ 'POST', '/api/v2/users', '{"email":"a@b.c"}' ],
        [ 'PATCH', '/never/1', '{"a":1}' ],
    ) {
        my ($method, $uri, $body) = @$_;
        my $r = ask($method, $uri, "$name: $value", $body);

        is($r->status, 400, "H5.13 $method $uri, $name");
        is(scalar(my @all = $backend->requests), 0,
           "H5.13 nothing is sent: $method $uri, $name");
    }

    is(ask('PATCH', '/dry/1', "$name: $value", '{"a":1}')->status, 200,
       "H5.13 a dry run refuses nothing: $name");
    is(ask('PATCH', '/off/1', "$name: $value", '{"a":1}')->status, 200,
       "H5.13 nor does a location without a guard: $name");
}

# With dashes, and other names with underscores, all is as it was.

for my $line ("X-Original-URL: /x", "X-Rewrite-URL: /x", "X_Tenant: a",
              "Content_Language: en", "X_Original: 1")
{
    is(ask('PATCH', '/api/users/auth0%7C1/metadata', $line, '{"a":1}')->status,
       200, "H5.13 legal: $line");
}

for my $action ('blocked', 'would_block') {
    ok($t->wait(sub { $t->read_file('access.log') =~ /^$action header$/m }),
       "H5.13 the reason: $action");
}

done_testing;
