#!/usr/bin/perl

# The legacy backend demo/directory: each call, the bytes that it keeps, its
# pages, filters and errors, and that what was written outlives the process.
# What other tests prove with it is worth no more than this.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use lib 't/lib';
use ProfileTest::Legacy 'directory';

my $users = '/admin/users';
my ($mona, $kofi, $none, $jose, $attributes, $greta, $ken)
    = map { sprintf '6c1f0a7b-e2d9-4c0f-8b7d-%012d', $_ } 1, 2, 4, 6, 7, 8, 9;
my $db = directory() . '/directory.db';
my $requests = directory() . '/requests';
my $port = start('--db', $db, '--request-log', $requests);

# one user, as the seed has it

my $record = qq("id":"$mona","createdTimestamp":1390494033118,)
    . '"username":"mona","enabled":true,"totp":false,"emailVerified":true,'
    . '"firstName":"Mona","lastName":"Lind","email":"mona.lind@example.com",'
    . '"federatedIdentities":[],"disableableCredentialTypes":["password"],'
    . '"requiredActions":[],"notBefore":0,"access":{"manageGroupMembership":'
    . ' true, "view": true, "mapRoles": true, "impersonate": false,'
    . ' "manage": true}';
my $map = '"attributes":{"color":["teal"],"locale":["de"],'
    . '"topics":["food", "rail"]}';
my $admin = '"adminAttributes":{"plan":["full"],"seats":["3"],'
    . '"crmId":["1207"]}';

my $r = get("$users/$mona");

is($r->{status}, 200, 'read: status');
is($r->{content}, "{$record,$map,$admin}", 'read: bytes');
is($r->{headers}{'content-type'}, 'application/json; charset=utf-8',
   'read: type');
is($r->{headers}{etag}, undef, 'read: no tag');
is($r->{headers}{'cache-control'}, 'no-cache', 'read: not to be kept');
is(get("$users/$mona/attributes")->{content}, "{$map,$admin}",
   'read: attributes alone');
is(get("$users/$none/attributes")->{content},
   '{"attributes":{},"adminAttributes":{}}', 'read: no attributes, alone');
unlike(get("$users/$none")->{content}, qr/ttributes|federated|firstName/,
       'read: what a user does not have is not there');
like(get("$users/$kofi/federated-identity")->{content},
     qr/\A\[\{"identityProvider": "github", .*\}\]\z/, 'read: identities');
is(request('HEAD', "$users/$mona")->{headers}{'content-length'},
   length $r->{content}, 'head: length');

for my $case (
    ['GET', "$users/nobody", 404, 'User not found'],
    ['GET', "$users/nobody/attributes", 404, 'User not found'],
    ['DELETE', "$users/nobody", 404, 'User not found'],
    ['GET', '/admin/groups', 404, 'HTTP 404 Not Found'],
    ['GET', '/Admin/Users', 404, 'HTTP 404 Not Found'],
    ['GET', "$users/", 404, 'HTTP 404 Not Found'],
    ['PATCH', "$users/$mona", 405, 'HTTP 405 Method Not Allowed'],
    ['DELETE', $users, 405, 'HTTP 405 Method Not Allowed'],
) {
    my ($method, $target, $status, $error) = @$case;

    is_error(request($method, $target), $status, qq({"error":"$error"}),
             "$method $target");
}

# lists

sub names {
    my ($query) = @_;

    return join ' ', map { $_->{username} } @{json("$users?$query")};
}

for my $case (
    ['email=ana%40example.com', 'ana joana'],
    ['email=ANA%40example.com&exact=true', 'ana'],
    ['username=AN&search=lind', 'hana.lindqvist'],
    ['username=mona&exact=true', 'mona'],
    ['username=mon&exact=true', ''],
    ['search=LIND%40', 'mona'],
    ['enabled=false', 'ken'],
    ['idpAlias=myspace', 'eve'],
    ['idpAlias=google&search=sam.', 'sam.two'],
    ['idpAlias=github&search=sam.', 'sam.two'],
    ['idpAlias=none', ''],
) {
    is(names($case->[0]), $case->[1], "list: $case->[0]");
    is(json("$users?$case->[0]") ? get("$users/count?$case->[0]")->{content}
       : '', split(/ /, $case->[1]) + 0, "count: $case->[0]");
}

is(get("$users?search=nobody")->{content}, '[]', 'list: nobody');
is(get("$users/count")->{content}, '200', 'count: a number, and no more');
is(@{json($users)}, 100, 'list: 100 if not asked for more or less');
is(@{json("$users?max=1000")}, 200, 'list: as many as are asked for');
is(@{json("$users?max=0")}, 0, 'list: nobody asked for');

