#!/usr/bin/perl

# Proves that the query of a guarded write changes neither the method nor an
# attribute, whatever a backend that merges it into the body makes of its names
# (H5.8), and that all other arguments go up to the byte.  It fails when one of
# the protected names, or a method, gets through in some spelling, or when an
# argument is refused that is nobody's.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"facebook|1"}';
my $backend = $t->backend({ '*' => { body => $user } });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    add_header X-Action $profile_action always;
    add_header X-Reason $profile_reason always;
    add_header X-Names $profile_blocked_attributes always;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_3%%
        large_client_header_buffers 4 64k;

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

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

        location /new {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /read/ {
            profile_guard auth0 mode=v2;
            profile_user_id /read/*;
            set $name $profile_arg_name;
            proxy_pass http://%%BACKEND%%/x?nick=$name;
        }

        location /rewritten/ {
            profile_guard auth0 mode=v2;
            profile_rewrite auth0 api=v2;
            profile_user_id /rewritten/*;
            proxy_pass http://%%BACKEND%%/x?nick=$profile_arg_nickname;
        }

        location /dry/ {
            profile_guard auth0 mode=v2;
            profile_user_id /dry/*;
            profile_guard_dry_run on;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

sub ask {
    my ($method, $uri, $body, $port) = @_;

    return $t->request($method, $uri, ':port' => $t->port($port // 1),
                       defined $body ? ('Content-Type' => 'application/json',
                                        ':body' => $body) : ());
}

sub refused {
    my ($r, $name) = @_;

    is(outcome($r, $backend), '400 blocked query', "H5.8 $name");
    like($r->body, qr/"errorCode":"invalid_query_string"/,
         "H5.8 the answer: $name");
}

my %write = (
    '/v1/facebook%7C1/metadata' => '{"shoe":1}',
    '/v2/facebook%7C1' => '{"blocked":true}',
    '/new' => '{"connection":"facebook","user_metadata":{"a":1}}',
);


# Names of attributes

my @names = (
    'picture=evil', 'picture', 'a=b&picture=evil', 'a=b;picture=evil',
    ';picture=evil', '&&picture=evil&', 'PICTURE=evil', 'p%69cture=evil',
    'p%2569cture=evil', 'p%252569cture=evil', '%70icture',
    'picture[]=evil', 'picture[a][b]=evil', 'picture.a=evil',
    'picture%5Ba%5D=evil', 'picture%2Ea=evil', '[picture]=evil',
    '[picture][a]=evil', 'picture]=evil', '+picture=evil', '%20picture=evil',
    'picture+=evil', '%C2%A0picture=evil', 'age+range=1', 'age.range=1',
    'age[range=1', 'age_range=1', '%EF%BB%BFage_range=1', 'email=evil',
    'email[a.b]=1', 'family+name=evil', 'last[name]=1&first.name=evil',
    '+first[name=evil', 'e%6dail_verified=true', 'metadata[a]=1', '_id=1',
    '.id=1', '[id=1', 'lastLogin=1', 'last_login=1', 'user_id=x',
    'identities[0][a]=1', 'la%C5%BFt_name=evil', 'name%00=evil',
    'name%0A=evil', '%FFname=evil', 'na%C3=evil', '%C1%B0icture=evil',
    'picture%00x', 'name%01', 'p%C4%B1cture=evil', 'pictur%C3%A9=evil',
    'email_veri%EF%AC%81ed=1', 'na%E2%80%8Bme=evil', '%EF%BC%A5mail=evil',
    '__proto__=1', '__proto__[x]=1', 'a[__proto__][x]=1', 'a.__proto__.x=1',
    'a[b][constructor]=1', 'a[b].prototype=1', 'a%5B__proto%5F_%5D=1',
    '[a][__proto__]=1', '[__proto__]=1', 'a[b][__proto__',
);

for my $uri (sort keys %write) {
    my $write = ($uri eq '/new') ? 'POST' : 'PATCH';

    for my $query (@names) {
        refused(ask($write, "$uri?$query", $write{$uri}), "$uri?$query");
    }

    for my $method ('POST', $uri eq '/new' ? () : 'PUT',
                    qw(DELETE PROPFIND LOCK))
    {
        refused(ask($method, "$uri?picture=evil", $write{$uri}),
                "$method $uri");
    }

    for my $method (qw(POST DELETE)) {
        refused(ask($method, "$uri?picture=evil"), "$method $uri, no body");
    }
}

# Another name of a member of metadata (U3.3)

for my $query ('am_role=evil', 'am%5Frole=evil', 'am+role=evil',
               'am_role[]=evil', 'am_plan=evil')
{
    refused(ask('PATCH', "/v1/facebook%7C1/metadata?$query", '{"shoe":1}'),
            "U3.3 $query");
}

for my $uri ('/v1/facebook%7C1/metadata?role=1&um_role=1&am_&am_picture=1',
             '/v1/github%7C1/metadata?am_plan=1')
{
    is(outcome(ask('PATCH', $uri, '{"shoe":1}'), $backend) =~ s/ .*//r, 200,
       "U3.3 H5.8 $uri");
}

