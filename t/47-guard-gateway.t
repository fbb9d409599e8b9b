#!/usr/bin/perl

# Proves that behind conf/profile/gateway.conf no v1 client can shadow what a
# provider has sent: not at the legacy backend, and not at any backend that
# folds letter case, tidies up paths or decodes them once more.  Everything
# else of v1 goes up as it came.  It fails when nginx passes a request line
# that somebody could take for the metadata call, with a body that nobody has
# judged (H5.6, H5.8, U7.6).

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{}' } });

my $legacy = $t->legacy('--users', 40);

my $off = $t->read_file($t->top . '/conf/profile/gateway.conf')
          =~ s/^\s*profile_guard auth0 mode=v1.*;$/profile_guard off;/mr;

$t->write_file('gateway-off.conf', $off);

# Three gateways, with the recording backend, with the legacy one, and without
# the guard: gateway.conf knows its backend by name, so each is an nginx.

my $real = ProfileTest->new(log => 'info');
my $without = ProfileTest->new(log => 'info');

sub gateway {
    my ($nginx, $address, $file) = @_;

    $nginx->conf(<<"END")->start;
    include profile/auth0.conf;

    upstream profile_backend {
        server $address;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include $file;
    }
END
}

gateway($t, $backend->addr, 'profile/gateway.conf');
gateway($real, "127.0.0.1:$legacy", 'profile/gateway.conf');
gateway($without, $backend->addr, $t->dir . '/gateway-off.conf');


# What paths a raw request target can be to a backend: whatever the backend
# does to it, in whatever order, as often as it likes.

