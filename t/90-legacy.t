#!/usr/bin/perl

# The legacy backend of the demo and the tests, demo/legacy: each route of its
# API v1, the bytes it keeps, its paging, its errors and its request log.  What
# other tests prove with it is worth no more than this.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use lib 't/lib';
use ProfileTest::Legacy;

my $db = 'Username-Password-Authentication';
my $mona = 'auth0%7C52e1b0a1c3d4e5f607182930';
my $requests = directory() . '/requests';
my $port = start('--request-log', $requests);

# what mona is before any test writes

my $mona_profile = '"_id":"6c1f0a7be2d94c0f8b7d1a53e9c20411",'
    . '"email":"mona.lind@example.com","email_verified":true,'
    . '"user_id":"auth0|52e1b0a1c3d4e5f607182930","username":"mona",'
    . '"name":"mona.lind@example.com","nickname":"mona",'
    . '"picture":"https://images.example.com/avatar/mona.png","identities":'
    . '[{"user_id":"52e1b0a1c3d4e5f607182930","provider":"auth0",'
    . qq("connection":"$db","isSocial":false}],)
    . '"created_at":"2014-01-23T16:20:33.117Z",'
    . '"lastLogin":"2014-11-02T08:05:12.004Z","lastIP":"198.51.100.23",'
    . '"loginsCount":42,"blocked":false';
my $mona_bag = '"plan":"full","hobby":"surf",'
    . '"preferences":{"color":"teal","lang":null},"seats":3.0,'
    . '"metadata":{"crm_id":1207,"plan":"trial"}';

# one user

my $r = get("/api/users/$mona");

is($r->{status}, 200, 'read: status');
is($r->{content}, "{$mona_profile,$mona_bag}",
   'read: metadata stands in the root');
is($r->{headers}{'content-type'}, 'application/json; charset=utf-8',
   'read: type');
is($r->{headers}{'content-length'}, length $r->{content}, 'read: length');
is(get("/API/Users/$mona/")->{content}, $r->{content},
   'read: path in another case, slash at the end');

my $head = request('HEAD', "/api/users/$mona");

is($head->{headers}{'content-length'}, length $r->{content}, 'head: length');
is($head->{content}, '', 'head: no body');

my %odd = (
    'samlp%7Ccampus%7Canna%20maria' => 'samlp|campus|anna maria',
    'auth0%7C50%2525off' => 'auth0|50%25off',
    'waad%7Ca+b+c' => 'waad|a+b+c',
    'waad%7Ca%2Bb%2Bc' => 'waad|a+b+c',
    'ad%7Ccorp%2Feu%7Cken' => 'ad|corp/eu|ken',
    'samlp%7Ccampus%7Cjos%C3%A9.%C3%B1and%C3%BA'
        => "samlp|campus|jos\xe9.\xf1and\xfa",
    'adfs%7Cwhat%3F%23%40fabrikam.example' => 'adfs|what?#@fabrikam.example',
);

for my $id (sort keys %odd) {
    is(json("/api/users/$id")->{user_id}, $odd{$id}, "read: id $id");
}

is_error(get('/api/users/auth0%7Cnobody'), 404,
         '{"error":"The user does not exist."}', 'read: unknown id');
is_error(get('/api/users/auth0%7C50%25off'), 404,
         '{"error":"The user does not exist."}', 'read: id decoded once');
is_error(get('/api/users/auth0%7'), 400,
         '{"code":400,"error":"Bad Request",'
         . '"message":"cannot decode \"auth0%7\""}', 'read: broken escape');
is(get('/api/users/%FF')->{status}, 400, 'read: id not in UTF-8');

$r = get('/api/elsewhere');

is("$r->{status} $r->{content}", '404 Cannot GET /api/elsewhere',
   'unknown path');
is(request('PATCH', "/api/users/$mona")->{status}, 404, 'unknown method');
is(get('/api/users//')->{status}, 404, 'an empty id is no id');
like(raw("GET http://other/api/users/$mona HTTP/1.1\r\nHost: a\r\n"
         . "Connection: close\r\n\r\n"), qr/\AHTTP\S+ 200 /,
     'absolute target');
like(raw("GET\r\n\r\n"), qr/^HTTP\S+ 400 .*"Bad request start-line"}\z/s,
     'broken request line');

