#!/usr/bin/perl

# Proves that a client cannot write under a name, or for a provider, that a
# backend reads as another one.  It fails when the guard judges the name as it
# is spelled where a real backend stores, folds or merges it differently: what
# is refused here must not reach the backend, what is allowed must, to the
# byte.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new(log => 'info');

my $claim = 'http://schemas:xmlsoap:org/ws/2005/05/identity/claims/role';

my $backend = $t->backend({
    '*'     => { body => '{}' },
    '/saml' => { body => qq({"user_id":"samlp|1","$claim":"r","urn:oid:2:5":1})
               },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;

        add_header X-Action $profile_action always;
        add_header X-Reason $profile_reason always;

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v2 {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location = /saml {
            profile_rewrite auth0;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;


# What becomes of a body: the reason for which it is refused, or "allowed" if
# the backend got all of it and nothing else.

sub judged {
    my ($method, $uri, $body) = @_;

    my $res = $t->request($method, $uri, ':body' => $body,
                          'Content-Type' => 'application/json');
    my $outcome = outcome($res, $backend);

    return $1 if $outcome =~ /\A4\d\d blocked (\w+)\z/;

    return 'allowed'
        if $outcome eq "200 passed allowed [$method " . short($body) . ']';

    return $outcome;
}

sub v1 {
    my ($id, $body) = @_;

    return judged('PATCH', "/v1/$id/metadata", $body);
}

sub v2 {
    my ($id, $body) = @_;

    return judged('PATCH', "/v2/$id", $body);
}

sub create { return judged('POST', '/v2', $_[0]) }


# Names of claims as v1 stores them: each dot is a colon.

for my $provider (qw(samlp pingfederate adfs office365 waad)) {
    is(v1("$provider%7C1", qq({"$claim":"admin"})), 'attributes',
       "H5.6 $provider: a claim of WS-Fed as v1 stores it");
    is(v1("$provider%7C1", '{"https://schemas:microsoft:com/a/b":1}'),
       'attributes', "H5.6 $provider: a claim of Microsoft");
}

for my $provider (qw(samlp pingfederate)) {
    for my $name ('urn:oid:2:5:4:42', 'urn:oid:2', 'URN:OID:2:5', 'PingOne:x',
                  'http://schemas:auth0:com/x')
    {
        is(v1("$provider%7C1", qq({"$name":1})), 'attributes',
           "H5.6 $provider: $name");
    }

    for my $name ('urn:oid:', 'urn:oid:2:', 'urn:oid:x', 'PingOne',
                  'http://schemas:xmlsoap', 'http://schemas-xmlsoap-org/x')
    {
        is(v1("$provider%7C1", qq({"$name":1})), 'allowed',
           "H5.6 $provider: $name is none");
    }
}

is(v1('auth0%7C1', qq({"$claim":1})), 'allowed',
   'H5.6 a claim is no attribute of a database user');

is($t->get('/saml')->body,
   qq({"user_id":"samlp|1","$claim":"r","urn:oid:2:5":1,)
   . '"app_metadata":{},"user_metadata":{}}',
   'M2.7 claims as v1 stores them stay at the root');

$backend->forget;


# Names that a deep merge in Node takes for the prototype of all users.

for my $name ('__proto__', 'constructor', 'prototype', '\u005f_proto__') {
    my $bad = qq({"$name":{"email_verified":true}});

    is(v1('auth0%7C1', $bad), 'forbidden', "H5.12 v1 $name");
    is(v1('auth0%7C1', qq({"a":[{"b":$bad}]})), 'forbidden',
       "H5.12 v1 $name, deep");
    is(v1('auth0%7C1', qq({"am_$name":1})), 'forbidden',
       "H5.12 v1 $name behind a prefix");
    is(v2('auth0%7C1', qq({"user_metadata":$bad})), 'forbidden',
       "H5.12 v2 $name");
    is(v2('auth0%7C1', qq({"app_metadata":{"a":[{"b":$bad}]}})), 'forbidden',
       "H5.12 v2 $name, deep");
    is(create(qq({"user_metadata":{"a":$bad}})), 'forbidden',
       "H5.12 create $name");
}

is(v1('auth0%7C1', '{"proto":1,"Constructor":{"a":"prototype"}}'), 'allowed',
   'H5.12 other names');


# Providers that nobody declared.  To a backend that decodes, normalizes, trims
# or drops they may be another one.

for my $id ('facebook%257C10', 'f%C3%A1cebook%7C10', 'facebook%20%7C10',
            'facebook%EF%BD%9C10', 'face%C2%ADbook%7C10', '%7C10',
            'facebook%2F%7C10', 'faceboo%E2%84%AA%7C10', 'facebook%2B%7C1',
            'Facebook%7C10', 'facebook%3Bx%7C10', 'facebook%252E%7C1')
{
    is(v1($id, '{"age_range":1}'), 'attributes', "H5.6 $id: of facebook");
    is(v1($id, '{"html_url":1}'), $id =~ /\AF/ ? 'allowed' : 'attributes',
       "H5.6 $id: of github");
    is(v1($id, '{"photo_100":1}'), $id =~ /\AF/ ? 'allowed' : 'attributes',
       "H5.6 $id: by a pattern of vkontakte");
    is(v1($id, '{"theme":1,"am_age_range":1}'), 'allowed',
       "H5.6 $id: of nobody");
}

for my $id ('acme%7C10', 'acme-intranet%7C10', 'my.idp_2%7C10', '10') {
    is(v1($id, '{"age_range":1,"html_url":1,"photo_100":1}'), 'allowed',
       "H5.6 $id: a connection of one's own");
}


# Creates.  How a connection is spelled does not make it a database.

for my $connection ('"Facebook"', '"facebook "', '" FACEBOOK"',
                    '"faceboo\u212a"', '"facebook\u00a0"', '"\tfacebook"')
{
    is(create(qq({"connection":$connection,"name":"x"})), 'attributes',
       "H5.5 create: $connection is Facebook");
}

for my $connection ('"facebook\u0000"', '["facebook"]', '{"a":1}', 'null',
                    '1', '"\udc00"')
{
    is(create(qq({"connection":$connection,"name":"x"})), 'connection',
       "H5.5 create: $connection is no connection");
}

is(create('{"connection":" Auth0","name":"x"}'), 'allowed',
   'H5.5 create: a database in another case');
is(create('{"connection":"My users","name":"x"}'), 'allowed',
   'H5.5 create: another database');


# Names that some language, normal form or collation reads as protected ones.

my %readings = (
    'auth0%7C1' => [
        'p\u0131cture', 'P\u0130CTURE', 'email_veri\ufb01ed', 'pictur\u00e9',
        'pic\u00adture', 'picture\u200b', 'picture\u0301', 'nam\ufe0fe',
        'user\uff3fid', '\uff55\uff53\uff45\uff52\uff3f\uff49\uff44',
        '\ud835\udc5bame',
    ],
    'facebook%7C1' => [
        'la\ufb06_name', 'la\ufb05_name', 'la\u017ft_name', 'lin\u212a',
        'w\u00f6rk', 'b\u0131rthday',
    ],
    'paypal%7C1' => [ 'addre\u00df', 'addre\u1e9e', 'paye\u0155_id' ],
    'samlp%7C1' => [
        '\uff48ttp://schemas:xmlsoap:org/x', 'http\uff1a//schemas:auth0:com/x',
        'urn:oid:\u00b2:5', 'P\u0131ngOne:x', 'ema\u0131laddress',
    ],
);

my %others = (
    'auth0%7C1' => [ 'gr\u00f6\u00dfe', 'pr\u00e9nom',
                     '\u043f\u0430\u0440\u043e\u043b\u044c',
                     '\u540d\u524d', '\u03cc\u03bd\u03bf\u03bc\u03b1' ],
    'facebook%7C1' => [ 'gr\u00f6\u00dfe', 'stra\u00dfe', 'p\u0440icture' ],
    'samlp%7C1' => [ '\u00e9cole', 'direcci\u00f3n', 'http_\u00e9' ],
);

for my $id (sort keys %readings) {
    for my $name (@{$readings{$id}}) {
        is(v1($id, qq({"$name":1})), 'attributes', "H5.6 $id: $name");
    }
}

for my $id (sort keys %others) {
    is(v1($id, qq({"$_":1})), 'allowed', "H5.6 $id: $_ is none")
        for @{$others{$id}};
}


# A write that says whose profile it changes to nobody but the backend.

for my $method ('PATCH', 'PUT') {
    is(judged($method, '/v2', '{"name":"x"}'), 'path',
       "H5.5 $method without an id");
}

done_testing;
