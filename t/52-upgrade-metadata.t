#!/usr/bin/perl

# Proves with a real backend where v2 metadata is stored and that it comes back
# as it was written (U3): names, nulls, cleared containers, every byte of a
# value, 450 kB of them, clients that write at the same time.  It fails when a
# member comes back elsewhere, hides what the provider sent, or is lost.

use lib 't/lib';
use ProfileTest;

use JSON::PP;

my $t = ProfileTest->new(log => 'info');
my $json = JSON::PP->new->utf8->allow_nonref;

my $v1_port = $t->legacy('--users', 20, '--db', $t->dir . '/users.sqlite',
                         '--request-log', $t->dir . '/requests');

$t->conf(<<'END' =~ s/%BACKEND%/127.0.0.1:$v1_port/gr);
    include profile/auth0.conf;

    profile_schema plain {
        identity email name picture;
        provider auth0;
        user_metadata hobby ~pref_.*;
        writable email for=auth0;
        option connection;
    }

    upstream profile_backend {
        server %BACKEND%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        profile_max_user_size 16k;
        include profile/gateway.conf;
    }

    # A schema without prefixes

    server {
        listen 127.0.0.1:%%PORT_3%%;

        location /api/v2/users/ {
            include profile/proxy.conf;
            proxy_pass http://profile_backend/api/users/auth0%7C1;

            profile_user_id /api/v2/users/*;
            profile_rewrite plain api=v2;
            profile_guard plain mode=v2;
            profile_call metadata /.profile/metadata;
            profile_call read /.profile/read;
        }

        location = /.profile/metadata {
            include profile/call.conf;
            profile_rewrite off;
            proxy_method PATCH;
            proxy_pass
             http://profile_backend/api/users/$profile_user_id_escaped/metadata;
        }

        location = /.profile/read {
            internal;
            include profile/proxy.conf;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass
              http://profile_backend/api/users/$profile_user_id_escaped;
            profile_guard off;
            profile_rewrite plain api=v2;
        }
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');

sub patch {
    my ($id, $body, $port) = @_;

    return $t->request('PATCH', "/api/v2/users/$id", @json, ':body' => $body,
                       defined $port ? (':port' => $t->port($port)) : ());
}

sub v2_user { return $json->decode($t->get("/api/v2/users/$_[0]")->body) }
sub v1_user { return $json->decode($t->get("/api/users/$_[0]")->body) }
sub bag     { return $t->get("/api/users/$_[0]/metadata")->body }


# What the backend was asked, by JSON lines of its own.

my $seen = 0;

sub asked {
    my @lines = split /\n/, $t->read_file('requests');
    my @new = map { $json->decode($_) } @lines[$seen .. $#lines];

    $seen = @lines;

    return join "\n", map { "$_->{method} $_->{target}"
                            . ($_->{body} ne '' ? " $_->{body}" : '') } @new;
}

my $database = 'auth0%7C52e1b0a1c3d4e5f607182930';
my $facebook = 'facebook%7C100200300';
my $github = 'github%7C4242';


# U3.1: under its own name, or with a prefix

for (
    [ $database, 'app_metadata', 'plan_b', 'plan_b' ],
    [ $database, 'app_metadata', 'company', 'company' ],
    [ $github, 'app_metadata', 'plan', 'am_plan' ],
    [ $github, 'app_metadata', 'company', 'am_company' ],
    [ $github, 'app_metadata', 'picture', 'am_picture' ],
    [ $facebook, 'app_metadata', 'age_range', 'am_age_range' ],
    [ $facebook, 'app_metadata', 'plan', 'plan' ],
    [ $facebook, 'app_metadata', 'last_login', 'am_last_login' ],
    [ $database, 'user_metadata', 'hobby', 'um_hobby' ],
    [ $database, 'user_metadata', 'picture', 'um_picture' ],
    [ $facebook, 'user_metadata', 'name', 'um_name' ],
    [ $facebook, 'user_metadata', 'user_id', 'um_user_id' ],
    [ $facebook, 'user_metadata', '_id', 'um__id' ],
    [ $facebook, 'user_metadata', 'app_metadata', 'um_app_metadata' ],
    [ $facebook, 'user_metadata', 'um_x', 'um_um_x' ],
    [ $facebook, 'user_metadata', 'am_x', 'um_am_x' ],
    [ $facebook, 'app_metadata', 'um_x', 'am_um_x' ],
    [ $database, 'app_metadata', 'am_x', 'am_am_x' ],
    [ $database, 'app_metadata', 'password', 'am_password' ],
    [ $database, 'app_metadata', 'connection', 'am_connection' ],
    [ $database, 'app_metadata', 'Picture', 'am_Picture' ],
    [ $database, 'app_metadata', 'two words', 'two words' ],
    [ $database, 'user_metadata', "na\\u00efve", "um_na\xc3\xafve" ],
    [ $database, 'user_metadata', "na\xc3\xafve2", "um_na\xc3\xafve2" ],
    [ $database, 'user_metadata', 'a\\"b\\\\', 'um_a\\"b\\\\' ],
    [ $database, 'app_metadata', '\\u0061bc', 'abc' ],
) {
    my ($id, $container, $name, $stored) = @$_;
    my $what = "$container.$name of $id";

    my $before = v2_user($id);
    asked();

    my $r = patch($id, qq({"$container":{"$name":"it is here"}}));

    is($r->status, 200, "U3.1 status: $what");

    my @asked = split /\n/, asked();

    is($asked[0], "PATCH /api/users/$id/metadata {\"$stored\":\"it is here\"}",
       "U3.1 stored: $what");

    $before->{$container}{ $json->decode(qq("$name")) } = 'it is here';

    is_deeply($json->decode($r->body), $before,
              "U3.1 comes back, nothing else changes: $what");
    is_deeply(v2_user($id), $before, "U3.1 read: $what");
}


# U3.1: what the provider sent stays what it was

my $user = v2_user($github);

is($user->{plan}{name}, 'free', 'U3.1 the plan of the provider');
is($user->{app_metadata}{plan}, 'it is here', 'U3.1 our plan');
is($user->{company}, 'Kolam Labs', 'U3.1 the company of the provider');
like($user->{picture}, qr/avatars/, 'U3.1 the picture of the provider');


# U3.2, H5.7: names that are refused, and nothing is sent

asked();

for (
    [ $database, '{"app_metadata":{"a":1,"email":2,"_id":3}}',
      'app_metadata.email, app_metadata._id' ],
    [ $database, '{"user_metadata":{"a.b":1}}', 'user_metadata.a.b' ],
    [ $database, '{"app_metadata":{"$a":1},"user_metadata":{"b":1}}',
      'app_metadata.$a' ],
    [ $database, '{"user_metadata":{"":1,"a":1}}', 'user_metadata.' ],
    [ 'auth0%7C1', '{"user_metadata":{"hobby":1,"other":1},"app_metadata":'
      . '{"pref_x":2,"plan":2,"name":3}}',
      'user_metadata.other, app_metadata.pref_x, app_metadata.name', 3 ],
) {
    my ($id, $body, $names, $port) = @$_;
    my $r = patch($id, $body, $port);

    is($r->status, 400, "U3.2 status: $names");

    my $error = $json->decode($r->body);

    is($error->{errorCode}, 'invalid_body', "U3.2 code: $names");
    like($error->{message}, qr/: \Q$names\E\./, "U3.2 named: $names");
    is(asked(), '', "U3.2 nothing is sent: $names");
}

like(patch('auth0%7C1', '{"app_metadata":{"hobby":1}}', 3)->body,
     qr/The following metadata cannot be stored: app_metadata\.hobby\. The /,
     'U3.2 without a prefix: why');

asked();
patch($database, '{"app_metadata":{"hobby":1,"plan":2},"user_metadata":'
      . '{"pref_x":3,"hobby":4}}', 3);
is(asked(), '', 'U3.2 without a prefix: all or nothing');

is(patch($database, '{"app_metadata":{"plan":2},"user_metadata":{"hobby":4}}',
         3)->status, 200, 'U3.2 without a prefix: what has a place');
is((split /\n/, asked())[0], "PATCH /api/users/$database/metadata "
   . '{"plan":2,"hobby":4}', 'U3.2 without a prefix: its names');


# U3.4: null

patch($facebook, '{"user_metadata":{"a":1,"b":2},"app_metadata":{"c":3}}');

my $r = patch($facebook, '{"user_metadata":{"a":null,"none":null},'
                         . '"app_metadata":{"c":null}}');

$user = $json->decode($r->body);

ok(!exists $user->{user_metadata}{a}, 'U3.4 a member is gone');
ok(!exists $user->{user_metadata}{none}, 'U3.4 one that was not there as well');
ok(!exists $user->{app_metadata}{c}, 'U3.4 in the other container too');
is($user->{user_metadata}{b}, 2, 'U3.4 others stay');

like(bag($facebook), qr/"um_a":null.*"um_none":null/,
     'U3.4 v1 stores null');
like(bag($facebook), qr/"c":null/, 'U3.4 v1 stores null under its own name');

is($json->decode(patch($facebook, '{"user_metadata":{"a":"back"}}')->body)
   ->{user_metadata}{a}, 'back', 'U3.4 and back again');


# U3.5: a container is cleared

$user = v2_user($facebook);

is($user->{user_metadata}{theme}, 'dark', 'U3.5 a container inside the bag');
is($user->{app_metadata}{plan}, 'it is here', 'U3.5 and the other one');

my %expected = %$user;

for (
    [ 'user_metadata', '{"user_metadata":{}}', {} ],
    [ 'app_metadata', '{"app_metadata":null}', {} ],
    [ 'user_metadata', '{"user_metadata":{"a":1,"b":2}}', { a => 1, b => 2 } ],
    [ 'app_metadata', '{"app_metadata":{"a":[],"plan":3}}',
      { a => [], plan => 3 } ],
    [ 'user_metadata', '{"user_metadata":null}', {} ],
    [ 'user_metadata', '{"user_metadata":{}}', {} ],
) {
    my ($container, $body, $after) = @$_;

    $expected{$container} = $after;
    $r = patch($facebook, $body);

    is($r->status, 200, "U3.5 status: $body");
    is_deeply($json->decode($r->body), \%expected, "U3.5 $body");
}

is_deeply([ grep { defined } @{ $json->decode(bag($facebook)) }
            { 'um_a', 'um_b', 'user_metadata', 'um_theme' } ], [],
          'U3.5 nulls in the bag');

patch($facebook, '{"app_metadata":{"b":1},"user_metadata":{"b":2}}');

$r = patch($facebook, '{"app_metadata":{"c":3},"user_metadata":{}}');
$user = $json->decode($r->body);

is_deeply($user->{app_metadata}, { a => [], b => 1, c => 3, plan => 3 },
          'U3.5 one is changed while the other is cleared');
is_deeply($user->{user_metadata}, {}, 'U3.5 that is empty');

patch($facebook, '{"app_metadata":{"b":1},"user_metadata":{"b":2}}');

$user = $json->decode(patch($facebook, '{"app_metadata":{},'
                            . '"user_metadata":null}')->body);

is_deeply([ @{$user}{qw(app_metadata user_metadata)} ], [ {}, {} ],
          'U3.5 both at once');
is($user->{age_range}{min}, 21, 'U3.5 what the provider sent stays');


# U3.4, U3.5 in a create

$r = $t->request('POST', '/api/v2/users', @json, ':body' =>
                 '{"connection":"Username-Password-Authentication",'
                 . '"email":"new@example.com","password":"secret-1",'
                 . '"user_metadata":{"a":1,"gone":null},"app_metadata":{}}');

is($r->status, 201, 'U3.4 create: status');

$user = $json->decode($r->body);

is_deeply($user->{user_metadata}, { a => 1 }, 'U3.4 create: no null');
is_deeply($user->{app_metadata}, {}, 'U3.5 create: an empty one');

my $created = $user->{user_id} =~ s/\|/%7C/r;

is(bag($created), '{"um_a":1}', 'U3.4 create: the bag');


# U3.6: bytes

my $values = '"n":12345678901234567890123,"f":1.0,"e":1e308,"z":-0,'
             . '"s":"\u0041\/\ud83d\ude00","w":{ "a" : [ 1 , 9007199254740993'
             . ' ] },"t":true,"d":{"x":1,"x":2,"null":null}';

$r = patch($created, qq({"user_metadata": { $values } }));

like($r->body, qr/"user_metadata":\{"a":1,\Q$values\E\}/,
     'U3.6 values to the byte');
like($t->get("/api/v2/users/$created")->body,
     qr/"user_metadata":\{"a":1,\Q$values\E\}/, 'U3.6 read');

like(bag($created), qr/"um_n":12345678901234567890123,"um_f":1\.0,"um_e":1e308/,
     'U3.6 in v1 too');


# 450 kB both ways

my $big = join ',', map { sprintf '"key%05d":"%s"', $_, 'v' x 36 } 1 .. 9600;

cmp_ok(length $big, '>', 450 * 1024, 'U3.6 450 kB');

$r = patch($created, qq({"app_metadata":{$big}}));

is($r->status, 200, 'U3.6 450 kB: status');
ok($r->complete, 'U3.6 450 kB: whole');
ok(index($r->body, qq("app_metadata":{$big})) > 0, 'U3.6 450 kB: come back');
ok(index($t->get("/api/v2/users/$created")->body, $big) > 0,
   'U3.6 450 kB: are read');
ok(index($t->get("/api/users/$created")->body, $big) > 0,
   'U3.6 450 kB: v1 shows them');

$big =~ tr/v/w/;

$r = $t->http2_request('PATCH', "/api/v2/users/$created", ':body' =>
                       qq({"app_metadata":{$big}}), ':frames' => 16_000,
                       'content-type' => 'application/json');

ok(index($r->body, qq("app_metadata":{$big})) > 0, 'U3.6 450 kB over HTTP/2');

for my $size (1100 * 1024, 2100 * 1024) {
    $r = patch($created, '{"app_metadata":{"a":"' . 'x' x $size . '"}}');

    is($r->status, 413, "U3.6 too much: $size");
    like($r->body, qr/^\{"statusCode":413,/, "U3.6 too much, v2 form: $size");
}

# U3.5: the bag is read to its end or nothing is written

asked();
$r = patch($created, '{"email":"other@example.com","app_metadata":{}}', 2);

is($r->status, 502, 'U3.5 a bag of too many names');
like($r->body, qr/"message":"Bad Gateway"/, 'U3.5 nothing was applied');
is(asked(), "GET /api/users/$created/metadata", 'U3.5 nothing was written');

$r = patch($created, '{"app_metadata":{}}');

is($r->status, 200, 'U3.5 a large bag is cleared');
is_deeply($json->decode($r->body)->{app_metadata}, {}, 'U3.5 it is empty');


# U3.3: what is read is what was written last, through either API

sub v1_patch {
    my ($id, $body) = @_;

    is($t->request('PATCH', "/api/users/$id/metadata", @json,
                   ':body' => $body)->status, 200, "U3.3 v1: $body");
}

patch($database, '{"user_metadata":{"x":1},"app_metadata":{"y":1}}');
v1_patch($database, '{"um_x":2,"y":2}');

$user = v2_user($database);

is($user->{user_metadata}{x}, 2, 'U3.3 v1 after v2');
is($user->{app_metadata}{y}, 2, 'U3.3 v1 after v2, no prefix');

patch($database, '{"user_metadata":{"x":3},"app_metadata":{"y":3}}');
is(v1_user($database)->{um_x}, 3, 'U3.3 v2 after v1');
is(v1_user($database)->{y}, 3, 'U3.3 v2 after v1, no prefix');

v1_patch($database, '{"user_metadata":{"x":4,"w":4},"app_metadata":{"y":4}}');
$user = v2_user($database);

is($user->{user_metadata}{x}, 3, 'U3.3 the root wins');
is($user->{user_metadata}{w}, 4, 'U3.3 a container inside the bag is shown');

patch($database, '{"user_metadata":{"w":5}}');
is(v2_user($database)->{user_metadata}{w}, 5, 'U3.3 and can be changed');
patch($database, '{"user_metadata":{"w":null}}');
ok(!exists v2_user($database)->{user_metadata}{w}, 'U3.3 and be deleted');


# U3.3: clients that change different members at the same time

my $id = $facebook;

patch($id, '{"user_metadata":{},"app_metadata":{}}');

my @clients = map { $t->connect } 1 .. 4;

for my $round (1 .. 8) {
    for my $n (0 .. 3) {
        my ($path, $body) = $n < 3
            ? ("/api/v2/users/$id",
               qq({"user_metadata":{"r${round}c$n":$n},"app_metadata":{"c$n":)
               . "$round}}")
            : ("/api/users/$id/metadata", qq({"v1_$round":$round}));

        $clients[$n]->send("PATCH $path HTTP/1.1\r\nHost: localhost\r\n"
                           . "Content-Type: application/json\r\n"
                           . 'Content-Length: ' . length($body)
                           . "\r\n\r\n$body");
    }

    is(join(' ', map { $_->response->status } @clients), '200 200 200 200',
       "U3.3 round $round");
}

$user = v2_user($id);

is_deeply($user->{user_metadata}, { map { my $c = $_;
              map { ("r${_}c$c" => $c) } 1 .. 8 } 0 .. 2 },
          'U3.3 nothing is lost');
is_deeply($user->{app_metadata}, { map({ ("c$_" => 8) } 0 .. 2),
                                   map { ("v1_$_" => $_) } 1 .. 8 },
          'U3.3 of the other container neither');

done_testing;
