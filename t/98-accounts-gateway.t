#!/usr/bin/perl

# Proves that the gateway serves v2 in front of a backend that keeps everything
# elsewhere, demo/accounts: numbers for ids, the provider in a member, metadata
# in two objects, users in envelopes and wrappers, pages from 1.  It fails when
# a user is not the v2 one, when a list or a search misses somebody, when a
# write is not what is read afterwards, and when a secret leaves.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Gateway;

my $t = gateway('accounts');
my $users = '/api/v2/users';
my $r;

# one user

my $times = '"created_at":"2014-01-23T16:20:33.117Z",'
    . '"updated_at":"2014-10-16T11:53:44.198Z"';
my $logins = '"last_login":"2014-10-16T11:53:44.198Z",'
    . '"last_ip":"198.51.100.23"';

$r = get('/10002');
is($r->status, 200, 'U1 read: status');
is($r->body, '{"user_id":"10002","email":"kofi@example.com",'
   . '"email_verified":true,"username":null,"name":"Kofi Mensah",'
   . '"provider":"github","uid":"4410","profile":{"login":"kofi",'
   . '"company":"Kolam Labs","public_repos":8},"blocked":false,'
   . qq("logins_count":7,$logins,$times,"given_name":"Kofi",)
   . '"family_name":"Mensah",'
   . '"picture":"https://avatars.example.com/u/4410?v=3",'
   . '"app_metadata":{"plan":"full"},"user_metadata":{"theme":"dark"}}',
   'M7 read: the v2 user, without wrapper, password and token');
is_deeply(asked(), [ 'GET /accounts/10002' ], 'U1 read: the call');

for my $case (
    [ '9007199254740993',
      qr/\A\{"user_id":"9007199254740993",.*
         "app_metadata":\{"n":123456789012345678901234567890,"e":1e400,
         "f":1\.0,"g":-0\},"user_metadata":\{"n":9007199254740993\}\}\z/x,
      'M7.3 digits are kept' ],
    [ '10004', qr/"blocked":true,.*"app_metadata":\{"imported":true\}/,
      'M7.4 no provider' ],
    [ '10005', qr/"profile":null,.*"app_metadata":\{\},"user_metadata":\{\}\}/,
      'M7.6 nothing to lift from' ],
    [ '10006', qr/"profile":\{"topFriends":\["tom"\]\}/,
      'M7.4 a provider that nobody knows' ],
    [ '10009', qr/"given_name":"Root",.*"family_name":"Told"/,
      'M7.6 an attribute of the root wins' ],
    [ '10010', qr/"legacyCode":"A-17",.*"app_metadata":\{\}/,
      'M2.9 what is not known is no metadata' ],
    [ '10012', qr/"user_metadata":\{\}\}\z/, 'M3.6 no null of metadata' ],
) {
    my ($id, $like, $name) = @$case;

    like(get("/$id")->body, $like, $name);
}

my $greta = data(get('/10008'));

is_deeply([ @$greta{qw(user_id email app_metadata user_metadata)} ],
          [ '10008', 'greta@example.net',
            { id => 7, provider => 'internal', preferences => { x => 1 } },
            { email => 'private@example.net', locale => 'en_GB',
              avatarUrl => '/avatars/greta.png',
              a => { b => { c => [ { d => { secret => 'mine' } } ] } } } ],
          'M7.7 metadata may be called like anything else');

$r = get('/10001?fields=user_id,app_metadata.plan');
is($r->body, '{"user_id":"10001","app_metadata":{"plan":"full"}}',
   'U5.7 fields');

my $tag = get('/10001')->header('ETag');