my $r = ask('PATCH', '/v2/facebook%7C1?a=1&p%69cture=%22', $write{'/new'} =~
            s/.*/{"blocked":true}/r);

is($r->header('X-Names'), 'picture', 'H5.8 the name in the log');
is($r->body, '{"statusCode":400,"error":"Bad Request","message":"A write cannot'
   . ' have the argument \"picture\".","errorCode":"invalid_query_string"}',
   'H5.8 the answer');

refused(ask('POST', '/v2/facebook%7C1?%22' . '%C3%A9%00%25' x 99 . '%FF=1'),
        'an odd name');

refused($t->request('POST', '/v1/x/metadata?picture=1', ':port' => $t->port(1),
                    ':body' => '', ':chunks' => [1]), 'chunks of nothing');
refused($t->http2_request('PATCH', '/api/v2/users/facebook%7C1?picture=1',
                          ':port' => $t->port(3), ':body' => '{"blocked":true}',
                          'content-type' => 'application/json'), 'HTTP/2');


# Names of another provider, and of nobody

for my $query ('avatar_url=x', 'shoe=1', 'shoe[a]=1', 'a=picture',
               'a=b=picture', 'pictures=1', 'a.picture=1', 'a[picture]=1',
               '', '=picture', '==', '&', ';', '%', 'a%zz=%zz',
               'access_token=x',
               'gr%C3%B6%C3%9Fe=1', 'um_picture=1', 'plan=1', '%25=1',
               'a[b][picture]=1', 'a[__proto]=1', '__proto=1',
               'a=__proto__')
{
    for my $uri ('/v1/facebook%7C1/metadata', '/v2/facebook%7C1') {
        my ($got);

        $r = ask('PATCH', "$uri?$query", $write{$uri});
        ($got) = $backend->requests;

        is($got ? $got->{uri} : $r->body, "$uri?$query", "H5.8 $uri?$query");
        is(outcome($r, $backend), "200 passed allowed [PATCH $write{$uri}]",
           "H5.8 $uri?$query, allowed");
    }
}

# Of whom it is not clear in a create, or by the path

refused(ask('POST', '/new?avatar_url=x', $write{'/new'}), 'a create');
refused(ask('POST', '/new?connection=github&avatar_url=x'),
        'a create without a body');
refused(ask('PATCH', '/v1/facebook%7C1/metadata/?avatar_url=x',
            '{"shoe":1}'), 'a path that fits nobody');
is(outcome(ask('POST', '/new?shoe=x', $write{'/new'}), $backend),
   "200 passed allowed [POST $write{'/new'}]", 'H5.8 a create, allowed');


# No write

for my $method (qw(GET HEAD OPTIONS)) {
    for my $uri (sort keys %write) {
        is(outcome(ask($method, "$uri?picture=1&email=a"), $backend),
           "200 passed no_body [$method ]", "H5.8 $method $uri");
    }
}

is(outcome(ask('GET', '/v1/facebook%7C1/metadata?picture=1', '{"shoe":1}'),
           $backend), '200 passed allowed [GET {"shoe":1}]',
   'H5.8 GET with a body');


# The method

for my $query (
    '_method=PATCH', '_METHOD=PATCH', '_Method', 'method_override=PUT',
    'X-HTTP-Method-Override=PUT', 'x-http-method-override=PUT',
    'X_HTTP_METHOD_OVERRIDE=PUT', 'X-HTTP-Method=PUT', 'X-Method-Override=PUT',
    '_method_override=PUT', 'a=b&_method=PUT', 'a;_method=PUT',
    '%5Fmethod=PUT', '%255fmethod=PUT', '_method[]=PUT', '_method.a=PUT',
    '+_method=PUT', '.method=PUT', '+method.override=PUT', '[_method]=PUT',
    '_m%65thod=PUT&picture=1', 'x.http.method.override=PUT',
) {
    for my $uri (sort keys %write) {
        for my $method ($uri eq '/new' ? () : 'PATCH', 'POST', 'GET') {
            refused(ask($method, "$uri?$query", $write{$uri}),
                    "$method $uri?$query");
        }

        refused(ask('POST', "$uri?$query"), "POST $uri?$query, no body");
        refused(ask('GET', "$uri?$query"), "GET $uri?$query, no body");
    }
}

