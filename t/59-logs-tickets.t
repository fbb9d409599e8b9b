#!/usr/bin/perl

# Proves that what v1 can do for a user is there for clients of v2: the log of a
# user, tickets, a mail (U9), and that the guard of such a call lets through
# what the configuration names, and nothing else (H5.15).  It fails when a body
# goes up that is not exactly that, when it goes up for another user, and when
# what is not offered is passed over in silence.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $entries = '[{"_id":"1","type":"s","user_id":"auth0|1","plan":"x"}]';

my %answers = (
    '/api/users/auth0%7C1/logs' =>
        { body => $entries, headers => [ Link => '</api/x>; rel="next"' ] },
    '/api/users/auth0%7Cuser/logs' => { body => '{"user_id":"auth0|1"}' },
    '/api/users/auth0%7Ctext/logs' => { type => 'text/plain', body => '[]' },
    '/api/users/auth0%7Ccut/logs' => { body => '[1,' },
    '/api/users/auth0%7C1/change_password_ticket' =>
        { body => '{"ticket":"https://v1/lo/reset?ticket=1"}' },
    '/api/users/auth0%7C1/verification_ticket' =>
        { body => '{"ticket":"https://v1/lo/verify?ticket=2"}' },
    '/api/users/auth0%7C1/send_verification_email' =>
        { type => 'text/plain', body => 'OK',
          headers => [ 'X-RateLimit-Limit' => 10, ETag => '"x"' ] },
    '/api/users/auth0%7Cempty/send_verification_email' => { body => '' },
    map({ ("/api/users/auth0%7C$_/send_verification_email" =>
           { status => $_, $_ == 204 ? () : (body => '{"a":1}') } )
        } 201, 202, 204, 206),
    map({ ("/api/users/auth0%7Cnot/$_" =>
           { status => 404, body => '{"error":"no such user"}' } )
        } 'send_verification_email', 'change_password_ticket',
          'verification_ticket'),
    '/api/users/auth0%7Cbusy/send_verification_email' =>
        { status => 429, headers => [ 'Retry-After' => 7 ] },
    '/api/users/oauth2%7Ca%2Flogs' => { body => '{"user_id":"oauth2|a/logs"}' },
    '/api/users/oauth2%7Ca%2Flogs/logs' => { body => '[]' },
);

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    return $answers{$request->{uri} =~ s/\?.*//r}
           // { status => 404, body => '{"error":"The user does not exist."}' };
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    log_format user "$profile_user_id $profile_action $profile_reason "
                    "$profile_blocked_attributes applied=$profile_applied";

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log user;

        # A place of another kind, for what a configuration may say.

        location = /api/v2/mine {
            proxy_set_header Content-Type application/json;
            proxy_set_body $profile_call_body;
            proxy_pass http://%%BACKEND%%/mine/$profile_user_id_escaped;

            profile_rewrite auth0 api=v2 users=none;
            profile_guard auth0 mode=call id=who members=who,a:b,c;
            profile_guard_status 422;
            profile_guard_max_body_size 1k;
        }

        include profile/gateway.conf;
    }
END

$t->start;

# The status of a request, and what went up for it.

sub ask {
    my ($method, $uri, $body, %headers) = @_;

    $backend->forget;

    my $r = $t->request($method, $uri, Authorization => 'Bearer t',
        defined $body ? ('Content-Type' => 'application/json',
                         ':body' => $body) : (), %headers);

    my @up = map { "$_->{method} $_->{uri} $_->{body}" } $backend->requests;

    return ($r, join "\n", $r->status, @up);
}

sub error {
    my ($r) = @_;

    my $error = decode_json($r->body);

    return "$error->{message} ($error->{errorCode})";
}


# The log of a user

my $logs = '/api/v2/users/auth0%7C1/logs';

my ($r, $what) = ask('GET', "$logs?page=2&per_page=5&sort=date:-1");

is($what, "200\nGET /api/users/auth0%7C1/logs"
   . '?per_page=5&page=2&sort=date%3A-1 ', 'U9.1 the log: the call');
is($r->body, $entries, 'U9.1 the log: as it came, users= is none');
is($r->header('Link'), undef, 'U9.1 the log: no way to v1');

(undef, $what) = ask('GET', $logs);
is($what, "200\nGET /api/users/auth0%7C1/logs?per_page=50&page=0 ",
   'U9.1 the log: pages as v2 has them');

is((ask('HEAD', $logs))[0]->status, 200, 'U9.1 the log: HEAD');

($r) = ask('GET', "$logs?include_totals=true&page=2&per_page=5");
is($r->body, qq({"logs":$entries,"start":10,"limit":5,"length":1,"total":12}),
   'U9.1 the log: an envelope, one page more');
