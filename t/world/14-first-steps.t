#!/usr/bin/perl

# Proves that the first configuration that a newcomer copies from the README
# writes nothing, and that no configuration that is shipped makes v1's "delete
# all users" of a v2 call.  It fails when a method other than GET and HEAD, or a
# GET that claims to be another, reaches the backend, and when v1's Link leaves.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"auth0|1","plan":"x"}';

my $backend = $t->backend({ '*' => {
    body => $v1, headers => [ Link => '</api/users?page=1>; rel="next"' ],
} });

my ($first) = $t->read_file($t->top . '/README.md')
    =~ /^## Quick configuration\n.*?^```nginx http\n(.*?)^```$/ms;

is($first =~ s/server 127\.0\.0\.1:8081;/server %%BACKEND%%;/, 1,
   'the configuration has its backend');
is($first =~ s/listen 8080;/listen 127.0.0.1:%%PORT%%;/, 1, 'and its port');

$t->conf($first . <<'END');
    server {
        listen 127.0.0.1:%%PORT_1%%;
        include profile/gateway.conf;
    }
END

$t->start;

sub ask {
    my ($method, $uri, @more) = @_;

    $backend->forget;
    return $t->request($method, $uri, @more);
}

sub methods { return join ' ', map { $_->{method} } $backend->requests }

my @paths = ('/v2/users', '/v2/users/', '/v2/users/auth0%7C1', '/v2/users//',
             '/v2/users/.', '/v2/users/%2F', '/v2/users?a=b', '/v2/./users/',
             '/v2/users/x/..', '/v2/users/x%2F..');

for my $path (@paths) {
    for my $method (qw(DELETE POST PUT PATCH OPTIONS MKCOL PURGE)) {
        my $r = ask($method, $path, $method =~ /^P|POST/
                    ? ('Content-Type' => 'application/json', ':body' => '{}')
                    : ());

        cmp_ok($r->status, '>=', 400, "first: $method $path");
        is(methods(), '', "first: nothing is sent: $method $path");
    }
}

for my $name ('X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override') {
    is(ask('GET', '/v2/users/', $name => 'DELETE')->status, 400,
       "first: GET with $name");
    is(methods(), '', "first: nothing is sent: GET with $name");
}

for my $query ('_method=DELETE', 'a=b&_METHOD=DELETE', 'method_override=PUT',
               'X-HTTP-Method-Override=DELETE')
{
    for my $method ('GET', 'HEAD') {
        is(ask($method, "/v2/users/?$query")->status, 400,
           "first: $method ?$query");
        is(methods(), '', "first: nothing is sent: $method ?$query");
    }
}

for my $method ('GET', 'HEAD') {
    my $r = ask($method, '/v2/users/auth0%7C1');

    is($r->status, 200, "first: $method");
    is($r->header('Link'), undef, "first: no Link: $method");
    is(methods(), $method, "first: is sent: $method");
}

is(ask('GET', '/v2/users/auth0%7C1')->body,
   '{"user_id":"auth0|1","app_metadata":{"plan":"x"},"user_metadata":{}}',
   'first: v2');
is(ask('GET', '/api/users/auth0%7C1')->body, $v1, 'first: v1');


# U2.1: nor does the gateway.

for my $path (@paths, '/v2/users/%20', '/v2/users/%00', '/v2/users/%C2%A0',
              '/v2/Users/', '/V2/users/', '//v2/users/')
{
    next if $path =~ /auth0/;

    my $r = ask('DELETE', "/api$path", ':port' => $t->port(1));

    cmp_ok($r->status, '>=', 400, "U2.1 DELETE /api$path");
    is(methods(), '', "U2.1 nothing is sent: DELETE /api$path");
}


# No other example has a location for v2 that hands paths on as they come.

for my $page (map { $t->top . "/$_" } 'README.md', 'docs/directives.md',
              'docs/http.md', 'docs/mapping.md', 'docs/metrics.md',
              'docs/upgrade.md')
{
    my $text = $t->read_file($page);
    my @open;

    while ($text =~ /^(\ *)location\ [^\n]*\{\n(.*?)^\1\}/msxg) {
        my $inside = $2;

        push @open, $inside
            if $inside =~ m{proxy_pass http://[^/;]+/[^;\$?]*;}
               && $inside !~ /limit_except GET|internal;|call\.conf/;
    }

    is_deeply(\@open, [], "no open path: $page");
}

done_testing;