my @all = @{json("$users?max=200")};

is_deeply(json("$users?first=7&max=5"), [@all[7 .. 11]], 'list: a part');
is_deeply(json("$users?first=198"), [@all[198, 199]], 'list: the end');
is(get("$users?first=200")->{content}, '[]', 'list: beyond the end');
is_deeply([map { $_->{username} } @all], [sort map { $_->{username} } @all],
          'list: by user name');

# the seed

my %ids = map { $_->{id} => 1 } @all;
my %providers = map { $_->{identityProvider} => 1 }
    map { @{$_->{federatedIdentities} // []} } @all;

is(keys %ids, 200, 'seed: 200 users, each once');
is_deeply([grep { !/\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/ }
           keys %ids], [], 'seed: ids');
is_deeply([sort keys %providers],
          [qw(campus-saml github google ldap myspace)],
          'seed: all providers');
cmp_ok(scalar(grep { ($_->{lastName} // '') =~ /[^\x00-\x7f]/ } @all), '>', 50,
       'seed: names beyond ASCII');
cmp_ok(scalar(grep { !$_->{adminAttributes} } @all), '>', 20,
       'seed: no attributes');
is(get("$users/$attributes/attributes")->{content},
   '{"attributes":{"none":[],"empty":[""],"two":["a", "a"],'
   . '"big":["9007199254740993"],"json":["{\"a\":[1]}"]},"adminAttributes":'
   . '{"none":[],"big":["123456789012345678901234567890"]}}',
   'seed: odd attributes');

# attributes: one call merges, another one replaces

sub attributes {
    my ($method, $body, $id) = @_;

    return send_json($method, "$users/" . ($id // $mona) . '/attributes',
                     $body);
}

sub stored { return get("$users/" . ($_[0] // $mona) . '/attributes')
                    ->{content} }

$r = attributes('POST', '{"attributes":{"color":["red"],"new":["1","\u0032"]},'
                . '"adminAttributes":{}}');

is("$r->{status} $r->{content}", '204 ', 'merge: answered with nothing');
is($r->{headers}{'content-type'}, undef, 'merge: no type');
is(stored(), '{"attributes":{"color":["red"],"locale":["de"],'
   . '"topics":["food", "rail"],"new":["1","\u0032"]},' . "$admin}",
   'merge: in place, the rest stays');
attributes('POST', '{"attributes":{"locale":null,"topics":[],"none":null}}');
is(stored(), '{"attributes":{"color":["red"],"new":["1","\u0032"]},'
   . "$admin}", 'merge: null and no value take away');
attributes('POST', '{"adminAttributes":{"plan":null,"seats":["4"]}}');
is(stored(), '{"attributes":{"color":["red"],"new":["1","\u0032"]},'
   . '"adminAttributes":{"seats":["4"],"crmId":["1207"]}}',
   'merge: of administrators');
attributes('PUT', '{"attributes":{"a":["b"]}}');
is(stored(), '{"attributes":{"a":["b"]},"adminAttributes":{"seats":["4"],'
   . '"crmId":["1207"]}}', 'replace: the map that is named');

for my $case (
    ['{"attributes":{"a":"b"}}', 'Cannot parse the value of \"a\"'],
    ['{"attributes":{"a":[1]}}', 'Cannot parse the value of \"a\"'],
    ['{"attributes":{"a":[null]}}', 'Cannot parse the value of \"a\"'],
    ['{"attributes":{"a":{}}}', 'Cannot parse the value of \"a\"'],
    ['{"attributes":[]}', 'Cannot parse the value of \"attributes\"'],
    ['{"a":["b"]}', 'Unrecognized field \"a\"'],
    ['{', 'the body is no JSON object: a name is expected at byte 1'],
) {
    is_error(attributes('POST', $case->[0]), 400,
             qq({"errorMessage":"$case->[1]"}), "merge refused: $case->[0]");
}

is_error(attributes('POST', '{"attributes":{}}', 'nobody'), 404,
         '{"error":"User not found"}', 'merge: nobody');
is_error(request('POST', "$users/$mona/attributes", '{}',
                 'Content-Type' => 'text/plain'), 415,
         '{"error":"HTTP 415 Unsupported Media Type"}',
         'merge refused: another type');

# a user

sub change { return send_json('PUT', "$users/$mona", $_[0]) }

is(change('{"firstName":"M","enabled":false}')->{status}, 204,
   'change: status');

my $user = json("$users/$mona");

is("$user->{firstName} $user->{lastName}", 'M Lind',
   'change: what is named, and no more');
ok(!$user->{enabled}, 'change: switched off');
ok($user->{emailVerified}, 'change: still verified');

change('{"email":"mona.lind@example.com"}');
ok(json("$users/$mona")->{emailVerified}, 'change: the same address');
change('{"email":"mona@example.org"}');
ok(!json("$users/$mona")->{emailVerified}, 'change: another address');
is(names('email=mona%40example.org'), 'mona', 'change: found by it');
change('{"attributes":{"x":["y"],"z":[]}}');
is(stored(), '{"attributes":{"x":["y"]},"adminAttributes":{"seats":["4"],'
   . '"crmId":["1207"]}}', 'change: replaces the attributes');
change('{"id":"x","createdTimestamp":1,"federatedIdentities":[]}');
is(json("$users/$mona")->{createdTimestamp}, 1390494033118,
   'change: what only the directory writes is passed over');

for my $case (
    ['{"username":"KOFI"}', 409, 'User exists with same username'],
    ['{"email":"kofi@EXAMPLE.com"}', 409, 'User exists with same email'],
    ['{"enabled":1}', 400, 'Cannot parse the value of \"enabled\"'],
    ['{"blocked":true}', 400, 'Unrecognized field \"blocked\"'],
) {
    is_error(change($case->[0]), $case->[1],
             qq({"errorMessage":"$case->[2]"}), "change refused: $case->[0]");
}

sub reset_password { return send_json('PUT', "$users/$mona/reset-password",
                                      $_[0]) }

is(reset_password('{"type":"password","value":"x","temporary":false}')
   ->{status}, 204, 'password: status');
is_error(reset_password('{"password":"x"}'), 400,
         '{"errorMessage":"No password provided"}', 'password refused: none');

# create

$r = send_json('POST', $users, '{"username":"new","enabled":true}');

is("$r->{status} $r->{content}", '201 ', 'create: answered with nothing');

my ($place) = $r->{headers}{location} =~ m{\Ahttp://127.0.0.1:$port(/.*)};

is(json($place)->{username}, 'new', 'create: but with where it is');

$r = send_json('POST', $users, '{"email":"New.User@example.com","password":'
               . '"correct horse","firstName":"N","attributes":{"a":["b"]}}',
               Prefer => 'return=representation');

like($r->{content}, qr/\A\{"id":"([0-9a-f-]{36})","createdTimestamp":\d{13},
     "username":"New\.User\@example\.com","enabled":false,"totp":false,
     "emailVerified":false,"firstName":"N","email":"New\.User\@example\.com",
     .*"attributes":\{"a":\["b"\]\}\}\z/x, 'create: the user, to who prefers');
unlike($r->{content}, qr/horse/, 'create: no password');
is($r->{status}, 201, 'create: status');
is(get("$users/" . decode_json($r->{content})->{id})->{content}, $r->{content},
   'create: stored');

for my $case (
    ['{}', 400, 'User name is missing'],
    ['{"username":"New"}', 409, 'User exists with same username'],
    ['{"username":"n","email":"NEW.user@example.com"}', 409,
     'User exists with same email'],
    ['{"username":"n","password":""}', 400, 'Password policy not met'],
    ['{"username":"n","connection":"x"}', 400,
     'Unrecognized field \"connection\"'],
) {
    is_error(send_json('POST', $users, $case->[0]), $case->[1],
             qq({"errorMessage":"$case->[2]"}), "create refused: $case->[0]");
}

# delete

$r = request('DELETE', "$users/$greta");

is("$r->{status} $r->{content}", '204 ', 'delete: status');
is(get("$users/$greta")->{status}, 404, 'delete: gone');
is(get("$users/count")->{content}, '201', 'delete: counted');

my $seen = decode_json((split /\n/, slurp($requests))[-1]);

is("$seen->{method} $seen->{target}", "GET $users/count", 'request log');

# what was written outlives it

my $kept = get("$users?max=300")->{content};

is(stop(), 0, 'stop: TERM ends it cleanly');
start('--db', $db);
is(get("$users?max=300")->{content}, $kept, 'restart: with what was written');
is(stop('INT'), 0, 'stop: INT ends it cleanly');

start('--users', 40);

my ($same) = grep { $_->{id} !~ /\A6c1f0a7b-/ } @{json($users)};

is(get("$users/count")->{content}, '40', 'users: so many');
is_deeply($same, (grep { $_->{id} eq $same->{id} } @all)[0],
          'seed: the same every time');
stop();

is(complaints(), '', 'no server had anything to complain about');

done_testing();
