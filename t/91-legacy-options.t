#!/usr/bin/perl

# The legacy backend of the demo and the tests, demo/legacy: its options, its
# tokens, and that what was written outlives the process.

use strict;
use warnings;

use DBI;
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP;
use Test::More;

use lib 't/lib', 'demo/legacy/lib';
use Legacy::Token;
use ProfileTest::Legacy;

my $mona = 'auth0%7C52e1b0a1c3d4e5f607182930';
my $dir = directory();

my $file = "$dir/users.db";

is(run('--db', $file, '--seed-only', '--users', 60), 0, 'seed only: status');
is(row($file, 'SELECT count(*) FROM users'), 60, 'seed only: users');
is(row($file, "SELECT count(*) FROM users WHERE id > 25
               AND length(document) != length(profile) - 1 + length(metadata)
               AND metadata != '{}'"), 0,
   'seed: the metadata of those who are made up shadows nothing');

start('--db', $file, '--require-auth', '--users', 5);

is_error(get('/api/users'), 401, '{"error":"invalid_token",'
         . '"error_description":"The access token is missing or not valid"}',
         'auth: none');
is(get('/api/users')->{headers}{'www-authenticate'}, 'Bearer',
   'auth: the challenge');
is(get('/api/users', Authorization => 'Bearer made-up')->{status}, 401,
   'auth: a made-up token');

my $signer = Legacy::Token->new(row($file,
    "SELECT value FROM settings WHERE name = 'secret'"));

is(get('/api/users', Authorization => 'Bearer ' . $signer->issue('api', -1))
   ->{status}, 401, 'auth: a token of yesterday');

my $credentials = 'client_id=demo&client_secret=s%26s'
    . '&grant_type=client_credentials';
my @form = ('Content-Type' => 'application/x-www-form-urlencoded');

my $r = request('POST', '/oauth/token', $credentials, @form);

my $token = decode_json($r->{content});

is($token->{token_type}, 'bearer', 'token: from a form');

my @auth = (Authorization => "Bearer $token->{access_token}");

is(@{decode_json(get('/api/users', @auth)->{content})}, 60,
   'auth: a token; a database that is there is not seeded again');
is(get("/api/users?access_token=$token->{access_token}")->{status}, 200,
   'auth: a token in the query');

$r = send_json('POST', '/oauth/token', '{"client_id":"demo",'
               . '"client_secret":"s","grant_type":"client_credentials"}');

is(get('/api/users', Authorization => 'bearer '
       . decode_json($r->{content})->{access_token})->{status}, 200,
   'token: from JSON');
is_error(request('POST', '/oauth/token', 'client_id=demo', @form), 401,
         '{"error":"access_denied","error_description":"Unauthorized"}',
         'token refused: no secret');
is(request('POST', '/oauth/token', 'client_id=a&client_secret=b&grant_type=x',
           @form)->{status}, 403, 'token refused: another grant');

my ($next) = get('/api/users?per_page=9', @auth)->{headers}{link}
    =~ m{\A<http://[^/]+(/[^>]+)>};

$r = get($next);

is($r->{status}, 200, 'link: signed, followed without a token');
($next) = $r->{headers}{link} =~ m{\A<http://[^/]+(/[^>]+)>};
like($next, qr/\?per_page=9&page=2&bewit=[^&]+\z/, 'link: signed once');
(my $forged = $next) =~ s/per_page=9/per_page=8/;
is(get($forged)->{status}, 401, 'link: good for this page only');
is(request('DELETE', $next)->{status}, 401, 'link: good for reading only');

my $before = password_of($file, 'auth0|52e1b0a1c3d4e5f607182930');

send_json('PATCH', "/api/users/$mona/metadata", '{"n":1e400}', @auth);
send_json('PUT', "/api/users/$mona/email", '{"email":"m@example.org"}', @auth);
send_json('PUT', "/api/users/$mona/password", '{"password":"123456"}', @auth);
request('DELETE', '/api/users/waad%7Ca+b+c', undef, @auth);

my $stored = get("/api/users/$mona", @auth)->{content};
my $password = password_of($file, 'auth0|52e1b0a1c3d4e5f607182930');

isnt($password, $before, 'password: stored');
unlike($password, qr/123456/, 'password: not as it was sent');

is(stop('INT'), 0, 'stop: INT ends it cleanly');

my $taken = start('--db', $file, '--require-auth');

is(get("/api/users/$mona", @auth)->{content}, $stored,
   'restart: user and token outlive it');
like($stored, qr/"email":"m\@example\.org".*"n":1e400\}\z/,
     'restart: with what was written');
is(get('/api/users/waad%7Ca+b+c', @auth)->{status}, 404,
   'restart: who was deleted stays away');

is(run('--port', $taken), 1, 'port taken: status');
is(output(), "legacy.pl: cannot listen on 127.0.0.1:$taken:"
   . " Can't create listen socket: Address already in use\n",
   'port taken: said so');

stop();

start('--gzip', '--pretty', '--users', 60);

is(get("/api/users/$mona/metadata")->{content}, <<'EOF', 'pretty');
{
  "plan": "full",
  "hobby": "surf",
  "preferences": {
    "color": "teal",
    "lang": null
  },
  "seats": 3.0,
  "metadata": {
    "crm_id": 1207,
    "plan": "trial"
  }
}
EOF

send_json('PUT', "/api/users/$mona/metadata",
          '{"a":[1e400,"{ \\\\\" ,"],"b":{},"c":[ ],"d":[[{"e":-0}]]}');

is(get("/api/users/$mona/metadata")->{content}, <<'EOF', 'pretty: tokens kept');
{
  "a": [
    1e400,
    "{ \\\" ,"
  ],
  "b": {},
  "c": [],
  "d": [
    [
      {
        "e": -0
      }
    ]
  ]
}
EOF

$r = get('/api/users', 'Accept-Encoding' => 'gzip');
gunzip(\$r->{content}, \my $plain);

is($r->{headers}{'content-encoding'}, 'gzip', 'gzip: for who asks');
is(@{decode_json($plain)}, 60, 'gzip: whole');
is(get('/api/users')->{headers}{'content-encoding'}, undef,
   'gzip: for nobody else');
is(get('/api/users/sms%7Cx', 'Accept-Encoding' => 'gzip')
   ->{headers}{'content-encoding'}, undef, 'gzip: not for a small body');

my $made = json('/api/users');
shift @$made;

stop();

start('--users', 60);

is(get('/api/users', 'Accept-Encoding' => 'gzip')
   ->{headers}{'content-encoding'}, undef, 'gzip: only with the option');
is_deeply([@{json('/api/users')}[1 .. 59]], $made,
          'seed: the same every time');

stop();

is(run('--port', 65536), 2, 'options: a port out of range');
like(output(), qr/\Ausage: legacy\.pl /, 'options: usage');

open my $other, '>', "$dir/other" or die $!;
print $other 'no database' x 1000;
close $other;

is(run('--db', "$dir/other"), 1, 'database: not one');
like(output(), qr/\Alegacy\.pl: .*other: .*not a database$/,
     'database: said so');

is(complaints(), '', 'no server had anything to complain about');

done_testing();


sub password_of {
    my ($path, $user_id) = @_;

    return row($path, 'SELECT password FROM users WHERE user_id = ?',
               $user_id) // '';
}

sub row {
    my ($path, $query, @values) = @_;

    return scalar DBI->connect("dbi:SQLite:dbname=$path", '', '',
        { RaiseError => 1 })->selectrow_array($query, undef, @values);
}