is($r->header('Content-Type'), 'application/json', 'U9.1 the log: its type');

for my $way ('user', 'text', 'cut') {
    is((ask('GET', "/api/v2/users/auth0%7C$way/logs?include_totals=true"))[0]
       ->status, 502, "U9.1 the log: no envelope around what is no list: $way");
}

for my $bad ('page=x', 'per_page=101', 'page=-1', 'sort=%FF') {
    is((ask('GET', "$logs?$bad"))[1], '400', "U9.1 the log: $bad");
}

is((ask('GET', '/api/v2/users/auth0%7Cnobody/logs'))[0]->status, 404,
   'U9.1 the log: nobody');
is((ask('GET', '/api/v2/users/oauth2%7Ca%2Flogs'))[1],
   "200\nGET /api/users/oauth2%7Ca%2Flogs ", 'U9.1 an id that ends so');
is((ask('GET', '/api/v2/users/oauth2%7Ca%2Flogs/logs'))[1],
   "200\nGET /api/users/oauth2%7Ca%2Flogs/logs?per_page=50&page=0 ",
   'U9.1 the log of an id that ends so');

for my $uri ('/api/v2/users//logs', '/api/v2/users/logs/', "$logs/",
             "$logs/x", '/api/v2/users/..%2Fx/logs', '/api/v2/users/a/b/logs',
             '/api/v2/users/auth0%7C1/LOGS', '/api/v2/users/auth0%7C1/log%73')
{
    is((ask('GET', $uri))[1], '404', "U9.1 no log: $uri");
}

for my $method ('POST', 'PATCH', 'DELETE', 'PUT') {
    my $body = $method eq 'DELETE' ? undef : '{"user_metadata":{"a":1}}';

    is((ask($method, $logs, $body))[1], '404', "U9.1 no log: $method");
}


# Tickets and mails

my $password = '/api/v2/tickets/password-change';
my $email = '/api/v2/tickets/email-verification';
my $mail = '/api/v2/jobs/verification-email';

my @calls = (
    [$password, '{"user_id":"auth0|1","result_url":"https://a/?b=%20"}',
     'change_password_ticket', '{"resultUrl":"https://a/?b=%20"}',
     '{"ticket":"https://v1/lo/reset?ticket=1"}'],
    [$password, '{ "new_password" : "\u0073ecret" , "user_\u0069d":'
                . '"auth0\u007c1"}',
     'change_password_ticket', '{"newPassword":"\u0073ecret"}',
     '{"ticket":"https://v1/lo/reset?ticket=1"}'],
    [$password, '{"user_id":"auth0|1"}', 'change_password_ticket', '{}',
     '{"ticket":"https://v1/lo/reset?ticket=1"}'],
    [$email, '{"user_id":"auth0|1","result_url":null}',
     'verification_ticket', '{"resultUrl":null}',
     '{"ticket":"https://v1/lo/verify?ticket=2"}'],
);

for my $call (@calls) {
    my ($uri, $body, $way, $up, $answer) = @$call;

    ($r, $what) = ask('POST', $uri, $body);

    is($what, "201\nPOST /api/users/auth0%7C1/$way $up", "U9.2 $body");
    is($r->body, $answer, "U9.2 $body: the ticket");
    is(($backend->requests)[0]{headers}{authorization}, 'Bearer t',
       "U9.2 $body: the token");
}

($r, $what) = ask('POST', $mail, '{"user_id":"auth0|1"}');

is($what, "201\nPOST /api/users/auth0%7C1/send_verification_email {}",
   'U9.3 a mail');
is($r->header('Content-Type'), 'application/json', 'U9.3 its type');
is($r->header('Content-Length'), length $r->body, 'U9.3 its length');
is($r->header('ETag'), undef, 'U9.4 what describes the body of v1 is gone');
is($r->header('X-RateLimit-Limit'), '10', 'U9.4 what does not has stayed');

my $job = decode_json($r->body);

like($job->{id}, qr/\Ajob_\w+\z/, 'U9.3 a job');
is("$job->{type} $job->{status}", 'verification_email completed',
   'U9.3 which is done');
like($job->{created_at}, qr/\A\d{4}-\d\d-\d\dT/, 'U9.3 when');

is((ask('POST', $mail, '{"user_id":"auth0|empty"}'))[0]->status, 201,
   'U9.4 in place of nothing');
for my $status (201, 202, 204, 206) {
    ($r) = ask('POST', $mail, qq({"user_id":"auth0|$status"}));

    is($r->status, 201, "U9.4 in place of a $status");
    is(decode_json($r->body)->{status}, 'completed',
       "U9.4 in place of a $status: a job");
}

