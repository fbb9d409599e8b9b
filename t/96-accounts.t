#!/usr/bin/perl

# The legacy backend demo/accounts: each call, the bytes that it keeps, its
# pages, filters and errors, and that what was written outlives the process.
# What other tests prove with it is worth no more than this.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use lib 't/lib';
use ProfileTest::Legacy 'accounts';

my $db = directory() . '/accounts.db';
my $requests = directory() . '/requests';

start('--db', $db, '--request-log', $requests);

# one account, as the seed has it

my $mona = '"email":"mona.lind@example.com","emailVerified":true,'
    . '"userName":"mona","display_name":"Mona Lind","provider":"email",'
    . '"uid":"mona.lind@example.com","profile":{"first_name": "Mona",'
    . ' "last_name": "Lind", "avatarUrl":'
    . ' "https://images.example.com/avatar/mona.png"},"locked":false,'
    . '"sign_in_count":42,"lastSignInAt":"2014-10-16T11:53:44.198Z",'
    . '"last_sign_in_ip":"198.51.100.23",'
    . '"encrypted_password":"$2a$12$' . 'EXAMPLEHASH' x 4 . '",'
    . '"created_at":"2014-01-23T16:20:33.117Z",';
my $preferences = '"preferences":{"color":"teal","lang":null,'
    . '"panels":{"left": ["mail", "news"]}}';
my $settings = '"settings":{"plan":"full","seats":3.0,"crm_id":1207}';

my $r = get('/accounts/10001');

is($r->{status}, 200, 'read: status');
is($r->{content}, qq({"account":{"id":10001,$mona)
   . qq("updated_at":"2014-10-16T11:53:44.198Z",$preferences,$settings}}),
   'read: bytes');
is($r->{headers}{'content-type'}, 'application/json; charset=utf-8',
   'read: type');
like($r->{headers}{etag}, qr{\AW/"[0-9a-f]{32}"\z}, 'read: tag');
is(get('/accounts/10001', 'If-None-Match' => $r->{headers}{etag})->{status},
   304, 'read: known');
is(get('/accounts/10001.json')->{content}, $r->{content}, 'read: format');
is(get('/accounts/10001/metadata')->{content}, "{$preferences,$settings}",
   'read: metadata alone');

my $head = request('HEAD', '/accounts/10001');

is($head->{headers}{'content-length'}, length $r->{content}, 'head: length');
is(get('/accounts/9007199254740993')->{status}, 200, 'read: a large id');
is_error(get('/accounts/1'), 404, '{"error":"not found"}', 'read: nobody');
is_error(get('/accounts/1/metadata'), 404, '{"error":"not found"}',
         'metadata: nobody');
is_error(get('/ACCOUNTS/10001'), 404, '{"status":404,"error":"Not Found"}',
         'path in another case');
is_error(get('/accounts/%FF'), 400, '{"status":400,"error":"Bad Request"}',
         'id not in UTF-8');

# lists

my $list = json('/accounts');

is(@{$list->{accounts}}, 25, 'list: 25 a page');
is_deeply($list->{meta}, { total => 200, page => 1, per_page => 25 },
          'list: meta');
like(get('/accounts?per_page=1')->{content},
     qr/\A\{"accounts":\[\{"id":10001,.*\}\],"meta":\{"total":200,"page":1,
        "per_page":1\}\}\z/x, 'list: the total stands behind it');

for my $case (
    ['per_page=2&page=1', '1 2 10001 10002'],
    ['per_page=2&page=2', '2 2 9007199254740993 10004'],
    ['per_page=2', '1 2 10001 10002'],
    ['per_page=2&page=0', '1 2 10001 10002'],
    ['per_page=2&page=-1', '1 2 10001 10002'],
    ['per_page=2&page=x', '1 2 10001 10002'],
    ['per_page=2&page=101', '101 2'],
    ['id=10003', '1 25'],
    ['id=10004', '1 25 10004'],
    ['email=ANA%40example.com', '1 25 10010 10011'],
    ['email=na%40example.com', '1 25'],
    ['email=ana%40example.com&provider=facebook', '1 25 10011'],
    ['provider=myspace', '1 25 10006'],
) {
    my $page = json("/accounts?$case->[0]");

    is(join(' ', @{$page->{meta}}{qw(page per_page)},
            map { $_->{id} } @{$page->{accounts}}), $case->[1],
       "list: $case->[0]");
}

