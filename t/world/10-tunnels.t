#!/usr/bin/perl

# Proves that no status of an upstream turns nginx into a pipe for bytes that
# nobody reads: a 101 makes a tunnel of the connection, and what follows another
# 1xx is a body to older versions of nginx.  It fails when a byte of v1 leaves
# where a response is rewritten or a write is guarded, when the answer is no
# JSON of our own, and when a location without either loses its WebSockets.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

my $v1 = '{"user_id":"auth0|1","identities":[{"access_token":"SECRET"}]}';
my $final = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . length($v1) . "\r\n\r\n$v1";

# /NNN/...: a head with that status; what follows is v1.

my $backend = $t->backend(sub {
    my ($conn) = @_;

    while (my $req = $conn->read_request) {
        my ($status) = $req->{uri} =~ m{/(\d\d\d)\b};

        if ($req->{uri} =~ /nothing/) {
            $conn->send($v1);
            return;
        }

        if (!$status) {
            $conn->answer($req, { body => $v1 });
            next;
        }

        $conn->send("HTTP/1.1 $status Odd\r\nUpgrade: echo\r\n"
                    . "Connection: upgrade\r\nX-Secret: SECRET\r\n"
                    . "Content-Type: application/json\r\n\r\n"
                    . ($status == 101 ? $v1 : $final));
        $conn->wait_close;
        return;
    }
});

$t->conf(<<'END');
    include profile/auth0.conf;

    map $http_x_v2 $v2 {
        default $http_x_v2;
    }

    log_format what '$status $profile_action $profile_reason $profile_calls';

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log what;

        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_set_header Accept-Encoding gzip;
        error_page 502 /stock;

        location = /stock {
            return 200 'stock';
        }

        location /rewrite/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }

        location /api/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 api=v2;
        }

        location /if/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 if=$v2;
        }

        location /guard/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v1;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%;
            proxy_buffering off;
            profile_rewrite auth0;
        }

        location /intercepted/ {
            proxy_pass http://%%BACKEND%%;
            proxy_intercept_errors on;
            profile_rewrite auth0;
        }

        location /half/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
            profile_guard auth0 mode=v1;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
        }

        location /dry/guard/ {
            proxy_pass http://%%BACKEND%%;
            profile_guard auth0 mode=v1;
            profile_guard_dry_run on;
        }

        location /off/ {
            proxy_pass http://%%BACKEND%%;
        }

        location /called/ {
            profile_user_id /called/*;
            profile_rewrite auth0 api=v2;
            profile_guard auth0 mode=v2;
            profile_call metadata /calls/101;
            profile_call read /calls/read;
        }

        location /calls/ {
            internal;
            proxy_pass http://%%BACKEND%%;
            proxy_set_body $profile_call_body;
        }

        location /ssi/ {
            ssi on;
            ssi_types *;
            default_type application/json;
            return 200 '[<!--#include virtual="/rewrite/101" -->]';
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log what;
        include profile/gateway.conf;
    }
END

$t->start;

sub raw {
    my ($method, $uri, %opt) = @_;

    my $c = $t->connect(%opt);

    $c->send("$method $uri HTTP/1.1\r\nHost: a\r\n"
             . ($opt{plain} ? '' : "Connection: upgrade\r\nUpgrade: echo\r\n")
             . ($opt{head} // '') . "\r\n" . ($opt{body} // ''));

    return ($c, $c->response(method => $method));
}


# H1.4: an error, whatever the status and what the client asked for.

for my $uri (qw(/rewrite /api /if /guard /unbuffered /intercepted /half)) {
    for my $status (100 .. 103, 199) {

        # what newer versions of nginx wait for to be over, or refuse

        next if $status != 101 && ProfileTest::version_number() >= 1027000;

        for my $plain (0, 1) {
            my $name = "H1.4 $status, $uri, "
                       . ($plain ? 'not asked for' : 'asked for');

            my ($c, $r) = raw('GET', "$uri/$status", plain => $plain);

            is($r->status, 502, $name);
            is($r->header('Upgrade'), undef, "$name: no Upgrade");
            unlike($r->raw_head . ($r->body // '') . $c->rest, qr/SECRET/,
                   "$name: no token");
            like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
                 "$name: our own answer");
        }
    }
}

# HTTP/0.9 has no status, and no header that would be held.

for my $uri (qw(/rewrite /api /if /guard /unbuffered /half)) {
    my ($c, $r) = raw('GET', "$uri/nothing");

    is($r->status, 502, "H1.4 no status, $uri");
    unlike(($r->body // '') . $c->rest, qr/SECRET/, "H1.4 no status, $uri");
}

my ($c, $r) = raw('POST', '/guard/101', body => '{"a":1}', head =>
                  "Content-Type: application/json\r\nContent-Length: 7\r\n");

is($r->status, 502, 'H1.4 a write that is guarded');

($c, $r) = raw('HEAD', '/rewrite/101');

is($r->status, 502, 'H1.4 HEAD');

$r = $t->http2_request('GET', '/rewrite/101');

is($r->status, 502, 'H1.4 over HTTP/2');
unlike($r->body, qr/SECRET/, 'H1.4 over HTTP/2: no token');

# The connection goes on, as one of HTTP.

($c, $r) = raw('GET', '/rewrite/101');
$c->send("GET /rewrite/1 HTTP/1.1\r\nHost: a\r\n\r\n");
$r = $c->response;

is($r->status, 200, 'H1.4 the next request on the connection');
unlike($r->body, qr/SECRET/, 'H1.4 is rewritten');


# In a page of parts, as a call, and through the gateway.

$r = $t->get('/ssi/');

unlike($r->body, qr/SECRET/, 'H1.4 a subrequest');

$r = $t->request('PATCH', '/called/auth0%7C1',
                 'Content-Type' => 'application/json',
                 ':body' => '{"user_metadata":{"a":1}}');

is($r->status, 502, 'H1.4 a call');
unlike($r->body, qr/SECRET/, 'H1.4 a call: no token');
is(scalar(grep { $_->{uri} eq '/calls/read' } $backend->requests), 0,
   'H1.4 a call: the plan ends');

for my $uri ('/101', '/api/users/101', '/api/v2/users/101') {
    ($c, $r) = raw('GET', $uri, port => $t->port(2));

    is($r->status, 502, "H1.4 through the gateway: $uri");
    unlike($r->body . $c->rest, qr/SECRET/,
           "H1.4 through the gateway: no token: $uri");
}


# What is not looked at, or only looked at, is a tunnel as it was.

for my $uri ('/off/101', '/dry/101', '/dry/guard/101') {
    my $c = $t->connect;

    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
             . "Upgrade: echo\r\n\r\n");

    is($c->head->status, 101, "H1.4 left alone: $uri");

    1 while length($c->rest) < length $v1 && $c->fill;

    is($c->rest, $v1, "H1.4 the bytes of the other protocol: $uri");
    $c->close;
}

$t->wait(sub { $t->read_file('access.log') =~ /^101 would_fail tunnel/m });

my $log = $t->read_file('access.log');

like($log, qr/^502 failed tunnel/m, 'H1.4 the action and the reason');
like($log, qr/^101 would_fail tunnel/m, 'H1.4 a dry run says so');
like($t->log, qr/profile filter: tunnel: /, 'H1.4 the log');

done_testing;