for my $uri ($mail, '/api/v2/tickets/password-change',
             '/api/v2/tickets/email-verification')
{
    ($r) = ask('POST', $uri, '{"user_id":"auth0|not"}');

    is($r->status, 404, "U9.2 nobody: $uri");
    is(decode_json($r->body)->{errorCode}, 'inexistent_user',
       "U9.2 nobody, errorCode: $uri");
}

is((ask('GET', "/api/v2/jobs/$job->{id}"))[1], '404', 'U9.3 no jobs');

my $conn = $t->connect;

for my $n (1, 2) {
    my $body = '{"user_id":"auth0|1"}';

    $conn->send("POST $mail HTTP/1.1\r\nHost: h\r\nContent-Type: "
                . "application/json\r\nContent-Length: " . length($body)
                . "\r\n\r\n$body");
    is($conn->response->status, 201, "U9.4 one connection, request $n");
}

for my $uri ($password, $email, $mail) {
    ($r, $what) = ask('POST', $uri, '{"user_id":"auth0|none"}');

    is($r->status, 404, "U9.2 $uri: nobody");
    like($r->body, qr/"The user does not exist\."/, "U9.2 $uri: says so");

    is((ask($_, $uri, $_ eq 'GET' ? undef : '{"user_id":"auth0|1"}'))[1],
       '404', "U9.2 $uri: $_") for qw(GET PUT PATCH DELETE);
}

($r) = ask('POST', $mail, '{"user_id":"auth0|busy"}');
is($r->status . $r->header('Retry-After'), '4297', 'U9.3 v1 refuses');


# What a body may not be

my $members = 'The following members of the request body are not offered by '
              . 'this gateway: %s. (operation_not_supported)';
my $id = 'The member "user_id" of the request body must be the id of a user. '
         . '(invalid_body)';
my $twice = 'The following names stand more than once in the request body: %s.'
            . ' (invalid_body)';

my @refused = (
    ['{"connection_id":"con_1","email":"a@b.c"}', $members,
     'connection_id, email'],
    ['{"user_id":"auth0|1","ttl_sec":5,"client_id":"x"}', $members,
     'ttl_sec, client_id'],
    ['{"user_id":"auth0|1","newPassword":"x"}', $members, 'newPassword'],
    ['{"user_id":"auth0|1","resultUrl":"x"}', $members, 'resultUrl'],
    ['{"user_id":"auth0|1","User_id":"auth0|2"}', $members, 'User_id'],
    ['{"user_id":"auth0|1","app_metadata":{"a.b":1}}', $members,
     'app_metadata'],
    ['{"user_id":"auth0|1","user_metadata":1}', $members, 'user_metadata'],
    ['{"user_id":"auth0|1","connection":1}', $members, 'connection'],
    ['{"user_id":"auth0|1","user\u005fid":"auth0|2"}', $twice, 'user_id'],
    ['{}', $id],
    ['{"result_url":"x"}', $id],
    ['{"user_id":null}', $id],
    ['{"user_id":1}', $id],
    ['{"user_id":["auth0|1"]}', $id],
    ['{"user_id":{"user_id":"auth0|1"}}', $id],
    ['{"user_id":""}', $id],
    ['{"user_id":"a\u0000b"}', $id],
    ['{"user_id":"\ud800"}', $id],
    ['{"user_id":".."}', $id],
    ['{"user_id":"../x"}', $id],
    ['{"user_id":"a/../b"}', $id],
    ['{"user_id":"a\\\\..\\\\b"}', $id],
    ['{"user_id":" auth0|1"}', $id],
    ['{"user_id":"auth0|1\n"}', $id],
    ['{"user_id":"auth0|1/"}', $id],
    ['{"user_id":"..;x"}', $id],
    ['[]', 'Invalid request body: the body is not a JSON object. '
           . '(invalid_body)'],
    ['{"user_id":"auth0|1"', 'Invalid request body: the JSON text ends too '
                             . 'early at byte 20. (invalid_body)'],
    ['{"user_id":"auth0|1","result_url":{"__proto__":1}}',
     'The following names are forbidden in a request body, at any depth: '
     . '__proto__. (invalid_body)'],
);

for my $case (@refused) {
    my ($body, $message, $names) = @$case;

    ($r, $what) = ask('POST', $password, $body);

    is($what, '400', "H5.15 $body");
    is(error($r), $names ? sprintf($message, $names) : $message,
       "H5.15 $body: the message");
}

is((ask('POST', $password))[1], '400', 'H5.15 no body');
is((ask('POST', $password, ''))[1], '400', 'H5.15 an empty body');
is((ask('POST', $password, 'user_id=auth0%7C1',
        'Content-Type' => 'application/x-www-form-urlencoded'))[1], '415',
   'H5.15 a form');