for my $query ('method=PUT', 'a=_method', 'a_method=PUT', '_methods=PUT',
               'a[_method]=PUT', 'payment_method=card')
{
    is(outcome(ask('POST', "/v2/auth0%7C1?$query"), $backend),
       '200 passed no_body [POST ]', "H5.8 no method: $query");
}


# What the location reads

is(outcome(ask('PATCH', '/read/auth0%7C1?name=x', '{"blocked":true}'),
           $backend), '200 passed allowed [PATCH {"blocked":true}]',
   'H5.8 read by "set"');
is(outcome(ask('PATCH', '/read/auth0%7C1?NAME=x', '{"blocked":true}'),
           $backend), '200 passed allowed [PATCH {"blocked":true}]',
   'H5.8 read by "set", in capitals');
refused(ask('PATCH', '/read/auth0%7C1?n%61me=x', '{"blocked":true}'),
        'another spelling, which is not read');
refused(ask('PATCH', '/read/auth0%7C1?nickname=x', '{"blocked":true}'),
        'read by another location');
refused(ask('PATCH', '/v2/auth0%7C1?name=x', '{"blocked":true}'),
        'read by another location, before the body');
is(outcome(ask('PATCH', '/rewritten/auth0%7C1?nickname=x',
               '{"blocked":true}'), $backend) =~ s/ .*\[/ [/r,
   '200 [PATCH {"blocked":true}]', 'H5.8 read with api=v2');
refused(ask('PATCH', '/rewritten/auth0%7C1?picture=x', '{"blocked":true}'),
        'not read with api=v2');


# The gateway

for my $query ('picture=evil', '_method=PATCH&picture=evil', 'email=evil') {
    refused(ask('PATCH', "/api/users/facebook%7C1/metadata?$query",
                '{"plan":1}', 0), "PATCH of v1 ?$query");
    refused(ask('POST', "/api/users/facebook%7C1/metadata?$query", undef, 0),
            "POST of v1 ?$query");
}

refused(ask('PATCH', '/api/v2/users/facebook%7C1?picture=evil',
            '{"app_metadata":{"a":1}}', 0), 'PATCH of v2');
refused(ask('POST', '/api/v2/users?picture=evil', $write{'/new'}, 0),
        'POST of v2');
refused(ask('DELETE', '/api/v2/users/facebook%7C1?_method=GET', undef, 0),
        'DELETE of v2');
refused(ask('GET', '/api/v2/users?_method=DELETE', undef, 0), 'GET of v2');

is(ask('PATCH', '/api/v2/users/facebook%7C1?fields=picture,email'
       . '&include_fields=true', '{"app_metadata":{"a":1}}', 0)->status, 200,
   'H5.8 fields of a PATCH');
is(ask('GET', '/api/v2/users?q=name:picture&picture=1', undef, 0)->status, 200,
   'H5.8 a list');
is(ask('DELETE', '/api/v2/users/facebook%7C1?a=picture', undef, 0)->status, 204,
   'H5.8 a delete');
is(ask('PUT', '/api/users/facebook%7C1/email?picture=1', '{"a":1}', 0)->status,
   200, 'H5.8 what is not guarded');

$backend->forget;


# A dry run

is(outcome(ask('PATCH', '/dry/facebook%7C1?picture=1', '{"blocked":true}'),
           $backend), '200 would_block query [PATCH {"blocked":true}]',
   'H5.9 a dry run');
is(outcome(ask('POST', '/dry/facebook%7C1?picture=1'), $backend),
   '200 would_block query [POST ]', 'H5.9 a dry run without a body');
is(outcome(ask('POST', '/dry/facebook%7C1?_method=1', '{"name":1}'), $backend),
   '200 would_block query [POST {"name":1}]', 'H5.9 a dry run, the method');

# Many, and long ones

for my $query (join('&', map { "a$_" } 1 .. 3000), 'a' x 20000,
               '[' x 20000, '%5B' x 6000, 'a[.' x 5000, '%2525252525' x 1500)
{
    refused(ask('POST', "/api/users/facebook%7C1/metadata?$query&picture=1",
                undef, 0), 'behind ' . substr $query, 0, 20);
}

done_testing;