like($tag, qr/~v2w[0-9a-f]{16}"\z/, 'H2.2 the tag of a user');
is($t->get("$users/10001", 'If-None-Match' => $tag)->status, 304,
   'H2.6 it is known');

$r = get('/1');
is($r->status, 404, 'U6.3 nobody: status');
is(data($r)->{errorCode}, 'inexistent_user', 'U6.3 nobody: errorCode');
is(data($r)->{message}, 'not found', 'U6 nobody: what the backend says');

# lists

sub ids {
    my ($list) = @_;

    $list = $list->{users} if ref $list eq 'HASH';

    return join ' ', map { $_->{user_id} } @$list;
}

asked();

for my $case (
    [ '?per_page=2', '10001 10002', 'page=1&per_page=2' ],
    [ '?per_page=2&page=1', '9007199254740993 10004', 'page=2&per_page=2' ],
    [ '?per_page=2&page=100', '', 'page=101&per_page=2' ],
    [ '?per_page=0', '', 'page=1&per_page=1' ],
    [ '?connection=myspace', '10006', 'page=1&per_page=50&provider=myspace' ],
    [ '?connection=a%26id%3D10001', '',
      'page=1&per_page=50&provider=a%26id%3D10001' ],
) {
    my ($query, $ids, $asked) = @$case;

    $r = get($query);
    is(ids(data($r)), $ids, "U5 list: $query");
    unlike($r->body, qr/"meta"|"accounts"/, "M1.7 no envelope: $query");
    is_deeply(asked(), [ "GET /accounts?$asked" ], "U5.8 asked: $query");
}

for my $case (
    [ '?include_totals=true&per_page=3&page=2', [ 6, 3, 3, 200 ] ],
    [ '?include_totals=true&per_page=50&page=4', [ 200, 50, 0, 200 ] ],
    [ '?include_totals=true&per_page=0', [ 0, 0, 0, 200 ] ],
    [ '?include_totals=true&connection=myspace', [ 0, 50, 1, 1 ] ],
    [ '?include_totals=true&q=user_metadata.theme:dark&per_page=1',
      [ 0, 1, 1, undef ] ],
) {
    my ($query, $numbers) = @$case;
    my $list = data(get($query));

    $numbers->[3] //= grep { ($_->{user_metadata}{theme} // '') eq 'dark' }
        map { @{ data(get("?per_page=100&page=$_")) } } 0, 1;

    is_deeply([ @$list{qw(start limit length total)} ], $numbers,
              "U5.2 totals: $query");
}

my %met;

for my $page (0 .. 4) {
    $met{$_->{user_id}}++ for @{ data(get("?per_page=50&page=$page")) };
}

is(scalar keys %met, 200, 'U5 every user');
is_deeply([ grep { $met{$_} > 1 } keys %met ], [], 'U5 each once');

for my $page (0, 1) {
    my ($found) = get("?per_page=100&page=$page")->body
        =~ /(TOKEN|GH-|ya29|CAA[0-9a-f]|refreshToken|encrypted|\$2a\$)/;

    is($found, undef, "M7.5 no secret in list $page");
}

# Every user, against what the schema says in other words.

sub expected {
    my ($v1) = @_;

    my %names = (id => 'user_id', userName => 'username', locked => 'blocked',
                 display_name => 'name', emailVerified => 'email_verified',
                 sign_in_count => 'logins_count', first_name => 'given_name',
                 lastSignInAt => 'last_login', last_sign_in_ip => 'last_ip',
                 last_name => 'family_name', avatarUrl => 'picture');
    my %user = %$v1;
    my %rest = %{ $user{profile} // {} };

    for my $name (qw(first_name last_name avatarUrl)) {
        next if !exists $rest{$name};

        my $value = delete $rest{$name};
        $user{$name} = $value if !exists $user{$name};
    }

    delete @rest{qw(secret refreshToken)};
    delete $user{encrypted_password};

    my $emptied = $user{profile} && %{ $user{profile} } && !%rest;

    delete $user{profile} if $emptied;
    $user{profile} = \%rest if $user{profile};

    my %bags = (user_metadata => delete $user{preferences},
                app_metadata => delete $user{settings});

    for my $bag (values %bags) {
        delete @$bag{grep { !defined $bag->{$_} } keys %$bag};
    }

    return { %bags, map { $names{$_} // $_ => $user{$_} } keys %user };
}

my @v1 = map { @{ $_->{accounts} } }
         map { data($t->get("/accounts?per_page=100&page=$_")) } 1, 2;
my @v2 = map { @{ data(get("?per_page=100&page=$_")) } } 0, 1;

is_deeply(\@v2, [ map { expected($_) } @v1 ], 'M7 every user');


# searches and orders

asked();

for my $case (
    [ '?q=email:ana@example.com', '10010 10011',
      'page=1&per_page=100&email=ana%40example.com' ],
    [ '?q=user_id:10004', '10004', 'page=1&per_page=100&id=10004' ],
    [ '?q=user_id:1', '', 'page=1&per_page=100&id=1' ],
    [ '?q=app_metadata.imported:true', '10004', 'page=1&per_page=100',
      'page=2&per_page=100', 'page=3&per_page=100' ],
    [ '?q=user_metadata.theme:light&connection=myspace', '10006',
      'page=1&per_page=100&provider=myspace' ],
    [ '?q=provider:github%20AND%20given_name:root', '10009',
      'page=1&per_page=100', 'page=2&per_page=100', 'page=3&per_page=100' ],
    [ '?sort=email:1&connection=myspace', '10006',
      'page=1&per_page=100&provider=myspace' ],
    [ '?sort=email:1&connection=user_id', '',
      'page=1&per_page=100&provider=user_id' ],
    [ '?q=user_metadata.theme:dark&connection=Email', '',
      'page=1&per_page=100&provider=Email' ],
    [ '?sort=logins_count:-1&per_page=1&q=email:mona*%20AND%20'
      . 'app_metadata.crm_id:1207', '10001', 'page=1&per_page=100',
      'page=2&per_page=100', 'page=3&per_page=100' ],
) {
    my ($query, $ids, @asked) = @$case;

    is(ids(data(get($query))), $ids, "U10 search: $query");
    is_deeply(asked(), [ map { "GET /accounts?$_" } @asked ],
              "U10 asked: $query");
}

my @sorted = map { $_->{name} // '' }
             @{ data(get('?sort=name:1&per_page=100&fields=name')) };

is_deeply(\@sorted, [ sort @sorted ], 'U10 order');

$r = $t->get('/api/v2/users-by-email?email=ana@example.com&fields=user_id');
is($r->body, '[{"user_id":"10010"},{"user_id":"10011"}]', 'U10.5 by e-mail');
is($t->get('/api/v2/users-by-email?email=na@example.com')->body, '[]',
   'U10.5 nobody by e-mail');
is($t->get('/api/v2/users-by-email')->status, 400, 'U1 no e-mail');

# changes

asked();

$r = send_json('PATCH', '/10001', '{"user_metadata":{"hue":"red",'
               . '"color":null,"n":[1, 2.50]},"app_metadata":{"plan":"half",'
               . '"big":9007199254740993}}');
is($r->status, 200, 'U4 metadata: status');
is_deeply(asked(), [
    'PATCH /accounts/10001 {"account":{"settings":{"plan":"half",'
    . '"big":9007199254740993},"preferences":{"hue":"red","color":null,'
    . '"n":[1, 2.50]}}}', 'GET /accounts/10001' ],
    'U3.9 metadata: one call, inside of the objects');
like($r->body, qr/"app_metadata":\{"plan":"half","seats":3\.0,"crm_id":1207,
     "big":9007199254740993\},"user_metadata":\{"panels":\{"left":
     \s\["mail",\s"news"\]\},"hue":"red","n":\[1,\s2\.50\]\}\}\z/x,
     'U3.9 metadata: merged');

send_json('PATCH', '/10001', '{"user_metadata":{}}');
is_deeply(asked(), [ 'GET /accounts/10001/metadata',
    'PATCH /accounts/10001 {"account":{"preferences":{"panels":null,'
    . '"hue":null,"n":null}}}', 'GET /accounts/10001' ],
    'U3.5 a container is cleared');
send_json('PATCH', '/10007', '{"app_metadata":{}}');
is_deeply(asked(), [ 'GET /accounts/10007/metadata',
    "PATCH /accounts/10007 {\"account\":{\"settings\":{\"stra\xc3\x9fe\":"
    . 'null}}}', 'GET /accounts/10007' ], 'U3.5 and the other one');
is_deeply(data(get('/10001'))->{user_metadata}, {}, 'U3.5 it is empty');
is(data(get('/10001'))->{app_metadata}{plan}, 'half',
   'U3.5 the other one is not');

$r = send_json('PATCH', '/10002', '{"user_metadata":{"secret":"S",'
               . '"user_id":1,"identities":[],"profile":{"a":1}}}');
is_deeply(data($r)->{user_metadata},
          { theme => 'dark', secret => 'S', user_id => 1, identities => [],
            profile => { a => 1 } }, 'U3.9 any name');

asked();
$r = send_json('PATCH', '/10001', '{"name":"Mo","username":"mo",'
               . '"blocked":true,"email_verified":false}');
is_deeply(asked(), [
    'PATCH /accounts/10001 {"account":{"display_name":"Mo","userName":"mo",'
    . '"locked":true,"emailVerified":false}}', 'GET /accounts/10001' ],
    'U4.8 attributes go up under the names of v1');
is_deeply([ @{ data($r) }{qw(name username blocked)} ],
          [ 'Mo', 'mo', JSON::PP::true ], 'U4 attributes are changed');

$r = send_json('PATCH', '/10001', '{"email":"mo@example.com"}');
is_deeply([ @{ data($r) }{qw(email email_verified)} ],
          [ 'mo@example.com', JSON::PP::false ], 'U4.1 e-mail');

$r = send_json('PATCH', '/10001', '{"password":"correct horse"}');
is($r->status, 200, 'U4.1 password');
unlike($r->body, qr/horse/, 'U4.1 password: not shown');

$r = send_json('PATCH', '/10001', '{"email":"ANA@example.com",'
               . '"user_metadata":{"never":1}}');
is($r->status, 422, 'U4.2 an address that is taken: status');
ok(!exists data(get('/10001'))->{user_metadata}{never},
   'U4.2 nothing that follows is written');

$r = send_json('PATCH', '/10001', '{"password":"short"}');
is($r->status, 422, 'U6 a password that is too short');

# what may not be written

asked();

for my $name (qw(id user_id provider profile uid encrypted_password given_name
                 family_name picture logins_count created_at identities
                 preferences settings locked userName verify_email made_up))
{
    $r = send_json('PATCH', '/10002', qq({"$name":"x"}));
    is($r->status, 400, "H5.16 $name: status");
    is(data($r)->{errorCode}, 'operation_not_supported',
       "H5.16 $name: errorCode");
}

is_deeply([ grep { !/\AGET / } @{ asked() } ], [], 'H5 nothing is written');

is(send_json('PATCH', '/10002', '{"given_name":"Kofi","provider":"github",'
             . '"user_id":"10002","logins_count":7}')->status, 200,
   'U4.7 what is so already');
is_deeply([ grep { !/\AGET / } @{ asked() } ], [], 'U4.7 nothing is written');

for my $body ('{"user_metadata":[]}', '{"user_metadata":{"__proto__":1}}',
              '{"user_metadata":{"a":1,"\u0061":2}}', '[]')
{
    is(send_json('PATCH', '/10002', $body)->status, 400, "H5 refused: $body");
}

# create and delete

asked();
$r = send_json('POST', '', '{"connection":"email","email":"New@example.com",'
               . '"password":"correct horse","name":"N","email_verified":true,'
               . '"user_metadata":{"a":1.0},"app_metadata":{"b":{"c":null}}}');
is($r->status, 201, 'U1 create: status');

my $new = data($r);

is_deeply([ @$new{qw(user_id email name email_verified user_metadata
                     app_metadata)} ],
          [ '10201', 'New@example.com', 'N', JSON::PP::true, { a => 1.0 },
            { b => { c => undef } } ], 'U1 create: the user');
unlike($r->body, qr/horse|encrypted|"account"/, 'U1 create: nothing of v1');
like(asked()->[0], qr/\APOST\s\/accounts\s\{"account":\{.*
     "settings":\{"b":\{"c":null\}\},"preferences":\{"a":1\.0\}\}\}\z/x,
     'U3.9 create: the call');
is_deeply(data(get('/10201')), $new, 'U1 create: stored');

$r = send_json('POST', '', '{"connection":"email","email":"new@example.com",'
               . '"password":"correct horse"}');
is($r->status, 422, 'U6 create: an address that is taken');
is(send_json('POST', '', '{"connection":"email","email":"x@example.com",'
             . '"password":"correct horse","given_name":"X"}')->status, 400,
   'H5 create: what the provider sends');

is($t->request('DELETE', "$users/10201")->status, 204, 'U1 delete');
is(get('/10201')->status, 404, 'U1 delete: gone');
is($t->request('DELETE', "$users/10201")->status, 204, 'U6.3 delete: nobody');

asked();

for my $path ("$users/", "$users/%2F", "$users/x%2F..%2F", '/api/v2/clients',
              "$users/10001/roles", "$users/10001/logs",
              '/api/v2//users/10001')
{
    is($t->request('DELETE', $path)->status, 404, "U2.1 DELETE $path");
}

is_deeply(asked(), [], 'U2.1 nothing reaches the backend');

# the backend as it was

like($t->get('/accounts/10002')->body, qr/"encrypted_password"/,
     'the paths of v1 are as they were');

clients();

done_testing;