# lists and paging

my $list = json('/api/users');

is(@$list, 100, 'list: 100 a page');
is($list->[0]{email}, 'mona.lind@example.com', 'list: the samples come first');

$r = get('/api/users?per_page=7&x=%20+a%2f&page=2&y');

is($r->{headers}{link}, "<http://127.0.0.1:$port/api/users"
   . '?per_page=7&x=%20+a%2f&page=3&y>; rel="next"',
   'link: every query byte as it was');
is(@{decode_json($r->{content})}, 7, 'list: per_page');

is(get('/api/users?per_page=7', 'X-Forwarded-Proto' => 'https',
       Host => 'tenant.example')->{headers}{link},
   '<https://tenant.example/api/users?per_page=7&page=1>; rel="next"',
   'link: the scheme and host that the client used');
like(raw("GET /api/users HTTP/1.0\r\n\r\n"),
     qr{^Link: <http://127.0.0.1:$port/api/users\?page=1>}m,
     'link: without a Host');

my @all;
my $pages = 0;

for (my $url = '/api/users?per_page=45'; $url; $pages++) {
    my $page = get($url);
    push @all, @{decode_json($page->{content})};
    ($url) = ($page->{headers}{link} // '') =~ m{\A<http://[^/]+(/[^>]+)>};
}

is($pages, 5, 'link: leads to the end');
is(@all, 200, 'seed: 200 users');

my %seen;
$seen{$_->{user_id}}++ for @all;

is(keys %seen, 200, 'seed: each once');
is_deeply([sort keys %{{map { (split /\|/, $_->{user_id})[0] => 1 } @all}}],
          [qw(ad adfs auth0 facebook github google-oauth2 linkedin samlp sms
              twitter waad windowslive)], 'seed: all providers');
cmp_ok(scalar(grep { ($_->{name} // '') =~ /[^\x00-\x7f]/ } @all), '>', 50,
       'seed: names beyond ASCII');

$r = get('/api/users?per_page=200');

is(@{decode_json($r->{content})}, 200, 'list: a full last page');
is($r->{headers}{link}, undef, 'link: none on the last page');
is(get('/api/users?page=2')->{content}, '[]', 'list: beyond the end');
is(get('/api/users?per_page=0')->{content}, '[]', 'list: none a page');
is(get('/api/users?per_page=0')->{headers}{link}, undef,
   'link: none where a page holds nothing');
is(@{json('/api/users?per_page=x&page=-1')}, 100,
   'list: nonsense falls back to the defaults');

# search

is_deeply(emails('/api/users?search=email:%20%22ana@example.com%22'),
          [qw(ana@example.com ana@example.com joana@example.com)],
          'search: e-mail, also longer ones');
is_deeply(emails('/api/users?search=email:%22lee%2Bnews@CONTOSO.example%22'),
          ['lee+news@contoso.example'], 'search: escaped plus, letter case');
is_deeply(emails('/api/users?search=ana@ex'),
          [qw(ana@example.com ana@example.com)],
          'search: the beginning of an e-mail');
is_deeply(emails('/api/users?search=JOS%C3%89'), ['jose@example.edu'],
          'search: the beginning of a name, without regard to case');
is_deeply(emails('/api/users?search=loginsCount:77+AND+family_name:%22isch%22'),
          ['lena@contoso.example'], 'search: two fields');
is_deeply(emails('/api/users?search=loginsCount:7&per_page=200'),
          [map { $_->{email} } grep { $_->{loginsCount} == 7 } @all],
          'search: a number matches whole');
is_deeply(emails('/api/users?search=hobby:skating'), ['greta@example.net'],
          'search: metadata');
is(get('/api/users?search=email:%22nobody@x%22')->{content}, '[]',
   'search: nothing found');
like(get('/api/users?search=email:%22example%22&per_page=1')->{headers}{link},
     qr/\?search=email:%22example%22&per_page=1&page=1>/,
     'link: goes on with the search');

# connections

is_deeply(connections('/api/connections/contoso-example/users'),
          ['contoso-example'], 'connection: its own users');
is_deeply(connections('/api/socialconnections/users'),
          [qw(facebook github google-oauth2 linkedin twitter windowslive)],
          'social connections');
is_deeply(connections('/api/enterpriseconnections/users'),
          [qw(campus contoso-example corp fabrikam.example)],
          'enterprise connections: no database, no sms');
like(get('/api/connections/facebook/users?per_page=3')->{headers}{link},
     qr{/api/connections/facebook/users\?per_page=3&page=1>},
     'connection: paging');
is_deeply(emails('/api/socialconnections/users?search=ana@'),
          ['ana@example.com'], 'social connections: search');
is_error(get('/api/connections/nowhere/users'), 404,
         '{"error":"The connection does not exist."}', 'connection: unknown');

# metadata

is(get("/api/users/$mona/metadata")->{content}, "{$mona_bag}",
   'metadata: the bag alone');
is(get('/api/users/adfs%7Cwhat%3F%23@fabrikam.example/metadata')->{content},
   '{}', 'metadata: an empty bag');

my $numbers = '"a":9007199254740993,"b":1e400,"c":1.0,"d":-0,'
    . '"e":123456789012345678901234567890,"f":2.50E-3';

$r = send_json('PUT', "/api/users/$mona/metadata", "{$numbers}");

is($r->{status}, 200, 'metadata: replaced');
is($r->{content}, "{$mona_profile,$numbers}",
   'metadata: answered with the user, numbers as they were sent');
is(get("/api/users/$mona/metadata")->{content}, "{$numbers}",
   'metadata: the old is gone');

$r = send_json('PATCH', "/api/users/$mona/metadata",
               qq({ "g" : [ 1,\t2.0 ] , "b" : null,"h\\u00f6he":"\\/",\n)
               . qq("":"\xc3\xa4\\ud83d\\ude80" }));

my $patched = '"a":9007199254740993,"b":null,"c":1.0,"d":-0,'
    . '"e":123456789012345678901234567890,"f":2.50E-3,'
    . qq("g":[ 1,\t2.0 ],"h\\u00f6he":"\\/","":"\xc3\xa4\\ud83d\\ude80");

is($r->{content}, "{$mona_profile,$patched}",
   'metadata: merged at the first level, in place, null kept');
is(get("/api/users/$mona")->{content}, $r->{content}, 'metadata: stored');

send_json('PUT', "/api/users/$mona/metadata", '{"k":{"a":1,"b":2}}');
send_json('PATCH', "/api/users/$mona/metadata", '{"\u006b":{"c":3},"l":1}');

is(get("/api/users/$mona/metadata")->{content}, '{"\u006b":{"c":3},"l":1}',
   'metadata: no deeper merge, an escaped name is the same name');

send_json('PUT', "/api/users/$mona/metadata", '{"a":1,"b":2,"a":3}');

is(get("/api/users/$mona/metadata")->{content}, '{"a":3,"b":2}',
   'metadata: the last of two values counts');

$r = send_json('PUT', "/api/users/$mona/metadata",
               '{"nickname":"shadow","user_id":"x","identities":[],"z":0}');
(my $shadowed = $mona_profile) =~ s/"nickname":"mona"/"nickname":"shadow"/;

is($r->{content}, qq({$shadowed,"z":0}),
   'metadata: shadows what the provider sent, but not the identity');

send_json('PUT', "/api/users/$mona/metadata", '{}');

is(get("/api/users/$mona")->{content}, "{$mona_profile}",
   'metadata: cleared, the provider attribute is back');

my $deep = '[' x 20000 . ']' x 20000;

is(send_json('PATCH', "/api/users/$mona/metadata",
             qq({"deep":$deep}))->{status}, 200, 'metadata: any depth');
is(get("/api/users/$mona/metadata")->{content}, qq({"deep":$deep}),
   'metadata: any depth comes back');

send_json('PUT', "/api/users/$mona/metadata", '{"kept":1}');

for my $case (
    ['', 'an object is expected at byte 0'],
    ['[]', 'an object is expected at byte 0'],
    ['{"a":1', '"," or "}" is expected at byte 6'],
    ['{"a":1,}', 'a name is expected at byte 7'],
    ['{"a" 1}', '":" is expected at byte 4'],
    ['{"a":01}', '"," or "}" is expected at byte 6'],
    ['{"a":[1}}', '"," or "]" is expected at byte 8'],
    ['{"a":.5}', 'a value is expected at byte 5'],
    ['{"a":NaN}', 'a value is expected at byte 5'],
    ["{\"a\":\"\t\"}", 'a string is broken at byte 6'],
    ['{"a":"\x"}', 'a string is broken at byte 6'],
    ['{"a":1}{}', 'data after the value at byte 7'],
    ["{\"a\":\"\xc0\xaf\"}", 'it is not UTF-8'],
    ["{\"a\":\"\xed\xa0\x80\"}", 'it is not UTF-8'],
) {
    my ($body, $reason) = @$case;

    my $bad = send_json('PUT', "/api/users/$mona/metadata", $body);
    my $message = $bad->{status} == 400
        ? decode_json($bad->{content})->{message} : '';

    is($message, "the body is no JSON object: $reason",
       'metadata refused: '
       . JSON::PP->new->ascii->allow_nonref->encode($body));
}

is(request('PUT', "/api/users/$mona/metadata", '{}',
           'Content-Type' => 'text/plain')->{status}, 415,
   'metadata refused: another type');
is(get("/api/users/$mona/metadata")->{content}, '{"kept":1}',
   'metadata refused: nothing changed');
is(send_json('PATCH', '/api/users/nobody/metadata', '{}')->{status}, 404,
   'metadata: unknown id');

# e-mail and password

$r = send_json('PUT', "/api/users/$mona/email",
               '{"email":"mona@example.org","verify":false}');

is("$r->{status} $r->{headers}{'content-type'} $r->{content}",
   '200 text/plain; charset=utf-8 OK', 'email: answered with a word');

my $user = json("/api/users/$mona");

is($user->{email}, 'mona@example.org', 'email: changed');
ok(!$user->{email_verified}, 'email: to be verified again');
is_deeply(emails('/api/users?search=email:%22mona@example.org%22'),
          ['mona@example.org'], 'email: found by the new one');
is_error(send_json('PUT', "/api/users/$mona/email",
                   '{"email":"ANA@example.com"}'), 409,
         '{"code":"user_exists","error":"Conflict",'
         . '"detail":"The user already exists."}',
         'email: of another user of the connection');
is(send_json('PUT', "/api/users/$mona/email",
             '{"email":"Mona@example.org"}')->{status}, 200,
   'email: the same in another case');
is(send_json('POST', '/api/users', '{"email":"mona@example.org",'
             . qq("password":"correct horse","connection":"$db"}))->{status},
   409, 'email: taken from now on');
is(send_json('PUT', "/api/users/$mona/email", '{"email":"a b"}')->{status},
   400, 'email refused: no address');
is(send_json('PUT', "/api/users/$mona/email", '{}')->{status}, 400,
   'email refused: none');
is_error(send_json('PUT', '/api/users/facebook%7C100200300/email',
                   '{"email":"x@example.org"}'), 400,
         '{"code":400,"error":"Bad Request","message":"the email of a user'
         . ' of the connection \"facebook\" (facebook) cannot be changed"}',
         'email refused: a social user');
is(send_json('PUT', '/api/users/nobody/email',
             '{"email":"x@example.org"}')->{status}, 404,
   'email: unknown id');

$r = send_json('PUT', "/api/users/$mona/password",
               '{"password":"correct horse","verify":false}');

is("$r->{status} $r->{content}", '200 OK', 'password: answered with a word');
is_error(send_json('PUT', "/api/users/$mona/password", '{"password":"12345"}'),
         400, '{"code":400,"error":"Bad Request",'
         . '"message":"PasswordStrengthError: Password is too weak"}',
         'password refused: too weak');
is(send_json('PUT', "/api/users/$mona/password", '{"password":1234567}')
   ->{status}, 400, 'password refused: no string');
is(send_json('PUT', '/api/users/facebook%7C100200300/password',
             '{"password":"correct horse"}')->{status}, 400,
   'password refused: a social user');
is(send_json('PUT', '/api/users/nobody/password',
             '{"password":"correct horse"}')->{status}, 404,
   'password: unknown id');

# create

$r = send_json('POST', '/api/users/', qq({"email":"New.User\@example.com",)
               . qq("password":"correct horse","connection":"$db","vip":true,)
               . '"email_verified":true,"points":1.0,"note":null}');

is($r->{status}, 200, 'create: status');
like($r->{content}, qr/\A\{"_id":"([0-9a-f]{32})",
     "email":"New\.User\@example\.com","email_verified":true,
     "user_id":"auth0\|([0-9a-f]{24})","name":"New\.User\@example\.com",
     "nickname":"New\.User","picture":"\/avatars\/..\.png",
     "identities":\[\{"user_id":"\2","provider":"auth0","connection":"$db",
     "isSocial":false\}\],"created_at":"\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z",
     "vip":true,"points":1\.0,"note":null\}\z/x,
     'create: what else stands in the body is metadata');

my $created = decode_json($r->{content})->{user_id};

is(get('/api/users/' . escape($created))->{content}, $r->{content},
   'create: stored');
is(get('/api/users/' . escape($created) . '/metadata')->{content},
   '{"vip":true,"points":1.0,"note":null}', 'create: its bag');
is_error(send_json('POST', '/api/users', '{"email":"new.user@example.com",'
                   . qq("password":"correct horse","connection":"$db"})), 409,
         '{"code":"user_exists","error":"Conflict",'
         . '"detail":"The user already exists."}', 'create: twice');

$r = send_json('POST', '/api/users',
               '{"connection":"sms","phone_number":"+15550100"}');

like($r->{content}, qr/"phone_number":"\+15550100","phone_verified":false,
     "user_id":"sms\|/x, 'create: a passwordless user');

for my $case (
    ['{"email":"a@example.com","password":"correct horse"}',
     'connection is required'],
    ['{"connection":"x","email":"a@example.com"}',
     'the connection "x" does not exist'],
    ['{"connection":"facebook","email":"a@example.com"}',
     'users of a facebook connection come by login'],
    [qq({"connection":"$db","password":"correct horse"}), 'email is required'],
    [qq({"connection":"$db","email":"a\@example.com"}),
     'password is required'],
    [qq({"connection":"$db","email":"a","password":"correct horse"}),
     'email is no e-mail address'],
    [qq({"connection":"$db","email":"a\@example.com","password":"short"}),
     'PasswordStrengthError: Password is too weak'],
    [qq({"connection":"$db","email":"a\@example.com",)
     . '"password":"correct horse","email_verified":1}',
     'email_verified is true or false'],
    ['{"connection":"sms","phone_number":1}', 'phone_number is a string'],
) {
    my $bad = send_json('POST', '/api/users/', $case->[0]);

    is($bad->{status} == 400 && decode_json($bad->{content})->{message},
       $case->[1], "create refused: $case->[1]");
}

# logs, tickets, mails

my $path = '/api/users/' . escape($created);
my $home = "http://127.0.0.1:$port";

is(types($path), 'ss', 'log: a signup');

my $login = json("/api/users/$mona/logs")->[-1];

is($login->{type}, 's', 'log: a login from before');
is($login->{date}, '2014-11-02T08:05:12.004Z', 'log: its date');
is($login->{user_id}, 'auth0|52e1b0a1c3d4e5f607182930', 'log: whose it is');

$r = send_json('POST', "$path/send_verification_email", '{}');

is("$r->{status} $r->{content}", '200 OK', 'mail: answered with a word');
send_json('PUT', "$path/password", '{"password":"correct horse"}');
send_json('PUT', "$path/email", '{"email":"newer.user@example.com"}');
is(types($path), 'sce scp svr ss', 'log: the newest first');
is(types($path, '?per_page=2&page=1'), 'svr ss', 'log: pages');

$r = send_json('POST', "$path/verification_ticket",
               '{"resultUrl":"https://a.example/b?c=%20"}');

my ($ticket) = $r->{content}
    =~ m{\A\{"ticket":"\Q$home\E(/lo/verify_email\?ticket=\w+)"\}\z};

ok(!json($path)->{email_verified}, 'ticket: nothing is verified yet');
$r = get($ticket);
is("$r->{status} $r->{headers}{location}", '302 https://a.example/b?c=%20',
   'ticket: leads on');
ok(json($path)->{email_verified}, 'ticket: the e-mail is verified');
is_error(get($ticket), 404, '{"error":"The ticket does not exist."}',
         'ticket: once only');

$r = send_json('POST', "$path/change_password_ticket",
               '{"newPassword":"battery staple"}');
($ticket) = $r->{content}
    =~ m{\A\{"ticket":"\Q$home\E(/lo/reset\?ticket=\w+)"\}\z};
is(get($ticket =~ s/reset/verify_email/r)->{status}, 404,
   'ticket: for one thing only');
is(get($ticket)->{content}, 'OK', 'ticket: the password is set');

($ticket) = send_json('POST', "$path/change_password_ticket", '{}')->{content}
            =~ m{(/lo/[^"]+)};
is(get($ticket)->{status}, 400, 'ticket: without a password');
is(get("$ticket&password=battery+staple")->{content}, 'OK',
   'ticket: a password of its own');

for my $case (
    ['change_password_ticket', '{"newPassword":"short"}'],
    ['verification_ticket', '{"resultUrl":1}'],
    ['verification_ticket', '[]'],
) {
    is(send_json('POST', "$path/$case->[0]", $case->[1])->{status}, 400,
       "refused: $case->[0] $case->[1]");
}

is(send_json('POST', '/api/users/sms%7C1/send_verification_email', '{}')
   ->{status}, 404, 'mail: unknown id');
is(get('/api/users/nobody/logs')->{status}, 404, 'log: unknown id');

# delete

$r = request('DELETE', '/api/users/' . escape($created));

is("$r->{status} $r->{content}", '200 OK', 'delete: answered with a word');
is(get('/api/users/' . escape($created))->{status}, 404, 'delete: gone');
is(request('DELETE', '/api/users/' . escape($created))->{status}, 404,
   'delete: unknown id');

# what the server saw

my $seen = last_request();

is("$seen->{method} $seen->{target}", 'DELETE /api/users/' . escape($created),
   'request log: method and target');

raw("PATCH /api/users/a%2fb|c?x=%20 HTTP/1.1\r\nHost: h\r\nX-B: 1\r\n"
    . "x-a:  2 \r\nX-B: 3\r\nContent-Type: text/plain\r\n"
    . "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    . "4\r\n\xff\"\\\n\r\n2\r\n\xc3\xa4\r\n0\r\n\r\n");
$seen = last_request();

is("$seen->{method} $seen->{target} $seen->{version}",
   'PATCH /api/users/a%2fb|c?x=%20 1.1', 'request log: the raw target');
is_deeply($seen->{headers},
          [['Host', 'h'], ['X-B', 1], ['x-a', 2], ['X-B', 3],
           ['Content-Type', 'text/plain'], ['Transfer-Encoding', 'chunked'],
           ['Connection', 'close']],
          'request log: headers in their order, each one');
is($seen->{body}, "\xff\"\\\n\xc3\xa4", 'request log: a character is a byte');

raw("\r\nPOST /api/users HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    . "Content-Type: multipart/form-data; boundary=b\r\n"
    . "Content-Length: 13\r\n\r\n--b\r\n\r\nx\r\n--b");
$seen = last_request();

is($seen->{target}, '/api/users', 'request log: after an empty line');
is($seen->{body}, "--b\r\n\r\nx\r\n--b", 'request log: a body of any type');

# delete all: v1 has it, so the gateway must never get there

for my $all ('/api/users', '/api/users/') {
    is(request('DELETE', $all)->{content}, 'OK', "delete all: $all");
    is(get('/api/users')->{content}, '[]', "delete all: $all left nobody");
    is(send_json('POST', '/api/users', '{"email":"first@example.com",'
                 . qq("password":"correct horse","connection":"$db"}))
       ->{status}, 200, 'delete all: the connection is still there');
}

is(stop(), 0, 'stop: TERM ends it cleanly');
is(complaints(), '', 'stop: it had nothing to complain about');

done_testing();


sub types {
    my ($user, $query) = @_;

    return join ' ', map { $_->{type} }
                     @{json("$user/logs" . ($query // ''))};
}

sub emails {
    my ($target) = @_;

    return [map { $_->{email} } @{json($target)}];
}

sub connections {
    my ($target) = @_;

    my %names = map { $_->{identities}[0]{connection} => 1 } @{json($target)};

    return [sort keys %names];
}

sub last_request {
    return decode_json((split /\n/, slurp($requests))[-1]);
}
