#!/usr/bin/perl

# Proves which calls of v1 are made of a call of v2, in which order, with which
# methods, headers and bodies (U1, U4), and what the client and the log are
# told when one of them fails.  It fails when a part of a body is lost, sent
# twice or sent in another order, or when anything goes up of a write that is
# refused.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new;

my $v1 = '{"_id":"1","user_id":"auth0|1","email":"a@b.c","plan":"x",'
         . '"um_hobby":"surf"}';
my $v2 = '{"user_id":"auth0|1","email":"a@b.c","app_metadata":{"plan":"x"},'
         . '"user_metadata":{"hobby":"surf"}}';

my $ok = { type => 'text/plain', body => 'OK' };


# A backend that knows a few users.  The header X-Fail of a request names the
# call that is to fail, by its method and the last part of its path.

sub fails {
    my ($request) = @_;

    my ($end) = $request->{uri} =~ m{([^/?]+)/?(?:\?|\z)};

    return "$request->{method} $end" eq ($request->{headers}{'x-fail'} // '');
}

sub answer {
    my ($answer) = @_;

    return sub {
        my ($conn, $request) = @_;

        return { status => 409, body => '{"code":"user_exists",'
                 . '"error":"Conflict","detail":"The user already exists."}' }
            if fails($request);

        return $request->{method} eq 'DELETE' ? $ok : $answer;
    };
}

my $backend = $t->backend({
    map({ ("/api/users/$_" => answer($v1),
           "/api/users/$_/metadata" => answer($v1),
           "/api/users/$_/email" => answer($ok),
           "/api/users/$_/password" => answer($ok) )
        } 'auth0%7C1', 'github%7C7', 'sms%7C2'),
    '/api/users/' => answer($v1),
    '/api/users' => answer("[$v1]"),
    '/api/connections/google-oauth2/users' => answer("[$v1]"),
    '*' => answer($ok),
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    log_format upgrade '$http_x_id $request_method $status $profile_action '
                       '$profile_reason $profile_calls "$profile_applied"';
    log_format body '$profile_call_body';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log upgrade;
        access_log %%DIR%%/body.log body if=$profile_call_body;
        %%LISTEN_HTTP2_1%%

        include profile/gateway.conf;
    }

    # Another backend: other paths and methods, and a call for attributes.

    server {
        listen 127.0.0.1:%%PORT_2%%;

        location /api/v2/users/ {
            include profile/proxy.conf;

            profile_user_id /api/v2/users/*;
            profile_rewrite auth0 api=v2;
            profile_guard auth0 mode=v2;

            profile_call metadata /.profile/metadata?of=metadata;
            profile_call attributes /.profile/attributes;
            profile_call email /.profile/$profile_call_is;
            profile_call read /.profile/read;
        }

        set $profile_call_is mail;

        location = /.profile/metadata {
            include profile/call.conf;
            profile_rewrite off;
            proxy_method POST;
            proxy_pass
            http://profile_backend/accounts/$profile_user_id_escaped/$arg_of;
        }

        location = /.profile/attributes {
            include profile/call.conf;
            profile_rewrite off;
            proxy_method PUT;
            proxy_pass http://profile_backend/accounts/$profile_user_id_escaped;
        }

        location = /.profile/mail {
            include profile/call.conf;
            profile_rewrite off;
            proxy_pass http://profile_backend/mail/$profile_user_id_escaped;
        }

        location = /.profile/read {
            internal;
            include profile/proxy.conf;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://profile_backend/api/users/auth0%7C1;
            profile_guard off;
            profile_rewrite auth0 api=v2;
        }
    }
END

$t->start;

my $number = 0;
my $id;


# A call of v2, and what came of it at the backend: a line a call.

sub v2 {
    my ($method, $uri, $body, %headers) = @_;

    $backend->forget;
    $id = 'n' . ++$number;

    $headers{'Content-Type'} //= 'application/json' if defined $body;

    return $t->request($method, $uri, 'X-Id' => $id, ':body' => $body,
                       %headers);
}

sub calls {
    my ($number) = @_;

    return join "\n", map { "$_->{method} $_->{uri}"
                            . ($_->{body} ne '' ? " $_->{body}" : '') }
                      $backend->requests;
}


# The line of the access log, which is written once all has been sent.

sub logged {
    my $line;

    $t->wait(sub { ($line) = $t->read_file('access.log') =~ /^$id (.*)$/m });

    return $line // 'nothing';
}

sub message { return decode_json($_[0]->body)->{message} }


# U1: reads, one call each

my $page = 'per_page=50&page=0&search=';

for (
    [ 'GET', '/api/v2/users', "GET /api/users?$page" ],
    [ 'GET', '/api/v2/users?per_page=5&page=3&q=name%3Ajo',
      'GET /api/users?per_page=100&page=0' ],
    [ 'GET', '/api/v2/users?connection=google-oauth2',
      "GET /api/connections/google-oauth2/users?$page" ],
    [ 'GET', '/api/v2/users/auth0%7C1', 'GET /api/users/auth0%7C1' ],
    [ 'GET', '/api/v2/users/auth0|1', 'GET /api/users/auth0%7C1' ],
    [ 'GET', '/api/v2/users/auth0%7C1?fields=email',
      'GET /api/users/auth0%7C1' ],
    [ 'HEAD', '/api/v2/users/auth0%7C1', 'HEAD /api/users/auth0%7C1' ],
    [ 'GET', '/api/v2/users-by-email?email=a@b.c',
      'GET /api/users?search=email:%22a%40b.c%22&per_page=100&page=0' ],
    [ 'GET', '/api/v2/users-by-email?email=a%2Bx%40b.c',
      'GET /api/users?search=email:%22a%2Bx%40b.c%22&per_page=100&page=0' ],
) {
    my ($method, $uri, $call) = @$_;

    my $r = v2($method, $uri);

    is($r->status, 200, "U1 status: $method $uri");
    is(calls(), $call, "U1 call: $method $uri");
}

is(v2('GET', '/api/v2/users/auth0%7C1')->body, $v2, 'U1 the user');
is(logged(), 'GET 200 rewritten - 0 "-"', 'U1 a read is no upgrade');


# U1: create

my $r = v2('POST', '/api/v2/users', '{"connection":"Users","client_id":"c",'
           . '"email":"a@b.c","password":"secret-1","verify_email":true,'
           . '"app_metadata":{"plan":"full","gone":null,"plan2":1e308},'
           . '"user_metadata":{"hobby":"s\u0075rf"},"email_verified":false}',
           'X-Trace' => 'f00', 'Authorization' => 'Bearer t',
           'Accept-Encoding' => 'br', 'If-Match' => '*');

my $create = '{"email":"a@b.c","password":"secret-1","email_verified":false,'
             . '"plan":"full","plan2":1e308,"um_hobby":"s\u0075rf",'
             . '"connection":"Users"}';

is($r->status, 201, 'U1 create: 201');
is($r->body, $v2, 'U1 create: the user');
is(calls(), "POST /api/users/ $create", 'U1 create: the call');
is(logged(), 'POST 201 upgraded - 1 "-"', 'U1 create: the log');

my ($call) = $backend->requests;

is($call->{headers}{'content-type'}, 'application/json', 'U1 create: type');
is($call->{headers}{'content-length'}, length $create, 'U1 create: length');
is($call->{headers}{authorization}, 'Bearer t', 'U2.3 authorization goes up');
is($call->{headers}{'x-trace'}, 'f00', 'U2.3 other headers go up');
is($call->{headers}{'accept-encoding'}, undef, 'U2.3 accept-encoding stays');
is($call->{headers}{'if-match'}, undef, 'U2.3 conditions stay');

is(v2('POST', '/api/v2/users', '{}')->status, 201, 'U1 create of nothing');
is(calls(), 'POST /api/users/ {}', 'U1 create of nothing: an object');

for my $body (undef, '') {
    my $what = defined $body ? 'no body' : 'neither body nor type';

    $r = v2('POST', '/api/v2/users', $body);

    is($r->status, 400, "U1 create: $what");
    is(calls(), '', "U1 create: $what: no call");
}


# H2.6: what is made of several calls cannot be conditional

for my $case ([ 'If-Match' => '"x"' ], [ 'If-Match' => 'W/"x~v2s0"' ],
              [ 'If-None-Match' => '"x"' ], [ 'If-None-Match' => '*' ],
              [ 'If-Unmodified-Since' => 'Mon, 21 Oct 2013 20:13:21 GMT' ])
{
    for my $request ([ 'POST', '/api/v2/users' ],
                     [ 'PATCH', '/api/v2/users/auth0%7C1' ])
    {
        $r = v2(@$request, '{"user_metadata":{"a":1}}', @$case);

        is($r->status, 412, "H2.6 @$request, @$case: status");
        like($r->body, qr/cannot be conditional.*"precondition_failed"/,
             "H2.6 @$request, @$case: body");
        is(calls(), '', "H2.6 @$request, @$case: no call");
        is(logged(), "$request->[0] 412 blocked precondition 0 \"-\"",
           "H2.6 @$request, @$case: log");
    }
}


# U1: two calls for metadata, and nothing else

$r = v2('PATCH', '/api/v2/users/auth0%7C1',
        '{"user_metadata":{"hobby":null,"a":12345678901234567890},'
        . '"app_metadata":{"plan":"full"}}',
        'Authorization' => 'Bearer t', 'Cookie' => 'c=1',
        'Accept-Encoding' => 'br', 'Expect' => '100-continue',
        'If-Match' => '*',
        'If-Modified-Since' => 'Mon, 21 Oct 2013 20:13:21 GMT',
        'If-Unmodified-Since' => 'Mon, 21 Oct 2013 20:13:21 GMT',
        'Range' => 'bytes=0-1', 'If-Range' => '"x"', 'Content-Language' => 'x');

my $changes = '{"um_hobby":null,"um_a":12345678901234567890,"plan":"full"}';

is($r->status, 200, 'U1 metadata: status');
is($r->body, $v2, 'U1 metadata: the user as now stored');
is(calls(), "PATCH /api/users/auth0%7C1/metadata $changes\n"
            . 'GET /api/users/auth0%7C1', 'U1 metadata: two calls');
is(logged(), 'PATCH 200 upgraded - 2 "-"', 'U1 metadata: the log');

my ($patch, $get) = $backend->requests;

for (
    [ 'content-type', 'application/json', undef ],
    [ 'content-length', length $changes, undef ],
    [ 'transfer-encoding' ], [ 'content-encoding' ], [ 'expect' ],
    [ 'accept-encoding', undef, 'gzip' ],
    [ 'range' ], [ 'if-range' ], [ 'if-match' ], [ 'if-none-match' ],
    [ 'if-modified-since' ], [ 'if-unmodified-since' ],
    [ 'authorization', 'Bearer t', 'Bearer t' ],
    [ 'cookie', 'c=1', 'c=1' ],
    [ 'content-language', 'x', 'x' ],
    [ 'host', 'localhost', 'localhost' ],
    [ 'x-id', $id, $id ],
) {
    my ($name, $first, $second) = @$_;

    is($patch->{headers}{$name}, $first, "U2.3 $name of the write");
    is($get->{headers}{$name}, $second, "U2.3 $name of the read");
}

my @names = map { lc $_->[0] } @{ $patch->{list} };

is(scalar(grep { $_ eq 'content-length' } @names), 1, 'U2.3 one length');
is(scalar(grep { $_ eq 'content-type' } @names), 1, 'U2.3 one type');

my $body = '{"app_metadata":{"plan":"full"}}';
my $two = qq(PATCH /api/users/auth0%7C1/metadata {"plan":"full"}\n)
          . 'GET /api/users/auth0%7C1';

is(v2('PATCH', '/api/v2/users/auth0%7C1', $body, ':chunks' => [ 1, 5 ])->body,
   $v2, 'U1 a chunked body');
is(calls(), $two, 'U1 a chunked body: the calls');

($patch, $get) = $backend->requests;

is($patch->{headers}{'transfer-encoding'}, undef, 'U2.3 not chunked any more');
is($get->{headers}{'transfer-encoding'}, undef, 'U2.3 the read has no body');

is(v2('PATCH', '/api/v2/users/auth0%7C1', $body,
      'Content-Type' => 'application/merge-patch+json')->body, $v2,
   'U1 a merge patch');
is(calls(), $two, 'U1 a merge patch: the calls');

$backend->forget;
$r = $t->http2_request('PATCH', '/api/v2/users/auth0%7C1', ':body' => $body,
                       'content-type' => 'application/json', ':frames' => 3);

is($r->body, $v2, 'U1 over HTTP/2');
is(calls(), $two, 'U1 over HTTP/2: the calls');


# The connection of the client is fit for more

$backend->forget;

my $c = $t->connect;
my $request = "PATCH /api/v2/users/auth0%7C1 HTTP/1.1\r\nHost: localhost\r\n"
              . "Content-Type: application/json\r\nContent-Length: "
              . length($body) . "\r\n\r\n$body";

$c->send($request x 3);

is(join("\n", map { $c->response->body } 1 .. 3), join("\n", ($v2) x 3),
   'U7.2 three in a row');
is(calls(), join("\n", ($two) x 3), 'U7.2 three in a row: the calls');


# U4.1: what goes where, and in which order

my $user = '/api/users/auth0%7C1';

for (
    [ 'nothing', '{}' ],
    [ 'an option alone', '{"verify_email":true,"client_id":"c"}' ],
    [ 'email', '{"email":"x@y.z"}', "PUT $user/email {\"email\":\"x\@y.z\"}" ],
    [ 'email and its option', '{"verify_email":false,"email":"x@y.z"}',
      "PUT $user/email {\"email\":\"x\@y.z\",\"verify\":false}" ],
    [ 'password and its option', '{"password":"p","verify_password":true}',
      "PUT $user/password {\"password\":\"p\",\"verify\":true}" ],
    [ 'email that is not verified',
      '{"email":"x@y.z","email_verified":false,"verify_email":true}',
      "PUT $user/email {\"email\":\"x\@y.z\",\"verify\":true}" ],
    [ 'names and picture', '{"name":"N","picture":null,"app_metadata":{"a":2}}',
      "PATCH $user/metadata {\"name\":\"N\",\"picture\":null,\"a\":2}" ],
    [ 'options that v1 does not know',
      '{"password":"p","connection":"c","client_id":"i"}',
      "PUT $user/password {\"password\":\"p\"}" ],
    [ 'all',
      '{"user_metadata":{"u":1},"verify_email":true,"password":"p",'
      . '"client_id":"c","app_metadata":{"a":2},"email":"x@y.z"}',
      "PUT $user/email {\"email\":\"x\@y.z\",\"verify\":true}",
      "PUT $user/password {\"password\":\"p\"}",
      "PATCH $user/metadata {\"um_u\":1,\"a\":2}" ],
    [ 'clearing reads the bag first',
      '{"email":"x@y.z","app_metadata":{}}',
      "GET $user/metadata",
      "PUT $user/email {\"email\":\"x\@y.z\"}",
      "PATCH $user/metadata {\"plan\":null}" ],
) {
    my ($what, $body, @calls) = @$_;

    $r = v2('PATCH', '/api/v2/users/auth0%7C1', $body);

    is($r->status, 200, "U4.1 status: $what");
    is($r->body, $v2, "U4.1 the user: $what");
    is(calls(), join("\n", @calls, "GET $user"), "U4.1 calls: $what");
    is(logged(), sprintf('PATCH 200 upgraded - %d "-"', @calls + 1),
       "U4.1 log: $what");
}


# U4.3: no call for an attribute

for (
    [ 'auth0%7C1', '{"blocked":true}', 'blocked' ],
    [ 'auth0%7C1', '{"username":"x"}', 'username' ],
    [ 'auth0%7C1', '{"email":"a@b.c","username":"x","user_metadata":{"a":1},'
      . '"blocked":true}', 'username, blocked' ],
    [ 'sms%7C2', '{"phone_number":"+1","app_metadata":{}}', 'phone_number' ],
) {
    my ($who, $body, $names) = @$_;

    $r = v2('PATCH', "/api/v2/users/$who", $body);

    is($r->status, 400, "U4.3 status: $names");
    is($r->header('Content-Type'), 'application/json', "U4.3 type: $names");
    is(calls(), "GET /api/users/$who", "U4.7 nothing is written: $names");

    my $error = decode_json($r->body);

    is($error->{errorCode}, 'operation_not_supported', "U4.3 code: $names");
    is($error->{message}, 'The following user attributes cannot be updated: '
       . "$names. The backend has no call that writes them.",
       "U4.3 message: $names");
    is(logged(), 'PATCH 400 blocked unsupported 1 "-"', "U4.3 log: $names");
}


# U4.3: where there is one

$r = v2('PATCH', '/api/v2/users/auth0%7C1',
        '{"name":"Jo","user_metadata":{"u":1},"verify_email":true,'
        . '"blocked":false,"email":"x@y.z","client_id":"c"}',
        ':port' => $t->port(2));

is($r->status, 200, 'U4.3 attributes: status');
is(calls(), 'POST /mail/auth0%7C1 {"email":"x@y.z","verify":true}' . "\n"
            . 'PUT /accounts/auth0%7C1 {"blocked":false,"client_id":"c"}'
            . "\n"
            . 'POST /accounts/auth0%7C1/metadata {"name":"Jo","um_u":1}' . "\n"
            . 'GET /api/users/auth0%7C1', 'U4.3 attributes: the calls');

for (
    [ '{"password":"p"}', 'PUT /accounts/auth0%7C1 {"password":"p"}' ],
    [ '{"password":"p","verify_password":true}',
      'PUT /accounts/auth0%7C1 {"password":"p","verify_password":true}' ],
    [ '{"verify_password":true}' ],
) {
    my ($body, @calls) = @$_;

    $r = v2('PATCH', '/api/v2/users/auth0%7C1', $body, ':port' => $t->port(2));

    is($r->status, 200, "U4.3 attributes: status of $body");
    is(calls(), join("\n", @calls, 'GET /api/users/auth0%7C1'),
       "U4.3 attributes: calls of $body");
}

$r = v2('PATCH', '/api/v2/users/auth0%7C1', '{"app_metadata":{}}',
        ':port' => $t->port(2));

is($r->status, 400, 'U4.3 no bag, no clearing');
is(calls(), '', 'U4.3 no bag, no clearing: nothing is sent');


# U4.2: the first failure ends the plan

my $all = '{"user_metadata":{"u":1,"v":2},"app_metadata":{},"password":"p",'
          . '"email":"x@y.z"}';
my @calls = ("GET $user/metadata",
             "PUT $user/email {\"email\":\"x\@y.z\"}",
             "PUT $user/password {\"password\":\"p\"}",
             "PATCH $user/metadata {\"plan\":null,\"um_u\":1,\"um_v\":2}",
             "GET $user");

is(v2('PATCH', '/api/v2/users/auth0%7C1', $all)->status, 200, 'U4.2 no fail');
is(join("\n", sort split /\n/, calls()), join("\n", sort map {
       s/\{"plan":null,"um_u":1,"um_v":2\}/{"um_u":1,"um_v":2,"plan":null}/r
   } @calls), 'U4.2 no fail: the calls');

my $n = 0;

for (
    [ 'GET metadata', '' ],
    [ 'PUT email', '' ],
    [ 'PUT password', 'email' ],
    [ 'PATCH metadata', 'email, password' ],
    [ 'GET auth0%7C1', 'email, password, metadata' ],
) {
    my ($fail, $applied) = @$_;

    my $message = 'The user already exists.'
                  . ($applied ? " Applied before the failure: $applied." : '');

    $r = v2('PATCH', '/api/v2/users/auth0%7C1', $all, 'X-Fail' => $fail);
    $n++;

    is($r->status, 409, "U4.2 status: $fail");
    ok($r->complete, "U4.2 whole: $fail");
    is($r->header('Content-Type'), 'application/json', "U4.2 type: $fail");
    is_deeply(decode_json($r->body), {
        statusCode => 409, error => 'Conflict', message => $message,
        errorCode => $fail eq 'PUT email' ? 'auth0_idp_error' : 'conflict' },
        "U4.2 body: $fail");
    is(scalar(split /\n/, calls()), $n, "U4.2 no further call: $fail");

    my $action = $fail eq 'GET auth0%7C1' ? 'upgraded -' : 'passed status';

    is(logged(), sprintf('PATCH 409 %s %d "%s"', $action, $n, $applied || '-'),
       "U4.2 log: $fail");
}

$r = v2('POST', '/api/v2/users', '{"email":"a@b.c"}', 'X-Fail' => 'POST users');

is($r->status, 409, 'U4.2 create: status');
is(message($r), 'The user already exists.', 'U4.2 create: nothing applied');
is(logged(), 'POST 409 passed status 1 "-"', 'U4.2 create: log');


# The connection of the client is fit for more after that, too

$backend->forget;
$c = $t->connect;

for (
    [ '{"email":"x@y.z","password":"p"}', 'PUT email', 409 ],
    [ '{"email":"x@y.z","password":"p"}', 'PUT password', 409 ],
    [ '{"email":"x@y.z"}', 'GET auth0%7C1', 409 ],
    [ '{"user_id":"x"}', '-', 400 ],
    [ '{"blocked":true}', '-', 400 ],
    [ '{"email":"x@y.z"}', '-', 200 ],
) {
    my ($body, $fail, $status) = @$_;

    $c->send(ProfileTest::Client::request_text(
        'PATCH', '/api/v2/users/auth0%7C1', { body => $body },
        'X-Fail' => $fail, 'Content-Type' => 'application/json',
        'Connection' => 'keep-alive'));

    is($c->response->status, $status, "U4.2 one after another: $fail, $body");
}


# U1: delete

$r = v2('DELETE', '/api/v2/users/auth0%7C1');

is($r->status, 204, 'U1 delete: status');
is($r->body, '', 'U1 delete: no body');
is($r->header('Content-Type'), undef, 'U1 delete: no type');
is(calls(), 'DELETE /api/users/auth0%7C1', 'U1 delete: the call');


# U1: nothing else

for (
    [ 'PUT', '/api/v2/users/auth0%7C1' ], [ 'POST', '/api/v2/users/auth0%7C1' ],
    [ 'OPTIONS', '/api/v2/users/auth0%7C1' ],
    [ 'PATCH', '/api/v2/users' ], [ 'DELETE', '/api/v2/users' ],
    [ 'PUT', '/api/v2/users' ], [ 'OPTIONS', '/api/v2/users' ],
    [ 'POST', '/api/v2/users-by-email' ],
    [ 'DELETE', '/api/v2/users-by-email?email=a@b.c' ],
    [ 'GET', '/api/v2/users/auth0%7C1/roles' ],
    [ 'GET', '/api/v2/users/auth0%7C1/metadata' ],
    [ 'DELETE', '/api/v2/users/auth0%7C1/multifactor/duo' ],
    [ 'GET', '/api/v2/clients' ], [ 'POST', '/api/v2/jobs/users-exports' ],
    [ 'GET', '/api/v2' ], [ 'GET', '/api/v2/' ], [ 'GET', '/api/V2/users' ],
    [ 'GET', '/api/v2/usersx' ], [ 'GET', '/API/v2/users' ],
) {
    my ($method, $uri) = @$_;

    $r = v2($method, $uri, $method =~ /^P/ ? '{}' : undef);

    is($r->status, 404, "U1 404: $method $uri");
    is($r->body, '{"statusCode":404,"error":"Not Found","message":"This call'
       . ' is not offered by this gateway."}', "U1 v2 form: $method $uri");
    is(calls(), '', "U1 no call: $method $uri");
}

is(v2('GET', '/.profile/read')->status, 404, 'U7.1 calls are not for clients');
is(v2('POST', '/.profile/create', '{}')->status, 404, 'U7.1 nor writes');
is(calls(), '', 'U7.1 no call');


# U1: all else goes up untouched

for (
    [ 'GET', '/api/users?per_page=2&b=%7c+%20' ],
    [ 'GET', '/api/clients//x/../y%2Fz' ],
    [ 'GET', '/' ],
) {
    my ($method, $uri) = @$_;

    v2($method, $uri);
    is(calls(), "$method $uri", "U1 untouched: $uri");
}

$r = v2('POST', '/oauth/token', 'grant_type=client_credentials&a=%20',
        'Content-Type' => 'application/x-www-form-urlencoded');

is(calls(), 'POST /oauth/token grant_type=client_credentials&a=%20',
   'U1 untouched: a form');
is(($backend->requests)[0]{headers}{'content-type'},
   'application/x-www-form-urlencoded', 'U1 untouched: its type');

is(v2('GET', '/api/users/auth0%7C1')->body, $v1, 'U1 v1 is v1');

done_testing;
