#!/usr/bin/perl

# Proves that only what somebody could read as the metadata call of v1 is
# judged (U7.6), and that all other calls of v1 clients reach the backend to the
# byte, as their paths, types and bodies are.  It fails when a client is refused
# that has nothing to do with metadata, and when a write of what a provider has
# sent gets through by another spelling of the path.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    add_header X-Action $profile_action always;
    add_header X-Reason $profile_reason always;

    server {
        listen 127.0.0.1:%%PORT%%;
        large_client_header_buffers 4 32k;

        include profile/gateway.conf;
    }

    # What the variable is.

    server {
        listen 127.0.0.1:%%PORT_1%%;
        merge_slashes off;
        large_client_header_buffers 4 32k;

        location / {
            return 200 $profile_guard_v1;
        }

        location /accounts/ {
            profile_user_id /accounts/*/attributes;
            return 200 $profile_guard_v1;
        }

        location /deep/ {
            profile_user_id /deep/*/x/kisses/;
            return 200 $profile_guard_v1;
        }

        location /all/ {
            profile_user_id /all/*;
            return 200 $profile_guard_v1;
        }

        location /odd/ {
            profile_user_id "/odd/*/a;b";
            return 200 $profile_guard_v1;
        }

        location /moved/ {
            rewrite ^/moved/(.*) /$1;
            return 200 $profile_guard_v1;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        location / {
            profile_guard auth0 mode=v2;
            profile_user_id /api/users/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

sub guarded {
    return $t->http("GET $_[0] HTTP/1.1\r\nHost: localhost\r\n"
                    . "Connection: close\r\n\r\n", port => $t->port(1))->body;
}

my $long = 'x' x 7000;


# Read as the metadata call by somebody

for my $path (
    '/api/users/x/metadata', '/metadata', '/x/metadata', '/x//metadata',
    '/x/metadata/', '/x/metadata//', '/x/metadata?a=b', '/x/metadata#a',
    '/x/METADATA', '/x/MetaData/', '/x/%6detadata', '/x/metadat%61',
    '/x%2Fmetadata', '/x%2fmetadata%2f', '/x\\metadata', '/x%5Cmetadata',
    '/x%5cmetadata%5C', '/x/metadata\\',

    '/x/metadata;', '/x/metadata;a=b', '/x/metadata%3Ba', '/x/metadata%3F',
    '/x/metadata%3Fa/email', '/x/metadata%23a/email', '/x/metadata;/email',
    '/x/metadata;a/b/../../../c', '/;a/metadata', '/x;a/metadata',
    '/x/metadata/;a', '/x/metadata/;a/email', '/x/metadata%01a',
    '/x/metadata%09/email', '/x/metadata%7F', '/x/metadata%0A',

    '/x/./metadata', '/x/metadata/.', '/x/metadata/./', '/x/metadata/y/..',
    '/x/metadata/y/z/../..', '/x/metadata/y/../z/..', '/x/y/../metadata',
    '/x/metadata/y/..;a', '/x/metadata/y/..%3Ba/', '/x/metadata/y%2F..',
    '/x/metadata/y%5C..', '/x/metadata/y\\..', '/x/metadata/a\\b/..',
    '/x/metadata/%2e', '/x/metadata/y/%2E%2e', '/x/metadata/y/..%20',
    '/x/metadata/.%20/', '/x/metadata/%20/', '/x/metadata/y/%E2%80%8B..',
    '/x/metadata/y;a/b/../..', '/x/metadata/y/.;a/..;b',

    '/x/metadata%20', '/x/%20metadata', '/x/metadata%C2%A0',
    '/x/metadata%E2%80%8B', '/x/%EF%BB%BFmetadata', '/x/metadata.json',
    '/x/metadata.', '/x/metadata.json;a/email',

    '/x%252Fmetadata', '/x/%256Detadata', '/x/%25256Detadata',
    '/x/%2525256Detadata', '/x/metadata%253Fa/email', '/x/metadata%2500/a',
    '/x/metadata/y%252F..', '/x/metadata/y/%25252e%25252E',
    '/x%25255Cmetadata%25253Ba',

    '/x/%C1%ADetadata', '/x/%E0%81%ADetadata', '/x/%F0%80%81%ADetadata',
    '/x/%F8%80%80%81%ADetadata', '/x/%FC%80%80%80%81%ADetadata',
    '/x%C0%AFmetadata', '/x/metadata%C0%BBa', '/x/metadata/y/%C0%AE%C0%AE',
    '/x/%C0%A56Detadata', '/x/%25C1%25ADetadata', "/x/\xc1\xadetadata",
    '/x/metadata/a%C0%AFb/..', '/x/%EF%BD%8Detadata', '/x%EF%BC%8Fmetadata',

    "/$long/metadata", "/metadata/$long/..", '/metadata' . '/x' x 3000
    . '/..' x 3000, '/a' . ';' x 7000 . '/metadata',
) {
    is(guarded($path), 1, 'U7.6 guarded: ' . substr $path, 0, 60);
}


# By nobody

for my $path (
    '/', '/api/users', '/api/users/', '/api/users/x', '/api/users/x/email',
    '/api/users/x/password', '/api/users/x/devices', '/metadatas', '/xmetadata',
    '/api/users/x/devices/1/', '/api/users.csv', '/wiki/users-and-metadata',
    '/wiki/metadata/x', '/x/metadata/y', '/x/metadata/y/', '/x/metadata-x',
    '/x/meta%20data', '/x/meta/data', '/x/metadata/../email',
    '/x/metadata/..', '/x/metadata%2F..', '/x/metadata/y/../..',
    '/x?/metadata', '/x?a=/y/metadata', '/x/email?next=%2Fmetadata',
    '/x/m%C3%A9tadata', '/x/metadata%C3%A9', '/x/%25252525256Detadata',
    '/x%7Cmetadata', '/x/ametadata', '/x/metadat', '/x/metadata%2Fy',
    '/x%25y%3Bz%3Fu%23v/email', '/x;y/email', '/x;y/password',
    '/x;metadata/email', '/x/email;metadata', '/x/email#metadata',
    "/$long", "/$long/metadata/x", '/a' . ';' x 7000, '/metadata/'
    . '/x' x 3000 . '/..' x 2999,
) {
    is(guarded($path), 0, 'U7.6 not guarded: ' . substr $path, 0, 60);
}

# Another call of another backend

for my $row (
    [ '/accounts/x/attributes', 1 ], [ '/accounts/x/ATTRIBUTES/', 1 ],
    [ '/accounts/x%2Fattributes;a', 1 ], [ '/accounts/x/attribute%C5%BF', 1 ],
    [ '/accounts/x/metadata', 0 ], [ '/accounts/x/email', 0 ],
    [ '/deep/u/x/kisses', 1 ], [ '/deep/u/%E2%84%AAisses', 1 ],
    [ '/deep/u/k%C4%B1sses/', 1 ], [ '/deep/u/K%C4%B0%C5%BF%C5%BFes', 1 ],
    [ '/deep/u/x', 0 ], [ '/all/x', 1 ], [ '/all/x/email', 1 ],
    [ '/odd/x/a', 1 ], [ '/moved/x%2Fmetadata', 1 ], [ '/moved/metadata', 1 ],
    [ '/moved/x', 0 ],
) {
    is(guarded($row->[0]), $row->[1], "U7.6 its own template: $row->[0]");
}


# Real clients of v1 get through.

sub sent {
    my ($method, $uri, $type, $body, $port) = @_;

    return $t->http("$method $uri HTTP/1.1\r\nHost: localhost\r\n"
                    . "Connection: close\r\nContent-Type: $type\r\n"
                    . 'Content-Length: ' . length($body) . "\r\n\r\n$body",
                    port => $t->port($port // 0));
}

my $json = 'application/json';
my $form = 'application/x-www-form-urlencoded';
my $email = '{"email":"a@b.c","verify":true}';
my $ticket = '{"resultUrl":"http://a/metadata","newPassword":"x"}';

my @ids = ('auth0%7C1', 'a%25b', 'a%3Bb', 'a%3Fb', 'a%23b', 'a;b', 'a;b=c',
           'samlp%7Ca%7Chttps%3A%2F%2Fidp.example%2F1', 'a%5Cb', '%C3%A9',
           'a%2Fmetadata', 'a%2525b');

for my $row (
    (map { [ 'PUT', "/api/users/$_/email", $json, $email ],
           [ 'PUT', "/api/users/$_/password", $json, '{"password":"x"}' ],
           [ 'POST', "/api/users/$_/change_password_ticket", $json, $ticket ] }
         @ids),
    [ 'POST', '/api/users/auth0%7C1/devices', $json, '{"name":"x","id":1}' ],
    [ 'DELETE', '/api/users/auth0%7C1/devices/1/', $json, '{"picture":1}' ],
    [ 'POST', '/api/users.csv', 'text/csv', "email,picture\na\@b.c,p\n" ],
    [ 'POST', '/api/users.csv', 'multipart/form-data; boundary=b',
      "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--" ],
    [ 'POST', '/wiki/users-and-metadata', $form, 'text=metadata&email=x' ],
    [ 'PUT', '/wiki/metadata/x', 'text/plain', "metadata\0\xff" ],
    [ 'POST', '/api/users', $json, '{"email":"a@b.c","picture":"p"}' ],
    [ 'POST', '/oauth/token?next=/metadata', $form, 'a=b' ],
    [ 'PUT', '/api/rules/a%2525b', $json, '{"picture":1' ],
    [ 'POST', '/x/../y/email', $json, '{"email":1}' ],
) {
    my ($method, $uri, $type, $body) = @$row;
    my $r = sent(@$row);
    my ($got) = $backend->requests;

    is($r->status, 200, "U7.6 $method $uri");
    is($got->{uri}, $uri, "U7.6 $method $uri: the path");
    is($got->{body}, $body, "U7.6 $method $uri: the body");
    is($got->{headers}{'content-type'}, $type, "U7.6 $method $uri: its type");
    $backend->forget;
}


# A metadata call of whom is not clear: of anybody.

for my $path (
    '/api/users/facebook%7C1/metadata/', '/API/users/facebook%7C1/metadata',
    '/api/users/facebook%7C1%2Fmetadata', '/api/users/facebook%7C1/metadata;a',
    '/x/../api/users/facebook%7C1/metadata', '/api/users/github|1/metadata.xml',
    '/api/users/x%2F..%2F..%2Fusers%2Fgithub%7C1/metadata',
    '/api//users/facebook%257C1/metadata', '/other/metadata',
) {
    for my $name ('age_range', 'avatar_url', 'Email', 'PICTURE', '_id',
                  'HTTP://schemas.xmlsoap.org/ws/2005/05/identity/claims/role')
    {
        is(outcome(sent('PATCH', $path, $json, qq({"$name":1})), $backend),
           '400 blocked attributes', "H5.8 $name by $path");
    }

    is(outcome(sent('PATCH', $path, $json, '{"shoe":1}'), $backend),
       '200 passed allowed [PATCH {"shoe":1}]', "H5.8 what is nobody's: $path");
    is(outcome(sent('PATCH', $path, 'text/plain', '{"shoe":1}'), $backend),
       '415 blocked media_type', "H5.2 no JSON: $path");
    is(outcome(sent('PATCH', $path, $json, '{"shoe":1}', 2), $backend),
       '404 blocked path', "H5.8 of v2: $path");
}


# Types as clients send them

for my $type ("$json;", "$json;charset=UTF-8;", "$json ; ;charset=utf-8",
              "$json;;", "$json; ", "$json;;charset=\"UTF-8\";;a=b; ")
{
    for my $path ('/api/users/auth0%7C1/metadata', '/x/metadata') {
        is(outcome(sent('PATCH', $path, $type, '{"shoe":1}'), $backend),
           '200 passed allowed [PATCH {"shoe":1}]', "H5.2 $type of $path");
    }
}

for my $type ("$json;=", "$json;=x", "$json;a", "$json;;a=", "$json;,",
              "$json;charset=;", "$json;charset=utf-16;", "$json,;", ";$json",
              "$json;charset=utf-8;;charset=utf-8", "$json;charset*=utf-8;")
{
    is(outcome(sent('PATCH', '/x/metadata', $type, '{"shoe":1}'), $backend),
       '415 blocked media_type', "H5.2 $type");
}

done_testing;
