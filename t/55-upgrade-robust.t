#!/usr/bin/perl

# Proves that a plan that has begun is carried out, each of its calls once
# (U7): when the client leaves, when a backend dies, when nginx is reloaded,
# with a cache, with logged subrequests, with answers that are larger than
# memory, with a body in a file.  It fails when a write is lost or sent twice,
# when the worker grows with an answer that nobody reads, or when the client
# gets a user that is not the one now stored.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

# Users of a database: who else has no e-mail to change.

my $db = 'auth0%7C';

my $user = '{"user_id":"auth0|1"}';
my $v2 = '{"user_id":"auth0|1","app_metadata":{},"user_metadata":{}}';
my $megabyte = '"' . 'x' x (1024 * 1024 - 4) . '",';


# The first backend: users at whose gate a call waits, users whose writes are
# answered at length.

sub gate {
    my ($name) = @_;

    return sub {
        my ($conn, $request) = @_;

        $conn->wait_gate($name) if $request->{method} ne 'GET';

        return { body => $user };
    };
}

sub large {
    my ($status) = @_;

    return sub {
        my ($conn, $request) = @_;

        return { body => $user } if $request->{method} eq 'GET';

        return { status => $status, framing => 'chunked',
                 body => [ '{"message":"large","x":[', ($megabyte) x 40, '1]}'
                         ] };
    };
}

my $backend = $t->backend({
    map({ ("/api/users/$db$_/email" => gate($_),
           "/api/users/$db$_/metadata" => gate("$_-metadata"),
           "/api/users/$db$_" => gate($_) ) }
        map({ ("fin-$_", "rst-$_") } 1, 2), 'h2-stream', 'h2-close',
            'fails', 'delete', 'reload'),
    "/api/users/${db}fails/metadata" => { status => 409, body => '{}' },
    '/fails' => { status => 409, body => '{"error":"x"}' },
    '/redirect' => { headers => [ 'X-Accel-Redirect' => '/elsewhere' ] },
    '/api/users/create' => { body => $user },
    '/api/users/' => sub {
        my ($conn, $request) = @_;

        $conn->wait_gate('create') if $request->{body} =~ /waits/;

        return { body => $user };
    },
    '/api/users/large/metadata' => large(200),
    '/api/users/large-error/metadata' => large(400),
    '*' => { body => $user },
});


# Two backends, the first of which dies in some way, the name of the user.

my %ways = (
    closes => sub { $_[0]->close; undef },
    resets => sub { $_[0]->abort; undef },
    half   => sub { $_[0]->send("HTTP/1.1 200 OK\r\nContent-T");
                    $_[0]->close; undef },
    body   => sub { return { body => $user, cut => 5 } },
    slow   => sub { $_[0]->wait_close; $_[0]->close; undef },
    map({ my $status = $_;
          ("s$_" => sub { return { status => $status, body => '{}' } }) }
        403, 404, 429, 500, 502, 503, 504),
);

my $dying = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;
    my ($way) = "$request->{uri} $request->{body}"
                =~ /(closes|resets|half|body|slow|s\d{3})/;

    return $ways{$way}->($conn);
} });

my $healthy = $t->backend({ '*' => { body => $user } });

my $v1_port = $t->legacy('--users', 12);

# gateway.conf knows one upstream: a copy of it for each of the others.

