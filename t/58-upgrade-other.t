#!/usr/bin/perl

# Proves that a backend with other paths and methods is a matter of
# configuration, by doing what the README says under "Another legacy backend".
# It fails when a path of v1 is left in the module, or when what is written of
# a user there is not guarded as it is in v1.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new;
my $dir = $t->dir;

my $v1 = '{"user_id":"facebook|1","name":"Jo","plan":"x","um_hobby":"surf"}';
my $v2 = '{"user_id":"facebook|1","name":"Jo","app_metadata":{"plan":"x"},'
         . '"user_metadata":{"hobby":"surf"}}';

my $backend = $t->backend({
    map({ ($_ => $v1) } '/accounts/facebook%7C1', '/accounts/auth0%7C1',
        '/accounts/', '/accounts/facebook%7C1/attributes'),
    '/accounts' => "[$v1]",
    '/api/connections/facebook/users' => "[$v1]",
    '*' => { type => 'text/plain', body => 'OK' },
});


# The files, changed as the README says.

unlink "$dir/profile" or die "$dir/profile: $!";
system('cp', '-r', $t->top . '/conf/profile', "$dir/profile") == 0
    or die 'cp failed';

my ($example) = $t->read_file($t->top . '/README.md') =~ /
    ^\#\#\#\ Another\ legacy\ backend\n .*?
    ^```nginx\ server\n (location\ =\ \/\.profile\/metadata\ \{.*?^\}\n) ```$
/xms;

my $gateway = $t->read_file('profile/gateway.conf');

is($gateway =~ s/^location = \/\.profile\/metadata \{.*?^\}\n/$example/ms, 1,
   'the location of the README takes the place of ours');
is($gateway =~ s{profile_user_id /api/users/\*/metadata;}
                {profile_user_id /accounts/*/attributes;}, 1,
   'the path of the metadata call');

$gateway =~ s{/api/users}{/accounts}g;
$t->write_file('profile/gateway.conf', $gateway);

my $maps = $t->read_file('profile/maps.conf');

$maps =~ s{/api/users}{/accounts}g;
$t->write_file('profile/maps.conf', $maps);

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

sub call {
    my ($method, $uri, $body) = @_;

    $backend->forget;

    return $t->request($method, $uri, defined $body
        ? ('Content-Type' => 'application/json', ':body' => $body) : ());
}

sub calls {
    return join "\n", map { "$_->{method} $_->{uri}"
                            . ($_->{body} ne '' ? " $_->{body}" : '') }
                      $backend->requests;
}


# U7.1: the calls of v2

my $id = 'facebook%7C1';

for (
    [ 'GET', '/users', undef, 200, "[$v2]",
      'GET /accounts?per_page=50&page=0&search=' ],
    [ 'GET', '/users?connection=facebook', undef, 200, "[$v2]",
      'GET /api/connections/facebook/users?per_page=50&page=0&search=' ],
    [ 'GET', '/users-by-email?email=a@b.c', undef, 200, '[]',
      'GET /accounts?search=email:%22a%40b.c%22&per_page=100&page=0' ],
    [ 'GET', "/users/$id", undef, 200, $v2, "GET /accounts/$id" ],
    [ 'POST', '/users', '{"email":"a@b.c","user_metadata":{"a":1}}', 201, $v2,
      'POST /accounts/ {"email":"a@b.c","um_a":1}' ],
    [ 'PATCH', "/users/$id", '{"user_metadata":{"a":1}}', 200, $v2,
      "POST /accounts/$id/attributes {\"um_a\":1}\nGET /accounts/$id" ],
    [ 'PATCH', '/users/auth0%7C1', '{"email":"a@b.c","password":"p"}', 200,
      $v2, "PUT /accounts/auth0%7C1/email {\"email\":\"a\@b.c\"}\n"
      . "PUT /accounts/auth0%7C1/password {\"password\":\"p\"}\n"
      . 'GET /accounts/auth0%7C1' ],
    [ 'DELETE', "/users/$id", undef, 204, '', "DELETE /accounts/$id" ],
) {
    my ($method, $uri, $body, $status, $answer, $calls) = @$_;

    my $r = call($method, "/api/v2$uri", $body);

    is($r->status, $status, "U7.1 status: $method $uri");
    is($r->body, $answer, "U7.1 body: $method $uri");
    is(calls(), $calls, "U7.1 calls: $method $uri");
}


# H5.6, U7.6: the metadata call is guarded under its other name

for my $path (
    "/accounts/$id/attributes", "/accounts/$id/attributes/",
    "/ACCOUNTS/$id/Attributes", "/accounts//$id/attributes",
    "/accounts/$id/attribute%73", "/accounts/$id/attribute%C5%BF",
    "/account%C5%BF/$id/attributes", "/accounts/$id/attributes%2F",
    "/accounts/$id;a=b/attributes", "/accounts/$id/x/../attributes",
) {
    for my $method (qw(POST PUT PATCH)) {
        my $r = call($method, $path, '{"picture":"x"}');

        cmp_ok($r->status, '>=', 400, "H5.6 refused: $method $path");
        is(calls(), '', "H5.6 nothing is sent: $method $path");
    }
}

is(decode_json(call('PATCH', "/accounts/$id/attributes", '{"picture":"x"}')
               ->body)->{errorCode}, 'operation_not_supported', 'H5.6 why');

for (
    [ 'PATCH', "/accounts/$id/attributes", '{"a":1}' ],
    [ 'PUT', "/accounts/$id/email", '{"email":"a@b.c"}' ],
    [ 'POST', '/accounts', '{"email":"a@b.c"}' ],
) {
    my ($method, $path, $body) = @$_;

    is(call($method, $path, $body)->status, 200, "U7.6 passes: $method $path");
    is(calls(), "$method $path $body", "U7.6 untouched: $method $path");
}

done_testing;