is((ask('POST', "$password?user_id=auth0%7C2", '{"user_id":"auth0|1"}'))[1],
   '400', 'H5.15 an argument that v1 might take for the id');


# Ids by U2.1, in a path once more

my %ids = (
    '"oauth2|a/b"' => 'oauth2%7Ca%2Fb', '"a b"' => 'a%20b',
    '"a?b#c"' => 'a%3Fb%23c', '"auth0|50%25off"' => 'auth0%7C50%2525off',
    '"\u00e9"' => '%C3%A9', '"\ud83d\ude00"' => '%F0%9F%98%80',
    '"a\u002fb"' => 'a%2Fb',
);

for my $text (sort keys %ids) {
    ($r, $what) = ask('POST', $mail, "{\"user_id\":$text}");
    is($what, "404\nPOST /api/users/$ids{$text}/send_verification_email {}",
       "H5.15 user_id $text");
}


# Other configurations

is((ask('POST', '/api/v2/mine',
        '{"a":[1,{"x":1e3}],"who":"\u0031","c":0.10}'))[1],
   "404\nPOST /mine/1 {\"b\":[1,{\"x\":1e3}],\"who\":\"\\u0031\",\"c\":0.10}",
   'H5.15 values as they came, the id too where it is named');
is((ask('PUT', '/api/v2/mine', '{"who":"1"}'))[1],
   "404\nPUT /mine/1 {\"who\":\"1\"}", 'H5.15 any method with a body');
is((ask('GET', '/api/v2/mine'))[1], '400', 'H5.15 none without');
is((ask('POST', '/api/v2/mine', '{"who":"1","b":1}'))[1], '422',
   'H5.15 profile_guard_status');
is((ask('POST', '/api/v2/mine', '{"who":"' . 'x' x 1024 . '"}'))[1], '413',
   'H5.15 too large');
is((ask('POST', '/api/v2/mine', '{"who":"1","a":"' . 'x' x 900 . '"}',
        ':chunks' => [1, 500]))[1] =~ s/x+/x/r,
   "404\nPOST /mine/1 {\"who\":\"1\",\"b\":\"x\"}", 'H5.15 in chunks');

my $log = $t->read_file('access.log');

like($log, qr/^auth0\|1 passed \S+ - applied=-$/m, 'U9.2 the log');
like($log, qr/^- blocked attributes connection_id,email applied=-$/m,
     'H5.15 the log: what was refused');
like($log, qr/^- blocked id - applied=-$/m, 'H5.15 the log: no id');


# What is no configuration

my %bad = (
    'mode=call' => 'needs "id=NAME"',
    'mode=call members=a' => 'needs "id=NAME"',
    'mode=call id=' => 'invalid name of a member in "id="',
    'mode=call id=a id=b' => 'expected "id=NAME" or "members=NAME,..."',
    'mode=call id=a if=$arg_a' => 'expected "id=NAME" or "members=NAME,..."',
    'if=$arg_a mode=call id=a' => 'cannot have "if="',
    'mode=call id=a members=' => 'name of a member in "members="',
    'mode=call id=a members=b,' => 'name of a member',
    'mode=call id=a members=b:' => 'name of a member',
    'mode=call id=a members=:b' => 'name of a member',
    'mode=call id=a members=b:c:d' => 'name of a member',
    'mode=call id=a members=b,b' => 'repeated name',
    'mode=call id=a members=b:x,c:x' => 'repeated name',
    'mode=call members=b members=c' => 'expected "id=NAME"',
    "mode=call id=a 'members=\"'" => 'name of a member',
    'id=a mode=call' => 'invalid parameter "id=a"',
    'mode=v2 id=a' => 'invalid parameter "id=a"',
    'mode=call id=a; profile_guard_dry_run on'
        => 'cannot have "profile_guard_dry_run"',
    'mode=call id=a; profile_user_id /*' => 'cannot have "profile_user_id"',
);

for my $text (sort keys %bad) {
    my ($code, $out) = $t->test_conf("include profile/auth0.conf;\n"
        . "server { location / { profile_guard auth0 $text; } }");

    ok($code && index($out, $bad{$text}) >= 0, "H5.15 refused: $text")
        or diag($out);
}

for my $text ('answer=x', 'api=v2 answer=x', 'users=none answer=x',
              'api=v2 users=any answer=x', 'api=v2 users=none answer=',
              'api=v2 users=none answer=x answer=y')
{
    my ($code) = $t->test_conf("include profile/auth0.conf;\n"
        . "server { location / { profile_rewrite auth0 $text; } }");

    ok($code, "U9.4 refused: $text");
}

done_testing;
