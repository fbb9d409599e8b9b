#!/usr/bin/perl

# Proves who is judged, by which guard and how often: the two modes, creates
# and updates, dry runs, conditions, inheritance, and what becomes of a verdict
# when nginx goes on in another location (H5.5, H5.6, H5.9, H5.10).  It fails
# when a body comes to the backend that the guard in its way has not seen, or
# has seen only in part.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new;

my $backend = $t->backend({ '*' => { body => '{}' } });
my $mirror = $t->backend({ '*' => { body => '{}' } });

my $accel = $t->backend({
    '*' => sub {
        my ($conn, $request) = @_;

        my ($to) = $request->{uri} =~ m{/to(/.*)};

        return { body => 'none', headers => [ 'X-Accel-Redirect' => $to ] };
    },
});

my $page = $t->backend({
    '*' => { type => 'text/html',
             body => '1<!--# include virtual="/v2/facebook%7C1" -->2' },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    add_header X-Action $profile_action always;
    add_header X-Reason $profile_reason always;

    server {
        listen 127.0.0.1:%%PORT%%;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v2 {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/wrapped/ {
            profile_guard auth0 mode=v1 wrapper=user;
            profile_user_id /v1/wrapped/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v1 {
            profile_guard auth0 mode=v1;
            proxy_pass http://%%BACKEND%%;
        }

        location /dry/ {
            profile_guard auth0 mode=v2;
            profile_guard_dry_run on;
            profile_user_id /dry/*;
            proxy_pass http://%%BACKEND%%;
        }

        location /dry/small/ {
            profile_guard auth0 mode=v2;
            profile_guard_dry_run on;
            profile_guard_max_body_size 1k;
            profile_user_id /dry/small/*;
            proxy_pass http://%%BACKEND%%;
        }

        location /if/ {
            profile_guard auth0 mode=v2 if=$http_x_judge;
            proxy_pass http://%%BACKEND%%;
        }

        # Where nginx goes on elsewhere.

        location /rewritten/ {
            rewrite ^/rewritten(/.*) $1 last;
        }

        location /rewritten/off {
            rewrite ^ /plain last;
            profile_guard auth0 mode=v2;
        }

        location /tried/ {
            profile_guard off;
            try_files /none /v2;
        }

        location /tried/on {
            profile_guard auth0 mode=v2;
            try_files /none /plain;
        }

        location /named/ {
            try_files /none @named;
        }

        location @named {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /accel/ {
            proxy_pass http://%%BACKEND_2%%;
        }

        location /error/ {
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @named;
        }

        location /error/v1 {
            profile_guard auth0 mode=v1;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = /v2;
        }

        location /return/ {
            error_page 403 = @named;
            return 403;
        }

        location /denied/ {
            deny all;
            error_page 403 /v2;
        }

        # What only the main request brings to the backend.

        location /mirrored/ {
            profile_guard auth0 mode=v2;
            mirror /.mirror;
            proxy_pass http://%%BACKEND%%;
        }

        location = /.mirror {
            internal;
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND_1%%/mirror;
        }

        location /asked/ {
            profile_guard auth0 mode=v2;
            auth_request /.auth;
            proxy_pass http://%%BACKEND%%;
        }

        location = /.auth {
            internal;
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND_1%%/auth;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }

        location /page/ {
            ssi on;
            proxy_pass http://%%BACKEND_3%%;
            proxy_set_header Accept-Encoding "";
        }

        # The ways of nginx to choose a configuration for a request.

        location /limited/ {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;

            limit_except GET {
                allow all;
            }
        }

        location /block/ {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;

            if ($request_method = POST) {
                set $anything 1;
            }
        }

        location /any/ {
            profile_guard auth0 mode=v2;
            satisfy any;
            allow all;
            auth_request /.none;
            proxy_pass http://%%BACKEND%%;
        }

        location = /.none {
            internal;
            return 403;
        }
    }

    # One guard for all that is below.

    server {
        listen 127.0.0.1:%%PORT_1%%;

        profile_guard auth0 mode=v2;

        location / {
            proxy_pass http://%%BACKEND%%;

            location /nested/ {
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /off/ {
            profile_guard off;
            proxy_pass http://%%BACKEND%%;

            location /off/below {
                proxy_pass http://%%BACKEND%%;
            }

            location /off/on {
                profile_guard auth0 mode=v2;
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /other/ {
            profile_guard auth0 mode=v1 if=$http_x_judge;
            proxy_pass http://%%BACKEND%%;

            location /other/mode {
                profile_guard auth0 mode=v2;
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /again/ {
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            profile_user_id /again/*;
            error_page 502 = /again/nested/;

            location /again/nested/ {
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /id/ {
            profile_user_id /id/*;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }

        location @again {
            proxy_pass http://%%BACKEND%%;
        }

        location /dry/ {
            profile_guard_dry_run on;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }

        location /dry/dry {
            profile_guard_dry_run on;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @dry;
        }

        location @dry {
            profile_guard_dry_run on;
            proxy_pass http://%%BACKEND%%;
        }

        location /deep/ {
            profile_max_depth 200;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }

        location /large/ {
            client_max_body_size 4m;
            profile_guard_max_body_size 4m;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }

        location /wrong/ {
            proxy_pass http://%%BACKEND%%;
            client_max_body_size 100;
            error_page 400 413 = @again;
        }

        location /wrong/other {
            profile_guard off;
            proxy_pass http://%%BACKEND%%;
            client_max_body_size 100;
            error_page 400 413 = @again;
        }

        location /unbuffered/ {
            profile_guard off;
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }

        location /unbuffered/accel/ {
            profile_guard off;
            proxy_request_buffering off;
            proxy_pass http://%%BACKEND_2%%;
        }

        location /discarded/ {
            profile_guard off;
            set $memcached_key none;
            memcached_pass 127.0.0.1:%%PORT_9%%;
            error_page 502 = @again;
        }
    }
END

# Nobody listens there: it is kept free.

$t->port(9);
$t->start;

my $allowed = '{"client_id":12}';
my $refused = '{"client_id":12,"user_id":"a|1"}';

sub send_to {
    my ($method, $uri, $body, %headers) = @_;

    my $port = $t->port($uri =~ s/\A(\d)// ? $1 : 0);

    $mirror->forget;

    return outcome($t->request($method, $uri,
                               'Content-Type' => 'application/json',
                               ':port' => $port,
                               defined $body ? (':body' => $body) : (),
                               %headers),
                   $backend);
}

# Without an id only a create is a write of v2 (H5.5).

sub method { return $_[0] =~ m{\A/(?:v1|v2|error/v1)} ? 'PATCH' : 'POST' }

sub passes {
    my ($uri, $body, $name, %headers) = @_;

    my $method = method($uri);

    is(send_to($method, $uri, $body, %headers),
       "200 passed allowed [$method $body]", $name);
}

sub refuses {
    my ($uri, $body, $reason, $name, %headers) = @_;

    my $status = $reason eq 'body_too_large' ? 413
                 : $reason eq 'media_type'   ? 415
                 : $reason eq 'path'         ? 404
                 : $reason eq 'internal'     ? 500
                                             : 400;

    is(send_to(method($uri), $uri, $body, %headers),
       "$status blocked $reason", $name);
}


# The modes

my $database = '{"name":"N","username":"u","email":"a@b.c"}';

passes('/v2/auth0%7C1', $database, 'H5.5 update of a database user');
refuses('/v2/facebook%7C1', $database, 'attributes',
        'H5.5 update of a social user');
refuses('/v2/nobody%7C1', $database, 'attributes',
        'H5.5 update of a user of an unknown provider');
refuses('/v2/auth0', $database, 'attributes',
        'H5.5 update of a user without a provider');
passes('/v2/facebook%7C1', $allowed, 'H5.5 update that any user allows');

is(send_to('POST', '/v2', '{"connection":"Users","email":"a@b.c"}'),
   '200 passed allowed [POST {"connection":"Users","email":"a@b.c"}]',
   'H5.5 create, connection of another name');
is(send_to('POST', '/v2', '{"connection":"sms","phone_number":"1"}'),
   '200 passed allowed [POST {"connection":"sms","phone_number":"1"}]',
   'H5.5 create, connection of a provider');
is(send_to('POST', '/v2', '{"connection":"facebook","name":"N"}'),
   '400 blocked attributes', 'H5.5 create, connection of a social provider');
is(send_to('POST', '/v2', '{"phone_number":"1"}'),
   '400 blocked attributes', 'H5.5 create, no connection');

passes('/v1/facebook%7C1/metadata', '{"plan":"full","city":1}',
       'H5.6 metadata');
refuses('/v1/facebook%7C1/metadata', '{"plan":"full","gender":1}',
        'attributes', 'H5.6 what the provider sends');
passes('/v1/auth0%7C1/metadata', '{"plan":"full","gender":1}',
       'H5.6 what another provider sends');
refuses('/v1/auth0%7C1/metadata', '{"picture":1}', 'attributes',
        'H5.6 identity');
passes('/v1', '{"gender":1}', 'H5.6 no id, what a provider sends');
refuses('/v1', '{"picture":1}', 'attributes', 'H5.6 no id, identity');
refuses('/v1/facebook%7C1/metadata', '{"metadata":{}}', 'attributes',
        'H5.6 the container of neither');
passes('/v1/facebook%7C1/metadata', '{"user_metadata":{"gender":1}}',
       'H5.6 a container');

# H5.17: what the object of v1 holds

my $wrapped = '/v1/wrapped/facebook%7C1';

passes($wrapped, '{"user":{"plan":"full","a":{"gender":1}},"hobby":1}',
       'H5.17 metadata');
refuses($wrapped, '{"user":{"plan":"full","gender":1}}', 'attributes',
        'H5.17 inside');
refuses($wrapped, '{"gender":1,"user":{"plan":"full"}}', 'attributes',
        'H5.17 beside');
refuses($wrapped, '{"user":[{"gender":1}]}', 'container', 'H5.17 a list');
refuses("$wrapped?user%5Bgender%5D=1", '{"user":{"plan":1}}', 'query',
        'H5.17 an argument');
passes("$wrapped?user[plan]=1", '{"user":{"plan":1}}',
       'H5.17 an argument that is metadata');
passes('/v1/facebook%7C1/metadata', '{"user":{"gender":1}}',
       'H5.17 where nobody has said so it is metadata');


# Dry run

is(send_to('PATCH', '/dry/auth0%7C1', $refused),
   "200 would_block attributes [PATCH $refused]", 'H5.9 attributes');
like($t->log, qr/\[warn\].*would be refused: attributes: .*: user_id,/,
     'H5.9 it is logged');
is(send_to('PATCH', '/dry/auth0%7C1', $allowed),
   "200 passed allowed [PATCH $allowed]", 'H5.9 what is allowed');
is(send_to('PATCH', '/dry/auth0%7C1', '{"a'),
   '200 would_block truncated [PATCH {"a]', 'H5.9 no JSON');
is(send_to('PATCH', '/dry//auth0%7C1', $allowed),
   "200 would_block path [PATCH $allowed]", 'H5.9 path');
is(send_to('PATCH', '/dry/auth0%7C1', 'name=N',
           'Content-Type' => 'application/x-www-form-urlencoded'),
   '200 would_block media_type [PATCH name=N]', 'H5.9 media type');
is(send_to('PATCH', '/dry/auth0%7C1'), '200 would_block empty_body [PATCH ]',
   'H5.9 no body');
is(send_to('GET', '/dry/auth0%7C1', undef, 'X-HTTP-Method' => 'PUT'),
   '200 would_block method_override [GET ]', 'H5.9 override');
is(send_to('GET', '/dry/auth0%7C1'), '200 passed no_body [GET ]',
   'H5.9 nothing to refuse');

my $large = '{"user_metadata":{"a":"' . 'x' x 2000 . '"}}';

for my $how ([ 'length' ], [ 'chunked', ':chunks' => [100] ]) {
    my ($name, @options) = @$how;

    is(send_to('PATCH', '/dry/small/auth0%7C1', $large, @options),
       '200 would_block body_too_large [PATCH ' . short($large) . ']',
       "H5.9 size, $name");
}


# Conditions

refuses('/if/', $refused, 'attributes', 'H5.1 if=', 'X-Judge' => $_)
    for '1', 'no', '00';

for my $value ('', '0') {
    is(send_to('POST', '/if/', $refused, 'X-Judge' => $value),
       "200 passed if [POST $refused]", "H5.1 if=\"$value\"");
}


# Inheritance

refuses('1/', $refused, 'attributes', 'H5.1 from the server');
refuses('1/nested/', $refused, 'attributes', 'H5.1 two levels');
is(send_to('PATCH', '1/off/', $refused), "200 - - [PATCH $refused]",
   'H5.1 off');
is(send_to('PATCH', '1/off/below', $refused), "200 - - [PATCH $refused]",
   'H5.1 off is inherited');
refuses('1/off/on', $refused, 'attributes', 'H5.1 on again');
refuses('1/other/', '{"picture":1}', 'attributes', 'H5.1 another mode',
        'X-Judge' => 1);
refuses('1/other/mode', $refused, 'attributes',
        'H5.1 the condition is not taken over');
passes('1/other/mode', '{"picture":1}', 'H5.1 the mode is not taken over');

refuses('/limited/', $refused, 'attributes', 'H5.1 limit_except');
refuses('/block/', $refused, 'attributes', 'H5.1 if block');
refuses('/any/', $refused, 'attributes', 'H5.1 satisfy any');


# Redirects

refuses('/rewritten/v2', $refused, 'attributes', 'H5.10 rewrite to a guard');
passes('/rewritten/v2', $allowed, 'H5.10 rewrite to a guard, allowed');
is(send_to('PATCH', '/rewritten/off', $refused), "200 - - [PATCH $refused]",
   'H5.10 rewrite before the guard');
refuses('/tried/', $refused, 'attributes', 'H5.10 try_files to a guard');
refuses('/tried/on', $refused, 'attributes', 'H5.10 try_files from a guard');
refuses('/named/', $refused, 'attributes', 'H5.10 named location');
refuses('/error/', $refused, 'attributes', 'H5.10 error_page to a guard');
passes('/error/', $allowed, 'H5.10 error_page to a guard, allowed');
refuses('/return/', $refused, 'attributes', 'H5.10 return to a guard');
refuses('/denied/', $refused, 'attributes', 'H5.10 deny to a guard');
refuses('/accel/to/v2', $refused, 'attributes',
        'H5.10 X-Accel-Redirect to a guard');

is(send_to('PATCH', '/accel/to/v2', $allowed),
   "200 passed allowed [GET $allowed]",
   'H5.10 X-Accel-Redirect to a guard, allowed');

refuses('/error/v1', '{"picture":1}', 'attributes',
        'H5.10 two guards, the first one refuses');
refuses('/error/v1', '{"city":1}', 'attributes',
        'H5.10 two guards, the second one refuses');
is(send_to('PATCH', '/error/v1', '{"app_metadata":{}}'),
   '200 passed allowed [GET {"app_metadata":{}}]',
   'H5.10 two guards, allowed by both');

# A merge patch is one for PATCH only, and a redirect makes it a GET.

is(send_to('PATCH', '1/again/auth0%7C1', $allowed,
           'Content-Type' => 'application/merge-patch+json'),
   "200 passed allowed [GET $allowed]", 'H5.10 the same guard judges once');
refuses('/error/v1', '{"app_metadata":{}}', 'media_type',
        'H5.10 another guard judges again',
        'Content-Type' => 'application/merge-patch+json');

# The same directive, but not told the same.

refuses('1/id/auth0%7C1', '{"phone_number":1}', 'attributes',
        'H5.10 the same guard, with an id');
passes('1/id/auth0%7C1', $allowed, 'H5.10 the same guard, without it');
refuses('1/id/sms%7C1', '{"phone_number":1}', 'attributes',
        'H5.10 what only the id allows');
refuses('1/dry/', $refused, 'attributes', 'H5.10 a dry run, then none');
passes('1/dry/', $allowed, 'H5.10 a dry run, then none, allowed');
is(send_to('POST', '1/dry/dry', $refused),
   "200 would_block attributes [POST $refused]", 'H5.10 two dry runs');

my $deep = '{"user_metadata":{"a":' . '[' x 150 . ']' x 150 . '}}';

refuses('1/deep/', $deep, 'too_deep', 'H5.10 another depth');

$large = '{"user_metadata":{"a":"' . 'x' x 1100000 . '"}}';

refuses('1/large/', $large, 'body_too_large', 'H5.10 another size');

# A body that was read only in part, or not kept.

sub broken {
    my ($uri, $head, @parts) = @_;

    my $client = $t->connect(port => $t->port(1));

    ok(send_read($client, "POST $uri HTTP/1.1\r\nHost: localhost\r\n"
                          . "Content-Type: application/json\r\n$head\r\n"
                          . shift @parts),
       "H5.1 $uri: a part was read");
    $client->send(@parts);

    my $res = $client->response;

    $client->close;

    return outcome($res, $backend);
}

my $chunked = "Transfer-Encoding: chunked\r\n";

for my $uri ('/wrong/', '/wrong/other') {
    is(broken($uri, $chunked, "20\r\n$refused\r\n", "none\r\n"),
       '500 blocked internal', "H5.1 $uri: the second chunk is none");
    is(broken($uri, $chunked, "20\r\n$refused\r\n", "1000\r\nx"),
       '500 blocked internal', "H5.1 $uri: the second chunk is too large");
    is(broken($uri, $chunked, "10\r\n$allowed\r\n", "none\r\n"),
       '500 blocked internal', "H5.1 $uri: a part that would be allowed");
}

is(broken('/unbuffered/', "Content-Length: 33\r\n", $refused),
   '500 blocked internal', 'H5.1 a part went to an upstream that failed');
is(broken('/unbuffered/accel/to/', "Content-Length: 17\r\n", $allowed, ' '),
   '500 blocked internal', 'H5.1 an upstream that has taken the body');
is(broken('/unbuffered/accel/to/', $chunked, "10\r\n$allowed\r\n",
          "1\r\n \r\n0\r\n\r\n"),
   '500 blocked internal', 'H5.1 an upstream that has taken chunks');

my $client = $t->connect(port => $t->port(1));

$client->send("GET /discarded/ HTTP/1.1\r\nHost: localhost\r\n"
              . "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
              . $allowed);

is(outcome($client->head, $backend), '500 blocked internal',
   'H5.1 a body that was discarded');

$client->close;

like($t->log, qr/\[error\].*request body is not whole: 0 of 1 bytes/,
     'H5.1 it is logged');


# Subrequests

refuses('/mirrored/', $refused, 'attributes', 'H5.10 mirror, refused');
is(scalar $mirror->requests, 0, 'H5.10 nothing is mirrored');
passes('/mirrored/', $allowed, 'H5.10 mirror');
ok($mirror->wait_requests(1), 'H5.10 a copy');
is(($mirror->requests)[0]{body}, $allowed, 'H5.10 the copy is whole');

refuses('/asked/', $refused, 'attributes', 'H5.10 auth_request, refused');
is(($mirror->requests)[0]{uri}, '/auth', 'H5.10 it was asked');
passes('/asked/', $allowed, 'H5.10 auth_request');
is(scalar $mirror->requests, 1, 'H5.10 it is asked once');
is(($mirror->requests)[0]{body}, '', 'H5.10 it gets no body');

is(send_to('GET', '/page/'), '200 - - [GET ]', 'H5.10 subrequest of a page');

done_testing;