is(json('/accounts?per_page=1000')->{meta}{per_page}, 100,
   'list: 100 a page at most');
is(json('/accounts?per_page=0')->{meta}{per_page}, 25,
   'list: no page of nobody');
is(json('/accounts?provider=myspace')->{meta}{total}, 1,
   'list: the total is that of the filter');

# the seed

my @all = map { @{json("/accounts?per_page=100&page=$_")->{accounts}} } 1, 2;
my %ids = map { $_->{id} => 1 } @all;
my %providers = map { $_->{provider} // 'none' => 1 } @all;

is(keys %ids, 200, 'seed: 200 users, each once');
is_deeply([sort keys %providers],
          [qw(email facebook github google_oauth2 myspace none saml)],
          'seed: all providers');
is(scalar(grep { !exists $_->{provider} } @all), 1, 'seed: one without any');
cmp_ok(scalar(grep { ($_->{display_name} // '') =~ /[^\x00-\x7f]/ } @all),
       '>', 50, 'seed: names beyond ASCII');
cmp_ok(scalar(grep { !%{$_->{settings}} } @all), '>', 20,
       'seed: empty metadata');
like(get('/accounts/9007199254740993')->{content},
     qr/"n":9007199254740993\},"settings":\{"n":123456789012345678901234567890,
        "e":1e400,"f":1.0,"g":-0\}/x, 'seed: numbers as they are written');

# changes

sub change {
    my ($body, $method, $id) = @_;

    return send_json($method // 'PATCH', '/accounts/' . ($id // 10001),
                     qq({"account":{$body}}));
}

sub bags {
    my ($r) = @_;

    return $r->{content} =~ /("preferences":.*)\}\}\z/ ? $1 : $r->{content};
}

$r = change('"preferences":{"lang":1e400,"hue":{"x":[1,2.50]}}');

is($r->{status}, 200, 'change: status');
is(bags($r), '"preferences":{"color":"teal","lang":1e400,'
   . '"panels":{"left": ["mail", "news"]},"hue":{"x":[1,2.50]}},' . $settings,
   'change: merged at the first level of what is named');
like($r->{content}, qr/\A\{"account":\{"id":10001,\Q$mona\E"updated_at":"20/,
     'change: the account, with another date');
is(get('/accounts/10001')->{content}, $r->{content}, 'change: stored');
is(bags(change('"preferences":{"panels":null,"hue":null,"none":null,'
               . '"lang":null}', 'PUT')),
   '"preferences":{"color":"teal"},' . $settings, 'change: null takes away');
is(bags(change('"settings":{"plan":{"name":"half"}},"preferences":{}')),
   '"preferences":{"color":"teal"},"settings":{"plan":{"name":"half"},'
   . '"seats":3.0,"crm_id":1207}', 'change: no deeper merge');

$r = change('"display_name":"M","email":"mona@example.org","locked":true');

like($r->{content}, qr/"email":"mona\@example\.org","emailVerified":false,
     .*"display_name":"M",.*"locked":true,/x,
     'change: attributes; a new address is not verified');

for my $name (qw(id provider uid profile encrypted_password sign_in_count
                 created_at verify connection whatever))
{
    my $before = json('/accounts/10001')->{account};
    my $after = decode_json(change(qq("$name":"x"))->{content})->{account};

    delete $_->{updated_at} for $before, $after;
    is_deeply($after, $before, "change: $name is passed over");
}

for my $case (
    ['"email":"ANA@example.com"', '"email":["has already been taken"]'],
    ['"email":"nobody"', '"email":["is invalid"]'],
    ['"email":null', '"email":["is invalid"]'],
    ['"password":"short"',
     '"password":["is too short (minimum is 8 characters)"]'],
    ['"preferences":1,"locked":"x"',
     '"locked":["is invalid"],"preferences":["is invalid"]'],
) {
    is_error(change($case->[0]), 422, qq({"errors":{$case->[1]}}),
             "change refused: $case->[0]");
}

is(change('"email":"Mona@example.org"')->{status}, 200,
   'change: the same address in another case');
is(change('"email":"ana@example.com"', 'PATCH', 10002)->{status}, 200,
   'change: the address of another provider');
is_error(change('"email":"x@example.com"', 'PATCH', 1), 404,
         '{"error":"not found"}', 'change: nobody');

for my $body ('', '[]', '{"account":{"a":1}', '{"preferences":{}}',
              '{"account":1}')
{
    is_error(send_json('PATCH', '/accounts/10001', $body), 400,
             '{"status":400,"error":"Bad Request"}',
             "change refused: body $body");
}

is(request('PATCH', '/accounts/10001', '{"account":{}}',
           'Content-Type' => 'text/plain')->{status}, 415,
   'change refused: another type');

# create

$r = send_json('POST', '/accounts', '{"account":{"email":"New@example.com",'
               . '"password":"correct horse","preferences":{"n":1.0,"no":null},'
               . '"settings":{"plan":"x"},"display_name":"N"}}');

is($r->{status}, 201, 'create: status');
like($r->{content}, qr/\A\{"account":\{"id":10201,"email":"New\@example\.com",
     "emailVerified":false,"provider":"email","uid":"New\@example\.com",
     "profile":\{.*\},"locked":false,.*"encrypted_password":"\$2a\$12\$[0-9a-f]
     {52}",.*"display_name":"N","preferences":\{"n":1\.0\},
     "settings":\{"plan":"x"\}\}\}\z/x, 'create: the account');
unlike($r->{content}, qr/horse/, 'create: no password');
is(get('/accounts/10201')->{content}, $r->{content}, 'create: stored');

for my $case (
    ['', '"email":["can\'t be blank"],"password":["can\'t be blank"]'],
    ['"email":"new@EXAMPLE.com","password":"correct horse"',
     '"email":["has already been taken"]'],
) {
    is_error(send_json('POST', '/accounts', qq({"account":{$case->[0]}})), 422,
             qq({"errors":{$case->[1]}}), "create refused: $case->[0]");
}

# delete

$r = request('DELETE', '/accounts/10006');

is("$r->{status} $r->{content}", '204 ', 'delete: status');
is($r->{headers}{'content-type'}, undef, 'delete: no type');
is_error(get('/accounts/10006'), 404, '{"error":"not found"}', 'delete: gone');
is_error(request('DELETE', '/accounts/10006'), 404, '{"error":"not found"}',
         'delete: once');
is(request('DELETE', '/accounts')->{status}, 404, 'delete: never all');

my $seen = decode_json((split /\n/, slurp($requests))[-1]);

is("$seen->{method} $seen->{target}", 'DELETE /accounts', 'request log');

# what was written outlives it

my @kept = map { get("/accounts/$_")->{content} } 10001, 10201;

is(stop(), 0, 'stop: TERM ends it cleanly');
start('--db', $db);

is_deeply([map { get("/accounts/$_")->{content} } 10001, 10201], \@kept,
          'restart: with what was written');
is(json('/accounts')->{meta}{total}, 200, 'restart: not seeded again');
is(stop('INT'), 0, 'stop: INT ends it cleanly');

start('--users', 40);

my $made = json('/accounts?per_page=100');

is($made->{meta}{total}, 40, 'users: so many');
is_deeply($made->{accounts}[30], $all[30], 'seed: the same every time');
stop();

is(run('--require-auth'), 2, 'options: not all backends have all');
like(output(), qr/^usage: accounts\.pl .*\[--gzip\]$/ms, 'options: usage');
is(run('--db', '/'), 1, 'database: not one');
like(output(), qr{\Aaccounts\.pl: cannot use the database /: },
     'database: said so');
is(complaints(), '', 'no server had anything to complain about');

done_testing();