for my $name ('pair', 'legacy', 'lasting') {
    $t->write_file("$name.conf", $t->read_file($t->top
                                     . '/conf/profile/gateway.conf')
                                 =~ s{http://profile_backend}{http://$name}gr);
}

$t->conf(<<'END' =~ s/%LEGACY%/127.0.0.1:$v1_port/r);
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    log_format upgrade '$http_x_id $request_method $uri $status '
                       '$profile_action $profile_reason $profile_calls '
                       '"$profile_applied"';

    upstream profile_backend {
        server %%BACKEND%%;
    }

    upstream pair {
        server %%BACKEND_1%% max_fails=0;
        server %%BACKEND_2%% max_fails=0;
        keepalive 4;
    }

    upstream legacy {
        server %LEGACY%;
    }

    upstream lasting {
        server %%BACKEND%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log upgrade;

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        proxy_read_timeout 1s;
        proxy_next_upstream error timeout invalid_header http_500 http_502
                            http_503 http_504 http_403 http_404 http_429
                            non_idempotent;
        include pair.conf;
    }

    # All sorts of neighbors

    server {
        listen 127.0.0.1:%%PORT_3%%;
        access_log %%DIR%%/subrequests.log upgrade;
        log_subrequest on;

        proxy_cache cache;
        proxy_cache_valid any 1h;
        proxy_cache_methods GET HEAD POST;
        proxy_cache_key $uri;
        proxy_ignore_headers Cache-Control Expires Vary;
        proxy_buffering on;
        gzip on;
        gzip_types application/json;
        gzip_min_length 0;
        gzip_proxied any;
        ssi on;
        ssi_types *;
        sub_filter auth0 auth0;
        sub_filter_types *;
        auth_request /allowed;

        location = /allowed {
            auth_request off;
            return 204;
        }

        include legacy.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_4%%;

        proxy_buffering off;
        proxy_request_buffering off;
        client_body_in_file_only clean;
        include lasting.conf;
    }

    # Calls that lead elsewhere

    server {
        listen 127.0.0.1:%%PORT_5%%;

        location /api/v2/users/ {
            include profile/proxy.conf;

            profile_user_id /api/v2/users/*;
            profile_rewrite auth0 api=v2;
            profile_guard auth0 mode=v2;
            profile_call email /.profile/email;
            profile_call password /.profile/password;
            profile_call metadata /.profile/metadata;
            profile_call attributes /.profile/missing;
            profile_call read /.profile/read;
        }

        location = /.profile/email {
            internal;
            return 201;
        }

        # An error is not made a success by a page.

        location = /.profile/password {
            internal;
            proxy_intercept_errors on;
            error_page 409 =200 /elsewhere;
            proxy_pass http://profile_backend/fails;
        }

        location = /.profile/metadata {
            internal;
            proxy_set_body $profile_call_body;
            proxy_pass http://profile_backend/redirect;
        }

        location = /elsewhere {
            internal;
            return 204;
        }

        location = /.profile/missing {
            internal;
            return 503;
        }

        location = /.profile/read {
            internal;
            include profile/proxy.conf;
            deny all;
            proxy_pass http://profile_backend/api/users/create;
            profile_guard off;
            profile_rewrite auth0 api=v2;
        }
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');
my ($r, $c);

sub bytes {
    my ($method, $uri, $body, $id) = @_;

    return ProfileTest::Client::request_text($method, $uri, { body => $body },
                                             @json, 'X-Id' => $id);
}

sub calls {
    return join ' ', map { my $uri = $_->{uri} =~ s{/api/users/?(?:$db)?}{/}r;
                           "$_->{method} $uri" } $backend->requests;
}

sub logged {
    my ($id) = @_;
    my $line;

    $t->wait(sub { ($line) = $t->read_file('access.log') =~ /^$id (.*)$/m });

    return $line // 'nothing';
}

sub wait_call {
    my ($re) = @_;

    return $t->wait(sub { calls() =~ $re });
}


# U7.5: the client leaves in the middle, HTTP/1.1

my $plan = '{"email":"x@y.z","app_metadata":{"a":1}}';

for my $how (qw(fin rst)) {
    for my $n (1, 2) {
        my $id = "$how-$n";

        $backend->forget;
        $c = $t->connect;
        $c->send(bytes('PATCH', "/api/v2/users/$db$id", $plan, $id));

        ok(wait_call(qr{PUT /$id/email}), "U7.5 $id: a plan has begun");

        # During the first call, or during the last.

        if ($n == 2) {
            $backend->open_gate($id);
            ok(wait_call(qr{PATCH}), "U7.5 $id: the second call");
        }

        $how eq 'fin' ? $c->close : $c->abort;

        $backend->open_gate($_) for $id, "$id-metadata";

        is(logged($id), "PATCH /api/v2/users/auth0|$id 499 upgraded - 2 \"-\"",
           "U7.5 $id: the log");
        is(calls(), "PUT /$id/email PATCH /$id/metadata",
           "U7.5 $id: carried out, and not read");
    }
}


# U7.5: HTTP/2, the stream or the connection

for my $id ('h2-stream', 'h2-close') {
    $backend->forget;

    my $h2 = $t->http2;
    my $stream = $h2->request('PATCH', "/api/v2/users/$db$id", ':body' => $plan,
                              'content-type' => 'application/json',
                              'x-id' => $id);

    ok(wait_call(qr{PUT /$id/email}), "U7.5 $id: a plan has begun");

    if ($id eq 'h2-stream') {
        $h2->rst($stream, 8);

        # Answered once nginx has seen what came before.

        my $other = $h2->request('GET', '/api/v2/users/create');
        is($h2->response($other)->status, 200, "U7.5 $id: another stream");

    } else {
        $h2->close;
        ok($t->wait_log(qr/client prematurely closed|recv\(\) failed/),
           "U7.5 $id: seen");
    }

    $backend->open_gate($_) for $id, "$id-metadata";

    like(logged($id), qr{^PATCH \S+ 499 upgraded - 2 "-"}, "U7.5 $id: the log");
    like(calls(), qr{PUT /$id/email.* PATCH /$id/metadata\z},
         "U7.5 $id: carried out, and not read");
}


# U7.5, U4.2: a failure ends the plan even then

$backend->forget;

my $h2 = $t->http2;
my $stream = $h2->request('PATCH', "/api/v2/users/${db}fails", ':body' => $plan,
                          'content-type' => 'application/json',
                          'x-id' => 'fails');

ok(wait_call(qr{PUT /fails/email}), 'U7.5 to fail: begun');
$h2->rst($stream, 8);
$h2->response($h2->request('GET', '/api/v2/users/create'));
$backend->open_gate('fails');

like(logged('fails'), qr/^PATCH \S+ 499 failed client 2 "email"/,
     'U7.5 to fail: the log');


# U7.5: a create and a delete are carried out

for (
    [ 'POST', '/api/v2/users', '{"email":"waits"}', 'create', 'POST /', 201 ],
    [ 'DELETE', "/api/v2/users/${db}delete", undef, 'delete', 'DELETE /delete',
      204 ],
) {
    my ($method, $uri, $body, $id, $call, $status) = @$_;

    $backend->forget;
    $c = $t->connect;
    $c->send(bytes($method, $uri, $body, $id));

    ok(wait_call(qr{^$call}), "U7.5 $method has begun");
    $c->close;
    $backend->open_gate($id);

    like(logged($id), qr/^$method \S+ $status /, "U7.5 $method: the log");
    is(calls(), $call, "U7.5 $method: one call");
}


# U7.3: one of two backends dies, and no write is sent twice

sub both { return ($dying->requests, $healthy->requests) }

for my $way (sort keys %ways) {
    my $rounds = $way eq 'slow' ? 1 : 2;
    my %status;

    $dying->forget;
    $healthy->forget;

    # Several at once, since one that times out takes a second.

    my @clients;

    for my $n (1 .. 2 * $rounds) {
        for (
            [ 'PATCH', "/api/v2/users/$way-p$n",
              qq({"app_metadata":{"$way-p$n":1}}) ],
            [ 'PATCH', "/api/v2/users/$db$way-e$n", qq({"email":"$way-e$n"}) ],
            [ 'POST', '/api/v2/users', qq({"email":"$way-c$n"}) ],
            [ 'DELETE', "/api/v2/users/$way-d$n" ],
        ) {
            my ($method, $uri, $body) = @$_;

            push @clients, [ $t->connect(port => $t->port(2)), $method ];
            $clients[-1][0]->send(bytes($method, $uri, $body, 'x'));
        }
    }

    for (@clients) {
        my ($client, $method) = @$_;

        $status{$method}{ $client->response->status }++;
    }

    my %sent;

    for my $request (both()) {
        next if $request->{method} eq 'GET';
        my ($key) = "$request->{body} $request->{uri}" =~ /($way-\w\d)/;
        $sent{$key}++;
    }

    is(scalar keys %sent, 8 * $rounds, "U7.3 $way: all were sent");
    is(join(' ', grep { $sent{$_} != 1 } sort keys %sent), '',
       "U7.3 $way: none was sent twice");

    cmp_ok(scalar(grep { $_->{method} ne 'GET' } $dying->requests), '>', 0,
           "U7.3 $way: some to the backend that dies");
}


# U7.3: who does not even listen has got nothing

$healthy->forget;

my $conf = $t->read_file('nginx.conf');
my ($dying_addr, $dead) = ($dying->addr, '127.0.0.1:' . $t->port(9));

$conf =~ s/server \Q$dying_addr\E/server $dead/;
$t->write_file('nginx.conf', $conf);

my @old = $t->workers;

ok($t->reload && $t->wait_gone(@old), 'U7.3 a backend that does not listen');

for my $n (1 .. 4) {
    $r = $t->request('PATCH', '/api/v2/users/x', @json, ':port' => $t->port(2),
                     ':body' => qq({"app_metadata":{"n$n":1}}));

    is($r->status, 200, "U7.3 the other one is asked, $n");
}

is(scalar(grep { $_->{method} eq 'PATCH' } $healthy->requests), 4,
   'U7.3 once each');


# A server with a cache, and other modules

my $port = $t->port(3);
my $id = 'auth0%7C52e1b0a1c3d4e5f607182930';

sub v2 {
    my ($method, $uri, $body, %headers) = @_;

    return $t->request($method, $uri, ':port' => $port, @json,
                       ':body' => $body, 'X-Id' => 'log', %headers);
}

sub hobby { return decode_json($_[0]->text)->{user_metadata}{hobby} }

for my $n (1 .. 3) {
    $r = v2('PATCH', "/api/v2/users/$id",
            qq({"email":"c$n\@example.com","user_metadata":{"hobby":$n}}));

    is($r->status, 200, "U7.2 with a cache: status $n");
    is(hobby($r), $n, "U7.2 with a cache: as now stored, $n");
    is(hobby(v2('GET', "/api/v2/users/$id")), 1,
       "U7.2 what the cache has, $n");
}

for my $n (1, 2) {
    $r = v2('PATCH', "/api/v2/users/$id", '{"user_metadata":{"b":1}}');
    is(decode_json($r->text)->{user_metadata}{b}, 1, "U7.2 to be cleared, $n");

    $r = v2('PATCH', "/api/v2/users/$id", '{"user_metadata":{}}');
    is_deeply(decode_json($r->text)->{user_metadata}, {},
              "U7.2 the bag is not that of the cache, $n");

    $r = v2('POST', '/api/v2/users', '{"connection":'
            . '"Username-Password-Authentication","password":"secret-1",'
            . qq("email":"new$n\@example.com"}));

    is($r->status, 201, "U7.2 create, $n");
    is(decode_json($r->text)->{email}, "new$n\@example.com",
       "U7.2 create: not that of the cache, $n");

    my $created = decode_json($r->text)->{user_id} =~ s/\|/%7C/r;

    is(v2('DELETE', "/api/v2/users/$created")->status, 204, "U7.2 delete, $n");
    is(v2('GET', "/api/v2/users/$created")->status, 404,
       "U7.2 delete: not that of the cache, $n");
}

is(v2('PATCH', "/api/v2/users/$id", '{}', 'Accept-Encoding' => 'gzip')
   ->header('Content-Encoding'), 'gzip', 'H2.4 the answer to a write, packed');

my @lines = grep { m{/\.profile/} }
            split /\n/, $t->read_file('subrequests.log');

like($lines[0], qr{^log PATCH /\.profile/email 200 },
     'U7.2 logged subrequests');
cmp_ok(scalar(grep { m{/\.profile/metadata 200} } @lines), '>', 3,
       'U7.2 all of them');


# A body in a file, nothing buffered, connections that last

$port = $t->port(4);
$backend->forget;

my $connections = $backend->connections;
my $long = 'x' x 100_000;

for my $n (1 .. 3) {
    $r = v2('PATCH', '/api/v2/users/x', qq({"app_metadata":{"a":"$long$n"}}),
            $n == 2 ? (':chunks' => [ 1, 7000 ]) : (),
            $n == 3 ? (':version' => '1.0') : ());

    is($r->body, $v2, "U7.2 a body in a file, $n");
}

is(join("\n", map { "$_->{method} $_->{body}" } $backend->requests),
   join("\n", map { (qq(PATCH {"a":"$long$_"}), 'GET ') } 1 .. 3),
   'U7.2 a body in a file: the calls');
is($backend->connections - $connections, 1, 'U7.4 one connection for all');

$h2 = $t->http2;

my @streams = map { $h2->request('PATCH', "/api/v2/users/${db}s$_", ':body' =>
                                 qq({"email":"e$_","app_metadata":{"a":$_}}),
                                 'content-type' => 'application/json') }
              1 .. 10;

is(join(' ', map { $h2->response($_)->body eq $v2 } @streams),
   join(' ', (1) x 10), 'U7.2 ten plans on a connection');


# U7.4: answers that are larger than memory

for my $where (0, 4) {
    $port = $t->port($where);

    $r = v2('PATCH', '/api/v2/users/large', '{"app_metadata":{"a":1}}');
    is($r->body, $v2, "U7.4 warmed up, server $where");

    my $rss = $t->rss;

    for my $n (1 .. 2) {
        $r = v2('PATCH', '/api/v2/users/large', '{"app_metadata":{"a":1}}');
        is($r->body, $v2, "U7.4 a large answer, server $where");
    }

    $r = v2('PATCH', '/api/v2/users/large-error', '{"app_metadata":{"a":1}}');

    is($r->status, 400, "U7.4 a large error, server $where");
    is(decode_json($r->body)->{message}, 'large',
       "U7.4 its message, server $where");
    cmp_ok($t->peak_rss - $rss, '<', 3 * 1024 * 1024,
           "U7.4 the worker does not grow, server $where")
        if !$t->checker;
}

unlike($t->log, qr/upstream response is buffered/, 'U7.4 nothing on disk');


# U7.4: calls that lead elsewhere

$port = $t->port(5);

for (
    [ '{}', 403, 'Forbidden' ],
    [ '{"email":"a"}', 403, 'Forbidden. Applied before the failure: email.' ],
    [ '{"email":"a","password":"b"}', 409,
      'Conflict. Applied before the failure: email.' ],
    [ '{"email":"a","app_metadata":{"a":1}}', 403,
      'Forbidden. Applied before the failure: email, metadata.' ],
    [ '{"app_metadata":{"a":"redirect"}}', 403,
      'Forbidden. Applied before the failure: metadata.' ],
    [ '{"email":"a","blocked":true}', 502,
      'Bad Gateway. Applied before the failure: email.' ],
) {
    my ($body, $status, $message) = @$_;

    $r = v2('PATCH', '/api/v2/users/auth0%7C1', $body);

    is($r->status, $status, "U7.4 status: $body");
    is(decode_json($r->body)->{message}, $message, "U7.4 message: $body");
}


# A reload while a plan is under way

$backend->forget;
$c = $t->connect;
$c->send(bytes('PATCH', "/api/v2/users/${db}reload", $plan, 'reload'));

ok(wait_call(qr{PUT /reload/email}), 'U7.5 reload: a plan has begun');
@old = $t->workers;
ok($t->reload, 'U7.5 reload: new workers');

$backend->open_gate($_) for 'reload', 'reload-metadata';
$r = $c->response;

is($r->body, $v2, 'U7.5 reload: the answer');
is(calls(), 'PUT /reload/email PATCH /reload/metadata GET /reload',
   'U7.5 reload: carried out');
$c->close;
ok($t->wait_gone(@old), 'U7.5 reload: the old worker is gone');

done_testing;