my @habits = (
    sub { $_[0] =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger },
    sub { $_[0] =~ s/\?.*//sr },
    sub { $_[0] =~ s/#.*//sr },
    sub { $_[0] =~ s/;.*//sr },
    sub { $_[0] =~ s{;[^/]*}{}gr },
    sub { $_[0] =~ s/[\x00-\x1f].*//sr },
    sub { $_[0] =~ tr{\\}{/}r },
    sub { $_[0] =~ s{//+}{/}gr },
    sub { $_[0] =~ s{/\.(?=/|\z)}{}gr },
    sub { $_[0] =~ s{/[^/]+/\.\.(?=/|\z)}{}r },
    sub { $_[0] =~ s{\A/\.\.(?=/|\z)}{}r },
    sub { $_[0] =~ s/\xc5\xbf/s/gr },
    sub { $_[0] =~ s{[\xc0\xc1](.)}{chr(ord($1) & 0x3f | 0x40)}ger },
    sub { lc $_[0] },
    sub { $_[0] =~ s{/\z}{}r },
    sub { $_[0] =~ s{ +(?=/|\z)}{}gr },
);

sub is_metadata_call {
    my ($target) = @_;

    my %seen = ($target => 1);
    my @todo = ($target);

    while (defined(my $path = shift @todo)) {
        return 1 if $path =~ m{\A/api/users/[^/]+/metadata\z};
        return 0 if keys %seen > 4000;

        push @todo, grep { !$seen{$_}++ } map { $_->($path) } @habits;
    }

    return 0;
}

my $json = 'Content-Type: application/json';
my $shadow = '{"gender":"EVIL","picture":"EVIL"}';

sub bytes {
    my ($method, $target, $body) = @_;

    return "$method $target HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
           . 'Connection: close'
           . (defined $body ? "\r\nContent-Length: " . length $body : '')
           . "\r\n\r\n" . ($body // '');
}

# Whether the backend got a write that is a metadata call to somebody.

sub got_shadow {
    my $got = grep { is_metadata_call($_->{uri}) && $_->{body} =~ /EVIL/ }
              $backend->requests;

    $backend->forget;

    return $got;
}


# Request lines that are one to somebody, and to nginx another

my $user = 'facebook%7C100200300';

my @targets = (
    "/api/users/$user/metadata",
    "/api/users/$user/metadata/",
    "/api/users/$user/metadata?x=y",
    "/api/users/$user/metadata?",
    "/api/users/$user/metadata#x",
    "/API/USERS/$user/METADATA",
    "/Api/Users/$user/Metadata/",
    "/api/users/FACEBOOK%7C100200300/metadata",
    "http://example.com/api/users/$user/metadata",
    "//api/users/$user/metadata",
    "/api//users/$user/metadata",
    "/api/users//$user/metadata",
    "/api/users/$user//metadata",
    "/./api/users/$user/metadata",
    "/api/./users/$user/metadata",
    "/x/../api/users/$user/metadata",
    "/api/x/../users/$user/metadata",
    "/api/users/x/../$user/metadata",
    "/api/users/$user/x/../metadata",
    "/%2e/api/users/$user/metadata",
    "/x/%2e%2E/api/users/$user/metadata",
    "/%61pi/users/$user/metadata",
    "/api/%75sers/$user/metadata",
    "/api/u%73er%73/$user/metadata",
    "/api/users/$user/%6detadata",
    "/api/users/$user/metadat%61",
    "/api/users/$user%2Fmetadata",
    "/api/users%2F$user/metadata",
    "/api%2Fusers/$user/metadata",
    "/%2Fapi/users/$user/metadata",
    "/api%2fusers%2f$user%2fmetadata",
    "/api/users/$user/metadata%2F",
    "/api/users/$user/metadata%3Fx",
    "/api/users/$user/metadata%23x",
    "/api/users/$user/metadata%20",

    # behind a word that another backend does not see

    "/api/users/$user%2Fmetadata%3F/email",
    "/api/users/$user%2Fmetadata%3Fx/email",
    "/api/users/$user%2Fmetadata%23/email",
    "/api/users/$user%2Fmetadata%3B/email",
    "/api/users/$user%2Fmetadata;/email",
    "/api/users/$user%2Fmetadata%01/email",
    "/api/users/$user%2Fmetadata%2500/email",
    "/api/users/$user%2Fmetadata%253F/password",
    "/api/users/$user%5Cmetadata%3F/email",
    "/api/users/$user/metadata;/../email",
    "/api/users/$user/metadata;/../../../../oauth/token",
    "/api/users/$user/metadata%3B/../../../../oauth/token",
    "/api/users/$user/metadata%3F/../../../../oauth/token",
    "/api/users/$user/metadata%23/../../../x",

    # parameters of segments

    "/api/users/$user/metadata;x",
    "/api/users/$user/metadata;x=y/",
    "/api/users;x/$user/metadata",
    "/api;x/users/$user/metadata",
    "/;x/api/users/$user/metadata",
    "/api;/users;/$user/metadata;",
    "/api%3B/users/$user/metadata",
    "/x/..;/api/users/$user/metadata",
    "/x/..%3B/api/users/$user/metadata",
    "/api/users/x/..;/$user/metadata",
    "/.;/api/users/$user/metadata",

    # the other slash

    "/api\\users\\$user\\metadata",
    "/\\api\\users\\$user\\metadata",
    "/api%5Cusers/$user/metadata",
    "/api/users%5c$user%5cmetadata",
    "/x\\..\\api/users/$user/metadata",
    "/x%5C..%5Capi/users/$user/metadata",
    "/api/users/$user\\metadata\\",

    # letters that fold to others

    "/api/u%C5%BFers/$user/metadata",
    "/api/user%C5%BF/$user/metadata",
    "/api/u%C5%BFer%c5%bf/$user/METADATA",
    "/api/u\xc5\xbfers/$user/metadata",
    "/API/U%C5%BFER%C5%BF/$user/MetaData/",

    # escaped once more

    "/api/%2575sers/$user/metadata",
    "/%2561pi/users/$user/metadata",
    "/api%252Fusers/$user/metadata",
    "/api/users/$user%252Fmetadata",
    "/api/users/$user/%256Detadata",
    "/api/%252575sers/$user/metadata",
    "/%252e%252e/api/users/$user/metadata",
    "/%2561%2570%2569/%2575%2573%2565%2572%2573/$user/metadata",

    # letters in too many bytes

    "/api/%C1%B5sers/$user/metadata",
    "/api/users/$user/%C1%ADetadata",

    # by way of v2

    "/api/v2/../users/$user/metadata",
    "/api/v2/users/../../users/$user/metadata",
    "/api/v2/%2e%2e/users/$user/metadata",
    "/api/v2%2F..%2Fusers/$user/metadata",
    "/api/v2/x%2F..%2F..%2Fusers/$user/metadata",
    "/api/v2/..;/users/$user/metadata",
    "/API/V2/../users/$user/metadata",
    "/api/v2//../users/$user/metadata",
    "/api/v2\\..\\users/$user/metadata",
    "/profile/../api/users/$user/metadata",
    "/.profile/../api/users/$user/metadata",
    "/.profile/metadata",
);

for my $target (@targets) {
    ok(is_metadata_call($target), "to somebody $target is a metadata call")
        unless $target =~ m{\Ahttp://|/\.profile/metadata\z};

    for my $method ('PATCH', 'PUT') {
        my $status = $t->http(bytes($method, $target, $shadow))->status;

        cmp_ok($status, '>=', 400, "H5.8 $method $target");
        is(got_shadow(), 0, "H5.8 $method $target: nothing to shadow with");
    }
}

# Made up: all that can be done to such a line, mixed.

srand 20130101;

sub one { return $_[rand @_] }

sub obscure {
    my ($char) = @_;

    my $dice = rand 20;

    return $char if $dice < 14;
    return uc $char if $dice < 16;
    return sprintf '%%%02x', ord $char if $dice < 18;
    return sprintf '%%25%02X', ord $char if $dice < 19;
    return $char eq 's' ? '%C5%BF' : $char;
}

sub slash {
    return one('/', '/', '/', '/', '//', '/./', '/x/../', '%2F', '%2f', '\\',
               '%5C', ';a=b/', '/;/', '%3B/', '/%2e/', '/x%2F..%2F',
               '/x/..;/', '%252F', '/x/%2e%2e/', '/.%2E/');
}

my $made = 0;

for (1 .. 3000) {
    my $target = join '', map { slash(), $_ }
                 map { join '', map { obscure($_) } split // }
                 'api', 'users', 'x', 'metadata';

    $target =~ s{\A[^/%\\;]*}{};
    $target =~ s{\A(?!/)}{/};
    $target .= one('', '', '', '/', '?', '?a=b', '%3F', '%23', '#', ';', ';a',
                   '%00', '%2500', '/..', '%3F/x', ';/../../../../x',
                   '%3F/email', ';/email', '%20', '/.');

    next if !is_metadata_call($target);

    $made++;

    my $res = $t->http(bytes(one('PATCH', 'PUT'), $target, $shadow));

    # One line each would say little: those that pass are told.

    if ($res->status < 400 || got_shadow()) {
        fail("H5.8 $target");
    }
}

cmp_ok($made, '>', 1500, "H5.8 $made lines of them");


# Headers that give another path than the request line, of v1 and of v2

for my $name ('X-Original-URL', 'X-Rewrite-URL', 'x-original-url') {
    for my $asked ([ 'POST', '/oauth/token', $shadow ],
                   [ 'GET', '/api/users', undef ],
                   [ 'GET', '/api/v2/users', undef ],
                   [ 'DELETE', "/api/v2/users/$user", undef ],
                   [ 'PATCH', "/api/v2/users/$user",
                     '{"user_metadata":{"a":1}}' ])
    {
        my $bytes = bytes(@$asked);

        $bytes =~ s{Host:}{$name: /api/users/$user/metadata\r\nHost:};
        $t->http($bytes);

        my @got = $backend->requests;

        cmp_ok(scalar @got, '>', 0, "H5.8 @$asked[0, 1] with $name");
        is(scalar(grep { $_->{head} =~ /^$name:/mi } @got), 0,
           "H5.8 @$asked[0, 1]: $name does not go up");
        $backend->forget;
    }
}


# The legacy backend itself

sub user_now {
    return decode_json($real->http("GET /api/users/$user HTTP/1.0\r\n\r\n",
                                   port => $legacy)->body);
}

my $before = user_now();

is($before->{gender}, 'female', 'the user has what the provider sent');

for my $target (@targets) {
    for my $method ('PATCH', 'PUT') {
        $real->http(bytes($method, $target, $shadow));
    }
}

for my $body ('{"Gender":"EVIL","PICTURE":"EVIL"}', '{"gen\u0064er":"EVIL"}',
              '{"a":1,"gender":"EVIL"}', '[{"gender":"EVIL"}]',
              '{"gender":1,"gender":"EVIL"}', '{}{"gender":"EVIL"}',
              "\xef\xbb\xbf{\"gender\":\"EVIL\"}", '{"gender":null}',
              '{"lastLogin":"EVIL","loginsCount":0}', '{"email":"e@v.il"}')
{
    for my $method ('PATCH', 'PUT', 'POST', 'DELETE', 'GET') {
        $real->http(bytes($method, "/api/users/$user/metadata", $body));
    }
}

for my $type ('text/plain', 'application/vnd.api+json', '') {
    $real->http(bytes('PATCH', "/api/users/$user/metadata", $shadow)
                =~ s{application/json}{$type}r);
}

is_deeply(user_now(), $before, 'H5.6 the legacy backend holds what it held');

# That the attempt would have worked is the point.

$real->http(bytes('PATCH', "/API/users/$user/Metadata/", $shadow),
            port => $legacy);

is(user_now()->{gender}, 'EVIL', 'without the gateway it does not');


# What is left to v1 clients

sub passes {
    my ($method, $target, $body, $name) = @_;

    my $r = $t->http(bytes($method, $target, $body));
    my ($got) = $backend->requests;

    is($r->status, 200, "U7.6 $name");
    is($got->{uri}, $target, "U7.6 $name, the raw target");
    is($got->{body}, $body // '', "U7.6 $name, the body");

    $backend->forget;
}

passes('PATCH', "/api/users/$user/metadata", '{"plan":"full","city":1}',
       'metadata');
passes('PUT', '/api/users/auth0%7C1/metadata?a=b', '{"gender":"x"}',
       'what another provider sends');
passes('GET', "/api/users/$user/metadata", undef, 'reading metadata');
passes('POST', '/api/users', '{"email":"a@b.c","picture":"p"}', 'a new user');
passes('POST', '/api/users/', '{"email":"a@b.c"}', 'a new user, slash');
passes('POST', '/api/users/?x=y', '{"email":"a@b.c"}', 'a new user, query');

for my $id ('auth0%7C1', 'auth0|1', 'auth0%7Ca%2Fb', 'auth0%7Ca%20b',
            'ad%7Cconn%7Ccorp%5Cme', 'auth0%7C%C3%A9', 'auth0%7Ca%2Bb@c',
            'email%7Ca%40b.c')
{
    passes('PUT', "/api/users/$id/email", '{"email":"a@b.c","verify":false}',
           "e-mail of $id");
    passes('PUT', "/api/users/$id/password", '{"password":"x"}',
           "password of $id");
}

passes('POST', '/api/users/auth0%7C1/change_password_ticket',
       '{"newPassword":"x"}', 'a word with underscores');
passes('POST', '/api/users/auth0%7C1/verification_ticket?x=metadata', '{}',
       'metadata in the query');
passes('PUT', '/api/users/auth0%7C1/email/', '{"email":"a@b.c"}',
       'a slash behind');
passes('POST', '/oauth/token', 'client_id=x&client_secret=y', 'a token');
passes('POST', '/oauth/token?scope=users%20metadata', 'client_id=x',
       'a query with both words');
passes('PUT', '/api/rules/my%20rule', '{"enabled":true}', 'another path');
passes('PUT', '/api/connections/50%25', '{"picture":1}', 'a per cent sign');
passes('POST', '/api/users-import', '["no object"]', 'another path, like it');
passes('GET', '/x/../y%2Fz//;a?b', undef, 'an odd path');
passes('GET', "/API//Users/$user;x", undef, 'an odd path of users');
passes('DELETE', "/api/users/$user", undef, 'a delete');
passes('GET', '/api/users?search=metadata', undef, 'a list');


# One line switches it off.

my $r = $without->http(bytes('PATCH', "/api/users/$user/metadata", $shadow));

is($r->status, 200, 'U7.6 off');
is(got_shadow(), 1, 'U7.6 off: it is as it was');

done_testing;
